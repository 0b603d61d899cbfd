"""Answers to the exercises of 07_verifier_search as learners write them: data for the grading tests.

Each text stands in place of the whole solution cell. The right ones must earn full marks; each wrong one must
lose the points of its own exercise and no others. The comment names the mistake.
"""


def changed(code: str, *pairs: tuple[str, str]) -> str:
    """`code` with each (old, new) replaced; an old text that is not there is an error in this file."""
    for old, new in pairs:
        assert old in code, f"{old!r} is not in {code!r}"
        code = code.replace(old, new)
    return code


ROLL = """
def rollout_value(steps, states, golds, k):
    values = []
    for state, answers in zip(states, steps.roll_out(states, k)):
        right = [answers_match(answer, golds[state.problem]) for answer in answers]
        values.append(sum(right) / len(answers))
    return values
"""

ROLL_RIGHT = [
    ROLL,
    # a comprehension with fmean
    """
def rollout_value(steps, states, golds, k):
    rows = steps.roll_out(states, k)
    return [
        fmean(float(answers_match(a, golds[s.problem])) for a in row) for s, row in zip(states, rows, strict=True)
    ]
""",
    # counting with indices
    """
def rollout_value(steps, states, golds, k):
    ends = steps.roll_out(states, k)
    found = []
    for i in range(len(states)):
        hits = 0
        for answer in ends[i]:
            if answers_match(answer, golds[states[i].problem]):
                hits += 1
        found.append(hits / len(ends[i]))
    return found
""",
    # a helper
    """
def share(answers, gold):
    return len([a for a in answers if a is not None and answers_match(a, gold)]) / len(answers)


def rollout_value(steps, states, golds, k):
    return [share(a, golds[s.problem]) for s, a in zip(states, steps.roll_out(states, k))]
""",
    # map
    """
def rollout_value(steps, states, golds, k):
    def value(state, answers):
        return sum(map(lambda a: bool(answers_match(a, golds[state.problem])), answers)) / len(answers)

    return list(map(value, states, steps.roll_out(states, k)))
""",
    # numpy
    """
import numpy as np


def rollout_value(steps, states, golds, k):
    rolled = steps.roll_out(states, k)
    return [np.mean([answers_match(a, golds[s.problem]) for a in row]) for s, row in zip(states, rolled)]
""",
    # returns at once where there is nothing to do
    """
def rollout_value(steps, states, golds, k):
    if not states:
        return []
    values = []
    for number, answers in enumerate(steps.roll_out(states, k)):
        gold = golds[states[number].problem]
        wrong = sum(not answers_match(answer, gold) for answer in answers)
        values.append(1 - wrong / len(answers))
    return values
""",
    # finished states on their own
    """
def rollout_value(steps, states, golds, k):
    values = []
    for state, answers in zip(states, steps.roll_out(states, k), strict=True):
        gold = golds[state.problem]
        if state.finished:
            values.append(1.0 if answers_match(answers[0], gold) else 0.0)
        else:
            values.append([answers_match(a, gold) for a in answers].count(True) / k)
    return values
""",
]

ROLL_WRONG = [
    # divides by k, also for a finished state
    changed(ROLL, ("/ len(answers)", "/ k")),
    # leaves None out of the whole
    changed(ROLL, ("/ len(answers)", "/ max(1, sum(a is not None for a in answers))")),
    # compares texts
    changed(ROLL, ("answers_match(answer, golds[state.problem])", "answer == golds[state.problem]")),
    # the right answer by place
    changed(
        ROLL,
        ("for state, answers in zip(states", "for i, (state, answers) in enumerate(zip(states"),
        ("steps.roll_out(states, k))", "steps.roll_out(states, k)))"),
        ("golds[state.problem]", "golds[i % len(golds)]"),
    ),
    # the first problem's answer for all
    changed(ROLL, ("golds[state.problem]", "golds[0]")),
    # a call for each state
    """
def rollout_value(steps, states, golds, k):
    values = []
    for state in states:
        [answers] = steps.roll_out([state], k)
        values.append(sum(answers_match(a, golds[state.problem]) for a in answers) / len(answers))
    return values
""",
    # a count, not a share
    changed(ROLL, (" / len(answers)", "")),
    # right or wrong as a whole
    changed(ROLL, ("sum(right) / len(answers)", "float(any(right))")),
    # the majority decides
    changed(ROLL, ("sum(right) / len(answers)", "float(sum(right) > len(answers) / 2)")),
    # one roll-out
    changed(ROLL, ("steps.roll_out(states, k)", "steps.roll_out(states, 1)")),
    # the mean over all states
    changed(ROLL, ("return values", "return [sum(values) / len(values)] * len(values) if values else []")),
    # finished states are left out
    changed(ROLL, ("        right =", "        if state.finished:\n            continue\n        right =")),
    # rounds
    changed(ROLL, ("sum(right) / len(answers)", "sum(right) // len(answers)")),
]

BEAM = """
def beam(steps, roots, n, m, depth):
    groups = steps.expand([[root] for root in roots], n)
    lines = 1
    while lines < depth and not all(s.finished for group in groups for s in group):
        scores = steps.score(groups)
        kept = []
        for group, row in zip(groups, scores):
            order = sorted(range(len(group)), key=lambda i: row[i], reverse=True)
            kept.append([group[i] for i in order[:m]])
        groups = steps.expand(kept, n // m)
        lines += 1
    return groups
"""

