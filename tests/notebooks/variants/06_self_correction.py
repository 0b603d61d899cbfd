"""Answers to the exercises of 06_self_correction as learners write them: data for the grading tests.

Each text stands in place of the whole solution cell. The right ones must earn full marks; each wrong one must
lose the points of its own exercise and no others. The comment names the mistake.
"""


def changed(code: str, *pairs: tuple[str, str]) -> str:
    """`code` with each (old, new) replaced; an old text that is not there is an error in this file."""
    for old, new in pairs:
        assert old in code, f"{old!r} is not in {code!r}"
        code = code.replace(old, new)
    return code


REQUEST = """
def check_request(question, solution):
    messages = make_prompt(SYSTEM_COT, question)
    messages.append({"role": "assistant", "content": solution})
    messages.append({"role": "user", "content": "Please check each line again. " + FINAL_FORMAT})
    return messages
"""

REQUEST_RIGHT = [
    REQUEST,
    # one turn
    """
def check_request(question, solution):
    text = f"Question: {question}\\n\\nProposed solution:\\n{solution}\\n\\n"
    text += f"Verify the proposed solution. Keep it if it is right, correct it if it is wrong. {FINAL_FORMAT}"
    return [{"role": "user", "content": text}]
""",
    # one turn with the system prompt
    """
CHECK = "Look for a mistake in the solution above, and if there is one, correct it."


def check_request(question, solution):
    user = "\\n\\n".join([question, "Solution:", solution, CHECK, FINAL_FORMAT])
    return make_prompt(SYSTEM_COT, user)
""",
    # written out
    """
def check_request(question, solution):
    return [
        {"role": "system", "content": SYSTEM_COT},
        {"role": "user", "content": question},
        {"role": "assistant", "content": solution},
        {"role": "user", "content": "Are you sure? Go through it step by step. End with Final: <integer>."},
    ]
""",
    # a loop over turns, no system turn
    """
def check_request(question, solution):
    request = "Review your solution: recompute every line before you answer.\\n" + FINAL_FORMAT
    turns = ("user", question), ("assistant", solution), ("user", request)
    return [dict(role=role, content=content) for role, content in turns]
""",
    # unpacking, and "only" where it does no harm
    """
def check_request(question, solution):
    request = {
        "role": "user",
        "content": "Double-check this. Change only the lines that are wrong, and copy the others. " + FINAL_FORMAT,
    }
    return [*make_prompt(SYSTEM_COT, question), {"role": "assistant", "content": solution}, request]
""",
    # what is wrong, named without saying that anything is
    """
def check_request(question, solution):
    request = "Compute each line once more. Copy what is right, and correct what is wrong. " + FINAL_FORMAT
    return make_prompt(SYSTEM_COT, question) + [
        {"role": "assistant", "content": solution},
        {"role": "user", "content": request},
    ]
""",
    # it may be wrong
    """
def check_request(question, solution):
    messages = [{"role": "user", "content": question}, {"role": "assistant", "content": solution}]
    words = "There may be a mistake in this, or none. Verify every sum and write the solution again."
    return [*messages, {"role": "user", "content": words + "\\n" + FINAL_FORMAT}]
""",
]

REQUEST_WRONG = [
    # only the answer is shown (as in many tutorials: "Proposed answer: 14")
    changed(REQUEST, ('"content": solution', '"content": solution.split("Final:")[-1]')),
    # the question is missing
    """
def check_request(question, solution):
    return [{"role": "user", "content": f"Check this solution:\\n{solution}\\n{FINAL_FORMAT}"}]
""",
    # no room to work
    changed(REQUEST, ("Please check each line again. ", "Check it and reply with ONLY the final answer. ")),
    # nothing says how the answer is to be given
    changed(REQUEST, (" + FINAL_FORMAT", "")),
    # tells the outcome
    changed(REQUEST, ("Please check each line again.", "Your solution is wrong. Check it and correct it.")),
    # no request to check
    changed(REQUEST, ("Please check each line again. ", "Thank you. ")),
    # the request is the assistant's
    changed(REQUEST, ('{"role": "user"', '{"role": "assistant"')),
    # a text and not messages
    """
def check_request(question, solution):
    return f"{question}\\n{solution}\\nCheck the solution step by step. {FINAL_FORMAT}"
""",
    # the solution before the question
    """
def check_request(question, solution):
    return make_prompt(SYSTEM_COT, f"{solution}\\n\\nThis is said to solve: {question}\\nCheck it. {FINAL_FORMAT}")
""",
    # the lines are joined into one
    changed(REQUEST, ('"content": solution', '"content": " ".join(solution.split())')),
    # tells the outcome in other words
    changed(REQUEST, ("Please check each line again. ", "One of its lines is not right. Please check it. ")),
    # tells the outcome by asking for the mistake
    changed(REQUEST, ("Please check each line again. ", "Find the mistake and correct it. ")),
    # the solution without its blanks
    changed(REQUEST, ('"content": solution', '"content": solution.strip()')),
    # system prompt and question exchanged
    changed(REQUEST, ("make_prompt(SYSTEM_COT, question)", "make_prompt(question, SYSTEM_COT)")),
]

