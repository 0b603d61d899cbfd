"""Other ways to write the exercises of notebook 05; see README.md."""

SCORE_POOL_RIGHT = [
    # cut by a running place
    """
def score_pool(reward, problems, pool):
    talks = []
    for problem, samples in zip(problems, pool):
        for sample in samples:
            talks.append([
                {"role": "user", "content": problem.question},
                {"role": "assistant", "content": sample.text},
            ])
    flat = reward.score(talks)
    rows, start = [], 0
    for samples in pool:
        rows.append(flat[start : start + len(samples)])
        start += len(samples)
    return rows
""",
    # make_prompt for the question
    """
def score_pool(reward, problems, pool):
    talks = [
        make_prompt("", p.question) + [{"role": "assistant", "content": s.text}]
        for p, samples in zip(problems, pool)
        for s in samples
    ]
    scores = reward.score(talks)
    return [[scores.pop(0) for _ in samples] for samples in pool]
""",
    # places remembered
    """
def score_pool(reward, problems, pool):
    places = [(i, j) for i, samples in enumerate(pool) for j in range(len(samples))]
    def talk(i, j):
        return [dict(role="user", content=problems[i].question), dict(role="assistant", content=pool[i][j].text)]
    table = dict(zip(places, reward.score([talk(i, j) for i, j in places])))
    return [[table[i, j] for j in range(len(samples))] for i, samples in enumerate(pool)]
""",
    # islice
    """
from itertools import chain, islice


def score_pool(reward, problems, pool):
    def talks(problem, samples):
        return [[{"role": "user", "content": problem.question}, {"role": "assistant", "content": s.text}] for s in samples]

    scores = iter(reward.score(list(chain.from_iterable(map(talks, problems, pool)))))
    return [list(islice(scores, len(samples))) for samples in pool]
""",
    # lengths and a sum
    """
def score_pool(reward, problems, pool):
    asked = []
    for i in range(len(problems)):
        for sample in pool[i]:
            asked += [[{"role": "user", "content": problems[i].question}, {"role": "assistant", "content": sample.text}]]
    scores = [float(score) for score in reward.score(asked)]
    ends = [sum(map(len, pool[: i + 1])) for i in range(len(pool))]
    return [scores[end - len(samples) : end] for end, samples in zip(ends, pool)]
""",
    # a dictionary of places, a comprehension for the shape
    """
def score_pool(reward, problems, pool):
    index = [(p, s) for p, samples in enumerate(pool) for s in range(len(samples))]
    talks = [make_prompt("", problems[p].question) + [{"role": "assistant", "content": pool[p][s].text}] for p, s in index]
    result = [[None] * len(samples) for samples in pool]
    for (p, s), score in zip(index, reward.score(talks)):
        result[p][s] = score
    return result
""",
    # numpy cuts
    """
import numpy as np


def score_pool(reward, problems, pool):
    talks = []
    for problem, samples in zip(problems, pool):
        talks.extend([{"role": "user", "content": problem.question}, {"role": "assistant", "content": s.text}] for s in samples)
    ends = np.cumsum([len(samples) for samples in pool])[:-1]
    return [part.tolist() for part in np.split(np.array(reward.score(talks)), ends)]
""",
    # from the end, with pop
    """
def score_pool(reward, problems, pool):
    def talk(problem, sample):
        question = {"role": "user", "content": problem.question}
        return [question, {"role": "assistant", "content": sample.text}]

    left = list(reward.score([talk(p, s) for p, row in zip(problems, pool) for s in row]))[::-1]
    return [[left.pop() for _ in row] for row in pool]
""",
]