BEAM_RIGHT = [
    BEAM,
    # a helper that keeps
    """
def best(group, scores, m):
    pairs = sorted(zip(scores, group), key=lambda pair: pair[0], reverse=True)
    return [state for score, state in pairs][:m]


def beam(steps, roots, n, m, depth):
    groups = steps.expand([[r] for r in roots], n)
    for _ in range(depth - 1):
        if any(not state.finished for group in groups for state in group):
            kept = [best(g, s, m) for g, s in zip(groups, steps.score(groups))]
            groups = steps.expand(kept, n // m)
    return groups
""",
    # one loop, the first round apart
    """
def beam(steps, roots, n, m, depth):
    groups = [[root] for root in roots]
    for line in range(depth):
        if line > 0:
            if all(state.finished for state in sum(groups, [])):
                return groups
            scores = steps.score(groups)
            groups = [
                [s for _, _, s in sorted((-x, i, s) for i, (x, s) in enumerate(zip(row, group)))][:m]
                for row, group in zip(scores, groups)
            ]
        groups = steps.expand(groups, n if line == 0 else n // m)
    return groups
""",
    # takes the best out, one after the other
    """
def beam(steps, roots, n, m, depth):
    groups = steps.expand([[root] for root in roots], n)
    written = 1
    while written != depth:
        if all(all(state.finished for state in group) for group in groups):
            break
        new = []
        for group, scores in zip(groups, steps.score(groups)):
            group, scores, chosen = list(group), list(scores), []
            while group and len(chosen) < m:
                at = scores.index(max(scores))
                chosen.append(group.pop(at))
                scores.pop(at)
            new.append(chosen)
        groups = steps.expand(new, n // m)
        written += 1
    return groups
""",
    # calls itself
    """
def beam(steps, roots, n, m, depth):
    def go_on(groups, left):
        if left == 0 or all(s.finished for g in groups for s in g):
            return groups
        kept = []
        for group, row in zip(groups, steps.score(groups), strict=True):
            places = sorted(range(len(row)), key=lambda i: (-row[i], i))[:m]
            kept.append([group[i] for i in places])
        return go_on(steps.expand(kept, n // m), left - 1)

    return go_on(steps.expand([[root] for root in roots], n), depth - 1)
""",
    # heapq
    """
import heapq


def beam(steps, roots, n, m, depth):
    groups = steps.expand([[root] for root in roots], n)
    for _ in range(1, depth):
        open_states = [s for g in groups for s in g if not s.finished]
        if not open_states:
            break
        kept = []
        for group, row in zip(groups, steps.score(groups)):
            kept.append([group[i] for i in heapq.nlargest(m, range(len(group)), key=lambda i: row[i])])
        groups = steps.expand(kept, n // m)
    return groups
""",
    # numpy
    """
import numpy as np


def beam(steps, roots, n, m, depth):
    groups = steps.expand([[root] for root in roots], n)
    for _ in range(depth - 1):
        if np.all([s.finished for g in groups for s in g]):
            break
        kept = []
        for group, row in zip(groups, steps.score(groups)):
            order = np.argsort(-np.array(row), kind="stable")[:m]
            kept.append([group[i] for i in order])
        groups = steps.expand(kept, n // m)
    return groups
""",
    # pandas
    """
def beam(steps, roots, n, m, depth):
    groups = steps.expand([[root] for root in roots], n)
    for _ in range(depth - 1):
        if not [s for group in groups for s in group if not s.finished]:
            break
        kept = []
        for group, row in zip(groups, steps.score(groups)):
            best = pd.Series(row).sort_values(ascending=False, kind="stable").index[:m]
            kept.append([group[i] for i in best])
        groups = steps.expand(kept, n // m)
    return groups
""",
]

BEAM_WRONG = [
    # one line too many
    changed(BEAM, ("lines < depth", "lines <= depth")),
    # one line too few
    changed(BEAM, ("lines = 1", "lines = 2")),
    # keeps the worst
    changed(BEAM, (", reverse=True", "")),
    # n lines from each kept state
    changed(BEAM, ("steps.expand(kept, n // m)", "steps.expand(kept, n)")),
    # m lines from each kept state
    changed(BEAM, ("steps.expand(kept, n // m)", "steps.expand(kept, m)")),
    # keeps n // m
    changed(BEAM, ("order[:m]", "order[: n // m]")),
    # of equals the later
    changed(BEAM, ("key=lambda i: row[i], reverse=True", "key=lambda i: (row[i], i), reverse=True")),
    # the first lines: m only
    changed(BEAM, ("for root in roots], n)", "for root in roots], m)")),
    # finished states are thrown away
    changed(BEAM, ("range(len(group)), key", "[i for i in range(len(group)) if not group[i].finished], key")),
    # finished states are kept whatever their score
    changed(BEAM, ("key=lambda i: row[i]", "key=lambda i: (group[i].finished, row[i])")),
    # stops when one has finished
    changed(BEAM, ("not all(s.finished", "not any(s.finished")),
    # does not stop before depth
    changed(BEAM, (" and not all(s.finished for group in groups for s in group)", "")),
    # all roots in one group
    changed(BEAM, ("[[root] for root in roots]", "[list(roots)]")),
    # a search for each root
    """
def beam(steps, roots, n, m, depth):
    found = []
    for root in roots:
        [group] = steps.expand([[root]], n)
        for _ in range(depth - 1):
            if all(s.finished for s in group):
                break
            [row] = steps.score([group])
            order = sorted(range(len(group)), key=lambda i: -row[i])
            [group] = steps.expand([[group[i] for i in order[:m]]], n // m)
        found.append(group)
    return found
""",
    # prunes what it returns
    changed(
        BEAM,
        (
            "    return groups",
            "    return [sorted(g, key=lambda s: -steps.score([[s]])[0][0])[:m] for g in groups]",
        ),
    ),
]

DVTS = """
def dvts(steps, roots, n, m, depth):
    trees = n // m
    starts = [root for root in roots for _ in range(trees)]
    groups = beam(steps, starts, m, 1, depth)
    found = []
    for i in range(len(roots)):
        mine = groups[i * trees : (i + 1) * trees]
        found.append([state for group in mine for state in group])
    return found
"""

