"""Other ways to write the exercises of notebook 02; see README.md."""

DRAW_RIGHT = [
    # keywords everywhere
    """
def draw(model, questions, n, temperature):
    prompts = [make_prompt(system=SYSTEM_COT, question=q) for q in questions]
    return model.sample(prompts=prompts, n=n, temperature=temperature, max_tokens=MAX_TOKENS, seed=0)
""",
    # a loop for the prompts, more room, another seed
    """
def draw(model, questions, n, temperature):
    prompts = []
    for question in questions:
        prompts.append(make_prompt(SYSTEM_COT, question))
    samples = model.sample(prompts, n, temperature=temperature, max_tokens=2 * MAX_TOKENS, seed=1234)
    return samples
""",
    # the messages by hand
    """
def draw(model, questions, n, temperature):
    return model.sample(
        [[{"role": "system", "content": SYSTEM_COT}, {"role": "user", "content": q}] for q in questions],
        n=n,
        temperature=temperature,
        max_tokens=MAX_TOKENS,
    )
""",
    # a progress bar, lists made anew, a default temperature
    """
def draw(model, questions, n=1, temperature=1.0, seed=0):
    rows = model.sample(
        [make_prompt(SYSTEM_COT, q) for q in questions],
        n,
        temperature=temperature,
        max_tokens=MAX_TOKENS,
        seed=seed,
        progress=False,
    )
    return [list(row) for row in rows]
""",
    # map and a helper
    """
def prompt(question):
    return make_prompt(SYSTEM_COT, question)


def draw(model, questions, n, temperature):
    options = dict(temperature=temperature, max_tokens=MAX_TOKENS)
    return model.sample(list(map(prompt, questions)), n, **options)
""",
    # a lambda
    """
draw = lambda model, questions, n, temperature: model.sample(
    [make_prompt(SYSTEM_COT, q) for q in questions], n, temperature=temperature, max_tokens=MAX_TOKENS
)
""",
    # checked on the way
    """
def draw(model, questions, n, temperature):
    rows = model.sample([make_prompt(SYSTEM_COT, q) for q in questions], n=n, temperature=temperature, max_tokens=MAX_TOKENS)
    assert len(rows) == len(questions) and all(len(row) == n for row in rows)
    return rows
""",
    # a dict of options, tuples turned into lists
    """
def draw(model, questions, n, temperature):
    prompts = [make_prompt(SYSTEM_COT, question) for question in questions]
    options = {"n": n, "temperature": temperature, "max_tokens": max(MAX_TOKENS, 256), "top_p": 1.0}
    return [[*samples] for samples in model.sample(prompts, **options)]
""",
]

DRAW_WRONG = [
    # not written
    """
def draw(model, questions, n, temperature):
    raise NotImplementedError()
""",
    # a loop of n calls with one seed: n times the same sample
    """
def draw(model, questions, n, temperature):
    prompts = [make_prompt(SYSTEM_COT, q) for q in questions]
    rows = [[] for _ in questions]
    for _ in range(n):
        for row, [sample] in zip(rows, model.sample(prompts, temperature=temperature, max_tokens=MAX_TOKENS)):
            row.append(sample)
    return rows
""",
    # a call for each question
    """
def draw(model, questions, n, temperature):
    return [
        model.sample([make_prompt(SYSTEM_COT, q)], n, temperature=temperature, max_tokens=MAX_TOKENS)[0]
        for q in questions
    ]
""",
    # the prompts n times over: equal prompts, equal samples, in the wrong shape
    """
def draw(model, questions, n, temperature):
    prompts = [make_prompt(SYSTEM_COT, q) for q in questions]
    return model.sample(prompts * n, temperature=temperature, max_tokens=MAX_TOKENS)
""",
    # the temperature is not passed on
    """
def draw(model, questions, n, temperature):
    prompts = [make_prompt(SYSTEM_COT, q) for q in questions]
    return model.sample(prompts, n, max_tokens=MAX_TOKENS)
""",
    # greedy
    """
def draw(model, questions, n, temperature):
    prompts = [make_prompt(SYSTEM_COT, q) for q in questions]
    return model.sample(prompts, n, temperature=0.0, max_tokens=MAX_TOKENS)
""",
    # n is forgotten
    """
def draw(model, questions, n, temperature):
    prompts = [make_prompt(SYSTEM_COT, q) for q in questions]
    return model.sample(prompts, temperature=temperature, max_tokens=MAX_TOKENS)
""",
    # the token limit is shared by the samples
    """
def draw(model, questions, n, temperature):
    prompts = [make_prompt(SYSTEM_COT, q) for q in questions]
    return model.sample(prompts, n, temperature=temperature, max_tokens=MAX_TOKENS // n)
""",
    # no system prompt
    """
def draw(model, questions, n, temperature):
    prompts = [make_prompt("", q) for q in questions]
    return model.sample(prompts, n, temperature=temperature, max_tokens=MAX_TOKENS)
""",
    # texts instead of samples
    """
def draw(model, questions, n, temperature):
    prompts = [make_prompt(SYSTEM_COT, q) for q in questions]
    rows = model.sample(prompts, n, temperature=temperature, max_tokens=MAX_TOKENS)
    return [[sample.text for sample in row] for row in rows]
""",
    # one flat list
    """
def draw(model, questions, n, temperature):
    prompts = [make_prompt(SYSTEM_COT, q) for q in questions]
    rows = model.sample(prompts, n, temperature=temperature, max_tokens=MAX_TOKENS)
    return [sample for row in rows for sample in row]
""",
    # all questions in one prompt
    """
def draw(model, questions, n, temperature):
    return model.sample(
        [make_prompt(SYSTEM_COT, " ".join(questions))], n, temperature=temperature, max_tokens=MAX_TOKENS
    )
""",
    # shortest replies first
    """
def draw(model, questions, n, temperature):
    prompts = [make_prompt(SYSTEM_COT, q) for q in questions]
    rows = model.sample(prompts, n, temperature=temperature, max_tokens=MAX_TOKENS)
    return [sorted(row, key=lambda s: s.tokens) for row in rows]
""",
    # equal texts are kept once
    """
def draw(model, questions, n, temperature):
    prompts = list({q: make_prompt(SYSTEM_COT, q) for q in questions}.values())
    return model.sample(prompts, n, temperature=temperature, max_tokens=MAX_TOKENS)
""",
    # another seed at every call: no figure can be made again
    """
def draw(model, questions, n, temperature):
    prompts = [make_prompt(SYSTEM_COT, q) for q in questions]
    options = {"temperature": temperature, "max_tokens": MAX_TOKENS}
    return model.sample(prompts, n, seed=random.getrandbits(32), **options)
""",
    # a stop string cuts the reply
    """
def draw(model, questions, n, temperature):
    prompts = [make_prompt(SYSTEM_COT, q) for q in questions]
    return model.sample(prompts, n, temperature=temperature, max_tokens=MAX_TOKENS, stop=["Final:"])
""",
]