CORRECT = """
def self_correct(model, questions, runs):
    requests = [check_request(q, run["text"]) for q, run in zip(questions, runs)]
    drawn = model.sample(requests, temperature=0.0, max_tokens=MAX_TOKENS)
    out = []
    for run, samples in zip(runs, drawn):
        reply = samples[0]
        pred = read_answer(reply)
        text = reply.text
        if pred is None:
            pred, text = run["pred"], run["text"]
        out.append({"text": text, "pred": pred, "tokens": run["tokens"] + reply.tokens})
    return out
"""

CORRECT_RIGHT = [
    CORRECT,
    # a comprehension and a helper
    """
def after(run, reply):
    total = run["tokens"] + reply.tokens
    if read_answer(reply) is not None:
        return {"text": reply.text, "pred": read_answer(reply), "tokens": total}
    return dict(run, tokens=total)


def self_correct(model, questions, runs):
    requests = list(map(check_request, questions, [run["text"] for run in runs]))
    replies = model.sample(requests, n=1, temperature=0, max_tokens=MAX_TOKENS)
    return [after(run, reply) for run, [reply] in zip(runs, replies)]
""",
    # by index
    """
def self_correct(model, questions, runs):
    requests = []
    for i in range(len(questions)):
        requests.append(check_request(questions[i], runs[i]["text"]))
    drawn = model.sample(requests, 1, temperature=0.0, max_tokens=256)
    new_runs = []
    for i in range(len(questions)):
        reply = drawn[i][0]
        new = runs[i].copy()
        new["tokens"] += reply.tokens
        answer = read_answer(reply)
        if answer is not None:
            new["text"] = reply.text
            new["pred"] = answer
        new_runs.append(new)
    return new_runs
""",
    # copies first, then changes the copies
    """
def self_correct(model, questions, runs):
    result = [{**run} for run in runs]
    requests = [check_request(question, run["text"]) for question, run in zip(questions, runs)]
    for run, [reply] in zip(result, model.sample(requests, temperature=0.0, max_tokens=MAX_TOKENS)):
        run["tokens"] += reply.tokens
        if (answer := read_answer(reply)) is not None:
            run.update(text=reply.text, pred=answer)
    return result
""",
    # the answers first
    """
def self_correct(model, questions, runs):
    requests = [check_request(q, r["text"]) for q, r in zip(questions, runs)]
    replies = [row[0] for row in model.sample(requests, temperature=0.0, max_tokens=2 * MAX_TOKENS)]
    answers = [read_answer(reply) for reply in replies]
    texts = [r["text"] if a is None else s.text for r, a, s in zip(runs, answers, replies)]
    preds = [r["pred"] if a is None else a for r, a in zip(runs, answers)]
    tokens = [r["tokens"] + s.tokens for r, s in zip(runs, replies)]
    return [dict(text=t, pred=p, tokens=n) for t, p, n in zip(texts, preds, tokens)]
""",
    # an if for each case
    """
def self_correct(model, questions, runs):
    requests = []
    for question, run in zip(questions, runs):
        requests.append(check_request(question, run["text"]))
    replies = model.sample(requests, n=1, temperature=0.0, max_tokens=MAX_TOKENS)
    new_runs = []
    for run, row in zip(runs, replies):
        spent = run["tokens"] + row[0].tokens
        answer = read_answer(row[0])
        if answer is None:
            new_runs.append({"text": run["text"], "pred": run["pred"], "tokens": spent})
        else:
            new_runs.append({"text": row[0].text, "pred": answer, "tokens": spent})
    return new_runs
""",
    # dictionaries joined
    """
def self_correct(model, questions, runs):
    requests = [check_request(*pair) for pair in zip(questions, (run["text"] for run in runs))]
    rows = zip(runs, model.sample(requests, temperature=0.0, max_tokens=MAX_TOKENS))
    return [
        run
        | ({} if read_answer(s) is None else {"text": s.text, "pred": read_answer(s)})
        | {"tokens": run["tokens"] + s.tokens}
        for run, [s] in rows
    ]
""",
    # a generator
    """
def corrections(runs, replies):
    for run, [reply] in zip(runs, replies):
        answer = read_answer(reply)
        kept = answer is None
        yield {
            "text": run["text"] if kept else reply.text,
            "pred": run["pred"] if kept else answer,
            "tokens": sum((run["tokens"], reply.tokens)),
        }


def self_correct(model, questions, runs):
    asked = [check_request(q, r["text"]) for q, r in zip(questions, runs)]
    return list(corrections(runs, model.sample(asked, temperature=0.0, max_tokens=MAX_TOKENS)))
""",
]

