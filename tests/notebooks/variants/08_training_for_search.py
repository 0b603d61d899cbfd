"""Answers to the exercises of 08_training_for_search as learners write them: data for the grading tests.

Each text stands in place of the whole solution cell. The right ones must earn full marks; each wrong one must
lose the points of its own exercise and no others. The comment names the mistake.
"""


def changed(code: str, *pairs: tuple[str, str]) -> str:
    """`code` with each (old, new) replaced; an old text that is not there is an error in this file."""
    for old, new in pairs:
        assert old in code, f"{old!r} is not in {code!r}"
        code = code.replace(old, new)
    return code


GUESS = """
def guess_and_check(model, problems, check, k=8, m=4, seed=0):
    prompts = [make_prompt(SYSTEM_COT, p.question) for p in problems]
    drawn = model.sample(prompts, k, temperature=1.0, max_tokens=MAX_TOKENS, seed=seed)
    kept = []
    for problem, samples in zip(problems, drawn):
        texts = []
        for sample in samples:
            if sample.finish_reason != "stop" or sample.text in texts:
                continue
            if check(problem, sample.text):
                texts.append(sample.text)
        kept.append(texts[:m])
    return kept
"""

GUESS_RIGHT = [
    GUESS,
    # comprehensions all the way
    """
def guess_and_check(model, problems, check, k=8, m=4, seed=0):
    drawn = model.sample(
        [make_prompt(SYSTEM_COT, p.question) for p in problems],
        k, temperature=1.0, max_tokens=MAX_TOKENS, seed=seed,
    )
    return [
        list(dict.fromkeys(s.text for s in row if s.finish_reason == "stop" and check(p, s.text)))[:m]
        for p, row in zip(problems, drawn)
    ]
""",
    # a set beside the list
    changed(
        GUESS,
        ("        texts = []\n", "        texts, seen = [], set()\n"),
        ("or sample.text in texts", "or sample.text in seen"),
        (
            "                texts.append(sample.text)\n",
            "                texts.append(sample.text)\n                seen.add(sample.text)\n",
        ),
    ),
    # stops when it has enough
    changed(
        GUESS,
        (
            "            if check(problem, sample.text):\n",
            "            if len(texts) == m:\n"
            "                break\n"
            "            if check(problem, sample.text):\n",
        ),
    ),
    # by places
    """
def guess_and_check(model, problems, check, k=8, m=4, seed=0):
    prompts = []
    for problem in problems:
        prompts.append(make_prompt(SYSTEM_COT, problem.question))
    drawn = model.sample(prompts, n=k, temperature=1, max_tokens=MAX_TOKENS, seed=seed)
    kept = [[] for _ in problems]
    for i in range(len(problems)):
        for s in drawn[i]:
            good = s.finish_reason == "stop" and check(problems[i], s.text)
            if good and s.text not in kept[i] and len(kept[i]) < m:
                kept[i].append(s.text)
    return kept
""",
    # cut ones are filtered first
    """
def ended(samples):
    return [s.text for s in samples if s.finish_reason != "length"]


def guess_and_check(model, problems, check, k=8, m=4, seed=0):
    prompts = [make_prompt(SYSTEM_COT, p.question) for p in problems]
    drawn = model.sample(prompts, k, temperature=1.0, max_tokens=MAX_TOKENS, seed=seed)
    result = []
    for problem, samples in zip(problems, drawn, strict=True):
        accepted = filter(lambda text: check(problem, text), ended(samples))
        result.append(list(dict.fromkeys(accepted))[:m])
    return result
""",
    # more room
    changed(GUESS, ("MAX_TOKENS", "400")),
    # duplicates removed before checking
    """
def guess_and_check(model, problems, check, k=8, m=4, seed=0):
    options = {"temperature": 1.0, "max_tokens": MAX_TOKENS, "seed": seed}
    drawn = model.sample([make_prompt(SYSTEM_COT, p.question) for p in problems], k, **options)
    kept = []
    for problem, samples in zip(problems, drawn):
        texts = dict.fromkeys(s.text for s in samples if s.finish_reason == "stop")
        kept.append([text for text in texts if check(problem, text)][:m])
    return kept
""",
]