MAJORITY_VOTE_RIGHT = [
    # most_common, which keeps the order of first sight among equals
    """
def majority_vote(answers):
    counts = Counter(a for a in answers if a is not None)
    return counts.most_common(1)[0][0] if counts else None
""",
    # max over the list itself
    """
def majority_vote(answers):
    read = [a for a in answers if a is not None]
    return max(read, key=read.count, default=None)
""",
    # counts by hand
    """
def majority_vote(answers):
    counts = {}
    for answer in answers:
        if answer is None:
            continue
        counts[answer] = counts.get(answer, 0) + 1
    best = None
    for answer, count in counts.items():
        if best is None or count > counts[best]:
            best = answer
    return best
""",
    # the leaders, then the first of them
    """
def majority_vote(answers):
    counts = Counter(answers)
    del counts[None]
    if not counts:
        return None
    most = max(counts.values())
    leaders = {answer for answer, count in counts.items() if count == most}
    for answer in answers:
        if answer in leaders:
            return answer
""",
    # the mode of the standard library is the first one met
    """
import statistics


def majority_vote(answers):
    voters = list(filter(lambda a: a is not None, answers))
    try:
        return statistics.mode(voters)
    except statistics.StatisticsError:
        return None
""",
    # sorted by count, then by place
    """
def majority_vote(answers):
    voters = [a for a in answers if a is not None]
    ranked = sorted(set(voters), key=lambda a: (-voters.count(a), voters.index(a)))
    return ranked[0] if ranked else None
""",
    # numpy
    """
import numpy as np


def majority_vote(answers):
    voters = [a for a in answers if a is not None]
    if len(voters) == 0:
        return None
    _, first, counts = np.unique(voters, return_index=True, return_counts=True)
    order = np.lexsort((first, -counts))
    return voters[first[order[0]]]
""",
    # pandas keeps the order of first sight
    """
def majority_vote(answers):
    counts = pd.Series([a for a in answers if a is not None], dtype=object).value_counts(sort=False)
    return None if counts.empty else counts.index[counts.values.argmax()]
""",
]

MAJORITY_VOTE_WRONG = [
    # not written
    """
def majority_vote(answers):
    raise NotImplementedError()
""",
    # None votes
    """
def majority_vote(answers):
    return Counter(answers).most_common(1)[0][0] if answers else None
""",
    # nobody voted: an error
    """
def majority_vote(answers):
    return Counter(a for a in answers if a is not None).most_common(1)[0][0]
""",
    # nobody voted: an empty text
    """
def majority_vote(answers):
    read = [a for a in answers if a is not None]
    return max(read, key=read.count) if read else ""
""",
    # a tie goes to the last
    """
def majority_vote(answers):
    counts = Counter(a for a in answers if a is not None)
    best = None
    for answer, count in counts.items():
        if best is None or count >= counts[best]:
            best = answer
    return best
""",
    # a tie goes to the smallest text
    """
def majority_vote(answers):
    counts = Counter(a for a in answers if a is not None)
    return min(counts, key=lambda a: (-counts[a], a)) if counts else None
""",
    # a tie at random
    """
def majority_vote(answers):
    counts = Counter(a for a in answers if a is not None)
    if not counts:
        return None
    return random.choice([a for a in counts if counts[a] == max(counts.values())])
""",
    # a tie goes to the first answer of the list, leader or not
    """
def majority_vote(answers):
    read = [a for a in answers if a is not None]
    top = Counter(read).most_common(2)
    if len(top) == 2 and top[0][1] == top[1][1]:
        return read[0]
    return top[0][0] if top else None
""",
    # whoever reaches the top count first
    """
def majority_vote(answers):
    counts, best = Counter(), None
    for answer in answers:
        if answer is not None:
            counts[answer] += 1
            if best is None or counts[answer] > counts[best]:
                best = answer
    return best
""",
    # more than half is asked for
    """
def majority_vote(answers):
    read = [a for a in answers if a is not None]
    return next((a for a in read if read.count(a) * 2 > len(read)), None)
""",
    # the answer with its count
    """
def majority_vote(answers):
    counts = Counter(a for a in answers if a is not None)
    return counts.most_common(1)[0] if counts else None
""",
    # a number
    """
def majority_vote(answers):
    read = [a for a in answers if a is not None]
    return int(max(read, key=read.count)) if read else None
""",
    # a set forgets the order
    """
def majority_vote(answers):
    read = [a for a in answers if a is not None]
    return max(sorted(set(read), reverse=True), key=read.count, default=None)
""",
    # the mean of the numbers
    """
def majority_vote(answers):
    read = [float(a) for a in answers if a is not None]
    return str(round(sum(read) / len(read))) if read else None
""",
    # what looks false does not vote: the answer "0" does, so this is right only by luck
    """
def majority_vote(answers):
    read = [a for a in answers if a and a != "0"]
    return max(read, key=read.count, default=None)
""",
    # printed, not returned
    """
def majority_vote(answers):
    read = [a for a in answers if a is not None]
    print(max(read, key=read.count, default=None))
""",
    # takes the unread out of the caller's list
    """
def majority_vote(answers):
    while None in answers:
        answers.remove(None)
    return max(answers, key=answers.count, default=None)
""",
    # sorts the caller's list
    """
def majority_vote(answers):
    order = list(dict.fromkeys(answers))
    answers.sort(key=lambda a: (a is None, order.index(a)))
    read = [a for a in answers if a is not None]
    return max(read, key=read.count, default=None)
""",
]