SCORE_POOL_WRONG = [
    # not written
    """
def score_pool(reward, problems, pool):
    raise NotImplementedError()
""",
    # a call for each sample
    """
def score_pool(reward, problems, pool):
    return [
        [reward.score([[{"role": "user", "content": p.question}, {"role": "assistant", "content": s.text}]])[0] for s in samples]
        for p, samples in zip(problems, pool)
    ]
""",
    # a call for each problem
    """
def score_pool(reward, problems, pool):
    return [
        reward.score([[{"role": "user", "content": p.question}, {"role": "assistant", "content": s.text}] for s in samples])
        for p, samples in zip(problems, pool)
    ]
""",
    # without the question
    """
def score_pool(reward, problems, pool):
    talks = [[{"role": "assistant", "content": s.text}] for samples in pool for s in samples]
    scores = iter(reward.score(talks))
    return [[next(scores) for _ in samples] for samples in pool]
""",
    # one flat list
    """
def score_pool(reward, problems, pool):
    return reward.score([
        [{"role": "user", "content": p.question}, {"role": "assistant", "content": s.text}]
        for p, samples in zip(problems, pool)
        for s in samples
    ])
""",
    # all lists taken to be as long as the first
    """
def score_pool(reward, problems, pool):
    flat = reward.score([
        [{"role": "user", "content": p.question}, {"role": "assistant", "content": s.text}]
        for p, samples in zip(problems, pool)
        for s in samples
    ])
    n = len(pool[0])
    return [flat[i : i + n] for i in range(0, len(flat), n)]
""",
    # samples of all problems by turns: each score with the wrong sample
    """
def score_pool(reward, problems, pool):
    n = max(map(len, pool))
    talks = [
        [{"role": "user", "content": p.question}, {"role": "assistant", "content": samples[j].text}]
        for j in range(n)
        for p, samples in zip(problems, pool)
        if j < len(samples)
    ]
    scores = iter(reward.score(talks))
    return [[next(scores) for _ in samples] for samples in pool]
""",
    # the first question for all
    """
def score_pool(reward, problems, pool):
    talks = [
        [{"role": "user", "content": problems[0].question}, {"role": "assistant", "content": s.text}]
        for samples in pool
        for s in samples
    ]
    scores = iter(reward.score(talks))
    return [[next(scores) for _ in samples] for samples in pool]
""",
    # problems * n: paired with the wrong problem
    """
def score_pool(reward, problems, pool):
    n = max(map(len, pool))
    flat = [s for samples in pool for s in samples]
    talks = [
        [{"role": "user", "content": p.question}, {"role": "assistant", "content": s.text}]
        for p, s in zip(problems * n, flat)
    ]
    scores = iter(reward.score(talks))
    return [[next(scores) for _ in samples] for samples in pool]
""",
    # the roles exchanged
    """
def score_pool(reward, problems, pool):
    talks = [
        [{"role": "assistant", "content": p.question}, {"role": "user", "content": s.text}]
        for p, samples in zip(problems, pool)
        for s in samples
    ]
    scores = iter(reward.score(talks))
    return [[next(scores) for _ in samples] for samples in pool]
""",
    # only different texts are scored, so the scores slip
    """
def score_pool(reward, problems, pool):
    talks = [
        [{"role": "user", "content": p.question}, {"role": "assistant", "content": text}]
        for p, samples in zip(problems, pool)
        for text in dict.fromkeys(s.text for s in samples)
    ]
    scores = iter(reward.score(talks))
    return [[next(scores, 0.0) for _ in samples] for samples in pool]
""",
    # the best score of each problem
    """
def score_pool(reward, problems, pool):
    talks = [
        [{"role": "user", "content": p.question}, {"role": "assistant", "content": s.text}]
        for p, samples in zip(problems, pool)
        for s in samples
    ]
    scores = iter(reward.score(talks))
    return [max([next(scores) for _ in samples], default=0.0) for samples in pool]
""",
    # by question and text in a dictionary, but the question is forgotten: equal texts of two problems share a score
    """
def score_pool(reward, problems, pool):
    texts = {s.text: p.question for p, samples in zip(problems, pool) for s in samples}
    talks = [[{"role": "user", "content": q}, {"role": "assistant", "content": t}] for t, q in texts.items()]
    table = dict(zip(texts, reward.score(talks)))
    return [[table[s.text] for s in samples] for samples in pool]
""",
    # a dictionary by problem: a problem that stands twice is kept once
    """
def score_pool(reward, problems, pool):
    by_question = dict(zip([p.question for p in problems], pool))
    talks = [
        [{"role": "user", "content": q}, {"role": "assistant", "content": s.text}]
        for q, samples in by_question.items()
        for s in samples
    ]
    scores = iter(reward.score(talks))
    return [[next(scores) for _ in samples] for samples in by_question.values()]
""",
    # samples that were cut off are left out
    """
def score_pool(reward, problems, pool):
    kept = [[s for s in samples if s.finish_reason == "stop"] for samples in pool]
    talks = [
        [{"role": "user", "content": p.question}, {"role": "assistant", "content": s.text}]
        for p, samples in zip(problems, kept)
        for s in samples
    ]
    scores = iter(reward.score(talks))
    return [[next(scores) for _ in samples] for samples in kept]
""",
    # the text without its blanks
    """
def score_pool(reward, problems, pool):
    talks = [
        [{"role": "user", "content": p.question}, {"role": "assistant", "content": s.text.strip()}]
        for p, samples in zip(problems, pool)
        for s in samples
    ]
    scores = iter(reward.score(talks))
    return [[next(scores) for _ in samples] for samples in pool]
""",
]

BEST_OF_N_RIGHT = [
    # max over pairs, by the score
    """
def best_of_n(candidates, scores):
    return max(zip(candidates, scores), key=lambda pair: pair[1], default=(None, 0))[0]
""",
    # index of the maximum
    """
def best_of_n(candidates, scores):
    return candidates[scores.index(max(scores))] if scores else None
""",
    # a walk
    """
def best_of_n(candidates, scores):
    best, most = None, float("-inf")
    for candidate, score in zip(candidates, scores):
        if score > most:
            best, most = candidate, score
    return best
""",
    # numpy
    """
import numpy as np


def best_of_n(candidates, scores):
    if len(candidates) == 0:
        return None
    return candidates[int(np.argmax(scores))]
""",
    # a stable sort
    """
def best_of_n(candidates, scores):
    order = sorted(range(len(scores)), key=lambda i: -scores[i])
    return candidates[order[0]] if order else None
""",
    # an error caught
    """
def best_of_n(candidates, scores):
    try:
        place = max(enumerate(scores), key=lambda item: item[1])[0]
    except ValueError:
        return None
    return candidates[place]
""",
    # the place by a loop
    """
def best_of_n(candidates, scores):
    place = None
    for i, score in enumerate(scores):
        if place is None or score > scores[place]:
            place = i
    return None if place is None else candidates[place]
""",
    # reduce
    """
from functools import reduce


def best_of_n(candidates, scores):
    pairs = list(zip(candidates, scores))
    return reduce(lambda a, b: b if b[1] > a[1] else a, pairs)[0] if pairs else None
""",
]

BEST_OF_N_WRONG = [
    # not written
    """
def best_of_n(candidates, scores):
    raise NotImplementedError()
""",
    # pairs compared: among equal scores the largest candidate, or an error
    """
def best_of_n(candidates, scores):
    return max(zip(scores, candidates))[1] if candidates else None
""",
    # the last among equals
    """
def best_of_n(candidates, scores):
    best, most = None, float("-inf")
    for candidate, score in zip(candidates, scores):
        if score >= most:
            best, most = candidate, score
    return best
""",
    # starts from 0
    """
def best_of_n(candidates, scores):
    best, most = None, 0
    for candidate, score in zip(candidates, scores):
        if score > most:
            best, most = candidate, score
    return best
""",
    # the lowest score
    """
def best_of_n(candidates, scores):
    return min(zip(candidates, scores), key=lambda pair: pair[1], default=(None, 0))[0]
""",
    # an error for no candidates
    """
def best_of_n(candidates, scores):
    return candidates[max(range(len(scores)), key=lambda i: scores[i])]
""",
    # the place
    """
def best_of_n(candidates, scores):
    return max(range(len(scores)), key=lambda i: scores[i]) if scores else None
""",
    # the score
    """
def best_of_n(candidates, scores):
    return max(scores) if scores else None
""",
    # None is skipped
    """
def best_of_n(candidates, scores):
    pairs = [(c, s) for c, s in zip(candidates, scores) if c is not None]
    return max(pairs, key=lambda pair: pair[1], default=(None, 0))[0]
""",
    # a dictionary: equal scores overwrite each other
    """
def best_of_n(candidates, scores):
    table = dict(zip(scores, candidates))
    return table[max(table)] if table else None
""",
    # scores compared by their absolute value
    """
def best_of_n(candidates, scores):
    return max(zip(candidates, scores), key=lambda pair: abs(pair[1]), default=(None, 0))[0]
""",
    # scores compared as texts
    """
def best_of_n(candidates, scores):
    return max(zip(candidates, scores), key=lambda pair: str(pair[1]), default=(None, 0))[0]
""",
    # an empty candidate is no candidate
    """
def best_of_n(candidates, scores):
    pairs = [(c, s) for c, s in zip(candidates, scores) if c is None or c]
    return max(pairs, key=lambda pair: pair[1], default=(None, 0))[0]
""",
]