DVTS_RIGHT = [
    DVTS,
    # an iterator
    """
def dvts(steps, roots, n, m, depth):
    grown = iter(beam(steps, [r for r in roots for _ in range(n // m)], m, 1, depth))
    return [[s for _ in range(n // m) for s in next(grown)] for _ in roots]
""",
    # sum of lists
    """
def dvts(steps, roots, n, m, depth):
    t = n // m
    groups = beam(steps, [root for root in roots for _ in range(t)], m, 1, depth)
    return [sum((list(g) for g in groups[start : start + t]), []) for start in range(0, t * len(roots), t)]
""",
    # keyword arguments, extend
    """
def dvts(steps, roots, n, m, depth):
    trees = n // m
    starts = []
    for root in roots:
        starts += [root] * trees
    groups = beam(steps, starts, n=m, m=1, depth=depth)
    joined = [[] for _ in roots]
    for i, group in enumerate(groups):
        joined[i // trees].extend(group)
    return joined
""",
    # its own loop
    """
def dvts(steps, roots, n, m, depth):
    trees = n // m
    groups = steps.expand([[root] for root in roots for _ in range(trees)], m)
    for _ in range(depth - 1):
        if all(s.finished for g in groups for s in g):
            break
        tops = []
        for group, scores in zip(groups, steps.score(groups)):
            tops.append([group[scores.index(max(scores))]])
        groups = steps.expand(tops, m)
    return [[s for g in groups[i * trees : i * trees + trees] for s in g] for i in range(len(roots))]
""",
    # all first trees, then all second ones
    """
def dvts(steps, roots, n, m, depth):
    groups = beam(steps, list(roots) * (n // m), m, 1, depth)
    return [[s for g in groups[i :: len(roots)] for s in g] for i in range(len(roots))]
""",
    # itertools
    """
from itertools import chain, repeat


def dvts(steps, roots, n, m, depth):
    trees = n // m
    starts = list(chain.from_iterable(repeat(root, trees) for root in roots))
    groups = beam(steps, starts, m, 1, depth)
    return [list(chain.from_iterable(groups[i * trees : (i + 1) * trees])) for i in range(len(roots))]
""",
    # its own loop with max
    """
def dvts(steps, roots, n, m, depth):
    groups = [[root] for root in roots for _ in range(n // m)]
    for line in range(depth):
        if line:
            if not any(not s.finished for g in groups for s in g):
                break
            groups = [
                [max(zip(row, range(len(g)), g), key=lambda t: t[0])[2]] for g, row in zip(groups, steps.score(groups))
            ]
        groups = steps.expand(groups, m)
    found = []
    while groups:
        found.append([s for g in groups[: n // m] for s in g])
        groups = groups[n // m :]
    return found
""",
]

DVTS_WRONG = [
    # one beam
    "def dvts(steps, roots, n, m, depth):\n    return beam(steps, roots, n, m, depth)\n",
    # m trees of n // m lines
    changed(DVTS, ("trees = n // m", "trees = m"), ("starts, m, 1", "starts, n // m, 1")),
    # each tree keeps m
    changed(DVTS, ("starts, m, 1, depth", "starts, m, m, depth")),
    # each tree has a width of n
    changed(DVTS, ("starts, m, 1", "starts, n, 1")),
    # a group for each tree
    changed(DVTS, ("    return found", "    return groups")),
    # all in one group
    changed(DVTS, ("    return found", "    return [[s for g in groups for s in g]]")),
    # the first tree only
    changed(DVTS, ("groups[i * trees : (i + 1) * trees]", "groups[i * trees : i * trees + 1]")),
    # trees of other roots
    changed(DVTS, ("groups[i * trees : (i + 1) * trees]", "groups[i :: len(roots)]")),
    # a beam for each root
    """
def dvts(steps, roots, n, m, depth):
    found = []
    for root in roots:
        groups = beam(steps, [root] * (n // m), m, 1, depth)
        found.append([s for g in groups for s in g])
    return found
""",
    # a beam for each tree
    """
def dvts(steps, roots, n, m, depth):
    found = []
    for root in roots:
        own = []
        for _ in range(n // m):
            own += beam(steps, [root], m, 1, depth)[0]
        found.append(own)
    return found
""",
    # one line too few
    changed(DVTS, ("m, 1, depth)", "m, 1, depth - 1)")),
    # the best of each tree only
    changed(
        DVTS,
        (
            "[state for group in mine for state in group]",
            "[max(g, key=lambda s: steps.score([[s]])[0][0]) for g in mine]",
        ),
    ),
    # equal finals only once
    changed(DVTS, ("[state for group in mine for state in group]", "list({s for g in mine for s in g})")),
]

PART = """
def effective_sample_size(weights):
    if not any(weights):
        return 0.0
    return sum(weights) ** 2 / sum(w**2 for w in weights)


def resample(weights, u):
    n, total = len(weights), sum(weights)
    if total == 0:
        return list(range(n))
    chosen = []
    for i in range(n):
        pointer = (i + u) / n * total
        end = 0.0
        for place, weight in enumerate(weights):
            end += weight
            if pointer < end:
                chosen.append(place)
                break
    return chosen
"""