CORRECT_WRONG = [
    # what cannot be read becomes the answer (the fall-back of a known tutorial)
    changed(CORRECT, ('pred, text = run["pred"], run["text"]', "pred = reply.text.strip()")),
    # no fall-back
    changed(CORRECT, ('        if pred is None:\n            pred, text = run["pred"], run["text"]\n', "")),
    # the old text stands, but its answer is lost
    changed(CORRECT, ('pred, text = run["pred"], run["text"]', 'text = run["text"]')),
    # any number is an answer
    changed(CORRECT, ("read_answer(reply)", "extract_answer(reply.text)")),
    # only the reply's tokens
    changed(CORRECT, ('run["tokens"] + reply.tokens', "reply.tokens")),
    # the check is free where it said nothing
    changed(
        CORRECT,
        ('run["tokens"] + reply.tokens', 'run["tokens"] + (reply.tokens if text == reply.text else 0)'),
    ),
    # one call for each question
    changed(
        CORRECT,
        (
            "drawn = model.sample(requests, temperature=0.0, max_tokens=MAX_TOKENS)",
            "drawn = [model.sample([r], temperature=0.0, max_tokens=MAX_TOKENS)[0] for r in requests]",
        ),
    ),
    # sampled, not greedy
    changed(CORRECT, ("temperature=0.0, ", "")),
    # asks the question again, without the solution
    changed(CORRECT, ('check_request(q, run["text"])', "make_prompt(SYSTEM_COT, q)")),
    # checks the answer and not the solution
    changed(CORRECT, ('check_request(q, run["text"])', 'check_request(q, str(run["pred"]))')),
    # changes the runs that it was given
    """
def self_correct(model, questions, runs):
    requests = [check_request(q, run["text"]) for q, run in zip(questions, runs)]
    for run, [reply] in zip(runs, model.sample(requests, temperature=0.0, max_tokens=MAX_TOKENS)):
        run["tokens"] += reply.tokens
        if read_answer(reply) is not None:
            run["text"], run["pred"] = reply.text, read_answer(reply)
    return runs
""",
    # no room: 16 tokens
    changed(CORRECT, ("max_tokens=MAX_TOKENS", "max_tokens=16")),
    # keeps the old text where the answer is the old one
    changed(CORRECT, ("        if pred is None:", '        if pred is None or pred == run["pred"]:')),
    # the reply's text without its blanks
    changed(CORRECT, ("text = reply.text", "text = reply.text.strip()")),
    # a dictionary of questions: a question that comes again loses its own run
    """
def self_correct(model, questions, runs):
    by_question = dict(zip(questions, runs))
    replies = model.sample(
        [check_request(q, run["text"]) for q, run in by_question.items()], temperature=0.0, max_tokens=MAX_TOKENS
    )
    found = {}
    for (q, run), [reply] in zip(by_question.items(), replies):
        answer = read_answer(reply)
        new = run if answer is None else {"text": reply.text, "pred": answer}
        found[q] = {**new, "tokens": run["tokens"] + reply.tokens}
    return [found[q] for q in questions]
""",
]