WEIGHTED_VOTE_RIGHT = [
    # a Counter
    """
def weighted_vote(answers, scores):
    total = Counter()
    for answer, score in zip(answers, scores):
        if answer is not None:
            total[answer] += sigmoid(score)
    return max(total, key=total.get) if total else None
""",
    # the order of first sight, and sums
    """
def weighted_vote(answers, scores):
    names = list(dict.fromkeys(a for a in answers if a is not None))
    sums = [sum(sigmoid(s) for a, s in zip(answers, scores) if a == name) for name in names]
    return names[sums.index(max(sums))] if names else None
""",
    # lists in a dictionary
    """
def weighted_vote(answers, scores):
    votes = {}
    for answer, score in zip(answers, scores):
        votes.setdefault(answer, []).append(sigmoid(score))
    votes.pop(None, None)
    return max(votes, key=lambda answer: sum(votes[answer]), default=None)
""",
    # max over the answers themselves
    """
def weighted_vote(answers, scores):
    def weight(name):
        return sum(sigmoid(s) for a, s in zip(answers, scores) if a == name)

    return max((a for a in answers if a is not None), key=weight, default=None)
""",
    # weights first
    """
def weighted_vote(answers, scores):
    weights = list(map(sigmoid, scores))
    best, most = None, -1.0
    for answer in answers:
        if answer is None:
            continue
        own = sum(w for a, w in zip(answers, weights) if a == answer)
        if own > most:
            best, most = answer, own
    return best
""",
    # a table of pandas keeps the order with sort=False
    """
def weighted_vote(answers, scores):
    table = pd.DataFrame({"answer": list(answers), "weight": [sigmoid(s) for s in scores]})
    table = table[table["answer"].notna()]
    if table.empty:
        return None
    return table.groupby("answer", sort=False)["weight"].sum().idxmax()
""",
    # a defaultdict
    """
from collections import defaultdict


def weighted_vote(answers, scores):
    total = defaultdict(float)
    for answer, score in zip(answers, scores):
        if answer is None:
            continue
        total[answer] += sigmoid(score)
    if not total:
        return None
    most = max(total.values())
    return next(answer for answer, weight in total.items() if weight == most)
""",
    # sorted, which is stable
    """
def weighted_vote(answers, scores):
    total = {}
    for answer, score in zip(answers, scores):
        if answer is not None:
            total.setdefault(answer, 0.0)
            total[answer] = total[answer] + sigmoid(score)
    ranked = sorted(total.items(), key=lambda item: item[1], reverse=True)
    return ranked[0][0] if ranked else None
""",
]

WEIGHTED_VOTE_WRONG = [
    # not written
    """
def weighted_vote(answers, scores):
    raise NotImplementedError()
""",
    # the score itself is the weight
    """
def weighted_vote(answers, scores):
    total = {}
    for answer, score in zip(answers, scores):
        if answer is not None:
            total[answer] = total.get(answer, 0) + score
    return max(total, key=total.get) if total else None
""",
    # exp(score): without a bound
    """
def weighted_vote(answers, scores):
    total = {}
    for answer, score in zip(answers, scores):
        if answer is not None:
            total[answer] = total.get(answer, 0) + exp(min(500, score))
    return max(total, key=total.get) if total else None
""",
    # None votes
    """
def weighted_vote(answers, scores):
    total = {}
    for answer, score in zip(answers, scores):
        total[answer] = total.get(answer, 0) + sigmoid(score)
    return max(total, key=total.get) if total else None
""",
    # the mean instead of the sum
    """
def weighted_vote(answers, scores):
    votes = {}
    for answer, score in zip(answers, scores):
        if answer is not None:
            votes.setdefault(answer, []).append(sigmoid(score))
    return max(votes, key=lambda answer: fmean(votes[answer]), default=None)
""",
    # the highest score
    """
def weighted_vote(answers, scores):
    pairs = [(a, s) for a, s in zip(answers, scores) if a is not None]
    return max(pairs, key=lambda pair: pair[1], default=(None, 0))[0]
""",
    # a plain vote
    """
def weighted_vote(answers, scores):
    votes = Counter(answer for answer in answers if answer is not None)
    return max(votes, key=votes.get) if votes else None
""",
    # a threshold: one vote for each positive score
    """
def weighted_vote(answers, scores):
    votes = Counter(a for a, s in zip(answers, scores) if a is not None and s > 0)
    return max(votes, key=votes.get) if votes else None
""",
    # negative scores do not count
    """
def weighted_vote(answers, scores):
    total = {}
    for answer, score in zip(answers, scores):
        if answer is not None:
            total[answer] = total.get(answer, 0) + max(0.0, score)
    return max(total, key=total.get) if total else None
""",
    # an error when nobody voted
    """
def weighted_vote(answers, scores):
    total = {}
    for answer, score in zip(answers, scores):
        if answer is not None:
            total[answer] = total.get(answer, 0) + sigmoid(score)
    return max(total, key=total.get)
""",
    # a tie goes to the last
    """
def weighted_vote(answers, scores):
    total = {}
    for answer, score in zip(answers, scores):
        if answer is not None:
            total[answer] = total.get(answer, 0) + sigmoid(score)
    best = None
    for answer in total:
        if best is None or total[answer] >= total[best]:
            best = answer
    return best
""",
    # None is left out, its score is not: the scores slip
    """
def weighted_vote(answers, scores):
    total = {}
    for answer, score in zip([a for a in answers if a is not None], scores):
        total[answer] = total.get(answer, 0) + sigmoid(score)
    return max(total, key=total.get) if total else None
""",
    # the sigmoid of the sum
    """
def weighted_vote(answers, scores):
    total = {}
    for answer, score in zip(answers, scores):
        if answer is not None:
            total[answer] = total.get(answer, 0) + score
    return max(total, key=lambda answer: sigmoid(total[answer])) if total else None
""",
    # a tie goes to the one whose last vote came first
    """
def weighted_vote(answers, scores):
    total = {}
    for answer, score in zip(answers, scores):
        if answer is not None:
            total[answer] = total.pop(answer, 0) + sigmoid(score)
    return max(total, key=total.get) if total else None
""",
]