GUESS_WRONG = [
    # duplicates stay
    changed(GUESS, (" or sample.text in texts", "")),
    # what was cut off stays
    changed(GUESS, ('sample.finish_reason != "stop" or ', "")),
    # all that is kept, however many
    changed(GUESS, ("texts[:m]", "texts")),
    # keeps what is wrong
    changed(GUESS, ("if check(", "if not check(")),
    # keeps everything
    changed(GUESS, ("if check(problem, sample.text):", "if True:")),
    # one call for each problem
    """
def guess_and_check(model, problems, check, k=8, m=4, seed=0):
    kept = []
    for problem in problems:
        prompt = make_prompt(SYSTEM_COT, problem.question)
        [row] = model.sample([prompt], k, temperature=1.0, max_tokens=MAX_TOKENS, seed=seed)
        good = [s.text for s in row if s.finish_reason == "stop" and check(problem, s.text)]
        kept.append(list(dict.fromkeys(good))[:m])
    return kept
""",
    # greedy
    changed(GUESS, ("temperature=1.0", "temperature=0.0")),
    # always the same samples
    changed(GUESS, (", seed=seed", ", seed=0")),
    # no system prompt
    changed(GUESS, ("make_prompt(SYSTEM_COT, p.question)", 'make_prompt("", p.question)')),
    # problems without any are left out
    changed(
        GUESS, ("        kept.append(texts[:m])", "        if texts:\n            kept.append(texts[:m])")
    ),
    # a dict of problems: a problem that stands there twice is there once
    changed(
        GUESS,
        ("    kept = []\n", "    kept = {}\n"),
        ("kept.append(texts[:m])", "kept[problem] = texts[:m]"),
        ("return kept", "return list(kept.values())"),
    ),
    # one flat list
    changed(GUESS, ("kept.append(texts[:m])", "kept.extend(texts[:m])")),
    # m samples are drawn
    changed(GUESS, ("model.sample(prompts, k,", "model.sample(prompts, m,")),
    # the first m samples are looked at
    changed(GUESS, ("for sample in samples:", "for sample in samples[:m]:")),
    # the last m
    changed(GUESS, ("texts[:m]", "texts[-m:]")),
    # only printed
    changed(GUESS, ("return kept", "print(kept)")),
    # the notebook's own checker
    changed(GUESS, ("if check(problem", "if accepts(problem")),
]

REST = """
def rest_em(base, collect, train, measure, rounds=3):
    model = base
    figures = [measure(base)]
    for number in range(1, rounds + 1):
        kept = collect(model, number)
        if any(kept):
            model = train(base, kept, number)
        figures.append(measure(model))
    return model, figures
"""

REST_RIGHT = [
    REST,
    # counts from 0
    changed(
        REST,
        ("range(1, rounds + 1)", "range(rounds)"),
        ("collect(model, number)", "collect(model, number + 1)"),
        ("train(base, kept, number)", "train(base, kept, number + 1)"),
    ),
    # a while loop
    """
def rest_em(base, collect, train, measure, rounds=3):
    model, figures, number = base, [measure(base)], 1
    while number <= rounds:
        kept = collect(model, number)
        if sum(len(texts) for texts in kept) > 0:
            model = train(base, kept, number)
        figures += [measure(model)]
        number += 1
    return model, figures
""",
    # the texts in one list
    changed(REST, ("if any(kept):", "if [text for texts in kept for text in texts]:")),
    # continue
    """
def rest_em(base, collect, train, measure, rounds=3):
    newest = base
    figures = [measure(newest)]
    for i in range(rounds):
        kept = collect(newest, i + 1)
        if not any(kept):
            figures.append(figures[-1])
            continue
        newest = train(base, kept, i + 1)
        figures.append(measure(newest))
    return newest, figures
""",
    # the models first, then their figures
    """
def rest_em(base, collect, train, measure, rounds=3):
    models = [base]
    for number in range(1, rounds + 1):
        kept = collect(models[-1], number)
        models.append(train(base, kept, number) if any(kept) else models[-1])
    return models[-1], [measure(model) for model in models]
""",
    # a conditional expression
    changed(
        REST,
        (
            "        if any(kept):\n            model = train(base, kept, number)\n",
            "        model = train(base, kept, number) if any(kept) else model\n",
        ),
    ),
    # recursion
    """
def rest_em(base, collect, train, measure, rounds=3):
    def go(model, number):
        if number > rounds:
            return model, [measure(model)]
        kept = collect(model, number)
        better = train(base, kept, number) if any(kept) else model
        last, figures = go(better, number + 1)
        return last, [measure(model), *figures]

    return go(base, 1)
""",
]

REST_WRONG = [
    # trains on from the newest
    changed(REST, ("train(base,", "train(model,")),
    # samples the base always
    changed(REST, ("collect(model, number)", "collect(base, number)")),
    # trains on nothing
    changed(REST, ("        if any(kept):\n    ", "")),
    # a list of empty lists is taken for something
    changed(REST, ("if any(kept):", "if kept:")),
    # stops at a round without texts
    changed(
        REST,
        (
            "        if any(kept):\n            model = train(base, kept, number)\n",
            "        if not any(kept):\n            break\n        model = train(base, kept, number)\n",
        ),
    ),
    # a round without texts is not measured
    changed(REST, ("        figures.append(measure(model))", "            figures.append(measure(model))")),
    # the base is not measured
    changed(REST, ("figures = [measure(base)]", "figures = []")),
    # one round too few
    changed(REST, ("range(1, rounds + 1)", "range(1, rounds)")),
    # numbers from 0
    changed(REST, ("range(1, rounds + 1)", "range(rounds)")),
    # measures the base every time
    changed(REST, ("figures.append(measure(model))", "figures.append(measure(base))")),
    # all that was ever kept
    changed(
        REST,
        ("    figures = [measure(base)]\n", "    figures = [measure(base)]\n    every = []\n"),
        ("        if any(kept):\n", "        every = every + kept\n        if any(every):\n"),
        ("train(base, kept, number)", "train(base, every, number)"),
    ),
    # only the figures
    changed(REST, ("return model, figures", "return figures")),
    # only the last figures
    changed(REST, ("return model, figures", "return model, figures[-1]")),
    # the base is returned
    changed(REST, ("return model, figures", "return base, figures")),
    # all problems must have kept something
    changed(REST, ("if any(kept):", "if all(kept):")),
    # the other way round
    changed(REST, ("return model, figures", "return figures, model")),
]

