"""Other ways to write the exercises of notebook 09; see README.md."""

COST_RIGHT = [
    # one expression for each key
    """
def cost(price, read, written, cached=0):
    return {
        "dollars": ((read - cached) * price.read + cached * price.cached + sum(written) * price.write) / 1e6,
        "seconds": (read - cached) / price.reading + max([*written, 0]) / price.writing,
        "flops": 2 * price.parameters * (read - cached + sum(written)),
    }
""",
    # a loop
    """
def cost(price, read, written, cached=0):
    total, longest = 0, 0
    for tokens in written:
        total += tokens
        longest = max(longest, tokens)
    fresh = read - cached
    result = {}
    result["dollars"] = (fresh * price.read + cached * price.cached + total * price.write) * 1e-6
    result["seconds"] = fresh / price.reading + longest / price.writing
    result["flops"] = 2.0 * price.parameters * (fresh + total)
    return result
""",
    # if for the empty list
    """
def cost(price, read, written, cached=0):
    fresh = read - cached
    seconds = fresh / price.reading
    if written:
        seconds += max(written) / price.writing
    millions = {"read": fresh / 1e6, "cached": cached / 1e6, "write": sum(written) / 1e6}
    dollars = sum(getattr(price, name) * amount for name, amount in millions.items())
    return dict(dollars=dollars, seconds=seconds, flops=2 * price.parameters * (fresh + sum(written)))
""",
    # numpy
    """
def cost(price, read, written, cached=0):
    lengths = np.array([0, *written], dtype=float)
    fresh = read - cached
    return {
        "dollars": float((fresh * price.read + cached * price.cached + lengths.sum() * price.write) / 1e6),
        "seconds": float(fresh / price.reading + lengths.max() / price.writing),
        "flops": float(2 * price.parameters * (fresh + lengths.sum())),
    }
""",
    # helpers of its own
    """
def in_dollars(price, fresh, cached, total):
    return (fresh * price.read + cached * price.cached + total * price.write) / 1e6


def cost(price, read, written, cached=0):
    fresh, total = read - cached, sum(written)
    return {
        "flops": 2 * price.parameters * (fresh + total),
        "dollars": in_dollars(price, fresh, cached, total),
        "seconds": fresh / price.reading + max(written, default=0) / price.writing,
    }
""",
    # Usage.cost for a part of it
    """
def cost(price, read, written, cached=0):
    used = Usage(1, 0, read - cached, sum(written))
    return {
        "dollars": used.cost(price.read, price.write) + cached * price.cached / 1e6,
        "seconds": used.prompt_tokens / price.reading + max(written, default=0) / price.writing,
        "flops": (used.prompt_tokens + used.output_tokens) * price.parameters * 2,
    }
""",
    # a Counter as the dict, annotated
    """
def cost(price, read: int, written: list[int], cached: int = 0) -> dict[str, float]:
    bill = Counter()
    bill["dollars"] += cached * price.cached / 1e6
    bill["dollars"] += (read - cached) * price.read / 1e6
    for tokens in written:
        bill["dollars"] += tokens * price.write / 1e6
    bill["seconds"] = (read - cached) / price.reading + (max(written) if written else 0) / price.writing
    bill["flops"] = 2 * price.parameters * (read - cached) + 2 * price.parameters * sum(written)
    return dict(bill)
""",
    # sorted
    """
def cost(price, read, written, cached=0):
    *_, longest = sorted([0, *written])
    fresh = read - cached
    flops = price.parameters * 2 * (fresh + sum(written))
    seconds = longest / price.writing + fresh / price.reading
    paid = [(fresh, price.read), (cached, price.cached), (sum(written), price.write)]
    return {"dollars": sum(n * p for n, p in paid) / 10**6, "seconds": seconds, "flops": flops}
""",
]