ACCURACY_RIGHT = [
    # places drawn
    """
def accuracy_at_k(choose, answers, scores, gold, k, draws=50, seed=0):
    rng, hits = random.Random(seed), 0
    for _ in range(draws):
        places = rng.sample(range(len(answers)), k)
        pick = choose([answers[i] for i in places], [scores[i] for i in places])
        hits += bool(answers_match(pick, gold))
    return hits / draws
""",
    # a generator
    """
def accuracy_at_k(choose, answers, scores, gold, k, draws=50, seed=0):
    rng = random.Random(seed)
    pairs = list(zip(answers, scores))

    def trial():
        some, marks = zip(*rng.sample(pairs, k))
        return answers_match(choose(list(some), list(marks)), gold)

    return sum(trial() for _ in range(draws)) / draws
""",
    # shuffled
    """
def accuracy_at_k(choose, answers, scores, gold, k, draws=50, seed=0):
    rng = random.Random(seed)
    order = list(range(len(answers)))
    right = []
    for _ in range(draws):
        rng.shuffle(order)
        first = order[:k]
        right.append(answers_match(choose([answers[i] for i in first], [scores[i] for i in first]), gold))
    return fmean(float(r) for r in right)
""",
    # numpy
    """
import numpy as np


def accuracy_at_k(choose, answers, scores, gold, k, draws=50, seed=0):
    rng = np.random.default_rng(seed)
    hits = 0
    for _ in range(draws):
        places = rng.choice(len(answers), size=k, replace=False)
        hits += answers_match(choose([answers[i] for i in places], [scores[i] for i in places]), gold)
    return float(hits / draws)
""",
    # a table of pandas
    """
def accuracy_at_k(choose, answers, scores, gold, k, draws=50, seed=0):
    rng = random.Random(seed)
    marks = []
    for _ in range(draws):
        drawn = rng.sample([{"a": a, "s": s} for a, s in zip(answers, scores)], k)
        pick = choose([d["a"] for d in drawn], [d["s"] for d in drawn])
        marks.append(1 if pick is not None and answers_match(pick, gold) else 0)
    return sum(marks) / len(marks)
""",
    # a partial shuffle by sorting random keys
    """
def accuracy_at_k(choose, answers, scores, gold, k, draws=50, seed=0):
    rng = random.Random(seed)
    total = 0
    for _ in range(draws):
        order = sorted(range(len(answers)), key=lambda i: rng.random())[:k]
        total += int(answers_match(choose([answers[i] for i in order], [scores[i] for i in order]), gold))
    return total / draws
""",
    # a loop that takes one place after the other
    """
def accuracy_at_k(choose, answers, scores, gold, k, draws=50, seed=0):
    rng, right = random.Random(seed), 0
    for _ in range(draws):
        left = list(zip(answers, scores))
        some, marks = [], []
        for _ in range(k):
            answer, score = left.pop(rng.randrange(len(left)))
            some.append(answer)
            marks.append(score)
        right += 1 if answers_match(choose(some, marks), gold) else 0
    return right / draws
""",
    # numpy's permutation
    """
import numpy as np


def accuracy_at_k(choose, answers, scores, gold, k, draws=50, seed=0):
    rng = np.random.default_rng(seed)

    def once():
        places = rng.permutation(len(answers))[:k]
        return answers_match(choose([answers[i] for i in places], [scores[i] for i in places]), gold)

    return float(np.mean([once() for _ in range(draws)]))
""",
]