ADVANTAGES = """
def advantages(rewards):
    if len(set(rewards)) < 2:
        return [0.0] * len(rewards)
    mean = sum(rewards) / len(rewards)
    spread = (sum((r - mean) ** 2 for r in rewards) / len(rewards)) ** 0.5
    return [(r - mean) / spread for r in rewards]
"""

ADVANTAGES_RIGHT = [
    ADVANTAGES,
    # statistics
    """
from statistics import mean, pstdev


def advantages(rewards):
    if not rewards or max(rewards) == min(rewards):
        return [0.0 for _ in rewards]
    centre, spread = mean(rewards), pstdev(rewards)
    return [(reward - centre) / spread for reward in rewards]
""",
    # numpy
    """
import numpy as np


def advantages(rewards):
    values = np.array(rewards, dtype=float)
    if len(values) == 0 or values.max() == values.min():
        return [0.0] * len(values)
    return list((values - values.mean()) / values.std())
""",
    # numpy, as plain numbers
    """
import numpy as np


def advantages(rewards):
    if all(r == rewards[0] for r in rewards):
        return [0.0] * len(rewards)
    values = np.asarray(rewards, dtype=float)
    return ((values - np.mean(values)) / np.std(values)).tolist()
""",
    # fmean
    changed(ADVANTAGES, ("sum(rewards) / len(rewards)", "fmean(rewards)")),
    # the square of the mean
    """
def advantages(rewards):
    rewards = [float(r) for r in rewards]
    if not rewards or all(r == rewards[0] for r in rewards):
        return [0.0 for r in rewards]
    mean = fmean(rewards)
    distances = [r - mean for r in rewards]
    variance = fmean(d * d for d in distances)
    return [d / variance**0.5 for d in distances]
""",
    # loops
    """
def advantages(rewards):
    result = []
    for r in rewards:
        if min(rewards) == max(rewards):
            result.append(0.0)
        else:
            mean = fmean(rewards)
            spread = fmean([(other - mean) ** 2 for other in rewards]) ** 0.5
            result.append((r - mean) / spread)
    return result
""",
    # pandas
    """
def advantages(rewards):
    row = pd.Series([float(r) for r in rewards], dtype=float)
    if row.nunique() < 2:
        return [0.0] * len(row)
    return ((row - row.mean()) / row.std(ddof=0)).tolist()
""",
    # something so small that it changes nothing, as many libraries add it
    changed(ADVANTAGES, ("/ spread for", "/ (spread + 1e-8) for")),
]

ADVANTAGES_WRONG = [
    # divided by n - 1
    changed(ADVANTAGES, ("for r in rewards) / len(rewards))", "for r in rewards) / (len(rewards) - 1))")),
    # the variance instead of its root
    changed(ADVANTAGES, (" ** 0.5", "")),
    # the mean alone
    changed(ADVANTAGES, ("(r - mean) / spread", "r - mean")),
    # no mean
    changed(ADVANTAGES, ("(r - mean) / spread", "r / spread")),
    # nothing is done where all agree
    changed(ADVANTAGES, ("    if len(set(rewards)) < 2:\n        return [0.0] * len(rewards)\n", "")),
    # something is added to the spread
    changed(ADVANTAGES, ("/ spread for", "/ (spread + 0.01) for")),
    # the rewards where all agree
    changed(ADVANTAGES, ("return [0.0] * len(rewards)", "return list(rewards)")),
    # an empty list where all agree
    changed(ADVANTAGES, ("return [0.0] * len(rewards)", "return []")),
    # the sign
    changed(ADVANTAGES, ("(r - mean)", "(mean - r)")),
    # mean distance
    changed(
        ADVANTAGES,
        (
            "sum((r - mean) ** 2 for r in rewards) / len(rewards)) ** 0.5",
            "sum(abs(r - mean) for r in rewards) / len(rewards))",
        ),
    ),
    # between 0 and 1
    """
def advantages(rewards):
    if len(set(rewards)) < 2:
        return [0.0] * len(rewards)
    low, high = min(rewards), max(rewards)
    return [(r - low) / (high - low) for r in rewards]
""",
    # the spread of floats that agree is not quite 0
    """
def advantages(rewards):
    if not rewards:
        return []
    mean = sum(rewards) / len(rewards)
    spread = (sum((r - mean) ** 2 for r in rewards) / len(rewards)) ** 0.5
    return [(r - mean) / spread if spread else 0.0 for r in rewards]
""",
    # one group only of zeros and ones
    """
def advantages(rewards):
    share = sum(1 for r in rewards if r > 0) / max(1, len(rewards))
    if share in (0, 1):
        return [0.0] * len(rewards)
    spread = (share * (1 - share)) ** 0.5
    return [((r > 0) - share) / spread for r in rewards]
""",
    # a running mean
    """
def advantages(rewards):
    if len(set(rewards)) < 2:
        return [0.0] * len(rewards)
    spread = (sum((r - sum(rewards) / len(rewards)) ** 2 for r in rewards) / len(rewards)) ** 0.5
    return [(r - sum(rewards[: i + 1]) / (i + 1)) / spread for i, r in enumerate(rewards)]
""",
    # something small instead of a look at whether all agree
    """
def advantages(rewards):
    if not rewards:
        return []
    mean = sum(rewards) / len(rewards)
    spread = (sum((r - mean) ** 2 for r in rewards) / len(rewards)) ** 0.5
    return [(r - mean) / (spread + 1e-8) for r in rewards]
""",
    # a look at zeros and ones alone
    changed(ADVANTAGES, ("if len(set(rewards)) < 2:", "if sum(rewards) in (0, len(rewards)):")),
]