COST_WRONG = [
    # the speeds exchanged
    """
def cost(price, read, written, cached=0):
    fresh, total = read - cached, sum(written)
    dollars = (fresh * price.read + cached * price.cached + total * price.write) / 1e6
    seconds = fresh / price.writing + max(written, default=0) / price.reading
    return {"dollars": dollars, "seconds": seconds, "flops": 2 * price.parameters * (fresh + total)}
""",
    """
def cost(price, read, written, cached=0):
    raise NotImplementedError()
""",
    # the prompt is paid for each reply
    """
def cost(price, read, written, cached=0):
    fresh, n = read - cached, max(1, len(written))
    dollars = (n * fresh * price.read + cached * price.cached + sum(written) * price.write) / 1e6
    seconds = fresh / price.reading + max(written, default=0) / price.writing
    flops = 2 * price.parameters * (n * fresh + sum(written))
    return {"dollars": dollars, "seconds": seconds, "flops": flops}
""",
    # one after another
    """
def cost(price, read, written, cached=0):
    fresh, total = read - cached, sum(written)
    dollars = (fresh * price.read + cached * price.cached + total * price.write) / 1e6
    seconds = fresh / price.reading + total / price.writing
    return {"dollars": dollars, "seconds": seconds, "flops": 2 * price.parameters * (fresh + total)}
""",
    # only the longest reply is paid
    """
def cost(price, read, written, cached=0):
    fresh, longest = read - cached, max(written, default=0)
    dollars = (fresh * price.read + cached * price.cached + longest * price.write) / 1e6
    seconds = fresh / price.reading + longest / price.writing
    return {"dollars": dollars, "seconds": seconds, "flops": 2 * price.parameters * (fresh + longest)}
""",
    # dollars a token instead of a million tokens
    """
def cost(price, read, written, cached=0):
    fresh, total = read - cached, sum(written)
    dollars = fresh * price.read + cached * price.cached + total * price.write
    seconds = fresh / price.reading + max(written, default=0) / price.writing
    return {"dollars": dollars, "seconds": seconds, "flops": 2 * price.parameters * (fresh + total)}
""",
    # without the 2
    """
def cost(price, read, written, cached=0):
    fresh, total = read - cached, sum(written)
    dollars = (fresh * price.read + cached * price.cached + total * price.write) / 1e6
    seconds = fresh / price.reading + max(written, default=0) / price.writing
    return {"dollars": dollars, "seconds": seconds, "flops": price.parameters * (fresh + total)}
""",
    # cached tokens are paid twice
    """
def cost(price, read, written, cached=0):
    total = sum(written)
    dollars = (read * price.read + cached * price.cached + total * price.write) / 1e6
    seconds = (read - cached) / price.reading + max(written, default=0) / price.writing
    return {"dollars": dollars, "seconds": seconds, "flops": 2 * price.parameters * (read - cached + total)}
""",
    # cached tokens are free
    """
def cost(price, read, written, cached=0):
    fresh, total = read - cached, sum(written)
    dollars = (fresh * price.read + total * price.write) / 1e6
    seconds = fresh / price.reading + max(written, default=0) / price.writing
    return {"dollars": dollars, "seconds": seconds, "flops": 2 * price.parameters * (fresh + total)}
""",
    # cached tokens take time and arithmetic
    """
def cost(price, read, written, cached=0):
    total = sum(written)
    dollars = ((read - cached) * price.read + cached * price.cached + total * price.write) / 1e6
    seconds = read / price.reading + max(written, default=0) / price.writing
    return {"dollars": dollars, "seconds": seconds, "flops": 2 * price.parameters * (read + total)}
""",
    # fails where nothing is written
    """
def cost(price, read, written, cached=0):
    fresh, total = read - cached, sum(written)
    dollars = (fresh * price.read + cached * price.cached + total * price.write) / 1e6
    seconds = fresh / price.reading + max(written) / price.writing
    return {"dollars": dollars, "seconds": seconds, "flops": 2 * price.parameters * (fresh + total)}
""",
    # the prices of reading and writing exchanged
    """
def cost(price, read, written, cached=0):
    fresh, total = read - cached, sum(written)
    dollars = (fresh * price.write + cached * price.cached + total * price.read) / 1e6
    seconds = fresh / price.writing + max(written, default=0) / price.reading
    return {"dollars": dollars, "seconds": seconds, "flops": 2 * price.parameters * (fresh + total)}
""",
    # the speed multiplied instead of divided
    """
def cost(price, read, written, cached=0):
    fresh, total = read - cached, sum(written)
    dollars = (fresh * price.read + cached * price.cached + total * price.write) / 1e6
    seconds = fresh * price.reading + max(written, default=0) * price.writing
    return {"dollars": dollars, "seconds": seconds, "flops": 2 * price.parameters * (fresh + total)}
""",
    # a tuple
    """
def cost(price, read, written, cached=0):
    fresh, total = read - cached, sum(written)
    dollars = (fresh * price.read + cached * price.cached + total * price.write) / 1e6
    seconds = fresh / price.reading + max(written, default=0) / price.writing
    return dollars, seconds, 2 * price.parameters * (fresh + total)
""",
    # reading is forgotten in the arithmetic
    """
def cost(price, read, written, cached=0):
    fresh, total = read - cached, sum(written)
    dollars = (fresh * price.read + cached * price.cached + total * price.write) / 1e6
    seconds = fresh / price.reading + max(written, default=0) / price.writing
    return {"dollars": dollars, "seconds": seconds, "flops": 2 * price.parameters * total}
""",
]