ACCURACY_WRONG = [
    # not written
    """
def accuracy_at_k(choose, answers, scores, gold, k, draws=50, seed=0):
    raise NotImplementedError()
""",
    # answers and scores drawn apart
    """
def accuracy_at_k(choose, answers, scores, gold, k, draws=50, seed=0):
    rng = random.Random(seed)
    hits = sum(answers_match(choose(rng.sample(answers, k), rng.sample(scores, k)), gold) for _ in range(draws))
    return hits / draws
""",
    # the answers drawn, the first scores
    """
def accuracy_at_k(choose, answers, scores, gold, k, draws=50, seed=0):
    rng = random.Random(seed)
    hits = sum(answers_match(choose(rng.sample(answers, k), scores[:k]), gold) for _ in range(draws))
    return hits / draws
""",
    # the first k, no draw
    """
def accuracy_at_k(choose, answers, scores, gold, k, draws=50, seed=0):
    return float(answers_match(choose(answers[:k], scores[:k]), gold))
""",
    # with replacement
    """
def accuracy_at_k(choose, answers, scores, gold, k, draws=50, seed=0):
    rng = random.Random(seed)
    pairs, hits = list(zip(answers, scores)), 0
    for _ in range(draws):
        drawn = rng.choices(pairs, k=k)
        hits += answers_match(choose([a for a, _ in drawn], [s for _, s in drawn]), gold)
    return hits / draws
""",
    # all of the pool, whatever k is
    """
def accuracy_at_k(choose, answers, scores, gold, k, draws=50, seed=0):
    rng = random.Random(seed)
    pairs, hits = list(zip(answers, scores)), 0
    for _ in range(draws):
        drawn = rng.sample(pairs, len(pairs))
        hits += answers_match(choose([a for a, _ in drawn], [s for _, s in drawn]), gold)
    return hits / draws
""",
    # is the right answer among them?
    """
def accuracy_at_k(choose, answers, scores, gold, k, draws=50, seed=0):
    rng = random.Random(seed)
    pairs, hits = list(zip(answers, scores)), 0
    for _ in range(draws):
        hits += any(answers_match(a, gold) for a, _ in rng.sample(pairs, k))
    return hits / draws
""",
    # the generator made anew for each draw
    """
def accuracy_at_k(choose, answers, scores, gold, k, draws=50, seed=0):
    pairs, hits = list(zip(answers, scores)), 0
    for _ in range(draws):
        drawn = random.Random(seed).sample(pairs, k)
        hits += answers_match(choose([a for a, _ in drawn], [s for _, s in drawn]), gold)
    return hits / draws
""",
    # the seed does not count
    """
def accuracy_at_k(choose, answers, scores, gold, k, draws=50, seed=0):
    pairs, hits = list(zip(answers, scores)), 0
    for _ in range(draws):
        drawn = random.sample(pairs, k)
        hits += answers_match(choose([a for a, _ in drawn], [s for _, s in drawn]), gold)
    return hits / draws
""",
    # one seed for all
    """
def accuracy_at_k(choose, answers, scores, gold, k, draws=50, seed=0):
    rng = random.Random(0)
    pairs, hits = list(zip(answers, scores)), 0
    for _ in range(draws):
        drawn = rng.sample(pairs, k)
        hits += answers_match(choose([a for a, _ in drawn], [s for _, s in drawn]), gold)
    return hits / draws
""",
    # a count, not a share
    """
def accuracy_at_k(choose, answers, scores, gold, k, draws=50, seed=0):
    rng = random.Random(seed)
    pairs, hits = list(zip(answers, scores)), 0
    for _ in range(draws):
        drawn = rng.sample(pairs, k)
        hits += answers_match(choose([a for a, _ in drawn], [s for _, s in drawn]), gold)
    return hits
""",
    # the texts compared
    """
def accuracy_at_k(choose, answers, scores, gold, k, draws=50, seed=0):
    rng = random.Random(seed)
    pairs, hits = list(zip(answers, scores)), 0
    for _ in range(draws):
        drawn = rng.sample(pairs, k)
        hits += choose([a for a, _ in drawn], [s for _, s in drawn]) == gold
    return hits / draws
""",
    # the unread left out before drawing: k may be too many, and they were paid for
    """
def accuracy_at_k(choose, answers, scores, gold, k, draws=50, seed=0):
    rng = random.Random(seed)
    pairs, hits = [(a, s) for a, s in zip(answers, scores) if a is not None], 0
    for _ in range(draws):
        drawn = rng.sample(pairs, min(k, len(pairs)))
        hits += answers_match(choose([a for a, _ in drawn], [s for _, s in drawn]), gold)
    return hits / draws
""",
    # the draws sorted by place
    """
def accuracy_at_k(choose, answers, scores, gold, k, draws=50, seed=0):
    rng, hits = random.Random(seed), 0
    for _ in range(draws):
        places = sorted(rng.sample(range(len(answers)), k))
        hits += answers_match(choose([answers[i] for i in places], [scores[i] for i in places]), gold)
    return hits / draws
""",
    # the draws sorted by score
    """
def accuracy_at_k(choose, answers, scores, gold, k, draws=50, seed=0):
    rng, hits = random.Random(seed), 0
    pairs = list(zip(answers, scores))
    for _ in range(draws):
        drawn = sorted(rng.sample(pairs, k), key=lambda pair: -pair[1])
        hits += answers_match(choose([a for a, _ in drawn], [s for _, s in drawn]), gold)
    return hits / draws
""",
    # equal samples count once
    """
def accuracy_at_k(choose, answers, scores, gold, k, draws=50, seed=0):
    rng, hits = random.Random(seed), 0
    pairs = list(dict.fromkeys(zip(answers, scores)))
    for _ in range(draws):
        drawn = rng.sample(pairs, min(k, len(pairs)))
        hits += answers_match(choose([a for a, _ in drawn], [s for _, s in drawn]), gold)
    return hits / draws
""",
    # shuffles the lists that it was given
    """
def accuracy_at_k(choose, answers, scores, gold, k, draws=50, seed=0):
    rng, hits = random.Random(seed), 0
    for _ in range(draws):
        state = rng.getstate()
        rng.shuffle(answers)
        rng.setstate(state)
        rng.shuffle(scores)
        hits += answers_match(choose(answers[:k], scores[:k]), gold)
    return hits / draws
""",
    # always fifty draws
    """
def accuracy_at_k(choose, answers, scores, gold, k, draws=50, seed=0):
    rng, hits = random.Random(seed), 0
    pairs = list(zip(answers, scores))
    for _ in range(50):
        drawn = rng.sample(pairs, k)
        hits += answers_match(choose([a for a, _ in drawn], [s for _, s in drawn]), gold)
    return hits / 50
""",
]

SIMULATE_RIGHT = [
    # answers first, then scores
    """
def simulate(n, p, d, seed):
    rng = random.Random(seed)
    answers = [RIGHT if rng.random() < p else rng.choice(WRONG) for _ in range(n)]
    scores = [rng.gauss(d**2 / 2 * (1 if a == RIGHT else -1), d) for a in answers]
    return answers, scores
""",
    # an if for each kind
    """
def simulate(n, p, d, seed):
    rng = random.Random(seed)
    answers = []
    scores = []
    while len(answers) < n:
        if rng.random() < p:
            answers.append(RIGHT)
            scores.append(rng.gauss(d * d / 2, d))
        else:
            answers.append(rng.choice(WRONG))
            scores.append(rng.gauss(-d * d / 2, d))
    return answers, scores
""",
    # pairs, then unzipped
    """
def simulate(n, p, d, seed):
    rng = random.Random(seed)

    def one():
        good = rng.random() < p
        return (RIGHT if good else rng.choice(WRONG)), rng.gauss((1 if good else -1) * d * d / 2, d)

    pairs = [one() for _ in range(n)]
    return [a for a, _ in pairs], [s for _, s in pairs]
""",
    # normalvariate and a place in WRONG
    """
def simulate(n, p, d, seed):
    rng = random.Random(seed)
    answers, scores = [], []
    for _ in range(n):
        if rng.uniform(0, 1) < p:
            answer, mean = RIGHT, d * d / 2
        else:
            answer, mean = WRONG[rng.randrange(len(WRONG))], -d * d / 2
        answers.append(answer)
        scores.append(mean + d * rng.normalvariate(0, 1))
    return answers, scores
""",
    # numpy
    """
import numpy as np


def simulate(n, p, d, seed):
    rng = np.random.default_rng(seed)
    good = rng.random(n) < p
    answers = [RIGHT if ok else WRONG[rng.integers(len(WRONG))] for ok in good]
    scores = [float(s) for s in rng.normal(np.where(good, d * d / 2, -d * d / 2), d)]
    return answers, scores
""",
    # choices with weights
    """
def simulate(n, p, d, seed):
    rng = random.Random(seed)
    answers, scores = [], []
    for _ in range(n):
        [answer] = rng.choices([RIGHT, *WRONG], weights=[p] + [(1 - p) / len(WRONG)] * len(WRONG))
        sign = 1 if answer == RIGHT else -1
        answers.append(answer)
        scores.append(rng.gauss(sign * d * d / 2, d))
    return answers, scores
""",
    # a generator of pairs
    """
def simulate(n, p, d, seed):
    rng = random.Random(seed)

    def candidates():
        for _ in range(n):
            if rng.random() >= p:
                yield rng.choice(WRONG), rng.gauss(-d * d / 2, d)
            else:
                yield RIGHT, rng.gauss(d * d / 2, d)

    found = list(candidates())
    return [answer for answer, _ in found], [score for _, score in found]
""",
    # means from a table
    """
def simulate(n, p, d, seed):
    rng = random.Random(seed)
    mean = {True: d * d / 2, False: -d * d / 2}
    kinds = [rng.random() < p for _ in range(n)]
    return [RIGHT if kind else rng.choice(WRONG) for kind in kinds], [rng.gauss(mean[kind], d) for kind in kinds]
""",
]