POLICY = """
def policy_weights(new, old, advantages, clip=0.2):
    weights = []
    for now, before, advantage in zip(new, old, advantages):
        row = []
        for a, b in zip(now, before):
            ratio = exp(a - b)
            if advantage > 0 and ratio > 1 + clip:
                row.append(0.0)
            elif advantage < 0 and ratio < 1 - clip:
                row.append(0.0)
            else:
                row.append(ratio * advantage)
        weights.append(row)
    return weights
"""

POLICY_RIGHT = [
    POLICY,
    # a helper
    """
def weight(ratio, advantage, clip):
    if advantage > 0:
        return 0.0 if ratio > 1 + clip else ratio * advantage
    return 0.0 if ratio < 1 - clip else ratio * advantage


def policy_weights(new, old, advantages, clip=0.2):
    return [
        [weight(exp(a - b), advantage, clip) for a, b in zip(now, before)]
        for now, before, advantage in zip(new, old, advantages)
    ]
""",
    # numpy
    """
import numpy as np


def policy_weights(new, old, advantages, clip=0.2):
    result = []
    for now, before, advantage in zip(new, old, advantages):
        ratio = np.exp(np.array(now, dtype=float) - np.array(before, dtype=float))
        far = ratio > 1 + clip if advantage > 0 else ratio < 1 - clip
        result.append(np.where(far, 0.0, ratio * advantage).tolist())
    return result
""",
    # by the objective: where the clipped one is smaller the gradient stops
    """
def policy_weights(new, old, advantages, clip=0.2):
    rows = []
    for i in range(len(new)):
        row = []
        for t in range(len(new[i])):
            ratio = exp(new[i][t] - old[i][t])
            held = min(max(ratio, 1 - clip), 1 + clip)
            free = ratio * advantages[i] <= held * advantages[i]
            row.append(ratio * advantages[i] if free else 0.0)
        rows.append(row)
    return rows
""",
    # a quotient of probabilities
    changed(POLICY, ("exp(a - b)", "exp(a) / exp(b)")),
    # one condition
    changed(
        POLICY,
        (
            "            if advantage > 0 and ratio > 1 + clip:\n"
            "                row.append(0.0)\n"
            "            elif advantage < 0 and ratio < 1 - clip:\n",
            "            far = (advantage > 0 and ratio > 1 + clip) or (advantage < 0 and ratio < 1 - clip)\n"
            "            if far:\n",
        ),
    ),
    # a product with a truth value
    """
def policy_weights(new, old, advantages, clip=0.2):
    weights = []
    for now, before, a in zip(new, old, advantages, strict=True):
        ratios = [exp(n - b) for n, b in zip(now, before, strict=True)]
        pulls = [r <= 1 + clip if a > 0 else r >= 1 - clip for r in ratios]
        weights.append([r * a * pull for r, pull in zip(ratios, pulls, strict=True)])
    return weights
""",
    # math
    changed(
        POLICY,
        ("def policy_weights", "import math\n\n\ndef policy_weights"),
        ("exp(a - b)", "math.exp(a - b)"),
    ),
]