FLIPS = """
def flip_matrix(before, after, golds):
    flips = {
        ("right", "right"): 0,
        ("right", "wrong"): 0,
        ("wrong", "right"): 0,
        ("wrong", "wrong"): 0,
    }
    for old, new, gold in zip(before, after, golds):
        a = "right" if answers_match(old, gold) else "wrong"
        b = "right" if answers_match(new, gold) else "wrong"
        flips[a, b] += 1
    return flips
"""

FLIPS_RIGHT = [
    FLIPS,
    # counted by comprehension
    """
def flip_matrix(before, after, golds):
    def word(answer, gold):
        return "right" if answers_match(answer, gold) else "wrong"

    kinds = [(word(old, gold), word(new, gold)) for old, new, gold in zip(before, after, golds)]
    return {(a, b): kinds.count((a, b)) for a in ("right", "wrong") for b in ("right", "wrong")}
""",
    # a Counter, made complete
    """
from collections import Counter


def flip_matrix(before, after, golds):
    names = ["wrong", "right"]
    counts = Counter(
        (names[answers_match(b, g)], names[answers_match(a, g)]) for b, a, g in zip(before, after, golds)
    )
    return {(x, y): counts[x, y] for x in names for y in names}
""",
    # four branches
    """
def flip_matrix(before, after, golds):
    kept = broken = mended = lost = 0
    for i, gold in enumerate(golds):
        was, is_now = answers_match(before[i], gold), answers_match(after[i], gold)
        if was and is_now:
            kept += 1
        elif was:
            broken += 1
        elif is_now:
            mended += 1
        else:
            lost += 1
    return {
        ("right", "right"): kept,
        ("right", "wrong"): broken,
        ("wrong", "right"): mended,
        ("wrong", "wrong"): lost,
    }
""",
    # with pandas
    """
def flip_matrix(before, after, golds):
    old = [answers_match(a, g) for a, g in zip(before, golds)]
    new = [answers_match(a, g) for a, g in zip(after, golds)]
    table = pd.DataFrame({"old": old, "new": new}, dtype=bool)
    words = {"right": True, "wrong": False}
    return {
        (a, b): int(((table["old"] == x) & (table["new"] == y)).sum())
        for a, x in words.items()
        for b, y in words.items()
    }
""",
    # nested comprehension over marks
    """
def flip_matrix(before, after, golds):
    was = ["right" if answers_match(answer, gold) else "wrong" for answer, gold in zip(before, golds)]
    now = ["right" if answers_match(answer, gold) else "wrong" for answer, gold in zip(after, golds)]
    pairs = list(zip(was, now))
    return {
        kind: pairs.count(kind)
        for kind in [("right", "right"), ("right", "wrong"), ("wrong", "right"), ("wrong", "wrong")]
    }
""",
    # product
    """
from itertools import product


def flip_matrix(before, after, golds):
    flips = dict.fromkeys(product(("right", "wrong"), repeat=2), 0)
    for row in zip(before, after, golds):
        *answers, gold = row
        flips[tuple("right" if answers_match(a, gold) else "wrong" for a in answers)] += 1
    return flips
""",
    # sums of conditions
    """
def flip_matrix(before, after, golds):
    ok = [(answers_match(b, g), answers_match(a, g)) for b, a, g in zip(before, after, golds)]
    return {
        ("right", "right"): sum(b and a for b, a in ok),
        ("right", "wrong"): sum(b and not a for b, a in ok),
        ("wrong", "right"): sum(not b and a for b, a in ok),
        ("wrong", "wrong"): sum(not b and not a for b, a in ok),
    }
""",
]

FLIPS_WRONG = [
    # compares characters
    changed(FLIPS, ("answers_match(old, gold)", "old == gold"), ("answers_match(new, gold)", "new == gold")),
    # rows and columns exchanged
    changed(FLIPS, ("flips[a, b]", "flips[b, a]")),
    # kinds that do not occur are missing
    changed(FLIPS, ("    return flips", "    return {kind: n for kind, n in flips.items() if n}")),
    # compares before with after
    changed(FLIPS, ("answers_match(new, gold)", "answers_match(new, old)")),
    # what could not be read is left out
    changed(
        FLIPS, ("        a = ", "        if old is None or new is None:\n            continue\n        a = ")
    ),
    # only changed answers count
    changed(FLIPS, ("        a = ", "        if old == new:\n            continue\n        a = ")),
    # shares, not counts
    changed(
        FLIPS, ("    return flips", "    return {kind: n / max(1, len(golds)) for kind, n in flips.items()}")
    ),
    # a nested dict
    changed(
        FLIPS, ("    return flips", '    return {"right": {"right": flips["right", "right"]}, "wrong": {}}')
    ),
    # texts as keys
    changed(FLIPS, ("    return flips", '    return {" to ".join(kind): n for kind, n in flips.items()}')),
    # None counts as right when there was nothing before either
    changed(
        FLIPS,
        ('b = "right" if answers_match(new, gold)', 'b = "right" if new is None or answers_match(new, gold)'),
    ),
    # problems that look alike count once
    changed(FLIPS, ("zip(before, after, golds):", "set(zip(before, after, golds)):")),
    # a fifth key for what stayed silent
    changed(
        FLIPS,
        ("    return flips", '    flips["none"] = sum(answer is None for answer in after)\n    return flips'),
    ),
]