VOTE_ALL_RIGHT = [
    # a comprehension in a helper
    """
def one(samples, problem, vote):
    answers = [read_answer(s) for s in samples]
    outcome = vote(answers)
    return dict(
        vote=outcome,
        right=answers_match(outcome, problem.answer),
        tokens=sum(s.tokens for s in samples),
        unread=sum(a is None for a in answers),
    )


def vote_all(pool, problems, vote):
    return [one(samples, problem, vote) for samples, problem in zip(pool, problems)]
""",
    # by place, with a key more
    """
def vote_all(pool, problems, vote):
    result = []
    for i in range(len(problems)):
        answers = list(map(read_answer, pool[i]))
        v = vote(answers)
        result.append(
            {
                "vote": v,
                "right": answers_match(v, problems[i].answer),
                "tokens": sum([s.tokens for s in pool[i]]),
                "unread": len([a for a in answers if a is None]),
                "answers": answers,
            }
        )
    return result
""",
    # one pass with counters
    """
def vote_all(pool, problems, vote):
    out = []
    for problem, samples in zip(problems, pool):
        tokens, unread, answers = 0, 0, []
        for sample in samples:
            answer = read_answer(sample)
            tokens += sample.tokens
            unread += 1 if answer is None else 0
            answers.append(answer)
        winner = vote(answers)
        out += [{"vote": winner, "right": winner is not None and answers_match(winner, problem.answer), "tokens": tokens, "unread": unread}]
    return out
""",
    # the pieces one after the other, both sides handed to answers_match by name
    """
def vote_all(pool, problems, vote):
    found = []
    for place, samples in enumerate(pool):
        answers = [read_answer(sample) for sample in samples]
        row = {"vote": vote(answers)}
        row["right"] = answers_match(b=row["vote"], a=problems[place].answer)
        row["tokens"] = sum(map(lambda sample: sample.tokens, samples))
        row["unread"] = len(answers) - len([a for a in answers if a is not None])
        found.append(row)
    return found
""",
    # a table in between
    """
def vote_all(pool, problems, vote):
    rows = []
    for samples, problem in zip(pool, problems):
        df = pd.DataFrame({"tokens": [s.tokens for s in samples]})
        answers = [read_answer(s) for s in samples]
        winner = vote(answers)
        rows.append({"vote": winner, "right": answers_match(winner, problem.answer), "tokens": df["tokens"].sum(), "unread": answers.count(None)})
    return rows
""",
    # the vote over those that could be read, which is the same
    """
def vote_all(pool, problems, vote):
    rows = []
    for samples, problem in zip(pool, problems):
        read = [a for s in samples if (a := read_answer(s)) is not None]
        winner = vote(read)
        rows.append({"vote": winner, "right": answers_match(winner, problem.answer), "tokens": sum(s.tokens for s in samples), "unread": len(samples) - len(read)})
    return rows
""",
    # rows of a table
    """
def vote_all(pool, problems, vote):
    answers = [[read_answer(s) for s in samples] for samples in pool]
    df = pd.DataFrame({"vote": [vote(row) for row in answers]}, dtype=object)
    df["right"] = [answers_match(v, p.answer) for v, p in zip([vote(row) for row in answers], problems)]
    df["tokens"] = [sum(s.tokens for s in samples) for samples in pool]
    df["unread"] = [row.count(None) for row in answers]
    return [{**row, "vote": None if pd.isna(row["vote"]) else row["vote"]} for row in df.to_dict("records")]
""",
    # columns by comprehension
    """
def vote_all(pool, problems, vote):
    answers = [[read_answer(sample) for sample in samples] for samples in pool]
    winners = [vote(row) for row in answers]
    return [
        dict(vote=w, right=bool(answers_match(w, p.answer)), tokens=sum(s.tokens for s in samples), unread=row.count(None))
        for w, p, samples, row in zip(winners, problems, pool, answers)
    ]
""",
]

_VOTE_ALL = """
def vote_all(pool, problems, vote):
    rows = []
    for samples, problem in zip(pool, problems):
        answers = {answers}
        winner = {winner}
        rows.append({{"vote": winner, "right": {right}, "tokens": {tokens}, "unread": {unread}}})
    return rows
"""
_GOOD = {
    "answers": "[read_answer(s) for s in samples]",
    "winner": "vote(answers)",
    "right": "answers_match(winner, problem.answer)",
    "tokens": "sum(s.tokens for s in samples)",
    "unread": "answers.count(None)",
}