PART_RIGHT = [
    PART,
    # numpy
    """
import numpy as np


def effective_sample_size(weights):
    w = np.array(weights, dtype=float)
    return float(w.sum() ** 2 / (w**2).sum()) if w.any() else 0.0


def resample(weights, u):
    w = np.array(weights, dtype=float)
    if not w.any():
        return list(range(len(w)))
    pointers = (np.arange(len(w)) + u) / len(w) * w.sum()
    return np.searchsorted(np.cumsum(w), pointers, side="right").tolist()
""",
    # probabilities
    """
def effective_sample_size(weights):
    total = sum(weights)
    if total == 0:
        return 0.0
    shares = [w / total for w in weights]
    return 1 / sum(p * p for p in shares)


def resample(weights, u):
    n = len(weights)
    if not any(w > 0 for w in weights):
        return [*range(n)]
    total = sum(weights)
    shares = [w / total for w in weights]
    chosen, j, end = [], 0, shares[0]
    for i in range(n):
        while (i + u) / n >= end and j < n - 1:
            j += 1
            end += shares[j]
        chosen.append(j)
    return chosen
""",
    # bisect
    """
from bisect import bisect_right
from itertools import accumulate


def effective_sample_size(weights):
    squares = sum(w * w for w in weights)
    return sum(weights) ** 2 / squares if squares > 0 else 0.0


def resample(weights, u):
    ends = list(accumulate(weights))
    if not ends or ends[-1] == 0:
        return list(range(len(weights)))
    n = len(weights)
    return [bisect_right(ends, (i + u) * ends[-1] / n) for i in range(n)]
""",
    # how often each
    """
def effective_sample_size(weights):
    top = sum(weights) ** 2
    return top / sum(w * w for w in weights) if top else 0.0


def resample(weights, u):
    n, total = len(weights), sum(weights)
    if not total:
        return list(range(n))
    pointers = [(i + u) / n * total for i in range(n)]
    chosen, start = [], 0
    for place, weight in enumerate(weights):
        chosen += [place] * sum(start <= p < start + weight for p in pointers)
        start += weight
    return chosen
""",
    # next and a running sum
    """
def effective_sample_size(weights):
    try:
        return float(sum(weights) ** 2 / sum(w**2 for w in weights))
    except ZeroDivisionError:
        return 0.0


def resample(weights, u):
    n = len(weights)
    if max(weights, default=0) == 0:
        return list(range(n))
    sums = [sum(weights[: i + 1]) for i in range(n)]
    step = sums[-1] / n
    return [next(j for j, s in enumerate(sums) if s > u * step + i * step) for i in range(n)]
""",
    # pandas
    """
def effective_sample_size(weights):
    w = pd.Series(weights, dtype=float)
    return float(w.sum() ** 2 / (w * w).sum()) if (w > 0).any() else 0.0


def resample(weights, u):
    w = pd.Series(weights, dtype=float)
    if not (w > 0).any():
        return list(range(len(w)))
    ends = w.cumsum()
    return [int((ends <= (i + u) / len(w) * w.sum()).sum()) for i in range(len(w))]
""",
    # math.fsum, a generator
    """
from math import fsum


def effective_sample_size(weights):
    total = fsum(weights)
    return total * total / fsum(w * w for w in weights) if total else 0.0


def resample(weights, u):
    def places():
        place, end = -1, 0.0
        for i in range(len(weights)):
            pointer = (i + u) / len(weights) * sum(weights)
            while end <= pointer:
                place += 1
                end += weights[place]
            yield place

    return list(places()) if any(weights) else list(range(len(weights)))
""",
]

PART_WRONG = [
    # squares of the sum forgotten
    changed(PART, ("sum(weights) ** 2 /", "sum(weights) /")),
    # weights taken for probabilities
    changed(PART, ("sum(weights) ** 2 /", "1 /")),
    # no answer for zeros
    changed(PART, ("    if not any(weights):\n        return 0.0\n", "")),
    # how many are not 0
    changed(PART, ("sum(weights) ** 2 / sum(w**2 for w in weights)", "float(sum(w > 0 for w in weights))")),
    # a border belongs to the earlier
    changed(PART, ("pointer < end", "pointer <= end")),
    # zeros: nothing
    changed(PART, ("        return list(range(n))", "        return []")),
    # zeros: the first, n times
    changed(PART, ("        return list(range(n))", "        return [0] * n")),
    # the distance is 1, not the mean weight
    changed(PART, ("(i + u) / n * total", "(i + u)")),
    # weights taken for probabilities
    changed(PART, ("(i + u) / n * total", "(i + u) / n")),
    # u is not divided
    changed(PART, ("(i + u) / n * total", "(i / n + u) % 1 * total")),
    # u is left out
    changed(PART, ("(i + u)", "(i + 0.5)")),
    # multinomial
    changed(
        PART,
        ("    chosen = []\n", "    from random import Random\n\n    chosen, rng = [], Random(u)\n"),
        ("(i + u) / n * total", "rng.random() * total"),
    ),
    # the weights instead of their places
    changed(PART, ("chosen.append(place)", "chosen.append(weight)")),
    # counts instead of places
    changed(PART, ("    return chosen\n", "    return [chosen.count(i) for i in range(n)]\n")),
]

TREE = """
def select(children, visits, totals, c):
    place = ()
    while children.get(place):
        best, highest = None, None
        for child in children[place]:
            n = visits.get(child, 0)
            if n == 0:
                best = child
                break
            value = totals.get(child, 0) / n + c * sqrt(log(visits[place]) / n)
            if highest is None or value > highest:
                best, highest = child, value
        place = best
    return place


def back_up(visits, totals, place, reward):
    for end in range(len(place), -1, -1):
        node = place[:end]
        visits[node] = visits.get(node, 0) + 1
        totals[node] = totals.get(node, 0) + reward
"""