KEEP = """
def keep_unless_better(reward, questions, before, after):
    talks = []
    for question, old, new in zip(questions, before, after):
        for run in (old, new):
            talks.append(make_prompt("", question) + [{"role": "assistant", "content": run["text"]}])
    scores = reward.score(talks)
    chosen = []
    for i, (old, new) in enumerate(zip(before, after)):
        run = new if scores[2 * i + 1] > scores[2 * i] else old
        chosen.append({"text": run["text"], "pred": run["pred"], "tokens": new["tokens"]})
    return chosen
"""

KEEP_RIGHT = [
    KEEP,
    # two halves
    """
def keep_unless_better(reward, questions, before, after):
    def talk(question, run):
        return make_prompt("", question) + [{"role": "assistant", "content": run["text"]}]

    old = [talk(q, run) for q, run in zip(questions, before)]
    new = [talk(q, run) for q, run in zip(questions, after)]
    scores = list(reward.score(old + new))
    n = len(questions)
    result = []
    for i in range(n):
        run = dict(after[i]) if scores[n + i] > scores[i] else dict(before[i])
        run["tokens"] = after[i]["tokens"]
        result.append(run)
    return result
""",
    # an iterator over the scores
    """
def keep_unless_better(reward, questions, before, after):
    rows = list(zip(questions, before, after))
    talks = [[{"role": "user", "content": q}, {"role": "assistant", "content": r["text"]}] for q, *both in rows for r in both]
    score = iter(reward.score(talks))
    kept = []
    for _, old, new in rows:
        a, b = next(score), next(score)
        kept.append({**(old if a >= b else new), "tokens": new["tokens"]})
    return kept
""",
    # max with a key: the first of equals wins
    """
def keep_unless_better(reward, questions, before, after):
    talks = [make_prompt("", q) + [{"role": "assistant", "content": r["text"]}] for q, r in zip(questions * 2, before + after)]
    scores = reward.score(talks)
    pairs = zip(zip(before, scores), zip(after, scores[len(before):]))
    return [max(pair, key=lambda run_and_score: run_and_score[1])[0] | {"tokens": pair[1][0]["tokens"]} for pair in pairs]
""",
    # numpy
    """
import numpy as np


def keep_unless_better(reward, questions, before, after):
    talks = [make_prompt("", q) + [dict(role="assistant", content=r["text"])] for runs in (after, before) for q, r in zip(questions, runs)]
    new, old = np.array(reward.score(talks)).reshape(2, -1)
    better = new > old
    return [
        {"text": b["text"], "pred": b["pred"], "tokens": b["tokens"]} if take else {"text": a["text"], "pred": a["pred"], "tokens": b["tokens"]}
        for take, a, b in zip(better, before, after)
    ]
""",
    # scores of the old and the new ones in two lists
    """
def keep_unless_better(reward, questions, before, after):
    talks = [make_prompt("", q) + [{"role": "assistant", "content": r["text"]}] for q, r in zip(questions, before)]
    talks += [make_prompt("", q) + [{"role": "assistant", "content": r["text"]}] for q, r in zip(questions, after)]
    scores = reward.score(talks)
    middle = len(talks) // 2
    out = []
    for old, new, a, b in zip(before, after, scores[:middle], scores[middle:]):
        stands = old
        if b > a:
            stands = new
        out.append(dict(stands, tokens=new["tokens"]))
    return out
""",
    # every second score
    """
def keep_unless_better(reward, questions, before, after):
    talks = []
    for i, question in enumerate(questions):
        for text in (before[i]["text"], after[i]["text"]):
            talks.append([{"role": "user", "content": question}, {"role": "assistant", "content": text}])
    scores = reward.score(talks)
    rows = zip(before, after, scores[::2], scores[1::2])
    return [{**a, "tokens": b["tokens"]} if x >= y else {**b} for a, b, x, y in rows]
""",
    # a table of pandas
    """
def keep_unless_better(reward, questions, before, after):
    talks = [make_prompt("", q) + [dict(role="assistant", content=r["text"])] for rs in (before, after) for q, r in zip(questions, rs)]
    scores = pd.Series(reward.score(talks), dtype=float).to_numpy().reshape(2, -1)
    take = scores[1] > scores[0]
    kept = []
    for i in range(len(questions)):
        chosen = after[i] if take[i] else before[i]
        kept.append({"text": chosen["text"], "pred": chosen["pred"], "tokens": after[i]["tokens"]})
    return kept
""",
]