VOTE_ALL_WRONG = [
    # not written
    """
def vote_all(pool, problems, vote):
    raise NotImplementedError()
""",
    # reads whatever number there is, also of a reply that was cut off
    _VOTE_ALL.format(**_GOOD | {"answers": "[extract_answer(s.text) for s in samples]"}),
    # a reply that was cut off late counts
    _VOTE_ALL.format(
        **_GOOD | {"answers": "[extract_answer(s.text) if 'Final:' in s.text else None for s in samples]"}
    ),
    # the first sample instead of the vote
    _VOTE_ALL.format(**_GOOD | {"winner": "answers[0]"}),
    # coverage: looks at the right answer
    _VOTE_ALL.format(**_GOOD | {"right": "any(answers_match(a, problem.answer) for a in answers)"}),
    # the winner is chosen with the key in hand
    _VOTE_ALL.format(**_GOOD | {"winner": "problem.answer if problem.answer in answers else vote(answers)"}),
    # tokens of one sample
    _VOTE_ALL.format(**_GOOD | {"tokens": "samples[0].tokens"}),
    # the mean of the tokens
    _VOTE_ALL.format(**_GOOD | {"tokens": "sum(s.tokens for s in samples) / len(samples)"}),
    # only the tokens of what could be read
    _VOTE_ALL.format(
        **_GOOD | {"tokens": "sum(s.tokens for s, a in zip(samples, answers) if a is not None)"}
    ),
    # unread: whether the vote has no outcome
    _VOTE_ALL.format(**_GOOD | {"unread": "int(winner is None)"}),
    # unread: only what was cut off
    _VOTE_ALL.format(**_GOOD | {"unread": "sum(s.finish_reason == 'length' for s in samples)"}),
    # a number compared with a text
    _VOTE_ALL.format(**_GOOD | {"right": "winner is not None and int(winner) == problem.answer"}),
    # the spellings are compared: 14.0 is 14
    _VOTE_ALL.format(**_GOOD | {"right": "winner == problem.answer"}),
    # the share of right samples
    _VOTE_ALL.format(
        **_GOOD | {"right": "sum(answers_match(a, problem.answer) for a in answers) / len(answers)"}
    ),
    # the accuracy alone
    """
def vote_all(pool, problems, vote):
    hits = 0
    for samples, problem in zip(pool, problems):
        hits += answers_match(vote([read_answer(s) for s in samples]), problem.answer)
    return hits / len(problems)
""",
    # returns after the first problem
    """
def vote_all(pool, problems, vote):
    rows = []
    for samples, problem in zip(pool, problems):
        answers = [read_answer(s) for s in samples]
        winner = vote(answers)
        rows.append({"vote": winner, "right": answers_match(winner, problem.answer), "tokens": sum(s.tokens for s in samples), "unread": answers.count(None)})
        return rows
""",
    # one list of answers for all problems
    """
def vote_all(pool, problems, vote):
    rows, answers = [], []
    for samples, problem in zip(pool, problems):
        answers += [read_answer(s) for s in samples]
        winner = vote(answers)
        rows.append({"vote": winner, "right": answers_match(winner, problem.answer), "tokens": sum(s.tokens for s in samples), "unread": answers.count(None)})
    return rows
""",
    # the own majority_vote instead of the one that is handed in
    """
def vote_all(pool, problems, vote):
    rows = []
    for samples, problem in zip(pool, problems):
        answers = [read_answer(s) for s in samples]
        winner = majority_vote(answers)
        rows.append({"vote": winner, "right": answers_match(winner, problem.answer), "tokens": sum(s.tokens for s in samples), "unread": answers.count(None)})
    return rows
""",
    # an own count instead of the vote
    """
def vote_all(pool, problems, vote):
    rows = []
    for samples, problem in zip(pool, problems):
        answers = [read_answer(s) for s in samples]
        winner = next(iter(Counter(a for a in answers if a is not None).most_common(1)), (None,))[0]
        rows.append({"vote": winner, "right": answers_match(winner, problem.answer), "tokens": sum(s.tokens for s in samples), "unread": answers.count(None)})
    return rows
""",
    # votes over whatever number there is, and counts the unread rightly
    """
def vote_all(pool, problems, vote):
    rows = []
    for samples, problem in zip(pool, problems):
        answers = [read_answer(s) for s in samples]
        winner = vote([extract_answer(s.text) for s in samples])
        rows.append({"vote": winner, "right": answers_match(winner, problem.answer), "tokens": sum(s.tokens for s in samples), "unread": answers.count(None)})
    return rows
""",
    # problems of one answer share a row
    """
def vote_all(pool, problems, vote):
    rows = []
    for samples, problem in zip(pool, problems):
        answers = [read_answer(s) for s in samples]
        winner = vote(answers)
        rows.append({"vote": winner, "right": answers_match(winner, problem.answer), "tokens": sum(s.tokens for s in samples), "unread": answers.count(None)})
    return list({row['vote']: row for row in rows}.values())
""",
]