POLICY_WRONG = [
    # no clip
    changed(
        POLICY,
        (
            "            if advantage > 0 and ratio > 1 + clip:\n"
            "                row.append(0.0)\n"
            "            elif advantage < 0 and ratio < 1 - clip:\n"
            "                row.append(0.0)\n"
            "            else:\n"
            "                row.append(ratio * advantage)\n",
            "            row.append(ratio * advantage)\n",
        ),
    ),
    # clipped both ways, whatever the sign
    changed(
        POLICY,
        ("if advantage > 0 and ratio > 1 + clip", "if ratio > 1 + clip"),
        ("elif advantage < 0 and ratio < 1 - clip", "elif ratio < 1 - clip"),
    ),
    # the ratio is cut, not stopped
    changed(
        POLICY,
        (
            "ratio > 1 + clip:\n                row.append(0.0)",
            "ratio > 1 + clip:\n                row.append((1 + clip) * advantage)",
        ),
        (
            "ratio < 1 - clip:\n                row.append(0.0)",
            "ratio < 1 - clip:\n                row.append((1 - clip) * advantage)",
        ),
    ),
    # the ratio upside down
    changed(POLICY, ("exp(a - b)", "exp(b - a)")),
    # no ratio
    changed(POLICY, ("row.append(ratio * advantage)", "row.append(advantage)")),
    # no exp
    changed(POLICY, ("exp(a - b)", "a - b")),
    # signs of the clip exchanged
    changed(
        POLICY,
        ("advantage > 0 and", "advantage < 0 and "),
        ("elif advantage < 0 and ratio < 1 - clip", "elif advantage > 0 and ratio < 1 - clip"),
    ),
    # the clip is not used
    changed(POLICY, ("1 + clip", "1.2"), ("1 - clip", "0.8")),
    # only good ones are stopped
    changed(
        POLICY,
        ("            elif advantage < 0 and ratio < 1 - clip:\n                row.append(0.0)\n", ""),
    ),
    # only bad ones are stopped
    changed(
        POLICY,
        (
            "            if advantage > 0 and ratio > 1 + clip:\n"
            "                row.append(0.0)\n"
            "            elif",
            "            if",
        ),
    ),
    # one flat list
    changed(POLICY, ("weights.append(row)", "weights.extend(row)")),
    # a loss, no weights
    changed(POLICY, ("return weights", "return -sum(w for row in weights for w in row)")),
    # the ratio of the whole sample
    changed(POLICY, ("ratio = exp(a - b)", "ratio = exp(sum(now) - sum(before))")),
    # bad samples do not count
    changed(
        POLICY,
        ("            elif advantage < 0 and ratio < 1 - clip:\n", "            elif advantage < 0:\n"),
    ),
    # another default
    changed(POLICY, ("clip=0.2", "clip=0.1")),
    # the lower bound is the upper one, turned over
    changed(POLICY, ("ratio < 1 - clip", "ratio < 1 / (1 + clip)")),
]

MERGE = """
def merge_votes(answers, texts, m=4, least=0.5):
    targets = []
    for row, own in zip(answers, texts):
        votes = Counter(a for a in row if a is not None)
        if not votes:
            targets.append([])
            continue
        best = max(votes, key=votes.get)
        good = [t for a, t in zip(row, own) if a == best]
        if votes[best] < least * len(row):
            good = []
        targets.append(list(dict.fromkeys(good))[:m])
    return targets
"""

MERGE_RIGHT = [
    MERGE,
    # most_common keeps the order of equals
    changed(MERGE, ("best = max(votes, key=votes.get)", "[(best, _)] = votes.most_common(1)")),
    # count
    """
def merge_votes(answers, texts, m=4, least=0.5):
    targets = []
    for row, own in zip(answers, texts):
        given = [a for a in row if a is not None]
        chosen = []
        if given:
            best = max(given, key=given.count)
            if given.count(best) / len(row) >= least:
                for a, t in zip(row, own):
                    if a == best and t not in chosen:
                        chosen.append(t)
        targets.append(chosen[:m])
    return targets
""",
    # a dict of lists
    """
def merge_votes(answers, texts, m=4, least=0.5):
    targets = []
    for row, own in zip(answers, texts):
        said = {}
        for answer, text in zip(row, own):
            if answer is not None:
                said.setdefault(answer, []).append(text)
        best = max(said.values(), key=len, default=[])
        clear = len(best) >= least * len(row)
        targets.append(list(dict.fromkeys(best))[:m] if clear else [])
    return targets
""",
    # a helper
    """
def majority(row):
    votes = {}
    for answer in row:
        if answer is not None:
            votes[answer] = votes.get(answer, 0) + 1
    return max(votes.items(), key=lambda item: item[1]) if votes else (None, -1)


def merge_votes(answers, texts, m=4, least=0.5):
    targets = []
    for row, own in zip(answers, texts):
        best, count = majority(row)
        ok = count >= least * len(row)
        chosen = [t for a, t in zip(row, own) if ok and a == best]
        targets.append(list(dict.fromkeys(chosen))[:m])
    return targets
""",
    # by places
    changed(
        MERGE,
        (
            "good = [t for a, t in zip(row, own) if a == best]",
            "good = [own[i] for i in range(len(row)) if row[i] == best]",
        ),
    ),
    # walrus
    """
def merge_votes(answers, texts, m=4, least=0.5):
    def of(row, own):
        votes = Counter(row)
        del votes[None]
        if not votes or votes[best := max(votes, key=votes.get)] < least * len(row):
            return []
        return list(dict.fromkeys(t for a, t in zip(row, own) if a == best))[:m]

    return [of(list(row), own) for row, own in zip(answers, texts)]
""",
    # strict
    changed(MERGE, ("zip(answers, texts)", "zip(answers, texts, strict=True)")),
]