CROSSING_RIGHT = [
    # sorted first
    """
def crossing(points, single):
    for point in sorted(points, key=lambda p: p["n"]):
        if point["accuracy"] >= single["accuracy"]:
            return {"n": point["n"]} | {c: point[c] / single[c] for c in CURRENCIES}
    return None
""",
    # a loop that keeps the best
    """
def crossing(points, single):
    best = None
    for point in points:
        if point["accuracy"] < single["accuracy"]:
            continue
        if best is None or point["n"] < best["n"]:
            best = point
    if best is not None:
        result = {"n": best["n"]}
        for name in CURRENCIES:
            result[name] = best[name] / single[name]
        return result
""",
    # filter and default
    """
def crossing(points, single):
    good = filter(lambda p: p["accuracy"] >= single["accuracy"], points)
    first = min(good, key=lambda p: p["n"], default=None)
    return first and {"n": first["n"], **{k: first[k] / single[k] for k in CURRENCIES}}
""",
    # a data frame
    """
def crossing(points, single):
    if not points:
        return None
    frame = pd.DataFrame(points).sort_values("n")
    frame = frame[frame["accuracy"] >= single["accuracy"]]
    if frame.empty:
        return None
    row = frame.iloc[0]
    return {"n": int(row["n"]), **{name: float(row[name] / single[name]) for name in CURRENCIES}}
""",
    # the names by hand
    """
def crossing(points, single):
    sizes = [point["n"] for point in points if not point["accuracy"] < single["accuracy"]]
    if len(sizes) == 0:
        return None
    [point] = [point for point in points if point["n"] == min(sizes)]
    return {
        "n": point["n"],
        "tokens": point["tokens"] / single["tokens"],
        "flops": point["flops"] / single["flops"],
        "dollars": point["dollars"] / single["dollars"],
        "seconds": point["seconds"] / single["seconds"],
    }
""",
    # by n in a dict
    """
def crossing(points, single):
    by_n = {point["n"]: point for point in points}
    for n in sorted(by_n):
        if by_n[n]["accuracy"] >= single["accuracy"]:
            break
    else:
        return None
    return dict([("n", n)] + [(name, by_n[n][name] / single[name]) for name in CURRENCIES])
""",
    # next
    """
def crossing(points, single):
    ordered = sorted(points, key=lambda point: point["n"])
    first = next((point for point in ordered if point["accuracy"] >= single["accuracy"]), None)
    if first is None:
        return None
    return {name: first[name] / single[name] if name != "n" else first["n"] for name in ("n", *CURRENCIES)}
""",
    # an exception for the empty case
    """
def crossing(points, single):
    try:
        n = min(point["n"] for point in points if point["accuracy"] >= single["accuracy"])
    except ValueError:
        return None
    point = next(point for point in points if point["n"] == n)
    return {"n": n, **{name: point[name] / single[name] for name in CURRENCIES}}
""",
]

CROSSING_WRONG = [
    """
def crossing(points, single):
    raise NotImplementedError()
""",
    # strictly better
    """
def crossing(points, single):
    good = [point for point in points if point["accuracy"] > single["accuracy"]]
    if not good:
        return None
    first = min(good, key=lambda point: point["n"])
    return {"n": first["n"], **{name: first[name] / single[name] for name in CURRENCIES}}
""",
    # the first of the list
    """
def crossing(points, single):
    for point in points:
        if point["accuracy"] >= single["accuracy"]:
            return {"n": point["n"], **{name: point[name] / single[name] for name in CURRENCIES}}
    return None
""",
    # the most accurate point
    """
def crossing(points, single):
    if not points:
        return None
    best = max(points, key=lambda point: point["accuracy"])
    if best["accuracy"] < single["accuracy"]:
        return None
    return {"n": best["n"], **{name: best[name] / single[name] for name in CURRENCIES}}
""",
    # the cheapest in tokens
    """
def crossing(points, single):
    good = [point for point in points if point["accuracy"] >= single["accuracy"]]
    if not good:
        return None
    first = min(good, key=lambda point: point["tokens"])
    return {"n": first["n"], **{name: first[name] / single[name] for name in CURRENCIES}}
""",
    # upside down
    """
def crossing(points, single):
    good = [point for point in points if point["accuracy"] >= single["accuracy"]]
    if not good:
        return None
    first = min(good, key=lambda point: point["n"])
    return {"n": first["n"], **{name: single[name] / first[name] for name in CURRENCIES}}
""",
    # differences
    """
def crossing(points, single):
    good = [point for point in points if point["accuracy"] >= single["accuracy"]]
    if not good:
        return None
    first = min(good, key=lambda point: point["n"])
    return {"n": first["n"], **{name: first[name] - single[name] for name in CURRENCIES}}
""",
    # fails when there is no crossing
    """
def crossing(points, single):
    good = [point for point in points if point["accuracy"] >= single["accuracy"]]
    first = min(good, key=lambda point: point["n"])
    return {"n": first["n"], **{name: first[name] / single[name] for name in CURRENCIES}}
""",
    # an empty dict when there is none
    """
def crossing(points, single):
    good = [point for point in points if point["accuracy"] >= single["accuracy"]]
    if not good:
        return {}
    first = min(good, key=lambda point: point["n"])
    return {"n": first["n"], **{name: first[name] / single[name] for name in CURRENCIES}}
""",
    # sorts the caller's list
    """
def crossing(points, single):
    points.sort(key=lambda point: point["n"])
    for point in points:
        if point["accuracy"] >= single["accuracy"]:
            return {"n": point["n"], **{name: point[name] / single[name] for name in CURRENCIES}}
    return None
""",
    # the largest n
    """
def crossing(points, single):
    good = [point for point in points if point["accuracy"] >= single["accuracy"]]
    if not good:
        return None
    first = max(good, key=lambda point: point["n"])
    return {"n": first["n"], **{name: first[name] / single[name] for name in CURRENCIES}}
""",
    # a cost for each sample
    """
def crossing(points, single):
    good = [point for point in points if point["accuracy"] >= single["accuracy"]]
    if not good:
        return None
    first = min(good, key=lambda point: point["n"])
    return {"n": first["n"], **{name: first[name] / first["n"] / single[name] for name in CURRENCIES}}
""",
    # costs themselves
    """
def crossing(points, single):
    good = [point for point in points if point["accuracy"] >= single["accuracy"]]
    if not good:
        return None
    first = min(good, key=lambda point: point["n"])
    return {"n": first["n"], **{name: first[name] for name in CURRENCIES}}
""",
]