KEEP_WRONG = [
    # a tie takes the new one
    changed(KEEP, ("scores[2 * i + 1] > scores[2 * i]", "scores[2 * i + 1] >= scores[2 * i]")),
    # lower is better
    changed(KEEP, ("scores[2 * i + 1] > scores[2 * i]", "scores[2 * i + 1] < scores[2 * i]")),
    # always the new one
    changed(KEEP, ("new if scores[2 * i + 1] > scores[2 * i] else old", "new")),
    # the tokens of the run that stands
    changed(KEEP, ('"tokens": new["tokens"]', '"tokens": run["tokens"]')),
    # tokens counted twice
    changed(KEEP, ('"tokens": new["tokens"]', '"tokens": old["tokens"] + new["tokens"]')),
    # without the question
    changed(KEEP, ('make_prompt("", question) + [', "[")),
    # scores the answer, not the solution
    changed(KEEP, ('"content": run["text"]', '"content": str(run["pred"])')),
    # one call for each question
    """
def keep_unless_better(reward, questions, before, after):
    kept = []
    for q, old, new in zip(questions, before, after):
        a, b = reward.score([make_prompt("", q) + [{"role": "assistant", "content": r["text"]}] for r in (old, new)])
        kept.append({**(new if b > a else old), "tokens": new["tokens"]})
    return kept
""",
    # scores are paired with the wrong question
    changed(KEEP, ("scores[2 * i + 1] > scores[2 * i]", "scores[len(before) + i] > scores[i]")),
    # the old text with the new answer
    changed(KEEP, ('"pred": run["pred"]', '"pred": new["pred"]')),
    # a dictionary by text: the same text behind two questions
    """
def keep_unless_better(reward, questions, before, after):
    rows = [(q, run) for q, *pair in zip(questions, before, after) for run in pair]
    talks = [make_prompt("", q) + [{"role": "assistant", "content": run["text"]}] for q, run in rows]
    worth = dict(zip([run["text"] for _, run in rows], reward.score(talks)))
    return [
        {**(new if worth[new["text"]] > worth[old["text"]] else old), "tokens": new["tokens"]}
        for old, new in zip(before, after)
    ]
""",
    # changes the runs that it was given
    """
def keep_unless_better(reward, questions, before, after):
    talks = [make_prompt("", q) + [{"role": "assistant", "content": r["text"]}] for rs in (before, after) for q, r in zip(questions, rs)]
    scores = reward.score(talks)
    for i, (old, new) in enumerate(zip(before, after)):
        if scores[len(before) + i] <= scores[i]:
            new["text"], new["pred"] = old["text"], old["pred"]
    return after
""",
    # with the system prompt
    changed(KEEP, ('make_prompt("", question)', "make_prompt(SYSTEM_COT, question)")),
]

THINK = """
def think_on(model, questions, runs):
    conversations = [
        make_prompt(SYSTEM_COT, q) + [{"role": "assistant", "content": run["text"] + "\\nWait"}]
        for q, run in zip(questions, runs)
    ]
    out = []
    for run, [sample] in zip(runs, model.sample(conversations, temperature=0.0, max_tokens=MAX_TOKENS)):
        new = dict(run)
        new["tokens"] = run["tokens"] + sample.tokens
        answer = read_answer(sample)
        if answer is not None:
            new["pred"] = answer
            new["text"] = run["text"] + "\\nWait" + sample.text
        out.append(new)
    return out
"""