MERGE_WRONG = [
    # None votes
    changed(MERGE, ("Counter(a for a in row if a is not None)", "Counter(row)")),
    # against those who voted
    changed(MERGE, ("least * len(row)", "least * sum(votes.values())")),
    # more than least
    changed(MERGE, ("if votes[best] < least", "if votes[best] <= least")),
    # never unsure
    changed(MERGE, ("        if votes[best] < least * len(row):\n            good = []\n", "")),
    # duplicates
    changed(MERGE, ("list(dict.fromkeys(good))[:m]", "good[:m]")),
    # however many
    changed(MERGE, ("[:m]", "")),
    # the largest answer wins a tie
    changed(MERGE, ("best = max(votes, key=votes.get)", "best = max(votes, key=lambda a: (votes[a], a))")),
    # the last one wins a tie
    changed(MERGE, ("best = max(votes, key=votes.get)", "best = max(reversed(votes), key=votes.get)")),
    # the answers instead of the texts
    changed(MERGE, ("good = [t for", "good = [a for")),
    # problems without a majority are left out
    changed(MERGE, ("            targets.append([])\n            continue\n", "            continue\n")),
    # all texts
    changed(MERGE, (" if a == best]", "]")),
    # the rarest answer
    changed(MERGE, ("max(votes, key=votes.get)", "min(votes, key=votes.get)")),
    # order lost
    changed(MERGE, ("list(dict.fromkeys(good))[:m]", "sorted(set(good), reverse=True)[:m]")),
    # one flat list
    changed(
        MERGE,
        ("targets.append(list(dict.fromkeys(good))[:m])", "targets.extend(list(dict.fromkeys(good))[:m])"),
    ),
    # cut before repeats are removed
    changed(MERGE, ("list(dict.fromkeys(good))[:m]", "list(dict.fromkeys(good[:m]))")),
    # each text votes once
    changed(
        MERGE,
        (
            "Counter(a for a in row if a is not None)",
            "Counter(a for t, a in dict(zip(own[::-1], row[::-1])).items() if a is not None)",
        ),
    ),
    # in the order of the alphabet
    changed(MERGE, ("list(dict.fromkeys(good))[:m]", "sorted(set(good))[:m]")),
]

ROLL = """
def rollout_labels(model, problem, text, check, n=8, seed=0):
    lines = [line for line in text.split("\\n") if line.strip()]
    opening = make_prompt(SYSTEM_COT, problem.question)
    starts = ["\\n".join(lines[: t + 1]) + "\\n" for t in range(len(lines) - 1)]
    prompts = [opening + [{"role": "assistant", "content": start}] for start in starts]
    drawn = model.sample(prompts, n, temperature=1.0, max_tokens=MAX_TOKENS, seed=seed)
    labels = []
    for start, samples in zip(starts, drawn):
        labels.append(sum(check(problem, start + s.text) for s in samples) / n)
    labels.append(1.0 if check(problem, "\\n".join(lines)) else 0.0)
    return labels
"""

ROLL_RIGHT = [
    ROLL,
    # fmean
    changed(
        ROLL,
        (
            "sum(check(problem, start + s.text) for s in samples) / n",
            "fmean(check(problem, start + s.text) for s in samples)",
        ),
    ),
    # growing text
    """
def rollout_labels(model, problem, text, check, n=8, seed=0):
    lines = [line for line in text.splitlines() if line.strip()]
    starts, so_far = [], ""
    for line in lines[:-1]:
        so_far += line + "\\n"
        starts.append(so_far)
    prompts = []
    for start in starts:
        prompts.append([*make_prompt(SYSTEM_COT, problem.question), {"role": "assistant", "content": start}])
    labels = []
    if starts:
        drawn = model.sample(prompts, n, temperature=1.0, max_tokens=MAX_TOKENS, seed=seed)
        for i, start in enumerate(starts):
            right = [check(problem, start + sample.text) for sample in drawn[i]]
            labels.append(right.count(True) / n)
    return labels + [float(check(problem, "\\n".join(lines)))]
""",
    # comprehensions
    """
def rollout_labels(model, problem, text, check, n=8, seed=0):
    lines = [line for line in text.split("\\n") if line.strip()]
    starts = ["".join(line + "\\n" for line in lines[:t]) for t in range(1, len(lines))]
    ask = make_prompt(SYSTEM_COT, problem.question)
    drawn = model.sample(
        [[*ask, {"role": "assistant", "content": s}] for s in starts],
        n, temperature=1.0, max_tokens=MAX_TOKENS, seed=seed,
    )
    shares = [sum(bool(check(problem, s + x.text)) for x in row) / n for s, row in zip(starts, drawn)]
    return [*shares, float(bool(check(problem, "\\n".join(lines))))]
""",
    # a helper
    """
def ask(problem, start):
    return make_prompt(SYSTEM_COT, problem.question) + [{"role": "assistant", "content": start}]


def rollout_labels(model, problem, text, check, n=8, seed=0):
    lines = list(filter(str.strip, text.split("\\n")))
    starts = ["\\n".join([*lines[:t], ""]) for t in range(1, len(lines))]
    asked = [ask(problem, s) for s in starts]
    drawn = model.sample(asked, n, temperature=1, max_tokens=MAX_TOKENS, seed=seed)
    labels = [len([1 for x in row if check(problem, s + x.text)]) / n for s, row in zip(starts, drawn)]
    labels.append(int(check(problem, "\\n".join(lines))))
    return labels
""",
    # more room
    changed(ROLL, ("MAX_TOKENS", "320")),
    # strict
    changed(ROLL, ("zip(starts, drawn)", "zip(starts, drawn, strict=True)")),
    # numpy
    changed(
        ROLL,
        ("def rollout_labels", "import numpy as np\n\n\ndef rollout_labels"),
        (
            "sum(check(problem, start + s.text) for s in samples) / n",
            "float(np.mean([bool(check(problem, start + s.text)) for s in samples]))",
        ),
    ),
]