TREE_RIGHT = [
    TREE,
    # infinity for a child without a visit
    """
from math import inf


def uct(child, parent, visits, totals, c):
    if not visits.get(child):
        return inf
    return totals[child] / visits[child] + c * sqrt(log(visits[parent]) / visits[child])


def select(children, visits, totals, c):
    place = ()
    while place in children and children[place]:
        place = max(children[place], key=lambda child, at=place: uct(child, at, visits, totals, c))
    return place


def back_up(visits, totals, place, reward):
    while True:
        visits[place] = visits.get(place, 0) + 1
        totals[place] = totals.get(place, 0) + reward
        if not place:
            break
        place = place[:-1]
""",
    # calls itself
    """
def select(children, visits, totals, c, place=()):
    below = children.get(place, [])
    if not below:
        return place
    for child in below:
        if child not in visits or visits[child] == 0:
            return select(children, visits, totals, c, child)
    values = [totals[x] / visits[x] + c * sqrt(log(visits[place]) / visits[x]) for x in below]
    return select(children, visits, totals, c, below[values.index(max(values))])


def back_up(visits, totals, place, reward):
    visits[place] = visits.get(place, 0) + 1
    totals[place] = totals.get(place, 0) + reward
    if place:
        back_up(visits, totals, place[:-1], reward)
""",
    # sorted
    """
def select(children, visits, totals, c):
    at = ()
    while True:
        row = children.get(at) or []
        if not row:
            return at
        fresh = [x for x in row if visits.get(x, 0) < 1]
        if fresh:
            at = fresh[0]
        else:
            log_n = log(visits[at])
            at = sorted(row, key=lambda x: -(totals[x] / visits[x] + c * (log_n / visits[x]) ** 0.5))[0]


def back_up(visits, totals, place, reward):
    above = [place[:i] for i in range(len(place) + 1)]
    for node in above:
        visits.setdefault(node, 0)
        totals.setdefault(node, 0)
        visits[node] += 1
        totals[node] += reward
""",
    # numpy
    """
import numpy as np


def select(children, visits, totals, c):
    place = ()
    while children.get(place):
        row = children[place]
        n = np.array([visits.get(x, 0) for x in row], dtype=float)
        w = np.array([totals.get(x, 0) for x in row], dtype=float)
        if (n == 0).any():
            place = row[int(np.argmax(n == 0))]
        else:
            place = row[int(np.argmax(w / n + c * np.sqrt(np.log(visits[place]) / n)))]
    return place


def back_up(visits, totals, place, reward):
    for end in range(len(place) + 1):
        for table, more in ((visits, 1), (totals, reward)):
            table[place[:end]] = table.get(place[:end], 0) + more
""",
    # update
    """
def select(children, visits, totals, c):
    place = ()
    while children.get(place):
        unseen = next((x for x in children[place] if not visits.get(x)), None)
        if unseen is not None:
            place = unseen
        else:
            explore = c * sqrt(log(visits[place]))
            place = max(children[place], key=lambda x: totals[x] / visits[x] + explore / sqrt(visits[x]))
    return place


def back_up(visits, totals, place, reward):
    path = [tuple(place[:end]) for end in range(len(place) + 1)]
    visits.update({node: visits.get(node, 0) + 1 for node in path})
    totals.update({node: totals.get(node, 0) + reward for node in path})
""",
    # a list of pairs
    """
def select(children, visits, totals, c):
    place = ()
    while len(children.get(place, ())) > 0:
        rated = []
        for number, child in enumerate(children[place]):
            if visits.get(child, 0) == 0:
                rated.append((float("inf"), -number, child))
            else:
                mean = totals.get(child, 0) / visits[child]
                rated.append((mean + c * sqrt(log(visits[place]) / visits[child]), -number, child))
        place = max(rated)[2]
    return place


def back_up(visits, totals, place, reward):
    node = place
    for _ in range(len(place) + 1):
        visits[node] = 1 + (visits[node] if node in visits else 0)
        totals[node] = reward + (totals[node] if node in totals else 0)
        node = node[:-1]
""",
    # two functions, try
    """
def value(child, parent, visits, totals, c):
    mean = totals.get(child, 0.0) / visits[child]
    return mean + c * sqrt(log(visits[parent]) / visits[child])


def next_child(place, children, visits, totals, c):
    for child in children[place]:
        if not visits.get(child, 0):
            return child
    return max(children[place], key=lambda child: value(child, place, visits, totals, c))


def select(children, visits, totals, c):
    place = ()
    while children.get(place, []) != []:
        place = next_child(place, children, visits, totals, c)
    return place


def back_up(visits, totals, place, reward):
    for end in range(len(place) + 1):
        node = place[:end]
        try:
            visits[node] += 1
        except KeyError:
            visits[node] = 1
        totals[node] = totals.get(node, 0) + reward
""",
]

TREE_WRONG = [
    # no logarithm
    changed(TREE, ("log(visits[place])", "visits[place]")),
    # no root
    changed(TREE, ("sqrt(log(visits[place]) / n)", "log(visits[place]) / n")),
    # without c
    changed(TREE, ("c * sqrt", "sqrt")),
    # the sum, not the mean
    changed(TREE, ("totals.get(child, 0) / n", "totals.get(child, 0)")),
    # the visits of the root for all
    changed(TREE, ("log(visits[place])", "log(visits[()])")),
    # of equals the last
    changed(TREE, ("value > highest", "value >= highest")),
    # a new child counts as 0
    changed(
        TREE,
        (
            "            if n == 0:\n                best = child\n                break\n            value = totals.get(child, 0) / n + c * sqrt(log(visits[place]) / n)\n",
            "            value = totals.get(child, 0) / n + c * sqrt(log(visits[place]) / n) if n else 0.0\n",
        ),
    ),
    # the last child without a visit
    changed(TREE, ("                best = child\n                break", "                best, highest = child, 1e9\n                continue")),
    # one step down only
    changed(TREE, ("        place = best\n", "        return best\n")),
    # the smallest
    changed(TREE, ("value > highest", "value < highest")),
    # the root is left out
    changed(TREE, ("range(len(place), -1, -1)", "range(len(place), 0, -1)")),
    # only the place itself
    changed(TREE, ("range(len(place), -1, -1)", "[len(place)]")),
    # the reward for the place alone
    changed(TREE, ("totals.get(node, 0) + reward", "totals.get(node, 0) + (reward if node == place else 0)")),
    # a visit only for a win
    changed(TREE, ("visits.get(node, 0) + 1", "visits.get(node, 0) + (reward > 0)")),
    # the mean instead of the sum
    changed(TREE, ("totals.get(node, 0) + reward", "(totals.get(node, 0) + reward) / visits[node]")),
    # a copy is changed
    changed(TREE, ("    for end in range(len(place), -1", "    visits, totals = dict(visits), dict(totals)\n    for end in range(len(place), -1")),
]  # fmt: skip

QUERY = """
def run_query(asked, query):
    def allowed(action, a, b, c, d):
        return sqlite3.SQLITE_OK if action in READING else sqlite3.SQLITE_DENY

    base = asked.database()
    base.set_authorizer(allowed)
    base.set_progress_handler(lambda: 1, MAX_STEPS)
    try:
        cursor = base.execute(query)
        rows = cursor.fetchmany(MAX_ROWS)
    except (sqlite3.Error, sqlite3.Warning):
        return None
    return rows if cursor.description else None
"""