ESTIMATE_MAJ_RIGHT = [
    # a loop
    """
def estimate_maj(answers, gold, k, vote, draws=200, seed=0):
    rng = random.Random(seed)
    right = 0
    for _ in range(draws):
        election = rng.sample(answers, k)
        if answers_match(vote(election), gold):
            right += 1
    return right / draws
""",
    # shuffled places
    """
def estimate_maj(answers, gold, k, vote, draws=200, seed=0):
    rng = random.Random(seed)
    outcomes = []
    for _ in range(draws):
        places = list(range(len(answers)))
        rng.shuffle(places)
        outcomes.append(answers_match(vote([answers[i] for i in places[:k]]), gold))
    return sum(outcomes) / len(outcomes)
""",
    # numpy
    """
import numpy as np


def estimate_maj(answers, gold, k, vote, draws=200, seed=0):
    rng = np.random.default_rng(seed)
    hits = [
        answers_match(vote([answers[i] for i in rng.permutation(len(answers))[:k]]), gold)
        for _ in range(draws)
    ]
    return np.mean(hits)
""",
    # the order of the pool is kept within a draw
    """
def estimate_maj(answers, gold, k, vote, draws=200, seed=0):
    rng = random.Random(seed)
    total = 0
    for _ in range(draws):
        places = sorted(rng.sample(range(len(answers)), k))
        total += answers_match(vote([answers[i] for i in places]), gold)
    return total / draws
""",
    # the global generator, seeded
    """
def estimate_maj(answers, gold, k, vote, draws=200, seed=0):
    random.seed(seed)
    return sum(bool(answers_match(vote(random.sample(answers, k)), gold)) for _ in range(draws)) / draws
""",
    # the elections first, then the outcomes
    """
def estimate_maj(answers, gold, k, vote, draws=200, seed=0):
    rng = random.Random(seed)
    elections = [rng.sample(answers, k) for _ in range(draws)]
    return pd.Series([answers_match(vote(e), gold) for e in elections]).mean()
""",
    # numpy's choice without replacement
    """
import numpy as np


def estimate_maj(answers, gold, k, vote, draws=200, seed=0):
    rng, right = np.random.default_rng(seed), 0
    for _ in range(draws):
        places = rng.choice(len(answers), size=k, replace=False)
        right += bool(answers_match(vote([answers[i] for i in places]), gold))
    return right / draws
""",
    # a copy is shuffled
    """
def estimate_maj(answers, gold, k, vote, draws=200, seed=0):
    rng, urn, hits = random.Random(seed), list(answers), []
    while len(hits) < draws:
        rng.shuffle(urn)
        hits.append(answers_match(vote(urn[:k]), gold))
    return sum(hits) / draws
""",
    # one that is asked twice
    """
def estimate_maj(answers, gold, k, vote, draws=200, seed=0):
    rng, right = random.Random(seed), 0
    for _ in range(draws):
        drawn = rng.sample(list(answers), k)
        if vote(drawn) is not None and answers_match(vote(drawn), gold):
            right += 1
    return right / draws
""",
]

ESTIMATE_MAJ_WRONG = [
    # not written
    """
def estimate_maj(answers, gold, k, vote, draws=200, seed=0):
    raise NotImplementedError()
""",
    # the first k, one lucky run
    """
def estimate_maj(answers, gold, k, vote, draws=200, seed=0):
    return float(answers_match(vote(answers[:k]), gold))
""",
    # with replacement
    """
def estimate_maj(answers, gold, k, vote, draws=200, seed=0):
    rng = random.Random(seed)
    return sum(answers_match(vote(rng.choices(answers, k=k)), gold) for _ in range(draws)) / draws
""",
    # the generator is made anew in the loop: all draws are the same
    """
def estimate_maj(answers, gold, k, vote, draws=200, seed=0):
    right = 0
    for _ in range(draws):
        right += answers_match(vote(random.Random(seed).sample(answers, k)), gold)
    return right / draws
""",
    # the draws are sorted: ties go to the smallest answer
    """
def estimate_maj(answers, gold, k, vote, draws=200, seed=0):
    rng, right = random.Random(seed), 0
    for _ in range(draws):
        right += answers_match(vote(sorted(rng.sample(answers, k), key=str)), gold)
    return right / draws
""",
    # no seed
    """
def estimate_maj(answers, gold, k, vote, draws=200, seed=0):
    return sum(answers_match(vote(random.sample(answers, k)), gold) for _ in range(draws)) / draws
""",
    # always the same seed: not what the seed is for, and one stream for all
    """
def estimate_maj(answers, gold, k, vote, draws=200, seed=0):
    rng = random.Random(0)
    return sum(answers_match(vote(rng.sample(answers, k)), gold) for _ in range(draws)) / draws
""",
    # what could not be read is never drawn
    """
def estimate_maj(answers, gold, k, vote, draws=200, seed=0):
    rng = random.Random(seed)
    read = [a for a in answers if a is not None]
    return sum(answers_match(vote(rng.sample(read, min(k, len(read)))), gold) for _ in range(draws)) / draws
""",
    # coverage
    """
def estimate_maj(answers, gold, k, vote, draws=200, seed=0):
    rng = random.Random(seed)
    return sum(any(answers_match(a, gold) for a in rng.sample(answers, k)) for _ in range(draws)) / draws
""",
    # the accuracy of one sample
    """
def estimate_maj(answers, gold, k, vote, draws=200, seed=0):
    rng = random.Random(seed)
    total = 0
    for _ in range(draws):
        drawn = rng.sample(answers, k)
        total += sum(answers_match(a, gold) for a in drawn) / k
    return total / draws
""",
    # votes over all that were ever drawn
    """
def estimate_maj(answers, gold, k, vote, draws=200, seed=0):
    rng, right, drawn = random.Random(seed), 0, []
    for _ in range(draws):
        drawn += rng.sample(answers, k)
        right += answers_match(vote(drawn), gold)
    return right / draws
""",
    # percent
    """
def estimate_maj(answers, gold, k, vote, draws=200, seed=0):
    rng = random.Random(seed)
    return 100 * sum(answers_match(vote(rng.sample(answers, k)), gold) for _ in range(draws)) / draws
""",
    # the last draw only
    """
def estimate_maj(answers, gold, k, vote, draws=200, seed=0):
    rng = random.Random(seed)
    for _ in range(draws):
        right = answers_match(vote(rng.sample(answers, k)), gold)
    return float(right)
""",
    # divided by k
    """
def estimate_maj(answers, gold, k, vote, draws=200, seed=0):
    rng = random.Random(seed)
    return sum(answers_match(vote(rng.sample(answers, k)), gold) for _ in range(draws)) / k
""",
    # votes of the whole pool
    """
def estimate_maj(answers, gold, k, vote, draws=200, seed=0):
    rng = random.Random(seed)
    hits = 0
    for _ in range(draws):
        rng.shuffle(answers)
        hits += answers_match(vote(answers), gold)
    return hits / draws
""",
    # counted instead of drawn: neither vote nor draws are used
    """
def estimate_maj(answers, gold, k, vote, draws=200, seed=0):
    return maj_at_k(answers, gold, k)
""",
    # draws is ignored
    """
def estimate_maj(answers, gold, k, vote, draws=200, seed=0):
    rng = random.Random(seed)
    return sum(answers_match(vote(rng.sample(answers, k)), gold) for _ in range(1000)) / 1000
""",
    # the caller's list is shuffled
    """
def estimate_maj(answers, gold, k, vote, draws=200, seed=0):
    rng, right = random.Random(seed), 0
    for _ in range(draws):
        rng.shuffle(answers)
        right += answers_match(vote(answers[:k]), gold)
    return right / draws
""",
    # the own majority_vote instead of the one that is handed in
    """
def estimate_maj(answers, gold, k, vote, draws=200, seed=0):
    rng = random.Random(seed)
    return sum(answers_match(majority_vote(rng.sample(answers, k)), gold) for _ in range(draws)) / draws
""",
    # pieces of the pool, one after the other
    """
def estimate_maj(answers, gold, k, vote, draws=200, seed=0):
    pieces = [answers[i : i + k] for i in range(0, len(answers) - k + 1, k)]
    return sum(answers_match(vote(piece), gold) for piece in pieces) / len(pieces)
""",
    # strings compared with gold as they are, in the votes alone
    """
def estimate_maj(answers, gold, k, vote, draws=200, seed=0):
    rng = random.Random(seed)
    return sum(vote(rng.sample(answers, k)) == gold for _ in range(draws)) / draws
""",
    # unread elections are drawn again
    """
def estimate_maj(answers, gold, k, vote, draws=200, seed=0):
    rng, right, counted = random.Random(seed), 0, 0
    for _ in range(draws):
        winner = vote(rng.sample(answers, k))
        if winner is not None:
            counted += 1
            right += answers_match(winner, gold)
    return right / max(counted, 1)
""",
]