ALLOCATE_RIGHT = [
    # helper functions
    """
def doubt_of(first):
    counts = Counter(a for a in first if a is not None)
    top = counts.most_common(1)[0][1] if counts else 0
    return (len(first) - top) / len(first)


def allocate(answers, total, most):
    given = [len(first) for first in answers]
    doubts = [doubt_of(first) for first in answers]
    while sum(given) < total:
        best = None
        for i, doubt in enumerate(doubts):
            if doubt == 0 or given[i] >= most:
                continue
            if best is None or doubt / given[i] > doubts[best] / given[best]:
                best = i
        if best is None:
            return given
        given[best] += 1
    return given
""",
    # a heap
    """
import heapq


def allocate(answers, total, most):
    given, heap = [len(first) for first in answers], []
    doubts = []
    for i, first in enumerate(answers):
        read = [a for a in first if a is not None]
        doubts.append(1 - max(map(read.count, read), default=0) / len(first))
        if doubts[i] > 0 and given[i] < most:
            heap.append((-doubts[i] / given[i], i))
    heapq.heapify(heap)
    for _ in range(total - sum(given)):
        if not heap:
            break
        _, i = heapq.heappop(heap)
        given[i] += 1
        if given[i] < most:
            heapq.heappush(heap, (-doubts[i] / given[i], i))
    return given
""",
    # numpy: argmax takes the first of equals
    """
def allocate(answers, total, most):
    given = np.array([len(first) for first in answers], dtype=int)
    top = [max(Counter(a for a in first if a is not None).values(), default=0) for first in answers]
    doubt = np.array([(len(f) - t) / len(f) for f, t in zip(answers, top)], dtype=float)
    while given.sum() < total:
        need = np.where((given < most) & (doubt > 0), doubt / np.maximum(given, 1), -1.0)
        if not len(need) or need.max() < 0:
            break
        given[need.argmax()] += 1
    return given.tolist()
""",
    # exact fractions
    """
from fractions import Fraction


def allocate(answers, total, most):
    given = [len(first) for first in answers]
    missing = []
    for first in answers:
        votes = Counter(first)
        votes.pop(None, None)
        missing.append(Fraction(len(first) - max(votes.values(), default=0), len(first)))
    left = total - sum(given)
    while left > 0:
        free = [i for i in range(len(given)) if missing[i] and given[i] < most]
        candidates = [(missing[i] / given[i], -i) for i in free]
        if not candidates:
            break
        given[-max(candidates)[1]] += 1
        left -= 1
    return given
""",
    # sort for every sample
    """
def allocate(answers, total, most):
    rows = []
    for i, first in enumerate(answers):
        best = max([first.count(a) for a in set(first) if a is not None] or [0])
        rows.append({"i": i, "n": len(first), "doubt": 1 - best / len(first)})
    while sum(row["n"] for row in rows) < total:
        free = [row for row in rows if row["n"] < most and row["doubt"] > 0]
        if not free:
            break
        sorted(free, key=lambda row: (-row["doubt"] / row["n"], row["i"]))[0]["n"] += 1
    return [row["n"] for row in rows]
""",
    # recursion replaced by a generator of places
    """
def places(doubts, given, most):
    while True:
        open_ones = [i for i in range(len(given)) if doubts[i] > 0 and given[i] < most]
        if not open_ones:
            return
        yield max(open_ones, key=lambda i: doubts[i] / given[i])


def allocate(answers, total, most):
    given = list(map(len, answers))
    doubts = [
        (len(row) - max(Counter(filter(lambda a: a is not None, row)).values(), default=0)) / len(row)
        for row in answers
    ]
    for place in places(doubts, given, most):
        if sum(given) >= total:
            break
        given[place] += 1
    return given
""",
    # default argument of max
    """
def allocate(answers, total, most):
    given = [len(first) for first in answers]
    doubt = []
    for first in answers:
        share = 0.0
        for a in first:
            if a is not None:
                share = max(share, sum(b == a for b in first if b is not None) / len(first))
        doubt.append(1.0 - share)
    spent = sum(given)
    while spent < total:
        chosen = max(
            (i for i in range(len(given)) if doubt[i] > 0 and given[i] < most),
            key=lambda i: (doubt[i] / given[i], -i),
            default=None,
        )
        if chosen is None:
            break
        given[chosen] += 1
        spent += 1
    return given
""",
    # a tuple of lists, votes by hand
    """
def allocate(answers, total, most):
    sizes, doubts = [], []
    for first in answers:
        votes = {}
        for answer in first:
            if answer is not None:
                votes[answer] = votes.get(answer, 0) + 1
        sizes.append(len(first))
        doubts.append((len(first) - max(list(votes.values()) + [0])) / len(first))
    while True:
        if sum(sizes) >= total:
            return sizes
        best, need = -1, 0.0
        for i in range(len(sizes)):
            if sizes[i] < most and doubts[i] / sizes[i] > need:
                best, need = i, doubts[i] / sizes[i]
        if best < 0:
            return sizes
        sizes[best] = sizes[best] + 1
""",
]