THINK_RIGHT = [
    THINK,
    # append
    """
def think_on(model, questions, runs):
    prompts = []
    for question, run in zip(questions, runs):
        messages = make_prompt(SYSTEM_COT, question)
        messages.append({"role": "assistant", "content": f"{run['text']}\\nWait"})
        prompts.append(messages)
    drawn = model.sample(prompts, n=1, temperature=0.0, max_tokens=MAX_TOKENS)
    result = []
    for i, [sample] in enumerate(drawn):
        answer = read_answer(sample)
        if answer is None:
            text, pred = runs[i]["text"], runs[i]["pred"]
        else:
            text, pred = prompts[i][-1]["content"] + sample.text, answer
        result.append({"text": text, "pred": pred, "tokens": runs[i]["tokens"] + sample.tokens})
    return result
""",
    # a helper for one run
    """
def longer(run, sample):
    total = run["tokens"] + sample.tokens
    if (answer := read_answer(sample)) is None:
        return {**run, "tokens": total}
    return {"text": f"{run['text']}\\nWait{sample.text}", "pred": answer, "tokens": total}


def think_on(model, questions, runs):
    said = [[{"role": "assistant", "content": run["text"] + "\\nWait"}] for run in runs]
    prompts = [make_prompt(SYSTEM_COT, question) + end for question, end in zip(questions, said)]
    return [longer(run, row[0]) for run, row in zip(runs, model.sample(prompts, temperature=0, max_tokens=MAX_TOKENS))]
""",
    # written out
    """
WAIT = "\\nWait"


def think_on(model, questions, runs):
    prompts = [
        [
            {"role": "system", "content": SYSTEM_COT},
            {"role": "user", "content": question},
            {"role": "assistant", "content": run["text"] + WAIT},
        ]
        for question, run in zip(questions, runs)
    ]
    samples = [s for s, in model.sample(prompts, temperature=0.0, max_tokens=MAX_TOKENS)]
    answers = list(map(read_answer, samples))
    return [
        {
            "text": r["text"] if a is None else r["text"] + WAIT + s.text,
            "pred": r["pred"] if a is None else a,
            "tokens": r["tokens"] + s.tokens,
        }
        for r, a, s in zip(runs, answers, samples)
    ]
""",
    # copies first
    """
def think_on(model, questions, runs):
    new = [run.copy() for run in runs]
    prompts = [[*make_prompt(SYSTEM_COT, q), dict(role="assistant", content=r["text"] + "\\nWait")] for q, r in zip(questions, new)]
    drawn = model.sample(prompts, temperature=0.0, max_tokens=MAX_TOKENS)
    for run, [sample] in zip(new, drawn):
        run["tokens"] += sample.tokens
        answer = read_answer(sample)
        if answer is None:
            continue
        run["text"] += "\\nWait" + sample.text
        run["pred"] = answer
    return new
""",
    # the whole chain first
    """
def think_on(model, questions, runs):
    chains = [run["text"] + "\\nWait" for run in runs]
    prompts = [make_prompt(SYSTEM_COT, q) + [{"role": "assistant", "content": c}] for q, c in zip(questions, chains)]
    drawn = [row[0] for row in model.sample(prompts, temperature=0.0, max_tokens=MAX_TOKENS)]
    result = []
    for run, chain, sample in zip(runs, chains, drawn):
        new = {"text": chain + sample.text, "pred": read_answer(sample), "tokens": run["tokens"] + sample.tokens}
        if new["pred"] is None:
            new["text"], new["pred"] = run["text"], run["pred"]
        result.append(new)
    return result
""",
    # or
    """
def think_on(model, questions, runs):
    def begun(question, run):
        return [*make_prompt(SYSTEM_COT, question), {"role": "assistant", "content": "\\n".join([run["text"], "Wait"])}]

    rows = model.sample(list(map(begun, questions, runs)), temperature=0.0, max_tokens=MAX_TOKENS)
    return [
        {
            "text": "\\n".join([run["text"], "Wait"]) + s.text if read_answer(s) else run["text"],
            "pred": read_answer(s) or run["pred"],
            "tokens": run["tokens"] + s.tokens,
        }
        for run, [s] in zip(runs, rows)
    ]
""",
    # match
    """
def think_on(model, questions, runs):
    prompts = []
    for i in range(len(runs)):
        prompts.append(make_prompt(SYSTEM_COT, questions[i]))
        prompts[i].append({"role": "assistant", "content": runs[i]["text"] + "\\n" + "Wait"})
    new = []
    for i, samples in enumerate(model.sample(prompts, 1, temperature=0.0, max_tokens=MAX_TOKENS)):
        run = {**runs[i], "tokens": runs[i]["tokens"] + samples[0].tokens}
        match read_answer(samples[0]):
            case None:
                pass
            case answer:
                run |= {"pred": answer, "text": runs[i]["text"] + "\\nWait" + samples[0].text}
        new.append(run)
    return new
""",
]