WEIGHTED_VOTE_RIGHT = [
    # a Counter
    """
def weighted_vote(answers, weights):
    total = Counter()
    for answer, weight in zip(answers, weights):
        if answer is not None:
            total[answer] += weight
    return max(total, key=total.get) if total else None
""",
    # a defaultdict and most_common
    """
from collections import defaultdict


def weighted_vote(answers, weights):
    sums = defaultdict(float)
    for i in range(len(answers)):
        if answers[i] is None:
            continue
        sums[answers[i]] += weights[i]
    return Counter(sums).most_common(1)[0][0] if sums else None
""",
    # pandas keeps the order of first sight with sort=False
    """
def weighted_vote(answers, weights):
    df = pd.DataFrame({"answer": answers, "weight": weights}).dropna(subset=["answer"])
    if df.empty:
        return None
    return df.groupby("answer", sort=False)["weight"].sum().idxmax()
""",
    # sums by comprehension
    """
def weighted_vote(answers, weights):
    pairs = [(a, w) for a, w in zip(answers, weights) if a is not None]
    return max((a for a, _ in pairs), key=lambda x: sum(w for a, w in pairs if a == x), default=None)
""",
    # sorted by weight, then by place
    """
def weighted_vote(answers, weights):
    seen, sums = [], {}
    for a, w in zip(answers, weights):
        if a is None:
            continue
        if a not in sums:
            seen.append(a)
            sums[a] = 0
        sums[a] = sums[a] + w
    seen.sort(key=lambda a: -sums[a])
    return seen[0] if seen else None
""",
    # two passes
    """
def weighted_vote(answers, weights):
    order = []
    for answer in answers:
        if answer is not None and answer not in order:
            order.append(answer)
    sums = [sum(w for a, w in zip(answers, weights) if a == answer) for answer in order]
    return order[sums.index(max(sums))] if order else None
""",
    # numpy
    """
import numpy as np


def weighted_vote(answers, weights):
    names = list(dict.fromkeys(a for a in answers if a is not None))
    if not names:
        return None
    table = np.array([[w if a == name else 0.0 for a, w in zip(answers, weights)] for name in names])
    return names[int(table.sum(axis=1).argmax())]
""",
    # a loop with the best so far
    """
def weighted_vote(answers, weights):
    sums = {}
    for i, answer in enumerate(answers):
        if answer is not None:
            sums.setdefault(answer, 0.0)
            sums[answer] += weights[i]
    best = None
    for answer in sums:
        if best is None or sums[answer] > sums[best]:
            best = answer
    return best
""",
]