_ALLOCATE = """
def allocate(answers, total, most):
    given, doubt = [], []
    for first in answers:
        votes = Counter(answer for answer in first if answer is not None)
        given.append(len(first))
        doubt.append((len(first) - max(votes.values(), default=0)) / len(first))
    while sum(given) < total:
        open_ones = [i for i in range(len(answers)) if doubt[i] > 0 and given[i] < most]
        if not open_ones:
            break
        given[max(open_ones, key=lambda i: doubt[i] / given[i])] += 1
    return given
"""


def _changed(code: str, old: str, new: str) -> str:
    assert old in code
    return code.replace(old, new)


ALLOCATE_WRONG = [
    """
def allocate(answers, total, most):
    raise NotImplementedError()
""",
    # the same for everybody
    """
def allocate(answers, total, most):
    return [min(most, total // len(answers)) for _ in answers] if answers else []
""",
    # None counts as an answer
    _changed(_ALLOCATE, "answer for answer in first if answer is not None", "first"),
    # all to the one in most doubt
    _changed(_ALLOCATE, "doubt[i] / given[i]", "doubt[i]"),
    # no limit for a question
    _changed(_ALLOCATE, " and given[i] < most", ""),
    # sure questions get some, too
    _changed(_ALLOCATE, "doubt[i] > 0 and ", ""),
    # unread samples are left out
    _changed(_ALLOCATE, "        given.append", "        first = [a for a in first if a is not None] or [None]\n        given.append"),
    # ties to the last
    _changed(_ALLOCATE, "lambda i: doubt[i] / given[i]", "lambda i: (doubt[i] / given[i], i)"),
    # the first samples are not counted in the total
    _changed(_ALLOCATE, "while sum(given) < total:", "while sum(given) < total + sum(map(len, answers)):"),
    # the further samples alone
    _changed(_ALLOCATE, "return given", "return [n - len(first) for n, first in zip(given, answers)]"),
    # agreement instead of doubt
    _changed(_ALLOCATE, "(len(first) - max(votes.values(), default=0))", "max(votes.values(), default=0)"),
    # one too many
    _changed(_ALLOCATE, "sum(given) < total", "sum(given) <= total"),
    # in proportion, rounded down
    """
def allocate(answers, total, most):
    doubt = []
    for first in answers:
        votes = Counter(answer for answer in first if answer is not None)
        doubt.append((len(first) - max(votes.values(), default=0)) / len(first))
    left = total - sum(map(len, answers))
    return [
        min(most, len(first) + int(left * d / (sum(doubt) or 1))) for first, d in zip(answers, doubt)
    ]
""",
    # number of different answers as the doubt
    _changed(_ALLOCATE, "(len(first) - max(votes.values(), default=0)) / len(first)", "len(votes) - 1"),
    # fails where nothing could be read
    _changed(_ALLOCATE, "max(votes.values(), default=0)", "max(votes.values())"),
]