ROLL_WRONG = [
    # the continuation alone is checked
    changed(ROLL, ("check(problem, start + s.text)", "check(problem, s.text)")),
    # no line break at the end of a beginning
    changed(ROLL, ('"\\n".join(lines[: t + 1]) + "\\n"', '"\\n".join(lines[: t + 1])')),
    # begun before the line
    changed(ROLL, ('"\\n".join(lines[: t + 1]) + "\\n"', '"".join(line + "\\n" for line in lines[:t])')),
    # one call for each beginning
    changed(
        ROLL,
        (
            "    drawn = model.sample(prompts, n, temperature=1.0, max_tokens=MAX_TOKENS, seed=seed)\n",
            "    drawn = [\n"
            "        model.sample([p], n, temperature=1.0, max_tokens=MAX_TOKENS, seed=seed)[0]\n"
            "        for p in prompts\n"
            "    ]\n",
        ),
    ),
    # one right continuation is enough
    changed(
        ROLL,
        (
            "sum(check(problem, start + s.text) for s in samples) / n",
            "float(any(check(problem, start + s.text) for s in samples))",
        ),
    ),
    # the majority of continuations
    changed(
        ROLL,
        (
            "sum(check(problem, start + s.text) for s in samples) / n",
            "float(sum(check(problem, start + s.text) for s in samples) > n / 2)",
        ),
    ),
    # the last line has no label
    changed(ROLL, ('    labels.append(1.0 if check(problem, "\\n".join(lines)) else 0.0)\n', "")),
    # the last label is always 1
    changed(ROLL, ('labels.append(1.0 if check(problem, "\\n".join(lines)) else 0.0)', "labels.append(1.0)")),
    # blank lines are lines
    changed(ROLL, ('[line for line in text.split("\\n") if line.strip()]', 'text.split("\\n")')),
    # greedy: all continuations are alike
    changed(ROLL, ("temperature=1.0", "temperature=0.0")),
    # the beginning belongs to the question
    changed(
        ROLL,
        (
            'opening + [{"role": "assistant", "content": start}]',
            'make_prompt(SYSTEM_COT, problem.question + "\\n" + start)',
        ),
    ),
    # wrong ones are counted
    changed(ROLL, ("sum(check(problem", "sum(not check(problem")),
    # counts, no shares
    changed(ROLL, (" for s in samples) / n)", " for s in samples))")),
    # the seed is left out
    changed(ROLL, (", seed=seed", "")),
    # the last line is continued, too
    changed(
        ROLL,
        ("range(len(lines) - 1)", "range(len(lines))"),
        ('    labels.append(1.0 if check(problem, "\\n".join(lines)) else 0.0)\n', ""),
    ),
    # a blank line between the beginning and what continues it
    changed(ROLL, ("check(problem, start + s.text)", 'check(problem, start + "\\n" + s.text)')),
    # lines without the spaces at their begin
    changed(ROLL, ("[line for line in", "[line.strip() for line in")),
    # a line of spaces is a line
    changed(ROLL, ("if line.strip()]", "if line]")),
    # the notebook's own checker
    changed(ROLL, ("sum(check(problem", "sum(accepts(problem")),
]

LINEAR = """
def linearise(puzzle, visited):
    text = []
    here = ()
    for lines in visited:
        if lines[:-1] != here:
            text.append("Back to: " + left_after(puzzle, lines[:-1]))
        text.append(lines[-1])
        here = lines
    if is_solved(puzzle, here):
        text.append(f"Final: {puzzle.target}")
    return "\\n".join(text)
"""