QUERY_RIGHT = [
    QUERY,
    # catches everything
    """
def run_query(asked, query):
    db = asked.database()
    db.set_progress_handler(lambda: True, MAX_STEPS)
    db.set_authorizer(lambda what, *_: sqlite3.SQLITE_OK if what in READING else sqlite3.SQLITE_DENY)
    try:
        found = db.execute(query)
        if found.description is None:
            return None
        return found.fetchmany(MAX_ROWS)
    except Exception:
        return None
""",
    # a row at a time
    """
def run_query(asked, query):
    connection = asked.database()

    def check(*what):
        if what[0] in READING:
            return sqlite3.SQLITE_OK
        return sqlite3.SQLITE_DENY

    connection.set_authorizer(check)
    connection.set_progress_handler(lambda: 1, MAX_STEPS)
    rows = []
    try:
        cursor = connection.cursor()
        cursor.execute(query)
        if cursor.description is None:
            return None
        for row in cursor:
            rows.append(row)
            if len(rows) == MAX_ROWS:
                break
    except (sqlite3.Error, sqlite3.Warning):
        return None
    return rows
""",
    # islice
    """
from itertools import islice


def run_query(asked, query):
    base = asked.database()
    base.set_authorizer(lambda a, b, c, d, e: sqlite3.SQLITE_OK if a in READING else sqlite3.SQLITE_DENY)
    base.set_progress_handler(lambda: True, MAX_STEPS)
    try:
        cursor = base.execute(query)
        return list(islice(cursor, MAX_ROWS)) if cursor.description is not None else None
    except (sqlite3.Error, sqlite3.Warning):
        return None
""",
    # only reading by a setting and by the first word
    """
def run_query(asked, query):
    text = "\\n".join(line for line in query.split("\\n") if not line.strip().startswith("--")).strip()
    if not text.upper().startswith(("SELECT", "WITH")):
        return None
    base = asked.database()
    base.commit()
    base.execute("PRAGMA query_only = ON")
    base.set_progress_handler(lambda: 1, MAX_STEPS)
    try:
        return base.execute(query).fetchmany(MAX_ROWS)
    except (sqlite3.Error, sqlite3.Warning):
        return None
""",
    # counts instructions in smaller parts
    """
def run_query(asked, query):
    base = asked.database()
    base.set_authorizer(lambda a, *more: sqlite3.SQLITE_OK if a in READING else sqlite3.SQLITE_DENY)
    left = [100]

    def tick():
        left[0] -= 1
        return left[0] <= 0

    base.set_progress_handler(tick, MAX_STEPS // 100)
    try:
        cursor = base.execute(query)
        return cursor.fetchmany(MAX_ROWS) if cursor.description else None
    except (sqlite3.Error, sqlite3.Warning):
        return None
""",
    # contextlib
    """
import contextlib


def run_query(asked, query):
    with contextlib.closing(asked.database()) as base, contextlib.suppress(sqlite3.Error, sqlite3.Warning):
        base.set_authorizer(lambda a, *b: sqlite3.SQLITE_OK if a in READING else sqlite3.SQLITE_DENY)
        base.set_progress_handler(lambda: 1, MAX_STEPS)
        cursor = base.execute(query)
        if cursor.description:
            return cursor.fetchmany(MAX_ROWS)
    return None
""",
    # fetchone
    """
def run_query(asked, query):
    base = asked.database()
    base.set_authorizer(lambda a, *rest: {True: sqlite3.SQLITE_OK, False: sqlite3.SQLITE_DENY}[a in READING])
    base.set_progress_handler(lambda: 1, MAX_STEPS)
    rows = []
    try:
        cursor = base.execute(query)
        while len(rows) < MAX_ROWS:
            row = cursor.fetchone()
            if row is None:
                break
            rows.append(row)
    except (sqlite3.Error, sqlite3.Warning):
        return None
    return rows if cursor.description else None
""",
]

QUERY_WRONG = [
    # anything may be done
    changed(QUERY, ("    base.set_authorizer(allowed)\n", "")),
    # no limit of instructions
    changed(QUERY, ("    base.set_progress_handler(lambda: 1, MAX_STEPS)\n", "")),
    # the handler never stops
    changed(QUERY, ("lambda: 1, MAX_STEPS", "lambda: 0, MAX_STEPS")),
    # stops at once
    changed(QUERY, ("lambda: 1, MAX_STEPS", "lambda: 1, 100")),
    # all rows
    changed(QUERY, ("cursor.fetchmany(MAX_ROWS)", "cursor.fetchall()")),
    # all rows, then the first of them
    changed(QUERY, ("cursor.fetchmany(MAX_ROWS)", "cursor.fetchall()[:MAX_ROWS]")),
    # errors while rows are fetched are not caught
    changed(
        QUERY,
        ("        rows = cursor.fetchmany(MAX_ROWS)\n", ""),
        ("    return rows if cursor.description", "    return cursor.fetchmany(MAX_ROWS) if cursor.description"),
    ),
    # one row
    changed(QUERY, ("cursor.fetchmany(MAX_ROWS)", "[cursor.fetchone()]")),
    # fetchmany without a number gives one row
    changed(QUERY, ("cursor.fetchmany(MAX_ROWS)", "cursor.fetchmany()")),
    # too many rows are an error
    changed(QUERY, ("cursor.fetchmany(MAX_ROWS)", "cursor.fetchmany(MAX_ROWS + 1)"), ("return rows if cursor.description", "return rows if cursor.description and len(rows) <= MAX_ROWS")),
    # an empty result is none
    changed(QUERY, ("return rows if cursor.description else None", "return rows or None")),
    # nothing for a text without a statement is []
    changed(QUERY, ("return rows if cursor.description else None", "return rows")),
    # an error is an empty result
    changed(QUERY, ("        return None\n", "        return []\n")),
    # errors are not caught
    changed(QUERY, ("except (sqlite3.Error, sqlite3.Warning):", "except KeyError:")),
    # only the errors of execute
    """
def run_query(asked, query):
    base = asked.database()
    base.set_authorizer(lambda a, *rest: sqlite3.SQLITE_OK if a in READING else sqlite3.SQLITE_DENY)
    base.set_progress_handler(lambda: 1, MAX_STEPS)
    try:
        cursor = base.execute(query)
    except sqlite3.OperationalError:
        return None
    return cursor.fetchmany(MAX_ROWS) if cursor.description else None
""",
    # only what begins with SELECT
    changed(QUERY, ("    base = asked.database()\n", "    if not query.strip().upper().startswith('SELECT'):\n        return None\n    base = asked.database()\n")),
    # forbids words, also in texts
    changed(QUERY, ("    base = asked.database()\n", "    if 'DELETE' in query.upper() or 'PRAGMA' in query.upper():\n        return None\n    base = asked.database()\n")),
    # the first value
    changed(QUERY, ("return rows if cursor.description else None", "return rows[0][0] if rows else None")),
    # several statements
    """
def run_query(asked, query):
    base = asked.database()
    base.set_authorizer(lambda a, *rest: sqlite3.SQLITE_OK if a in READING else sqlite3.SQLITE_DENY)
    base.set_progress_handler(lambda: 1, MAX_STEPS)
    rows = None
    try:
        for part in query.split(";"):
            if part.strip():
                cursor = base.execute(part)
                rows = cursor.fetchmany(MAX_ROWS) if cursor.description else rows
    except (sqlite3.Error, sqlite3.Warning):
        return None
    return rows
""",
]  # fmt: skip