CASCADE_RIGHT = [
    # early returns
    """
def cascade(answers, ask_large, agree, support=0):
    read = [answer for answer in answers if answer is not None]
    if read:
        best = max(dict.fromkeys(read), key=read.count)
        if read.count(best) >= agree * len(answers):
            return best
    large = ask_large()
    if large is None:
        return None
    return large if answers.count(large) >= support * max(1, len(answers)) else None
""",
    # a share function inside
    """
def cascade(answers, ask_large, agree, support=0):
    def share(answer):
        return answers.count(answer) / len(answers) if answers else 0.0

    leader_, top = None, 0.0
    for answer in answers:
        if answer is not None and share(answer) > top:
            leader_, top = answer, share(answer)
    if leader_ is not None and top >= agree:
        return leader_
    answer = ask_large()
    return answer if answer is not None and share(answer) >= support else None
""",
    # Counter.most_common keeps the order of first sight
    """
def cascade(answers, ask_large, agree, support=0):
    votes = Counter(a for a in answers if a is not None).most_common(1)
    for answer, count in votes:
        if count / len(answers) >= agree:
            return answer
    second = ask_large()
    backing = sum(a == second for a in answers) / (len(answers) or 1)
    if second is None or backing < support:
        return None
    return second
""",
    # nested ifs
    """
def cascade(answers, ask_large, agree, support=0):
    counts = {}
    for a in answers:
        if a is not None:
            counts[a] = counts.get(a, 0) + 1
    sure = False
    if counts:
        best = max(counts, key=counts.get)
        sure = counts[best] / len(answers) >= agree
    if not sure:
        best = ask_large()
        if best is not None:
            if counts.get(best, 0) / max(len(answers), 1) < support:
                best = None
    return best
""",
    # a loop over the order of sight
    """
def cascade(answers, ask_large, agree, support=0):
    n = len(answers)
    order = list(dict.fromkeys(a for a in answers if a is not None))
    shares = {a: sum(b == a for b in answers) / n for a in order}
    if shares and max(shares.values()) >= agree:
        return next(a for a in order if shares[a] == max(shares.values()))
    large = ask_large()
    if large is None:
        return None
    if shares.get(large, 0.0) >= support:
        return large
    return None
""",
    # sorted with a stable key
    """
def cascade(answers, ask_large, agree, support=0.0):
    votes = Counter(a for a in answers if a is not None)
    ranked = sorted(votes.items(), key=lambda pair: -pair[1])
    if ranked and ranked[0][1] >= agree * len(answers):
        return ranked[0][0]
    said = ask_large()
    supported = said is not None and votes[said] >= support * max(1, len(answers))
    return said if supported else None
""",
    # conditional expressions
    """
def cascade(answers, ask_large, agree, support=0):
    size = len(answers) or 1
    votes = Counter([a for a in answers if a is not None])
    best = max(votes, key=lambda a: votes[a], default=None)
    return (
        best
        if best is not None and votes[best] / size >= agree
        else (lambda large: None if large is None or votes[large] / size < support else large)(ask_large())
    )
""",
    # numpy
    """
def cascade(answers, ask_large, agree, support=0):
    texts = list(dict.fromkeys(a for a in answers if a is not None))
    shares = np.array([answers.count(a) for a in texts]) / max(1, len(answers))
    if texts and shares.max() >= agree:
        return texts[int(shares.argmax())]
    large = ask_large()
    backing = shares[texts.index(large)] if large in texts else 0.0
    return None if large is None or backing < support else large
""",
]

_CASCADE = """
def cascade(answers, ask_large, agree, support=0):
    votes = Counter(answer for answer in answers if answer is not None)
    size = max(1, len(answers))
    if votes:
        best = max(votes, key=votes.get)
        if votes[best] / size >= agree:
            return best
    answer = ask_large()
    if answer is not None and votes[answer] / size >= support:
        return answer
    return None
"""