SIMULATE_WRONG = [
    # not written
    """
def simulate(n, p, d, seed):
    raise NotImplementedError()
""",
    # p is the probability of a wrong answer
    """
def simulate(n, p, d, seed):
    rng = random.Random(seed)
    answers = [rng.choice(WRONG) if rng.random() < p else RIGHT for _ in range(n)]
    return answers, [rng.gauss(d * d / 2 if a == RIGHT else -d * d / 2, d) for a in answers]
""",
    # the means exchanged
    """
def simulate(n, p, d, seed):
    rng = random.Random(seed)
    answers = [RIGHT if rng.random() < p else rng.choice(WRONG) for _ in range(n)]
    return answers, [rng.gauss(-d * d / 2 if a == RIGHT else d * d / 2, d) for a in answers]
""",
    # one mean for all: a scorer that knows nothing
    """
def simulate(n, p, d, seed):
    rng = random.Random(seed)
    answers = [RIGHT if rng.random() < p else rng.choice(WRONG) for _ in range(n)]
    return answers, [rng.gauss(d * d / 2, d) for _ in answers]
""",
    # d is taken as the mean
    """
def simulate(n, p, d, seed):
    rng = random.Random(seed)
    answers = [RIGHT if rng.random() < p else rng.choice(WRONG) for _ in range(n)]
    return answers, [rng.gauss(d * 0.75 if a == RIGHT else -d * 0.75, d) for a in answers]
""",
    # the variance in place of the standard deviation
    """
def simulate(n, p, d, seed):
    rng = random.Random(seed)
    answers = [RIGHT if rng.random() < p else rng.choice(WRONG) for _ in range(n)]
    return answers, [rng.gauss(d * d / 2 if a == RIGHT else -d * d / 2, d * d) for a in answers]
""",
    # no noise
    """
def simulate(n, p, d, seed):
    rng = random.Random(seed)
    answers = [RIGHT if rng.random() < p else rng.choice(WRONG) for _ in range(n)]
    return answers, [d * d / 2 if a == RIGHT else -d * d / 2 for a in answers]
""",
    # one wrong answer only
    """
def simulate(n, p, d, seed):
    rng = random.Random(seed)
    answers = [RIGHT if rng.random() < p else WRONG[0] for _ in range(n)]
    return answers, [rng.gauss(d * d / 2 if a == RIGHT else -d * d / 2, d) for a in answers]
""",
    # each different wrong answer as likely
    """
def simulate(n, p, d, seed):
    rng = random.Random(seed)
    answers = [RIGHT if rng.random() < p else rng.choice(sorted(set(WRONG))) for _ in range(n)]
    return answers, [rng.gauss(d * d / 2 if a == RIGHT else -d * d / 2, d) for a in answers]
""",
    # the seed does not count
    """
def simulate(n, p, d, seed):
    answers = [RIGHT if random.random() < p else random.choice(WRONG) for _ in range(n)]
    return answers, [random.gauss(d * d / 2 if a == RIGHT else -d * d / 2, d) for a in answers]
""",
    # the seed decides the scores, not the answers
    """
def simulate(n, p, d, seed):
    rng = random.Random(seed)
    answers = [RIGHT if random.random() < p else random.choice(WRONG) for _ in range(n)]
    return answers, [rng.gauss(d * d / 2 if a == RIGHT else -d * d / 2, d) for a in answers]
""",
    # always the same candidates
    """
def simulate(n, p, d, seed):
    rng = random.Random(0)
    answers = [RIGHT if rng.random() < p else rng.choice(WRONG) for _ in range(n)]
    return answers, [rng.gauss(d * d / 2 if a == RIGHT else -d * d / 2, d) for a in answers]
""",
    # a generator made anew for each candidate: n times the same one
    """
def simulate(n, p, d, seed):
    answers, scores = [], []
    for _ in range(n):
        rng = random.Random(seed)
        good = rng.random() < p
        answers.append(RIGHT if good else rng.choice(WRONG))
        scores.append(rng.gauss(d * d / 2 if good else -d * d / 2, d))
    return answers, scores
""",
    # the scores of seed-like simulations: nearly perfect whatever d is
    """
def simulate(n, p, d, seed):
    rng = random.Random(seed)
    answers = [RIGHT if rng.random() < p else rng.choice(WRONG) for _ in range(n)]
    return answers, [rng.gauss(0.7 if a == RIGHT else 0.3, 0.1) for a in answers]
""",
    # pairs instead of two lists
    """
def simulate(n, p, d, seed):
    rng = random.Random(seed)
    answers = [RIGHT if rng.random() < p else rng.choice(WRONG) for _ in range(n)]
    return [(a, rng.gauss(d * d / 2 if a == RIGHT else -d * d / 2, d)) for a in answers]
""",
    # a fixed share of right ones, shuffled
    """
def simulate(n, p, d, seed):
    rng = random.Random(seed)
    good = round(n * p)
    answers = [RIGHT] * good + [rng.choice(WRONG) for _ in range(n - good)]
    rng.shuffle(answers)
    return answers, [rng.gauss(d * d / 2 if a == RIGHT else -d * d / 2, d) for a in answers]
""",
    # one score for all right ones and one for all wrong ones
    """
def simulate(n, p, d, seed):
    rng = random.Random(seed)
    mark = {True: rng.gauss(d * d / 2, d), False: rng.gauss(-d * d / 2, d)}
    answers = [RIGHT if rng.random() < p else rng.choice(WRONG) for _ in range(n)]
    return answers, [mark[a == RIGHT] for a in answers]
""",
]