VOTE = """
def result_vote(results):
    votes, first = {}, {}
    for place, rows in enumerate(results):
        if not rows or all(value is None for row in rows for value in row):
            continue
        key = frozenset(Counter(rows).items())
        votes[key] = votes.get(key, 0) + 1
        first.setdefault(key, place)
    if not votes:
        return None
    return first[max(votes, key=votes.get)]
"""

VOTE_RIGHT = [
    VOTE,
    # groups of places
    """
def result_vote(results):
    groups = []
    for place, rows in enumerate(results):
        if not rows or not any(v is not None for row in rows for v in row):
            continue
        for group in groups:
            if Counter(results[group[0]]) == Counter(rows):
                group.append(place)
                break
        else:
            groups.append([place])
    return max(groups, key=len)[0] if groups else None
""",
    # compares every pair
    """
def result_vote(results):
    counted = [
        None if not rows or all(v is None for row in rows for v in row) else Counter(rows) for rows in results
    ]
    best, votes = None, 0
    for i, own in enumerate(counted):
        if own is not None and counted.count(own) > votes:
            best, votes = i, counted.count(own)
    return best
""",
    # sorted, by a key that None does not break
    """
def result_vote(results):
    def key(rows):
        return tuple(sorted(rows, key=lambda row: [(v is not None, isinstance(v, str), v or 0) if not isinstance(v, str) else (True, True, v) for v in row]))

    def speaks(rows):
        return bool(rows) and any(v is not None for row in rows for v in row)

    keys = [key(rows) if speaks(rows) else None for rows in results]
    said = [k for k in keys if k is not None]
    if not said:
        return None
    winner = Counter(said).most_common(1)[0][0]
    return keys.index(winner)
""",
    # defaultdict
    """
from collections import defaultdict


def result_vote(results):
    places = defaultdict(list)
    for i, rows in enumerate(results):
        values = [v for row in rows or [] for v in row if v is not None]
        if values:
            places[frozenset(Counter(map(tuple, rows)).items())].append(i)
    ranked = sorted(places.values(), key=lambda group: (-len(group), group[0]))
    return ranked[0][0] if ranked else None
""",
    # the highest count, then the first place
    """
def result_vote(results):
    keys = {}
    for place, rows in enumerate(results):
        if rows is not None and len(rows) > 0 and {v for row in rows for v in row} != {None}:
            keys[place] = frozenset((row, rows.count(row)) for row in rows)
    counts = Counter(keys.values())
    return min(keys, key=lambda place: (-counts[keys[place]], place), default=None)
""",
    # removes rows one by one
    """
def equal(a, b):
    rest = list(b)
    for row in a:
        if row in rest:
            rest.remove(row)
        else:
            return False
    return len(rest) == 0


def result_vote(results):
    good = [i for i, rows in enumerate(results) if rows and any(any(v is not None for v in row) for row in rows)]
    if not good:
        return None
    return max(good, key=lambda i: sum(equal(results[i], results[j]) for j in good))
""",
    # most_common keeps the order of equals
    """
def result_vote(results):
    known = {}
    for place, rows in enumerate(results):
        if rows:
            flat = [value for row in rows for value in row]
            if flat.count(None) < len(flat):
                known[place] = frozenset(Counter(rows).items())
    if not known:
        return None
    [(winner, _)] = Counter(known.values()).most_common(1)
    return next(place for place in known if known[place] == winner)
""",
]

VOTE_WRONG = [
    # the order counts
    changed(VOTE, ("frozenset(Counter(rows).items())", "tuple(rows)")),
    # how often does not count
    changed(VOTE, ("frozenset(Counter(rows).items())", "frozenset(rows)")),
    # texts
    changed(VOTE, ("frozenset(Counter(rows).items())", "str(sorted(rows, key=str))")),
    # the first value only
    changed(VOTE, ("frozenset(Counter(rows).items())", "rows[0][0]")),
    # the first row only
    changed(VOTE, ("frozenset(Counter(rows).items())", "rows[0]")),
    # None votes
    changed(VOTE, ("not rows or all(value is None for row in rows for value in row)", "rows == []"), ("Counter(rows)", "Counter(rows or [('none',)])")),
    # an empty result votes
    changed(VOTE, ("not rows or all(value is None for row in rows for value in row)", "rows is None or rows and all(value is None for row in rows for value in row)")),
    # the sum of nothing votes
    changed(VOTE, ("not rows or all(value is None for row in rows for value in row)", "not rows")),
    # 0 does not vote
    changed(VOTE, ("all(value is None for", "all(not value for")),
    # one None is enough to be silent
    changed(VOTE, ("all(value is None for", "any(value is None for")),
    # the last candidate of the winner
    changed(VOTE, ("first.setdefault(key, place)", "first[key] = place")),
    # a tie goes to the last
    changed(VOTE, ("max(votes, key=votes.get)", "max(reversed(votes), key=votes.get)")),
    # the result instead of its place
    changed(VOTE, ("return first[max(votes, key=votes.get)]", "return results[first[max(votes, key=votes.get)]]")),
    # the rarest
    changed(VOTE, ("max(votes", "min(votes")),
    # the first that runs
    changed(VOTE, ("max(votes, key=votes.get)", "next(iter(votes))")),
    # the place among those that vote
    changed(VOTE, ("first.setdefault(key, place)", "first.setdefault(key, sum(votes.values()) - 1)")),
    # 0 where nobody votes
    changed(VOTE, ("return None", "return 0")),
]  # fmt: skip