WEIGHTED_VOTE_WRONG = [
    # not written
    """
def weighted_vote(answers, weights):
    raise NotImplementedError()
""",
    # the weights play no part
    """
def weighted_vote(answers, weights):
    read = [a for a in answers if a is not None]
    return max(read, key=read.count, default=None)
""",
    # the single answer with the largest weight
    """
def weighted_vote(answers, weights):
    pairs = [(w, a) for a, w in zip(answers, weights) if a is not None]
    return max(pairs, key=lambda pair: pair[0])[1] if pairs else None
""",
    # the mean weight of an answer
    """
def weighted_vote(answers, weights):
    read = {a: [w for b, w in zip(answers, weights) if b == a] for a in answers if a is not None}
    return max(read, key=lambda a: sum(read[a]) / len(read[a]), default=None)
""",
    # the weights move when None is left out
    """
def weighted_vote(answers, weights):
    total = {}
    for a, w in zip([a for a in answers if a is not None], weights):
        total[a] = total.get(a, 0) + w
    return max(total, key=total.get, default=None)
""",
    # None votes
    """
def weighted_vote(answers, weights):
    total = Counter()
    for a, w in zip(answers, weights):
        total[a] += w
    return max(total, key=total.get, default=None)
""",
    # a tie goes to the last
    """
def weighted_vote(answers, weights):
    total = {}
    for a, w in zip(answers, weights):
        if a is not None:
            total[a] = total.get(a, 0) + w
    return max(reversed(total), key=total.get, default=None)
""",
    # a tie goes to the smallest text
    """
def weighted_vote(answers, weights):
    total = {}
    for a, w in zip(answers, weights):
        if a is not None:
            total[a] = total.get(a, 0) + w
    return min(total, key=lambda a: (-total[a], a), default=None)
""",
    # the weights are multiplied
    """
def weighted_vote(answers, weights):
    total = {}
    for a, w in zip(answers, weights):
        if a is not None:
            total[a] = total.get(a, 1) * w
    return max(total, key=total.get, default=None)
""",
    # the last weight of an answer stays
    """
def weighted_vote(answers, weights):
    total = {a: w for a, w in zip(answers, weights) if a is not None}
    return max(total, key=total.get, default=None)
""",
    # nobody voted: an error
    """
def weighted_vote(answers, weights):
    total = Counter()
    for a, w in zip(answers, weights):
        if a is not None:
            total[a] += w
    return total.most_common(1)[0][0]
""",
    # the answer with its weight
    """
def weighted_vote(answers, weights):
    total = Counter()
    for a, w in zip(answers, weights):
        if a is not None:
            total[a] += w
    return total.most_common(1)[0] if total else None
""",
    # weights rounded to whole votes
    """
def weighted_vote(answers, weights):
    total = Counter()
    for a, w in zip(answers, weights):
        if a is not None:
            total[a] += round(w)
    return max(total, key=total.get, default=None)
""",
    # a weight of 0 is taken for silence
    """
def weighted_vote(answers, weights):
    total = {}
    for a, w in zip(answers, weights):
        if a is not None and w > 0:
            total[a] = total.get(a, 0) + w
    return max(total, key=total.get, default=None)
""",
    # nobody voted where all sums are 0
    """
def weighted_vote(answers, weights):
    total = {}
    for a, w in zip(answers, weights):
        if a is not None:
            total[a] = total.get(a, 0) + w
    return max(total, key=total.get) if any(total.values()) else None
""",
    # whoever reaches the top first
    """
def weighted_vote(answers, weights):
    total, best = {}, None
    for a, w in zip(answers, weights):
        if a is not None:
            total[a] = total.get(a, 0) + w
            if best is None or total[a] > total[best]:
                best = a
    return best
""",
]

DECIDED_RIGHT = [
    # a loop over the rivals
    """
def decided(answers, n, vote):
    rest = n - len(answers)
    now = vote(answers)
    for rival in set(answers) | {"something else"}:
        if rival is not None and vote(answers + [rival] * rest) != now:
            return False
    return True
""",
    # every way to go on that matters
    """
from itertools import combinations_with_replacement


def decided(answers, n, vote):
    options = list(dict.fromkeys([a for a in answers if a is not None])) + ["?", None]
    outcomes = set()
    for way in combinations_with_replacement(options, n - len(answers)):
        outcomes.add(vote(list(answers) + list(way)))
    return len(outcomes) <= 1
""",
    # a set of outcomes
    """
def decided(answers, n, vote):
    rest = n - len(answers)
    rivals = {a for a in answers if a} | {object()}
    return {vote([*answers, *[r] * rest]) for r in rivals} == {vote(answers)}
""",
    # three rivals that are new, to be sure
    """
def decided(answers, n, vote):
    rest, outcome = n - len(answers), vote(list(answers))
    rivals = [a for a in dict.fromkeys(answers) if a is not None] + ["new 1", "new 2", "new 3"]
    for rival in rivals:
        if vote(list(answers) + rest * [rival]) != outcome:
            return False
    return True
""",
    # the case without a rest apart
    """
def decided(answers, n, vote):
    left = n - len(answers)
    if left <= 0:
        return True
    candidates = set(answers)
    candidates.discard(None)
    candidates.add("nobody said this yet")
    return len({vote(answers + [c] * left) for c in candidates} | {vote(answers)}) == 1
""",
    # a helper and any
    """
def could_change(answers, rest, vote):
    now = vote(answers)
    return any(vote(answers + [rival] * rest) != now for rival in {*answers, "?"} if rival is not None)


def decided(answers, n, vote):
    return not could_change(answers, n - len(answers), vote)
""",
    # map over the rivals
    """
def decided(answers, n, vote):
    tail = n - len(answers)
    rivals = list(filter(None, dict.fromkeys([*answers, "something else"])))
    return all(map(lambda rival: vote([*answers, *[rival] * tail]) == vote(answers), rivals))
""",
    # recursion over the samples to come, one rival at a time
    """
def decided(answers, n, vote):
    def end(so_far, rival):
        return vote(so_far) if len(so_far) >= n else end(so_far + [rival], rival)

    return all(end(list(answers), r) == vote(list(answers)) for r in {*answers, "new"} - {None})
""",
]