DENSITY_RIGHT = [
    # a loop
    """
def density_ratio(strong, weak, prompts, texts):
    rows = []
    for s, w in zip(strong.logprobs(prompts, texts), weak.logprobs(prompts, texts)):
        rows.append(sum(s) - sum(w))
    return rows
""",
    # token by token
    """
def density_ratio(strong, weak, prompts, texts):
    pairs = zip(strong.logprobs(prompts, texts), weak.logprobs(prompts, texts))
    return [sum(a - b for a, b in zip(s, w)) for s, w in pairs]
""",
    # a function for one model
    """
def total(model, prompts, texts):
    return [sum(row) for row in model.logprobs(prompts, texts)]


def density_ratio(strong, weak, prompts, texts):
    return [s - w for s, w in zip(total(strong, prompts, texts), total(weak, prompts, texts))]
""",
    # keywords, fsum
    """
from math import fsum


def density_ratio(strong, weak, prompts, texts):
    a = strong.logprobs(prompts=prompts, texts=texts)
    b = weak.logprobs(prompts=prompts, texts=texts)
    return [fsum(a[i]) - fsum(b[i]) for i in range(len(texts))]
""",
    # numpy
    """
import numpy as np


def density_ratio(strong, weak, prompts, texts):
    s = np.array([np.sum(row) for row in strong.logprobs(prompts, texts)])
    w = np.array([np.sum(row) for row in weak.logprobs(prompts, texts)])
    return (s - w).tolist()
""",
    # two comprehensions
    """
def density_ratio(strong, weak, prompts, texts):
    log_strong = [sum(tokens) for tokens in strong.logprobs(prompts, texts)]
    log_weak = [sum(tokens) for tokens in weak.logprobs(prompts, texts)]
    return [log_strong[i] - log_weak[i] for i in range(len(texts))]
""",
    # map and subtract
    """
from operator import sub


def density_ratio(strong, weak, prompts, texts):
    return list(map(sub, map(sum, strong.logprobs(prompts, texts)), map(sum, weak.logprobs(prompts, texts))))
""",
    # a running total
    """
def density_ratio(strong, weak, prompts, texts):
    ratios = []
    by_weak = weak.logprobs(prompts, texts)
    for i, tokens in enumerate(strong.logprobs(prompts, texts)):
        ratio = 0.0
        for own, other in zip(tokens, by_weak[i]):
            ratio += own - other
        ratios.append(ratio)
    return ratios
""",
]

DENSITY_WRONG = [
    # not written
    """
def density_ratio(strong, weak, prompts, texts):
    raise NotImplementedError()
""",
    # weak minus strong
    """
def density_ratio(strong, weak, prompts, texts):
    return [sum(w) - sum(s) for s, w in zip(strong.logprobs(prompts, texts), weak.logprobs(prompts, texts))]
""",
    # the mean over tokens
    """
def density_ratio(strong, weak, prompts, texts):
    return [fmean(s) - fmean(w) for s, w in zip(strong.logprobs(prompts, texts), weak.logprobs(prompts, texts))]
""",
    # the quotient of the logarithms
    """
def density_ratio(strong, weak, prompts, texts):
    return [sum(s) / sum(w) for s, w in zip(strong.logprobs(prompts, texts), weak.logprobs(prompts, texts))]
""",
    # the strong model alone
    """
def density_ratio(strong, weak, prompts, texts):
    return [sum(s) for s in strong.logprobs(prompts, texts)]
""",
    # a call for each text
    """
def density_ratio(strong, weak, prompts, texts):
    return [
        sum(strong.logprobs([p], [t])[0]) - sum(weak.logprobs([p], [t])[0]) for p, t in zip(prompts, texts)
    ]
""",
    # the ratio itself
    """
def density_ratio(strong, weak, prompts, texts):
    return [exp(sum(s) - sum(w)) for s, w in zip(strong.logprobs(prompts, texts), weak.logprobs(prompts, texts))]
""",
    # one number for all
    """
def density_ratio(strong, weak, prompts, texts):
    return sum(map(sum, strong.logprobs(prompts, texts))) - sum(map(sum, weak.logprobs(prompts, texts)))
""",
    # a list for each token
    """
def density_ratio(strong, weak, prompts, texts):
    return [
        [a - b for a, b in zip(s, w)]
        for s, w in zip(strong.logprobs(prompts, texts), weak.logprobs(prompts, texts))
    ]
""",
    # the last token
    """
def density_ratio(strong, weak, prompts, texts):
    return [s[-1] - w[-1] for s, w in zip(strong.logprobs(prompts, texts), weak.logprobs(prompts, texts))]
""",
    # prompts and texts exchanged
    """
def density_ratio(strong, weak, prompts, texts):
    return [sum(s) - sum(w) for s, w in zip(strong.logprobs(texts, prompts), weak.logprobs(texts, prompts))]
""",
    # a dictionary by text: the same text below another prompt gets the last one's number
    """
def density_ratio(strong, weak, prompts, texts):
    by_strong = dict(zip(texts, strong.logprobs(prompts, texts)))
    by_weak = dict(zip(texts, weak.logprobs(prompts, texts)))
    return [sum(by_strong[t]) - sum(by_weak[t]) for t in texts]
""",
    # equal texts are asked once
    """
def density_ratio(strong, weak, prompts, texts):
    pairs = list(dict(zip(texts, prompts)).items())
    some, asked = [t for t, _ in pairs], [p for _, p in pairs]
    return [sum(s) - sum(w) for s, w in zip(strong.logprobs(asked, some), weak.logprobs(asked, some))]
""",
    # the texts without their blanks
    """
def density_ratio(strong, weak, prompts, texts):
    texts = [text.strip() for text in texts]
    return [sum(s) - sum(w) for s, w in zip(strong.logprobs(prompts, texts), weak.logprobs(prompts, texts))]
""",
]