PLAN = """
def best_plan(rows, level, budget):
    best = None
    for row in rows:
        if row["level"] != level or row["tokens"] > budget:
            continue
        worth = (row["accuracy"], -row["tokens"])
        if best is None or worth > (best["accuracy"], -best["tokens"]):
            best = row
    return None if best is None else (best["method"], best["k"])
"""

PLAN_RIGHT = [
    PLAN,
    # sorted
    """
def best_plan(rows, level, budget):
    fits = [r for r in rows if r["level"] == level and r["tokens"] <= budget]
    fits = sorted(fits, key=lambda r: (-r["accuracy"], r["tokens"]))
    return (fits[0]["method"], fits[0]["k"]) if fits else None
""",
    # min
    """
def best_plan(rows, level, budget):
    fits = [r for r in rows if r["level"] == level and not r["tokens"] > budget]
    if not fits:
        return None
    best = min(fits, key=lambda r: (-r["accuracy"], r["tokens"]))
    return best["method"], best["k"]
""",
    # pandas
    """
def best_plan(rows, level, budget):
    table = pd.DataFrame(rows, columns=["level", "method", "k", "tokens", "accuracy"])
    table = table[(table["level"] == level) & (table["tokens"] <= budget)]
    if table.empty:
        return None
    table = table.sort_values(["accuracy", "tokens"], ascending=[False, True], kind="stable")
    return table.iloc[0]["method"], int(table.iloc[0]["k"])
""",
    # two passes
    """
def best_plan(rows, level, budget):
    fits = [r for r in rows if r["level"] == level and r["tokens"] <= budget]
    top = max((r["accuracy"] for r in fits), default=None)
    fits = [r for r in fits if r["accuracy"] == top]
    cheapest = min((r["tokens"] for r in fits), default=None)
    for r in fits:
        if r["tokens"] == cheapest:
            return (r["method"], r["k"])
    return None
""",
    # filter and try
    """
def best_plan(rows, level, budget):
    possible = filter(lambda r: r["level"] == level and r["tokens"] <= budget, rows)
    try:
        best = max(possible, key=lambda r: (r["accuracy"], -r["tokens"]))
    except ValueError:
        return None
    return (best["method"], best["k"])
""",
    # a tuple for each row
    """
def best_plan(rows, level, budget):
    ranked = [
        (-row["accuracy"], row["tokens"], place)
        for place, row in enumerate(rows)
        if row["level"] == level and row["tokens"] <= budget
    ]
    if len(ranked) == 0:
        return None
    place = min(ranked)[2]
    return rows[place]["method"], rows[place]["k"]
""",
    # a list is as good as a pair
    """
def best_plan(rows, level, budget):
    chosen = []
    for row in sorted(rows, key=lambda row: row["tokens"]):
        if row["level"] == level and row["tokens"] <= budget:
            if not chosen or row["accuracy"] > chosen[2]:
                chosen = [row["method"], row["k"], row["accuracy"]]
    return chosen[:2] if chosen else None
""",
]

PLAN_WRONG = [
    # any level
    changed(PLAN, ('row["level"] != level or ', "")),
    # any price
    changed(PLAN, (' or row["tokens"] > budget', "")),
    # the budget itself is too dear
    changed(PLAN, ('row["tokens"] > budget', 'row["tokens"] >= budget')),
    # of equals the dearer
    changed(PLAN, ('-row["tokens"]', 'row["tokens"]'), ('-best["tokens"]', 'best["tokens"]')),
    # of equals the first, whatever the price
    changed(PLAN, ('(row["accuracy"], -row["tokens"])', 'row["accuracy"]'), ('(best["accuracy"], -best["tokens"])', 'best["accuracy"]')),
    # of equals the last
    changed(PLAN, ("worth > (", "worth >= (")),
    # the cheapest
    changed(PLAN, ('(row["accuracy"], -row["tokens"])', '(-row["tokens"], row["accuracy"])'), ('(best["accuracy"], -best["tokens"])', '(-best["tokens"], best["accuracy"])')),
    # the worst
    changed(PLAN, ("worth > (", "worth < (")),
    # accuracy for a token
    changed(PLAN, ('(row["accuracy"], -row["tokens"])', 'row["accuracy"] / row["tokens"]'), ('(best["accuracy"], -best["tokens"])', 'best["accuracy"] / best["tokens"]')),
    # the method alone
    changed(PLAN, ('(best["method"], best["k"])', 'best["method"]')),
    # the whole row
    changed(PLAN, ('(best["method"], best["k"])', "best")),
    # an error where nothing fits
    changed(PLAN, ("return None if best is None else ", "return ")),
    # the cheapest row of the level where nothing fits
    changed(PLAN, ("    return None", "    if best is None and rows:\n        best = min(rows, key=lambda row: row['tokens'])\n    return None")),
    # the largest width
    changed(PLAN, ('(row["accuracy"], -row["tokens"])', 'row["k"]'), ('(best["accuracy"], -best["tokens"])', 'best["k"]')),
]  # fmt: skip

VARIANTS = {
    "ex1_rollout_value": {"points": 2, "right": ROLL_RIGHT, "wrong": ROLL_WRONG},
    "ex2_beam": {"points": 3, "right": BEAM_RIGHT, "wrong": BEAM_WRONG},
    "ex3_dvts": {"points": 2, "right": DVTS_RIGHT, "wrong": DVTS_WRONG},
    "ex4_particles": {"points": 3, "right": PART_RIGHT, "wrong": PART_WRONG},
    "ex5_select_and_back_up": {"points": 3, "right": TREE_RIGHT, "wrong": TREE_WRONG},
    "ex6_run_query": {"points": 3, "right": QUERY_RIGHT, "wrong": QUERY_WRONG},
    "ex7_result_vote": {"points": 2, "right": VOTE_RIGHT, "wrong": VOTE_WRONG},
    "ex8_best_plan": {"points": 2, "right": PLAN_RIGHT, "wrong": PLAN_WRONG},
}