DECIDED_WRONG = [
    # not written
    """
def decided(answers, n, vote):
    raise NotImplementedError()
""",
    # more than half of all n: sure, but too late
    """
def decided(answers, n, vote):
    return len(answers) == n or answers.count(vote(answers)) > n / 2 and vote(answers) is not None
""",
    # more than half of those so far
    """
def decided(answers, n, vote):
    return len(answers) == n or (vote(answers) is not None and answers.count(vote(answers)) > len(answers) / 2)
""",
    # three quarters agree
    """
def decided(answers, n, vote):
    read = [a for a in answers if a is not None]
    return len(answers) == n or bool(read) and read.count(vote(answers)) >= 0.75 * len(read)
""",
    # an answer that nobody gave so far is forgotten
    """
def decided(answers, n, vote):
    rest = n - len(answers)
    rivals = {a for a in answers if a is not None}
    return all(vote(answers + [r] * rest) == vote(answers) for r in rivals)
""",
    # only an answer that is new is thought of
    """
def decided(answers, n, vote):
    return vote(answers + ["new"] * (n - len(answers))) == vote(answers)
""",
    # unread samples are not counted as spent
    """
def decided(answers, n, vote):
    read = [a for a in answers if a is not None]
    rest = n - len(read)
    return all(vote(read + [r] * rest) == vote(read) for r in {*read, "new"})
""",
    # the tie is always lost: too late
    """
def decided(answers, n, vote):
    rest = n - len(answers)
    if rest == 0:
        return True
    counts = sorted(Counter(a for a in answers if a is not None).values(), reverse=True) + [0, 0]
    return counts[0] > counts[1] + rest
""",
    # the tie is always won: too early
    """
def decided(answers, n, vote):
    rest = n - len(answers)
    if rest == 0:
        return True
    counts = sorted(Counter(a for a in answers if a is not None).values(), reverse=True) + [0, 0]
    return counts[0] > 0 and counts[0] >= counts[1] + rest
""",
    # one more sample is looked at, not all the rest
    """
def decided(answers, n, vote):
    if len(answers) == n:
        return True
    return all(vote([*answers, r]) == vote(answers) for r in {*answers, "new"} - {None})
""",
    # only when all have been drawn
    """
def decided(answers, n, vote):
    return len(answers) >= n
""",
    # all agree so far
    """
def decided(answers, n, vote):
    return len(set(answers)) == 1 or len(answers) == n
""",
    # the other way round
    """
def decided(answers, n, vote):
    rest = n - len(answers)
    return any(vote(answers + [r] * rest) != vote(answers) for r in {*answers, "new"} - {None})
""",
    # the winner instead of a verdict
    """
def decided(answers, n, vote):
    rest = n - len(answers)
    same = all(vote(answers + [r] * rest) == vote(answers) for r in {*answers, "new"} - {None})
    return vote(answers) if same else None
""",
    # by counting, with a rule of its own instead of the vote
    """
def decided(answers, n, vote):
    rest = n - len(answers)
    if rest == 0:
        return True
    order = list(dict.fromkeys(a for a in answers if a is not None))
    if not order:
        return False
    counts = [answers.count(a) for a in order]
    top = counts.index(max(counts))
    for i, count in enumerate(counts):
        if i < top and count + rest >= counts[top]:
            return False
        if i > top and count + rest > counts[top]:
            return False
    return counts[top] >= rest
""",
    # a vote of its own instead of the one that is handed in
    """
def decided(answers, n, vote):
    def winner(texts):
        texts = [t for t in texts if t is not None]
        return max(texts, key=texts.count) if texts else None

    rest = n - len(answers)
    return all(winner(answers + [r] * rest) == winner(answers) for r in [*answers, "new"] if r is not None)
""",
    # the own majority_vote instead of the one that is handed in
    """
def decided(answers, n, vote):
    rest = n - len(answers)
    rivals = {*answers, "new"} - {None}
    return all(majority_vote(answers + [r] * rest) == majority_vote(answers) for r in rivals)
""",
    # silence is thought of, a new answer is not
    """
def decided(answers, n, vote):
    rest = n - len(answers)
    return all(vote(answers + [r] * rest) == vote(answers) for r in {*answers, None})
""",
]

VARIANTS = {
    "ex1_draw": {"points": 2, "right": DRAW_RIGHT, "wrong": DRAW_WRONG},
    "ex2_majority_vote": {"points": 4, "right": MAJORITY_VOTE_RIGHT, "wrong": MAJORITY_VOTE_WRONG},
    "ex3_vote_all": {"points": 3, "right": VOTE_ALL_RIGHT, "wrong": VOTE_ALL_WRONG},
    "ex4_estimate_maj": {"points": 3, "right": ESTIMATE_MAJ_RIGHT, "wrong": ESTIMATE_MAJ_WRONG},
    "ex5_weighted_vote": {"points": 2, "right": WEIGHTED_VOTE_RIGHT, "wrong": WEIGHTED_VOTE_WRONG},
    "ex6_decided": {"points": 2, "right": DECIDED_RIGHT, "wrong": DECIDED_WRONG},
}