BOTH_RIGHT = [
    # pairs
    """
def best_by_both(candidates, logprobs, scores):
    totals = [p + log_sigmoid(s) for p, s in zip(logprobs, scores)]
    return candidates[totals.index(max(totals))] if totals else None
""",
    # a walk
    """
def best_by_both(candidates, logprobs, scores):
    best, most = None, float("-inf")
    for candidate, logprob, score in zip(candidates, logprobs, scores):
        total = logprob + log_sigmoid(score)
        if total > most:
            best, most = candidate, total
    return best
""",
    # max over triples
    """
def best_by_both(candidates, logprobs, scores):
    triples = zip(candidates, logprobs, scores)
    return max(triples, key=lambda t: t[1] + log_sigmoid(t[2]), default=(None,))[0]
""",
    # numpy
    """
import numpy as np


def best_by_both(candidates, logprobs, scores):
    if not candidates:
        return None
    return candidates[int(np.argmax(np.array(logprobs) + np.array([log_sigmoid(s) for s in scores])))]
""",
    # a stable sort
    """
def best_by_both(candidates, logprobs, scores):
    ranked = sorted(zip(candidates, logprobs, scores), key=lambda t: t[1] + log_sigmoid(t[2]), reverse=True)
    return ranked[0][0] if ranked else None
""",
    # zip of sums and places
    """
def best_by_both(candidates, logprobs, scores):
    sums = [p + log_sigmoid(s) for p, s in zip(logprobs, scores)]
    places = sorted(range(len(sums)), key=sums.__getitem__, reverse=True)
    return candidates[places[0]] if places else None
""",
    # an error caught
    """
def best_by_both(candidates, logprobs, scores):
    try:
        return max(zip(candidates, logprobs, scores), key=lambda row: row[1] + log_sigmoid(row[2]))[0]
    except ValueError:
        return None
""",
    # through best_of_n's idea, written again
    """
def best_by_both(candidates, logprobs, scores):
    def pick(totals):
        return max(range(len(totals)), key=lambda i: totals[i], default=None)

    place = pick([logprob + log_sigmoid(score) for logprob, score in zip(logprobs, scores)])
    return None if place is None else candidates[place]
""",
]

BOTH_WRONG = [
    # not written
    """
def best_by_both(candidates, logprobs, scores):
    raise NotImplementedError()
""",
    # a product: all of them are 0 for long texts
    """
def best_by_both(candidates, logprobs, scores):
    if not candidates:
        return None
    return candidates[max(range(len(candidates)), key=lambda i: exp(logprobs[i]) * sigmoid(scores[i]))]
""",
    # the score in place of its logarithm
    """
def best_by_both(candidates, logprobs, scores):
    if not candidates:
        return None
    return candidates[max(range(len(candidates)), key=lambda i: logprobs[i] + scores[i])]
""",
    # a probability added to a logarithm
    """
def best_by_both(candidates, logprobs, scores):
    if not candidates:
        return None
    return candidates[max(range(len(candidates)), key=lambda i: logprobs[i] + sigmoid(scores[i]))]
""",
    # logarithms multiplied
    """
def best_by_both(candidates, logprobs, scores):
    if not candidates:
        return None
    return candidates[max(range(len(candidates)), key=lambda i: logprobs[i] * log_sigmoid(scores[i]))]
""",
    # the reward alone
    """
def best_by_both(candidates, logprobs, scores):
    if not candidates:
        return None
    return candidates[max(range(len(candidates)), key=lambda i: scores[i])]
""",
    # the probability alone
    """
def best_by_both(candidates, logprobs, scores):
    if not candidates:
        return None
    return candidates[max(range(len(candidates)), key=lambda i: logprobs[i])]
""",
    # the last among equals
    """
def best_by_both(candidates, logprobs, scores):
    best, most = None, float("-inf")
    for candidate, logprob, score in zip(candidates, logprobs, scores):
        total = logprob + log_sigmoid(score)
        if total >= most:
            best, most = candidate, total
    return best
""",
    # an error for no candidates
    """
def best_by_both(candidates, logprobs, scores):
    return candidates[max(range(len(candidates)), key=lambda i: logprobs[i] + log_sigmoid(scores[i]))]
""",
    # the smallest sum
    """
def best_by_both(candidates, logprobs, scores):
    if not candidates:
        return None
    return candidates[min(range(len(candidates)), key=lambda i: logprobs[i] + log_sigmoid(scores[i]))]
""",
    # None is skipped
    """
def best_by_both(candidates, logprobs, scores):
    rows = [row for row in zip(candidates, logprobs, scores) if row[0] is not None]
    return max(rows, key=lambda row: row[1] + log_sigmoid(row[2]), default=(None,))[0]
""",
    # the place and not the candidate
    """
def best_by_both(candidates, logprobs, scores):
    return max(range(len(candidates)), key=lambda i: logprobs[i] + log_sigmoid(scores[i]), default=None)
""",
    # pairs compared: among equal sums the candidates decide
    """
def best_by_both(candidates, logprobs, scores):
    sums = [p + log_sigmoid(s) for p, s in zip(logprobs, scores)]
    return max(zip(sums, candidates))[1] if candidates else None
""",
]

VARIANTS = {
    "ex1_score_pool": {"points": 3, "right": SCORE_POOL_RIGHT, "wrong": SCORE_POOL_WRONG},
    "ex2_best_of_n": {"points": 2, "right": BEST_OF_N_RIGHT, "wrong": BEST_OF_N_WRONG},
    "ex3_weighted_vote": {"points": 2, "right": WEIGHTED_VOTE_RIGHT, "wrong": WEIGHTED_VOTE_WRONG},
    "ex4_accuracy_at_k": {"points": 3, "right": ACCURACY_RIGHT, "wrong": ACCURACY_WRONG},
    "ex5_simulate": {"points": 2, "right": SIMULATE_RIGHT, "wrong": SIMULATE_WRONG},
    "ex6_density_ratio": {"points": 2, "right": DENSITY_RIGHT, "wrong": DENSITY_WRONG},
    "ex7_best_by_both": {"points": 2, "right": BOTH_RIGHT, "wrong": BOTH_WRONG},
}