THINK_WRONG = [
    # Wait is the user's word
    changed(
        THINK,
        (
            '{"role": "assistant", "content": run["text"] + "\\nWait"}',
            '{"role": "assistant", "content": run["text"]}, {"role": "user", "content": "Wait"}',
        ),
    ),
    # Wait is missing
    changed(THINK, ('"content": run["text"] + "\\nWait"', '"content": run["text"]')),
    # on the same line
    changed(THINK, ('"content": run["text"] + "\\nWait"', '"content": run["text"] + " Wait"')),
    # the text is the continuation alone
    changed(THINK, ('new["text"] = run["text"] + "\\nWait" + sample.text', 'new["text"] = sample.text')),
    # Wait is not in the text
    changed(
        THINK,
        ('new["text"] = run["text"] + "\\nWait" + sample.text', 'new["text"] = run["text"] + sample.text'),
    ),
    # no fall-back
    changed(THINK, ("        if answer is not None:\n", "        if True:\n")),
    # any number is an answer
    changed(THINK, ("read_answer(sample)", "extract_answer(sample.text)")),
    # only the new tokens
    changed(THINK, ('run["tokens"] + sample.tokens', "sample.tokens")),
    # sampled, not greedy
    changed(THINK, ("temperature=0.0, ", "")),
    # one call for each question
    changed(
        THINK,
        (
            "model.sample(conversations, temperature=0.0, max_tokens=MAX_TOKENS)",
            "[model.sample([c], temperature=0.0, max_tokens=MAX_TOKENS)[0] for c in conversations]",
        ),
    ),
    # changes the runs that it was given
    changed(
        THINK,
        ("new = dict(run)", "new = run"),
        ('new["tokens"] = run["tokens"] + sample.tokens', 'new["tokens"] += sample.tokens'),
    ),
    # without the system prompt
    changed(THINK, ("make_prompt(SYSTEM_COT, q)", 'make_prompt("", q)')),
    # keeps the old text where the answer is the old one
    changed(
        THINK, ("        if answer is not None:", '        if answer is not None and answer != run["pred"]:')
    ),
    # the chain without its blanks
    changed(
        THINK,
        (
            'new["text"] = run["text"] + "\\nWait" + sample.text',
            'new["text"] = (run["text"] + "\\nWait" + sample.text).strip()',
        ),
    ),
    # a dictionary of questions
    """
def think_on(model, questions, runs):
    by_question = dict(zip(questions, runs))
    prompts = [
        make_prompt(SYSTEM_COT, q) + [{"role": "assistant", "content": run["text"] + "\\nWait"}]
        for q, run in by_question.items()
    ]
    found = {}
    for (q, run), [s] in zip(by_question.items(), model.sample(prompts, temperature=0.0, max_tokens=MAX_TOKENS)):
        answer = read_answer(s)
        new = run if answer is None else {"text": run["text"] + "\\nWait" + s.text, "pred": answer}
        found[q] = {**new, "tokens": run["tokens"] + s.tokens}
    return [found[q] for q in questions]
""",
]

VARIANTS = {
    "ex1_check_request": {"points": 3, "right": REQUEST_RIGHT, "wrong": REQUEST_WRONG},
    "ex2_self_correct": {"points": 4, "right": CORRECT_RIGHT, "wrong": CORRECT_WRONG},
    "ex3_flip_matrix": {"points": 3, "right": FLIPS_RIGHT, "wrong": FLIPS_WRONG},
    "ex4_keep_unless_better": {"points": 3, "right": KEEP_RIGHT, "wrong": KEEP_WRONG},
    "ex5_think_on": {"points": 3, "right": THINK_RIGHT, "wrong": THINK_WRONG},
}