CASCADE_WRONG = [
    """
def cascade(answers, ask_large, agree, support=0):
    raise NotImplementedError()
""",
    # always asks
    """
def cascade(answers, ask_large, agree, support=0):
    large = ask_large()
    votes = Counter(answer for answer in answers if answer is not None)
    size = max(1, len(answers))
    if votes and max(votes.values()) / size >= agree:
        return max(votes, key=votes.get)
    return large if large is not None and votes[large] / size >= support else None
""",
    # asks twice
    """
def cascade(answers, ask_large, agree, support=0):
    votes = Counter(answer for answer in answers if answer is not None)
    size = max(1, len(answers))
    if votes and max(votes.values()) / size >= agree:
        return max(votes, key=votes.get)
    if ask_large() is not None and votes[ask_large()] / size >= support:
        return ask_large()
    return None
""",
    # more than agree
    _changed(_CASCADE, "votes[best] / size >= agree", "votes[best] / size > agree"),
    # unread samples do not count
    _changed(_CASCADE, "size = max(1, len(answers))", "size = max(1, sum(votes.values()))"),
    # None is an answer
    _changed(_CASCADE, "answer for answer in answers if answer is not None", "answers"),
    # the last of equals
    _changed(_CASCADE, "max(votes, key=votes.get)", "max(reversed(list(votes)), key=votes.get)"),
    # more than support
    _changed(_CASCADE, "votes[answer] / size >= support", "votes[answer] / size > support"),
    # support is not looked at
    _changed(_CASCADE, "answer is not None and votes[answer] / size >= support", "answer is not None"),
    # without support the small model's leader
    _changed(_CASCADE, "    return None", "    return max(votes, key=votes.get, default=None)"),
    # the large model's answer even where it has none: its text
    _changed(_CASCADE, "answer = ask_large()", "answer = str(ask_large())"),
    # the function itself
    _changed(_CASCADE, "answer = ask_large()", "answer = ask_large"),
    # agree as a number of votes
    _changed(_CASCADE, "votes[best] / size >= agree", "votes[best] >= agree"),
    # fails without samples
    _changed(_CASCADE, "    if votes:\n        best", "    if True:\n        best"),
    # takes the unread ones out of the caller's list
    _changed(_CASCADE, "    size =", "    while None in answers:\n        answers.remove(None)\n    size ="),
]

POLICY_RIGHT = [
    # the lead of the best answer, weighed by who said it
    """
def policy(question, tools):
    lead = {}
    for draw, n, weight in [(tools.small, 3, 1), (tools.large, 1, 2)] + 2 * [(tools.large, 2, 2)]:
        try:
            replies = draw(n)
        except OutOfBudget:
            return None
        for reply in replies:
            if reply.sums_hold and reply.answer:
                lead[reply.answer] = lead.get(reply.answer, 0) + weight
        ranked = sorted(lead.values(), reverse=True) + [0, 0]
        if ranked[0] - ranked[1] >= 3:
            return max(lead, key=lead.get)
    return None
""",
    # a chain of conditions
    """
def policy(question, tools):
    small = [r.answer for r in tools.small(2) if r.answer and r.sums_hold]
    if len(small) == 2 and small[0] == small[1]:
        return small[0]
    large = [r.answer for r in tools.large(2) if r.answer and r.sums_hold]
    if len(large) == 2 and large[0] == large[1]:
        return large[0]
    both = small + large
    for answer in both:
        if answer in large and answer in small:
            return answer
    if tools.left > 0.0003:
        more = both + [r.answer for r in tools.large(2) if r.answer and r.sums_hold]
        best = max(more, key=more.count, default=None)
        if more.count(best) >= 3:
            return best
    return None
""",
    # the large model alone, twice or four times
    """
def policy(question, tools):
    found = [reply for reply in tools.large(2) if reply.sums_hold]
    if len({reply.answer for reply in found}) != 1 or len(found) < 2:
        try:
            found += [reply for reply in tools.large(2) if reply.sums_hold]
        except OutOfBudget:
            return None
    votes = Counter(reply.answer for reply in found if reply.answer)
    if not votes:
        return None
    [(answer, count), *_] = votes.most_common()
    return answer if count >= 2 and count > sum(votes.values()) / 2 else None
""",
    # one at a time until two lie between the first and the second
    """
def policy(question, tools):
    votes = Counter()
    try:
        for _ in range(6):
            [reply] = tools.large()
            if reply.answer is not None and reply.sums_hold:
                votes[reply.answer] += 1
            top = [count for _, count in votes.most_common(2)] + [0, 0]
            if top[0] - top[1] >= 2:
                return votes.most_common(1)[0][0]
    except OutOfBudget:
        pass
    return None
""",
    # with the learner's own cascade
    """
def policy(question, tools):
    small = [reply.answer if reply.sums_hold else None for reply in tools.small(3)]

    def ask_large():
        said = [reply.answer for reply in tools.large(2) if reply.sums_hold and reply.answer]
        if len(said) == 2 and said[0] == said[1]:
            return said[0]
        return next((answer for answer in said if answer in small), None)

    return cascade(small, ask_large, 1.0)
""",
    # another beginning for each kind
    """
def policy(question, tools):
    def trusted(replies):
        return [reply.answer for reply in replies if reply.sums_hold and reply.answer is not None]

    answers = trusted(tools.small(2)) if question.kind == "multiplication" else []
    if len(answers) == 2 and len(set(answers)) == 1:
        return answers[0]
    answers += 2 * trusted(tools.large(2))
    best = max(answers, key=answers.count, default=None)
    if answers.count(best) >= 3:
        return best
    if tools.left < 0.00025:
        return None
    answers += 2 * trusted(tools.large(2))
    best = max(answers, key=answers.count, default=None)
    return best if answers.count(best) >= 5 else None
""",
    # until the money is gone
    """
def policy(question, tools):
    votes, total = Counter(), 0
    while total < 7:
        before = tools.spent
        try:
            replies = tools.large(2 if total == 0 else 1)
        except OutOfBudget:
            break
        for reply in replies:
            total += 1
            votes[reply.answer if reply.sums_hold else None] += 1
        named = [(count, answer) for answer, count in votes.items() if answer is not None]
        if named:
            count, answer = max(named)
            others = sum(n for n, other in named if other != answer)
            if count - others >= 2:
                return answer
        if tools.left < 0.6 * (tools.spent - before):
            break
    return None
""",
    # functions for the parts
    """
def lead_of(votes):
    first, second, *_ = sorted(votes.values(), reverse=True) + [0, 0]
    return first - second


def read(replies, weight, votes):
    for reply in replies:
        if reply.answer is not None:
            votes[reply.answer] += weight if reply.sums_hold else 0


def policy(question, tools):
    votes = Counter()
    read(tools.small(2), 1, votes)
    for _ in range(3):
        try:
            read(tools.large(1), 2, votes)
        except OutOfBudget:
            break
        if lead_of(votes) >= 3:
            return max(votes, key=votes.get)
    return max(votes, key=votes.get) if lead_of(votes) >= 4 else None
""",
]