LINEAR_RIGHT = [
    LINEAR,
    # pairs of neighbours
    """
from itertools import pairwise


def linearise(puzzle, visited):
    text = []
    for before, lines in pairwise([(), *visited]):
        *parent, step = lines
        if tuple(parent) != tuple(before):
            text.append(f"Back to: {left_after(puzzle, parent)}")
        text.append(step)
    if visited and is_solved(puzzle, visited[-1]):
        text.append(f"Final: {puzzle.target}")
    return "\\n".join(text)
""",
    # by places
    """
def linearise(puzzle, visited):
    out = []
    for i in range(len(visited)):
        before = visited[i - 1] if i > 0 else ()
        if visited[i][:-1] != before:
            out += ["Back to: " + left_after(puzzle, visited[i][:-1])]
        out += [visited[i][-1]]
    if len(visited) > 0 and is_solved(puzzle, visited[-1]):
        out += ["Final: " + str(puzzle.target)]
    return "\\n".join(out)
""",
    # a growing text
    """
def linearise(puzzle, visited):
    text, here = "", ()
    for lines in visited:
        parent = lines[:-1]
        if parent != here:
            text += "Back to: " + left_after(puzzle, parent) + "\\n"
        text += lines[-1] + "\\n"
        here = lines
    if is_solved(puzzle, here):
        text += f"Final: {puzzle.target}\\n"
    return text[:-1]
""",
    # zip
    """
def linearise(puzzle, visited):
    text = []
    for before, lines in zip([(), *visited], visited):
        text += [f"Back to: {left_after(puzzle, lines[:-1])}"] * (lines[:-1] != before)
        text.append(lines[-1])
    end = visited[-1] if visited else ()
    return "\\n".join(text + [f"Final: {puzzle.target}"] * is_solved(puzzle, end))
""",
    # numbers_left itself
    changed(
        LINEAR,
        ("left_after(puzzle, lines[:-1])", '" ".join(str(x) for x in numbers_left(puzzle, lines[:-1]))'),
    ),
    # a generator
    """
def spoken(puzzle, visited):
    here = ()
    for lines in visited:
        if lines[:-1] != here:
            yield f"Back to: {left_after(puzzle, lines[:-1])}"
        yield lines[-1]
        here = lines
    if is_solved(puzzle, here):
        yield f"Final: {puzzle.target}"


def linearise(puzzle, visited):
    return "\\n".join(spoken(puzzle, visited))
""",
    # the first lines compared one by one
    changed(
        LINEAR,
        (
            "if lines[:-1] != here:",
            "goes_on = len(lines) == len(here) + 1 and all(a == b for a, b in zip(lines, here))\n"
            "        if not goes_on:",
        ),
    ),
]

LINEAR_WRONG = [
    # all lines of each state
    changed(LINEAR, ("text.append(lines[-1])", "text.extend(lines)")),
    # never back
    changed(LINEAR, ("if lines[:-1] != here:", "if False:")),
    # always back
    changed(LINEAR, ("if lines[:-1] != here:", "if True:")),
    # back only where the state is no deeper than the one before
    changed(LINEAR, ("if lines[:-1] != here:", "if len(lines) <= len(here):")),
    # back by depth alone
    changed(LINEAR, ("if lines[:-1] != here:", "if len(lines) - 1 != len(here):")),
    # the numbers after the new line
    changed(LINEAR, ("left_after(puzzle, lines[:-1])", "left_after(puzzle, lines)")),
    # the numbers where it came from
    changed(LINEAR, ("left_after(puzzle, lines[:-1])", "left_after(puzzle, here)")),
    # the line it goes back to
    changed(LINEAR, ("left_after(puzzle, lines[:-1])", '(lines[-2] if len(lines) > 1 else "the start")')),
    # no Final
    changed(
        LINEAR, ('    if is_solved(puzzle, here):\n        text.append(f"Final: {puzzle.target}")\n', "")
    ),
    # always Final
    changed(LINEAR, ("    if is_solved(puzzle, here):\n        text", "    text")),
    # Final where any state solved it
    changed(
        LINEAR, ("if is_solved(puzzle, here):", "if any(is_solved(puzzle, lines) for lines in visited):")
    ),
    # here is never moved
    changed(LINEAR, ("        here = lines\n", "")),
    # dead ends are left out
    changed(
        LINEAR,
        (
            "    for lines in visited:\n",
            "    visited = [lines for lines in visited if visited[-1][: len(lines)] == lines]\n"
            "    for lines in visited:\n",
        ),
    ),
    # a list of lines
    changed(LINEAR, ('return "\\n".join(text)', "return text")),
    # a line break at the end
    changed(LINEAR, ('return "\\n".join(text)', 'return "\\n".join(text) + "\\n"')),
]

VARIANTS = {
    "ex1_guess_and_check": {"points": 3, "right": GUESS_RIGHT, "wrong": GUESS_WRONG},
    "ex2_rest_em": {"points": 2, "right": REST_RIGHT, "wrong": REST_WRONG},
    "ex3_advantages": {"points": 2, "right": ADVANTAGES_RIGHT, "wrong": ADVANTAGES_WRONG},
    "ex4_policy_weights": {"points": 3, "right": POLICY_RIGHT, "wrong": POLICY_WRONG},
    "ex5_merge_votes": {"points": 1, "right": MERGE_RIGHT, "wrong": MERGE_WRONG},
    "ex6_rollout_labels": {"points": 3, "right": ROLL_RIGHT, "wrong": ROLL_WRONG},
    "ex7_linearise": {"points": 2, "right": LINEAR_RIGHT, "wrong": LINEAR_WRONG},
}