POLICY_RIGHT += [
    # one model, one call, no second thought
    """
def policy(question, tools):
    votes = Counter(reply.answer for reply in tools.small(8) if reply.sums_hold and reply.answer)
    [(answer, count), *_] = votes.most_common(1) or [(None, 0)]
    return answer if count > sum(votes.values()) / 2 else None
""",
]

POLICY_WRONG = [
    """
def policy(question, tools):
    raise NotImplementedError()
""",
    # silence
    """
def policy(question, tools):
    return None
""",
    # one small reply
    """
def policy(question, tools):
    return tools.small(1)[0].answer
""",
    # a reply instead of its answer
    """
def policy(question, tools):
    replies = tools.large(2)
    return replies[0]
""",
    # a letter that nobody gave
    """
def policy(question, tools):
    return "a"
""",
    # more than there is
    """
def policy(question, tools):
    answers = [reply.answer for reply in tools.large(12) if reply.answer]
    return max(answers, key=answers.count, default=None)
""",
    # the counted votes
    """
def policy(question, tools):
    return Counter(reply.answer for reply in tools.large(2))
""",
    # the rarest answer
    """
def policy(question, tools):
    answers = [reply.answer for reply in tools.small(8) if reply.answer]
    return min(answers, key=answers.count, default=None)
""",
    # luck
    """
def policy(question, tools):
    return random.choice(tools.small(8)).answer
""",
    # a good policy that is silent now and then, by chance
    """
def policy(question, tools):
    if random.random() < 0.1:
        return None
    answers = [reply.answer for reply in tools.small(4) if reply.answer and reply.sums_hold]
    best = max(answers, key=answers.count, default=None)
    return best if answers.count(best) >= 2 else None
""",
    # something is remembered from one question to the next
    """
asked_before = []


def policy(question, tools):
    asked_before.append(question)
    if len(asked_before) % 2:
        return None
    return tools.small(2)[0].answer
""",
    # pays for eight and trusts the first
    """
def policy(question, tools):
    replies = tools.small(8)
    return replies[0].answer
""",
    # a text for silence
    """
def policy(question, tools):
    a, b = tools.small(2)
    return a.answer if a.answer == b.answer else "no answer"
""",
    # without tools
    """
def policy(question):
    return None
""",
    # all answers
    """
def policy(question, tools):
    return [reply.answer for reply in tools.large(2)]
""",
    # the least trusted reply
    """
def policy(question, tools):
    return min(tools.small(6), key=lambda reply: (reply.sums_hold, reply.logprob)).answer
""",
]

VARIANTS = {
    "ex1_cost": {"points": 3, "right": COST_RIGHT, "wrong": COST_WRONG},
    "ex2_crossing": {"points": 2, "right": CROSSING_RIGHT, "wrong": CROSSING_WRONG},
    "ex3_allocate": {"points": 4, "right": ALLOCATE_RIGHT, "wrong": ALLOCATE_WRONG},
    "ex4_cascade": {"points": 3, "right": CASCADE_RIGHT, "wrong": CASCADE_WRONG},
    "ex5_policy": {"points": 4, "right": POLICY_RIGHT, "wrong": POLICY_WRONG},
}
