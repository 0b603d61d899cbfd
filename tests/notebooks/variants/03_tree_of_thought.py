"""Answers to the exercises of 03_tree_of_thought as learners write them: data for the grading tests.

Each text stands in place of the whole solution cell. The right ones must earn full marks; each wrong one must
lose the points of its own exercise and no others. The comment names the mistake.
"""


def changed(code: str, *pairs: tuple[str, str]) -> str:
    """`code` with each (old, new) replaced; an old text that is not there is an error in this file."""
    for old, new in pairs:
        assert old in code, f"{old!r} is not in {code!r}"
        code = code.replace(old, new)
    return code


SAFE_EVAL = """
OPERATIONS = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
    ast.FloorDiv: lambda a, b: Fraction(a // b),
}


def compute(node):
    if isinstance(node, ast.Constant):
        if type(node.value) is not int:
            raise ValueError("not a whole number")
        return Fraction(node.value)
    if isinstance(node, ast.UnaryOp) and type(node.op) is ast.USub:
        return -compute(node.operand)
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATIONS:
        return OPERATIONS[type(node.op)](compute(node.left), compute(node.right))
    raise ValueError("not allowed")


def safe_eval(text):
    if len(text) > MAX_CHARS:
        return None
    text = text.split("=")[0].replace("\\u2212", "-").strip()
    try:
        value = compute(ast.parse(text, mode="eval").body)
    except Exception:
        return None
    return int(value) if value == int(value) else None
"""

SAFE_EVAL_RIGHT = [
    SAFE_EVAL,
    # match, one function inside the other
    """
def safe_eval(text):
    def value(node):
        match node:
            case ast.Constant(value=number) if isinstance(number, int) and not isinstance(number, bool):
                return Fraction(number)
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                return -value(inner)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return value(left) + value(right)
            case ast.BinOp(left=left, op=ast.Sub(), right=right):
                return value(left) - value(right)
            case ast.BinOp(left=left, op=ast.Mult(), right=right):
                return value(left) * value(right)
            case ast.BinOp(left=left, op=ast.Div(), right=right):
                return value(left) / value(right)
            case ast.BinOp(left=left, op=ast.FloorDiv(), right=right):
                return Fraction(value(left) // value(right))
            case _:
                raise ValueError

    if len(text) > MAX_CHARS:
        return None
    before, _, _ = text.partition("=")
    try:
        result = value(ast.parse(before.strip().replace("−", "-"), mode="eval").body)
    except (SyntaxError, ValueError, ZeroDivisionError, RecursionError, MemoryError):
        return None
    if result.denominator != 1:
        return None
    return result.numerator
""",
    # a NodeVisitor
    """
class Computer(ast.NodeVisitor):
    def visit_Expression(self, node):
        return self.visit(node.body)

    def visit_Constant(self, node):
        assert type(node.value) == int
        return Fraction(node.value)

    def visit_UnaryOp(self, node):
        assert isinstance(node.op, ast.USub)
        return -self.visit(node.operand)

    def visit_BinOp(self, node):
        a, b = self.visit(node.left), self.visit(node.right)
        name = type(node.op).__name__
        if name == "Add":
            return a + b
        if name == "Sub":
            return a - b
        if name == "Mult":
            return a * b
        if name == "Div":
            return a / b
        if name == "FloorDiv":
            return Fraction(a // b)
        raise ValueError(name)

    def generic_visit(self, node):
        raise ValueError(type(node).__name__)


def safe_eval(text):
    if len(text) <= MAX_CHARS:
        try:
            value = Computer().visit(ast.parse(text.replace(chr(0x2212), "-").split("=", 1)[0].strip(), mode="eval"))
            if value % 1 == 0:
                return int(value)
        except (AssertionError, SyntaxError, ValueError, ZeroDivisionError):
            pass
    return None
""",
    # numerator and denominator as a pair, by names of the operators
    """
def pair(node):
    kind = type(node).__name__
    if kind == "Constant" and type(node.value) is int:
        return node.value, 1
    if kind == "UnaryOp" and type(node.op).__name__ == "USub":
        a, b = pair(node.operand)
        return -a, b
    if kind != "BinOp":
        raise ValueError(kind)
    (a, b), (c, d) = pair(node.left), pair(node.right)
    name = type(node.op).__name__
    if name in ("Add", "Sub"):
        return a * d + (c if name == "Add" else -c) * b, b * d
    if name == "Mult":
        return a * c, b * d
    if name in ("Div", "FloorDiv") and c != 0:
        return (a * d, b * c) if name == "Div" else ((a * d) // (b * c), 1)
    raise ValueError(name)


def safe_eval(text):
    if len(text) > MAX_CHARS:
        return None
    try:
        over, under = pair(ast.parse(text.partition("=")[0].replace("\\u2212", "-").strip(), mode="eval").body)
    except (SyntaxError, ValueError):
        return None
    return over // under if over % under == 0 else None
""",
    # a table of allowed kinds, checked first; then computed
    """
ALLOWED = (ast.BinOp, ast.UnaryOp, ast.Constant, ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.USub)


def safe_eval(text):
    if not 0 < len(text) <= MAX_CHARS:
        return None
    text = text.split("=", maxsplit=1)[0].replace("−", "-")
    try:
        tree = ast.parse(text.strip(), mode="eval").body
        nodes = list(ast.walk(tree))
        if not all(isinstance(n, ALLOWED) and (type(n) is not ast.Constant or type(n.value) is int) for n in nodes):
            return None
        return whole(compute(tree))
    except (SyntaxError, ValueError, ZeroDivisionError):
        return None


def compute(n):
    if isinstance(n, ast.Constant):
        return Fraction(n.value, 1)
    if isinstance(n, ast.UnaryOp):
        return 0 - compute(n.operand)
    l, r = compute(n.left), compute(n.right)
    if isinstance(n.op, ast.Add): return l + r
    if isinstance(n.op, ast.Sub): return l - r
    if isinstance(n.op, ast.Mult): return l * r
    return l / r if isinstance(n.op, ast.Div) else Fraction((l / r).__floor__())


def whole(value):
    return value.numerator if value.denominator == 1 else None
""",
    # brackets are resolved from the inside, with regular expressions
    r"""
import re

NUMBER = r"-?\d+(?:/\d+)?"


def safe_eval(text):
    if len(text) > MAX_CHARS:
        return None
    try:
        tokens = read(text.split("=")[0].replace("\u2212", "-"))
        value = climb(tokens, 0)
        if tokens:
            return None
    except (ValueError, IndexError, ZeroDivisionError):
        return None
    return int(value) if value == int(value) else None


def read(text):
    found = re.findall(r"\s*(\d+|//|[-+*/()]|\S)", text)
    if any(not re.fullmatch(r"\d+|//|[-+*/()]", token) for token in found):
        raise ValueError
    return found


POWER = {"+": 1, "-": 1, "*": 2, "/": 2, "//": 2}


def climb(tokens, least):
    token = tokens.pop(0)
    if token == "-":
        value = -climb(tokens, 3)
    elif token == "(":
        value = climb(tokens, 0)
        if tokens.pop(0) != ")":
            raise ValueError
    else:
        value = Fraction(int(token))
    while tokens and POWER.get(tokens[0], 0) > least:
        op = tokens.pop(0)
        other = climb(tokens, POWER[op])
        if op == "+":
            value += other
        elif op == "-":
            value -= other
        elif op == "*":
            value *= other
        else:
            value = value / other if op == "/" else Fraction(value // other)
    return value
""",
    # a reader of one's own, without ast
    r"""
import re


def safe_eval(text):
    if len(text) > MAX_CHARS:
        return None
    text = text.split("=")[0].replace("\u2212", "-")
    if re.search(r"[^-\d\s+*/()]|\d\s+\d", text):
        return None
    tokens = re.findall(r"\d+|//|\*\*|.", text.replace(" ", ""))
    position = 0

    def peek():
        return tokens[position] if position < len(tokens) else ""

    def take():
        nonlocal position
        position += 1
        return tokens[position - 1]

    def total():
        value = product()
        while peek() in ("+", "-"):
            value = value + product() if take() == "+" else value - product()
        return value

    def product():
        value = factor()
        while peek() in ("*", "/", "//"):
            op, other = take(), factor()
            value = value * other if op == "*" else value / other if op == "/" else Fraction(value // other)
        return value

    def factor():
        token = take()
        if token == "-":
            return -factor()
        if token == "(":
            value = total()
            if take() != ")":
                raise ValueError
            return value
        return Fraction(int(token))

    try:
        value = total()
    except (IndexError, ValueError, ZeroDivisionError):
        return None
    return int(value) if position == len(tokens) and value.denominator == 1 else None
""",
    # a stack instead of recursion
    """
def safe_eval(text):
    if len(text) > MAX_CHARS:
        return None
    try:
        todo = [ast.parse(text.split("=")[0].strip().replace("\\u2212", "-"), mode="eval").body]
    except (SyntaxError, ValueError):
        return None
    order = []
    while todo:
        node = todo.pop()
        order.append(node)
        if isinstance(node, ast.BinOp):
            todo += [node.left, node.right]
        elif isinstance(node, ast.UnaryOp):
            todo.append(node.operand)
    values = {}
    for node in reversed(order):
        if isinstance(node, ast.Constant) and type(node.value) is int:
            values[node] = Fraction(node.value)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            values[node] = -values[node.operand]
        elif isinstance(node, ast.BinOp):
            a, b = values[node.left], values[node.right]
            if isinstance(node.op, (ast.Div, ast.FloorDiv)) and b == 0:
                return None
            if isinstance(node.op, ast.Add):
                values[node] = a + b
            elif isinstance(node.op, ast.Sub):
                values[node] = a - b
            elif isinstance(node.op, ast.Mult):
                values[node] = a * b
            elif isinstance(node.op, ast.Div):
                values[node] = a / b
            elif isinstance(node.op, ast.FloorDiv):
                values[node] = Fraction(a // b)
            else:
                return None
        else:
            return None
    result = values[order[0]]
    return int(result) if result.denominator == 1 else None
""",
]

SAFE_EVAL_WRONG = [
    "def safe_eval(text):\n    raise NotImplementedError()",
    # eval behind a filter of characters, as in many tutorials
    """
import re


def safe_eval(text):
    text = text.split("=")[0].replace("\\u2212", "-").strip()
    if len(text) > MAX_CHARS or not re.fullmatch(r"[0-9\\s+\\-*/()]+", text):
        return None
    try:
        value = eval(text, {"__builtins__": {}}, {})
    except Exception:
        return None
    return int(value) if value == int(value) else None
""",
    # eval, powers refused: right on all numbers, and still eval
    """
import re


def safe_eval(text):
    text = text.split("=")[0].replace("\\u2212", "-").strip()
    if len(text) > MAX_CHARS or "**" in text or not re.fullmatch(r"[0-9 +\\-*/()]+", text):
        return None
    try:
        value = eval(re.sub(r"(\\d+)", r"Fraction(\\1)", text))
    except Exception:
        return None
    return int(value) if value == int(value) else None
""",
    # floats
    changed(SAFE_EVAL, ("return Fraction(node.value)", "return node.value"), ("Fraction(a // b)", "a // b")),
    # powers as well
    changed(SAFE_EVAL, ("    ast.Div:", "    ast.Pow: lambda a, b: a ** b,\n    ast.Div:")),
    # True counts as 1
    changed(SAFE_EVAL, ("type(node.value) is not int", "not isinstance(node.value, int)")),
    # the value as a Fraction
    changed(SAFE_EVAL, ("return int(value) if", "return value if")),
    # rounds
    changed(SAFE_EVAL, ("return int(value) if value == int(value) else None", "return int(value)")),
    # the long minus is unknown
    changed(SAFE_EVAL, ('.replace("\\u2212", "-")', "")),
    # no minus in front
    changed(SAFE_EVAL, ("type(node.op) is ast.USub", "False")),
    # every sign in front is a minus
    changed(SAFE_EVAL, (" and type(node.op) is ast.USub", "")),
    # the tail is not cut
    changed(SAFE_EVAL, ('.split("=")[0]', "")),
    # the tail instead of the expression
    changed(SAFE_EVAL, ('.split("=")[0]', '.split("=")[-1]')),
    # a space at the beginning is an error
    changed(SAFE_EVAL, (".strip()", "")),
    # division by zero is not caught
    changed(SAFE_EVAL, ("except Exception", "except (SyntaxError, ValueError)")),
    # no limit of length
    changed(SAFE_EVAL, ("len(text) > MAX_CHARS", "False")),
    # the value as text
    changed(SAFE_EVAL, ("return int(value) if", "return str(int(value)) if")),
    # floor division as division
    changed(SAFE_EVAL, ("Fraction(a // b)", "a / b")),
    # floor division rounds towards zero
    changed(SAFE_EVAL, ("Fraction(a // b)", "Fraction(int(a / b))")),
    # a plus in front is let through
    changed(
        SAFE_EVAL,
        (
            "    if isinstance(node, ast.BinOp)",
            "    if isinstance(node, ast.UnaryOp) and type(node.op) is ast.UAdd:\n        return compute(node.operand)\n    if isinstance(node, ast.BinOp)",
        ),
    ),
    # the length is looked at after the tail was cut away
    changed(
        SAFE_EVAL,
        ("    if len(text) > MAX_CHARS:\n        return None\n", ""),
        (".strip()\n", ".strip()\n    if len(text) > MAX_CHARS:\n        return None\n"),
    ),
    # the limit is one too low
    changed(SAFE_EVAL, ("len(text) > MAX_CHARS", "len(text) >= MAX_CHARS")),
    # cut at the last `=`
    changed(SAFE_EVAL, ('text.split("=")[0]', 'text.rpartition("=")[0]')),
    # the remainder as well
    changed(SAFE_EVAL, ("    ast.Div:", "    ast.Mod: lambda a, b: a % b,\n    ast.Div:")),
    # 0 counts as nothing
    changed(
        SAFE_EVAL,
        ("return int(value) if value == int(value)", "return int(value) if value and value == int(value)"),
    ),
]

VOTE = """
def expression_vote(model, questions, k):
    prompts = [make_prompt(SYSTEM_EXPRESSION, q) for q in questions]
    drawn = model.sample(prompts, k, temperature=0.7, max_tokens=MAX_TOKENS)
    result = []
    for samples in drawn:
        texts = [s.text for s in samples]
        values = [safe_eval(t) for t in texts]
        best, most = None, 0
        for value in values:
            if value is not None and values.count(value) > most:
                best, most = value, values.count(value)
        result.append({
            "pred": None if best is None else str(best),
            "expression": None if best is None else texts[values.index(best)],
            "values": values,
            "tokens": sum(s.tokens for s in samples),
        })
    return result
"""

VOTE_RIGHT = [
    VOTE,
    # Counter.most_common keeps the order of first sight
    """
def expression_vote(model, questions, k):
    prompts = [make_prompt(SYSTEM_EXPRESSION, q) for q in questions]
    runs = []
    for samples in model.sample(prompts, n=k, temperature=0.7, max_tokens=MAX_TOKENS):
        values = [safe_eval(s.text) for s in samples]
        common = Counter(v for v in values if v is not None).most_common(1)
        winner = common[0][0] if common else None
        expression = next((s.text for s, v in zip(samples, values) if v == winner), None) if common else None
        runs.append(dict(pred=str(winner) if common else None, expression=expression, values=values,
                         tokens=sum(s.tokens for s in samples)))
    return runs
""",
    # sorted by votes, a stable sort
    """
def expression_vote(model, questions, k):
    prompts = [make_prompt(SYSTEM_EXPRESSION, question) for question in questions]
    drawn = model.sample(prompts, k, temperature=0.7, max_tokens=MAX_TOKENS)
    return [one_run(samples) for samples in drawn]


def one_run(samples):
    values = [safe_eval(sample.text) for sample in samples]
    seen = [value for value in dict.fromkeys(values) if value is not None]
    seen.sort(key=values.count, reverse=True)
    run = {"pred": None, "expression": None, "values": values, "tokens": sum(sample.tokens for sample in samples)}
    if seen:
        run["pred"], run["expression"] = str(seen[0]), samples[values.index(seen[0])].text
    return run
""",
    # places by value
    """
def expression_vote(model, questions, k):
    runs = []
    drawn = model.sample([make_prompt(SYSTEM_EXPRESSION, q) for q in questions], k, temperature=0.7, max_tokens=MAX_TOKENS)
    for row in drawn:
        places = {}
        values = []
        for i, sample in enumerate(row):
            values.append(safe_eval(sample.text))
            if values[-1] is not None:
                places.setdefault(values[-1], []).append(i)
        best = max(places.values(), key=len, default=None)
        runs.append({
            "pred": f"{values[best[0]]}" if best else None,
            "expression": row[best[0]].text if best else None,
            "values": values,
            "tokens": sum([sample.tokens for sample in row]),
        })
    return runs
""",
    # zip of questions and rows, statistics.mode
    """
from statistics import mode


def expression_vote(model, questions, k):
    rows = model.sample(prompts=[make_prompt(SYSTEM_EXPRESSION, q) for q in questions], n=k, temperature=0.7,
                        max_tokens=MAX_TOKENS)
    out = [None] * len(questions)
    for i, row in enumerate(rows):
        values = [safe_eval(s.text) for s in row]
        voters = [v for v in values if v is not None]
        winner = mode(voters) if voters else None
        text = next((s.text for s, v in zip(row, values) if v is not None and v == winner), None)
        out[i] = {"values": values, "tokens": sum(s.tokens for s in row), "expression": text,
                  "pred": str(winner) if voters else None}
    return out
""",
    # a helper of one's own
    """
def winner_of(values):
    voters = [v for v in values if v is not None]
    return max(voters, key=voters.count) if voters else None


def expression_vote(model, questions, k):
    drawn = model.sample([make_prompt(SYSTEM_EXPRESSION, q) for q in questions], k, temperature=0.7, max_tokens=MAX_TOKENS)
    result = []
    for row in drawn:
        values = list(map(safe_eval, (s.text for s in row)))
        winner = winner_of(values)
        run = {"values": values, "tokens": 0, "pred": None, "expression": None}
        for s in row:
            run["tokens"] += s.tokens
        if winner is not None:
            run["pred"] = f"{winner}"
            run["expression"] = row[values.index(winner)].text
        result.append(run)
    return result
""",
    # a dict of lists
    """
def expression_vote(model, questions, k):
    prompts = []
    for question in questions:
        prompts.append([{"role": "system", "content": SYSTEM_EXPRESSION}, {"role": "user", "content": question}])
    out = []
    for samples in model.sample(prompts, k, temperature=0.7, max_tokens=MAX_TOKENS, seed=3):
        groups, values = {}, []
        for sample in samples:
            value = safe_eval(sample.text)
            values.append(value)
            if value is not None:
                groups.setdefault(value, []).append(sample.text)
        out.append({"pred": None, "expression": None, "values": values, "tokens": sum(s.tokens for s in samples)})
        if groups:
            best = max(groups, key=lambda value: len(groups[value]))
            out[-1].update(pred=str(best), expression=groups[best][0])
    return out
""",
    # pandas
    """
def expression_vote(model, questions, k):
    drawn = model.sample([make_prompt(SYSTEM_EXPRESSION, q) for q in questions], k, temperature=0.7,
                         max_tokens=MAX_TOKENS)
    runs = []
    for samples in drawn:
        table = pd.DataFrame({"text": [s.text for s in samples], "tokens": [s.tokens for s in samples]})
        values = [safe_eval(text) for text in table["text"]]
        pairs = [(v, t) for v, t in zip(values, table["text"]) if v is not None]
        counts = {}
        for v, _ in pairs:
            counts[v] = counts.get(v, 0) + 1
        top = max(counts.values(), default=0)
        winner = [(v, t) for v, t in pairs if counts[v] == top][:1]
        runs.append({"pred": str(winner[0][0]) if winner else None, "expression": winner[0][1] if winner else None,
                     "values": values, "tokens": int(table["tokens"].sum())})
    return runs
""",
]

VOTE_WRONG = [
    "def expression_vote(model, questions, k):\n    raise NotImplementedError()",
    # the first valid one
    changed(VOTE, ("values.count(value) > most", "best is None")),
    # None votes
    changed(VOTE, ("value is not None and values", "values")),
    # zero never votes
    changed(VOTE, ("if value is not None and", "if value and")),
    # a tie goes to the last
    changed(VOTE, ("values.count(value) > most", "values.count(value) >= most")),
    # texts are counted instead of values
    changed(VOTE, ("values.count(value) > most", "texts.count(texts[values.index(value)]) > most")),
    # the answer as a number
    changed(VOTE, ("else str(best)", "else best")),
    # "None" as text
    changed(VOTE, ("None if best is None else str(best)", "str(best)")),
    # one sample only
    changed(VOTE, ("model.sample(prompts, k,", "model.sample(prompts, 1,")),
    # greedy
    changed(VOTE, ("temperature=0.7", "temperature=0.0")),
    # tokens of the winner alone
    changed(VOTE, ("sum(s.tokens for s in samples)", "samples[0].tokens")),
    # the last expression with this value
    changed(VOTE, ("texts[values.index(best)]", "texts[-1 - values[::-1].index(best)]")),
    # tokens of the computable samples alone
    changed(
        VOTE,
        ("sum(s.tokens for s in samples)", "sum(s.tokens for s, v in zip(samples, values) if v is not None)"),
    ),
    # ties by the order in a set
    changed(VOTE, ("for value in values:", "for value in set(values):")),
    # ties by the larger value
    changed(VOTE, ("values.count(value) > most", "(values.count(value), value) > (most, best or 0)")),
    # a dict with questions as keys: a question that stands twice is lost
    changed(
        VOTE,
        ("    result = []\n", "    result = {}\n"),
        ("for samples in drawn:", "for q, samples in zip(questions, drawn):"),
        ("result.append({", "result[q] = ({"),
        ("return result", "return list(result.values())"),
    ),
    # another temperature than asked for
    changed(VOTE, ("temperature=0.7", "temperature=1.0")),
    # max_tokens is left to its default by mistake of the name
    changed(VOTE, ("max_tokens=MAX_TOKENS", "max_tokens=32")),
    # unread values disappear
    changed(VOTE, ('"values": values', '"values": [v for v in values if v is not None]')),
    # the wrong prompt
    changed(VOTE, ("SYSTEM_EXPRESSION", "FINAL_FORMAT")),
    # one call a question
    """
def expression_vote(model, questions, k):
    runs = []
    for q in questions:
        [samples] = model.sample([make_prompt(SYSTEM_EXPRESSION, q)], k, temperature=0.7, max_tokens=MAX_TOKENS)
        values = [safe_eval(s.text) for s in samples]
        votes = Counter(v for v in values if v is not None)
        winner = max(votes, key=votes.get) if votes else None
        runs.append({"pred": str(winner) if votes else None,
                     "expression": samples[values.index(winner)].text if votes else None,
                     "values": values, "tokens": sum(s.tokens for s in samples)})
    return runs
""",
]

EXPAND = """
def expand(model, prompts, states, k):
    drawn = model.sample([conversation(prompts, s) for s in states], k, temperature=1.0, max_tokens=MAX_LINE, stop=["\\n"])
    new, seen = [], set()
    for state, samples in zip(states, drawn):
        for sample in samples:
            line = sample.text
            if line.strip() == "" or (state.problem, state.lines, line) in seen:
                continue
            seen.add((state.problem, state.lines, line))
            new.append(state.then(line, sample.logprob))
    return new
"""

EXPAND_RIGHT = [
    EXPAND,
    # a dict comprehension, backwards, so that the first stays
    """
def expand(model, prompts, states, k):
    conversations = [conversation(prompts, state) for state in states]
    rows = model.sample(conversations, n=k, stop=("\\n",), temperature=1.0, max_tokens=MAX_LINE)
    made = [s.then(x.text, x.logprob) for s, row in zip(states, rows) for x in row if x.text.strip()]
    return list({(s.problem, s.lines): s for s in reversed(made)}.values())
""",
    # State by hand, stripped lines
    """
def expand(model, prompts, states, k):
    out = {}
    rows = model.sample([conversation(prompts, s) for s in states], k, temperature=1.0, max_tokens=MAX_LINE, stop=["\\n"])
    for i in range(len(states)):
        for x in rows[i]:
            line = x.text.strip()
            if line:
                s = State(states[i].problem, states[i].lines + (line,), states[i].logprob + x.logprob)
                if (s.problem, s.lines) not in out:
                    out[(s.problem, s.lines)] = s
    return [*out.values()]
""",
    # one dict for each state
    """
def expand(model, prompts, states, k):
    rows = model.sample([conversation(prompts, s) for s in states], k, temperature=1.0, max_tokens=MAX_LINE, stop=["\\n"])
    new = []
    for state, row in zip(states, rows):
        by_line = {}
        for sample in row:
            if not sample.text.strip():
                continue
            if sample.text not in by_line:
                by_line[sample.text] = state.then(sample.text, sample.logprob)
        new.extend(by_line.values())
    return new
""",
    # dataclasses.replace
    """
from dataclasses import replace


def expand(model, prompts, states, k):
    chats = list(map(lambda s: conversation(prompts, s), states))
    drawn = model.sample(chats, k, max_tokens=MAX_LINE, temperature=1.0, stop=["\\n"], progress=False)
    known, out = set(), []
    for state, samples in zip(states, drawn):
        for sample in filter(lambda x: x.text.strip() != "", samples):
            new = replace(state, lines=state.lines + (sample.text,), logprob=state.logprob + sample.logprob)
            key = (new.problem,) + new.lines
            if key not in known:
                known.add(key)
                out.append(new)
    return out
""",
    # nested comprehension, merged afterwards
    """
def expand(model, prompts, states, k):
    if not states:
        return []
    drawn = model.sample([conversation(prompts, state) for state in states], k,
                         temperature=1.0, max_tokens=MAX_LINE, stop=["\\n"])
    every = [s.then(x.text, x.logprob) for s, xs in zip(states, drawn) for x in xs if len(x.text.split()) > 0]
    first = {}
    for new in every:
        first[new.problem, new.lines] = first.get((new.problem, new.lines), new)
    return sorted(first.values(), key=lambda s: s.problem)
""",
    # a generator
    """
def successors(model, prompts, states, k):
    rows = model.sample([conversation(prompts, s) for s in states], k, temperature=1.0, max_tokens=MAX_LINE, stop="\\n")
    for state, row in zip(states, rows, strict=True):
        texts = []
        for x in row:
            if x.text.strip() and x.text not in texts:
                texts.append(x.text)
                yield state.then(x.text, x.logprob)


def expand(model, prompts, states, k):
    return list(successors(model, prompts, states, k))
""",
    # conversations written out
    """
def expand(model, prompts, states, k):
    chats = []
    for s in states:
        chat = list(prompts[s.problem])
        if s.lines:
            chat.append({"role": "assistant", "content": "\\n".join(s.lines) + "\\n"})
        chats.append(chat)
    if not chats:
        return []
    found = []
    for s, row in zip(states, model.sample(chats, k, temperature=1.0, max_tokens=MAX_LINE, stop=["\\n"], seed=5)):
        for x in row:
            new = s.then(x.text, x.logprob)
            known = any(new.problem == old.problem and new.lines == old.lines for old in found)
            if not known and not x.text.isspace() and x.text:
                found.append(new)
    return found
""",
]

EXPAND_WRONG = [
    "def expand(model, prompts, states, k):\n    raise NotImplementedError()",
    # no stop: whole solutions
    changed(EXPAND, (', stop=["\\n"]', "")),
    # the first line of whole solutions: paid for in full, and the log-probability is that of the whole
    changed(EXPAND, (', stop=["\\n"]', ""), ("line = sample.text", 'line = sample.text.split("\\n")[0]')),
    # from the root every time
    changed(EXPAND, ("conversation(prompts, s)", "prompts[s.problem]")),
    # always the first problem's prompt
    changed(EXPAND, ("conversation(prompts, s)", "conversation(prompts, State(0, s.lines))")),
    # equal states stay
    changed(EXPAND, (" or (state.problem, state.lines, line) in seen", "")),
    # states that end in the same line are one, whatever stands before it
    """
def expand(model, prompts, states, k):
    drawn = model.sample([conversation(prompts, s) for s in states], k, temperature=1.0, max_tokens=MAX_LINE, stop=["\\n"])
    found = {}
    for s, row in zip(states, drawn):
        for x in row:
            if x.text.strip():
                found.setdefault((s.problem, x.text), s.then(x.text, x.logprob))
    return list(found.values())
""",
    # of equal states the last stays
    """
def expand(model, prompts, states, k):
    drawn = model.sample([conversation(prompts, s) for s in states], k, temperature=1.0, max_tokens=MAX_LINE, stop=["\\n"])
    made = [s.then(x.text, x.logprob) for s, row in zip(states, drawn) for x in row if x.text.strip()]
    return list({(s.problem, s.lines): s for s in made}.values())
""",
    # a set of states: equal lines with other log-probabilities stay
    """
def expand(model, prompts, states, k):
    drawn = model.sample([conversation(prompts, s) for s in states], k, temperature=1.0, max_tokens=MAX_LINE, stop=["\\n"])
    return list({s.then(x.text, x.logprob) for s, row in zip(states, drawn) for x in row if x.text.strip()})
""",
    # the most probable of equal states' sum
    changed(
        EXPAND,
        (
            "state.then(line, sample.logprob)",
            "state.then(line, sum(s.logprob for s in samples if s.text == line))",
        ),
    ),
    # room for a whole reply
    changed(EXPAND, ("max_tokens=MAX_LINE", "max_tokens=MAX_TOKENS")),
    # another temperature than asked for
    changed(EXPAND, ("temperature=1.0", "temperature=0.5")),
    # merged across states
    changed(EXPAND, ("(state.problem, state.lines, line)", "line")),
    # empty lines stay
    changed(EXPAND, ('line.strip() == "" or ', "")),
    # the log-probability is lost
    changed(EXPAND, ("state.then(line, sample.logprob)", "state.then(line)")),
    # only that of the last line
    changed(
        EXPAND,
        ("state.then(line, sample.logprob)", "State(state.problem, (*state.lines, line), sample.logprob)"),
    ),
    # the earlier lines are lost
    changed(
        EXPAND,
        ("state.then(line, sample.logprob)", "State(state.problem, (line,), state.logprob + sample.logprob)"),
    ),
    # one line from each state
    changed(EXPAND, ("for s in states], k,", "for s in states], 1,")),
    # greedy: k times the same
    changed(EXPAND, ("temperature=1.0", "temperature=0.0")),
    # a list of lists
    changed(
        EXPAND, ("return new", "return [[s for s in new if s.problem == p] for p in range(len(prompts))]")
    ),
    # one call for each state
    """
def expand(model, prompts, states, k):
    new = {}
    for state in states:
        [row] = model.sample([conversation(prompts, state)], k, temperature=1.0, max_tokens=MAX_LINE, stop=["\\n"])
        for x in row:
            if x.text.strip():
                s = state.then(x.text, x.logprob)
                new.setdefault((s.problem, s.lines), s)
    return list(new.values())
""",
]

AGREEMENT = """
def agreement(states, answers):
    votes = {}
    for state, row in zip(states, answers):
        own = votes.setdefault(state.problem, {})
        for answer in row:
            if answer is not None:
                own[answer] = own.get(answer, 0.0) + exp(state.logprob)
    scores = []
    for state, row in zip(states, answers):
        own = votes[state.problem]
        if own:
            winner = max(own, key=own.get)
            scores.append(sum(answer == winner for answer in row) / len(row))
        else:
            scores.append(0.0)
    return scores
"""

AGREEMENT_RIGHT = [
    AGREEMENT,
    # most_common keeps the order of first sight
    """
def agreement(states, answers):
    polls = {s.problem: Counter() for s in states}
    for s, row in zip(states, answers):
        for a in row:
            if a is not None:
                polls[s.problem][a] += exp(s.logprob)
    winner = {p: (c.most_common(1) or [("nobody", 0)])[0][0] for p, c in polls.items()}
    return [row.count(winner[s.problem]) / len(row) for s, row in zip(states, answers)]
""",
    # problem by problem
    """
def agreement(states, answers):
    scores = [0.0] * len(states)
    for problem in {s.problem for s in states}:
        places = [i for i, s in enumerate(states) if s.problem == problem]
        weight = {}
        for i in places:
            for answer in answers[i]:
                if answer is not None:
                    weight[answer] = weight.get(answer, 0) + exp(states[i].logprob)
        if not weight:
            continue
        best = sorted(weight, key=weight.get, reverse=True)[0]
        for i in places:
            scores[i] = answers[i].count(best) / len(answers[i])
    return scores
""",
    # pandas
    """
def agreement(states, answers):
    rows = [(s.problem, a, exp(s.logprob)) for s, row in zip(states, answers) for a in row if a is not None]
    table = pd.DataFrame(rows, columns=["problem", "answer", "weight"])
    winners = {}
    for problem, part in table.groupby("problem"):
        winners[problem] = part.groupby("answer", sort=False)["weight"].sum().idxmax()
    return [
        float(sum(a == winners[s.problem] for a in row if a is not None)) / len(row) if s.problem in winners else 0.0
        for s, row in zip(states, answers)
    ]
""",
    # integers where they are exact, a helper
    """
def elect(pairs):
    total = {}
    for answer, weight in pairs:
        total[answer] = total.get(answer, 0.0) + weight
    best = None
    for answer, weight in total.items():
        if best is None or weight > total[best]:
            best = answer
    return best


def agreement(states, answers):
    winner = {}
    for p in {s.problem for s in states}:
        winner[p] = elect((a, exp(s.logprob)) for s, r in zip(states, answers) if s.problem == p for a in r if a is not None)
    return [
        len([a for a in r if a is not None and a == winner[s.problem]]) / len(r) for s, r in zip(states, answers)
    ]
""",
    # one list of votes for each problem, added up per answer
    """
def agreement(states, answers):
    ballots = {}
    for state, row in zip(states, answers):
        ballots.setdefault(state.problem, []).extend((a, exp(state.logprob)) for a in row)
    winner = {}
    for problem, votes in ballots.items():
        total = Counter()
        for answer, weight in votes:
            if answer is not None:
                total[answer] += weight
        winner[problem] = max(total, key=total.get, default=None)
    scores = []
    for state, row in zip(states, answers):
        best = winner[state.problem]
        scores.append(0.0 if best is None else sum(a == best for a in row) / len(row))
    return scores
""",
    # a matrix of weights
    """
import numpy as np


def agreement(states, answers):
    scores = np.zeros(len(states))
    for problem in sorted({s.problem for s in states}):
        own = [i for i in range(len(states)) if states[i].problem == problem]
        texts = list(dict.fromkeys(a for i in own for a in answers[i] if a is not None))
        if texts:
            weight = np.array([exp(states[i].logprob) for i in own])
            share = np.array([[answers[i].count(t) for t in texts] for i in own])
            best = int(np.argmax(weight @ share))
            for row, i in zip(share, own):
                scores[i] = row[best] / len(answers[i])
    return scores.tolist()
""",
    # functions inside
    """
def agreement(states, answers):
    pairs = list(zip(states, answers))

    def winner(problem):
        total = {}
        for state, row in pairs:
            if state.problem == problem:
                for answer in filter(lambda a: a is not None, row):
                    total.setdefault(answer, 0.0)
                    total[answer] += exp(state.logprob)
        return max(total.items(), key=lambda item: item[1])[0] if total else None

    def score(state, row):
        best = winner(state.problem)
        return row.count(best) / len(row) if best is not None else 0.0

    return [score(state, row) for state, row in pairs]
""",
]

AGREEMENT_WRONG = [
    "def agreement(states, answers):\n    raise NotImplementedError()",
    # every roll-out votes with the same weight
    changed(AGREEMENT, ("+ exp(state.logprob)", "+ 1.0")),
    # weighted with the logarithm itself
    changed(AGREEMENT, ("+ exp(state.logprob)", "+ state.logprob")),
    # one winner for all problems
    changed(AGREEMENT, ("state.problem", "0")),
    # each state agrees with itself
    changed(AGREEMENT, ("state.problem", "id(state)")),
    # None votes
    changed(AGREEMENT, ("if answer is not None:", "if True:")),
    # unread roll-outs leave the count
    changed(AGREEMENT, ("/ len(row)", "/ max(1, sum(a is not None for a in row))")),
    # one vote for each state and answer, however often it was given
    changed(
        AGREEMENT,
        (
            "for answer in row:\n            if answer",
            "for answer in dict.fromkeys(row):\n            if answer",
        ),
    ),
    # one vote for each state: its most frequent answer
    changed(
        AGREEMENT,
        (
            "for answer in row:\n            if answer",
            "for answer in [max(row, key=row.count)]:\n            if answer",
        ),
    ),
    # a tie goes to the smaller text
    changed(AGREEMENT, ("winner = max(own, key=own.get)", "winner = max(sorted(own), key=own.get)")),
    # a number, not a share
    changed(AGREEMENT, (" / len(row)", "")),
    # a tie goes to the last
    changed(AGREEMENT, ("max(own, key=own.get)", "max(reversed(own), key=own.get)")),
    # a tie goes to the larger text
    changed(AGREEMENT, ("max(own, key=own.get)", "max(own, key=lambda a: (own[a], a))")),
    # nobody voted: an error
    changed(AGREEMENT, ("        if own:", "        if True:")),
    # whether the state's first answer is the winner
    changed(AGREEMENT, ("sum(answer == winner for answer in row) / len(row)", "float(row[0] == winner)")),
    # multiplied by the probability of the state
    changed(AGREEMENT, ("/ len(row))", "/ len(row) * exp(state.logprob))")),
    # a dict by problem
    changed(AGREEMENT, ("return scores", "return {s.problem: x for s, x in zip(states, scores)}")),
]

KEEP = """
def keep_best(states, scores, b):
    groups = {}
    for state, score in zip(states, scores):
        if score != -inf:
            groups.setdefault(state.problem, []).append((score, state))
    kept = []
    for group in groups.values():
        kept += [state for score, state in sorted(group, key=lambda pair: pair[0], reverse=True)[:b]]
    return kept
"""

KEEP_RIGHT = [
    KEEP,
    # sort all at once, count for each problem
    """
def keep_best(states, scores, b):
    order = sorted(range(len(states)), key=lambda i: -scores[i])
    taken, kept = Counter(), []
    for i in order:
        if scores[i] > -inf and taken[states[i].problem] < b:
            taken[states[i].problem] += 1
            kept.append(states[i])
    return kept
""",
    # pandas, a stable sort
    """
def keep_best(states, scores, b):
    table = pd.DataFrame({"i": range(len(states)), "problem": [s.problem for s in states], "score": scores})
    table = table[table["score"] > float("-inf")].sort_values("score", ascending=False, kind="stable")
    return [states[i] for i in table.groupby("problem").head(b)["i"]]
""",
    # heapq
    """
import heapq


def keep_best(states, scores, b):
    result = []
    for problem in sorted({s.problem for s in states}):
        allowed = [(x, -i, s) for i, (s, x) in enumerate(zip(states, scores)) if s.problem == problem and x > -inf]
        result.extend(s for _, _, s in heapq.nlargest(b, allowed, key=lambda t: t[:2]))
    return result
""",
    # taking the best out again and again
    """
def keep_best(states, scores, b):
    left = {}
    for state, score in zip(states, scores):
        left.setdefault(state.problem, []).append([score, state])
    kept = []
    for group in left.values():
        for _ in range(b):
            group = [pair for pair in group if pair[0] > -inf]
            if group:
                best = max(group, key=lambda pair: pair[0])
                kept.append(best[1])
                group.remove(best)
    return kept
""",
    # itertools.groupby
    """
from itertools import groupby


def keep_best(states, scores, b):
    allowed = [(s.problem, -score, i) for i, (s, score) in enumerate(zip(states, scores)) if score != -inf]
    kept = []
    for _, group in groupby(sorted(allowed), key=lambda t: t[0]):
        kept += [states[i] for _, _, i in list(group)[:b]]
    return kept
""",
    # sort once, filter for each problem
    """
def keep_best(states, scores, b):
    pairs = sorted(zip(scores, states), key=lambda pair: pair[0], reverse=True)
    result = []
    for problem in dict.fromkeys(s.problem for s in states):
        result += [s for score, s in pairs if s.problem == problem and score > float("-inf")][:b]
    return result
""",
    # insertion
    """
def keep_best(states, scores, b):
    lists = {}
    for state, score in zip(states, scores):
        best = lists.setdefault(state.problem, [])
        at = len(best)
        while at > 0 and best[at - 1][0] < score:
            at -= 1
        if score != float("-inf"):
            best.insert(at, (score, state))
            del best[b:]
    return [state for best in lists.values() for _, state in best]
""",
]

KEEP_WRONG = [
    "def keep_best(states, scores, b):\n    raise NotImplementedError()",
    # b in all, not for each problem
    changed(KEEP, ("groups.setdefault(state.problem,", "groups.setdefault(0,")),
    # the worst
    changed(KEEP, (", reverse=True", "")),
    # ruled out states are kept where there is room
    changed(KEEP, ("if score != -inf:", "if True:")),
    # negative scores are ruled out
    changed(KEEP, ("if score != -inf:", "if score > 0:")),
    # a score of zero is ruled out
    changed(KEEP, ("if score != -inf:", "if score and score != -inf:")),
    # ties: the last first
    changed(KEEP, ("sorted(group,", "sorted(group[::-1],")),
    # ties by the log-probability
    changed(KEEP, ("key=lambda pair: pair[0]", "key=lambda pair: (pair[0], pair[1].logprob)")),
    # one too many
    changed(KEEP, ("[:b]", "[: b + 1]")),
    # the first b, not the best b
    changed(KEEP, ("sorted(group, key=lambda pair: pair[0], reverse=True)[:b]", "group[:b]")),
    # the best b, in the old order
    changed(KEEP, ("return kept", "return [s for s in states if s in kept]")),
    # pairs instead of states
    changed(KEEP, ("[state for score, state in", "[(score, state) for score, state in")),
    # a list for each problem
    changed(KEEP, ("kept += [", "kept += [["), ("[:b]]", "[:b]]]")),
    # problems numbered without gaps
    """
def keep_best(states, scores, b):
    kept = []
    for problem in range(len({s.problem for s in states})):
        group = [(x, s) for x, s in zip(scores, states) if s.problem == problem and x != -inf]
        kept += [s for _, s in sorted(group, key=lambda pair: pair[0], reverse=True)[:b]]
    return kept
""",
    # whatever is ruled out takes a place
    changed(
        KEEP,
        ("        if score != -inf:\n            groups", "        if True:\n            groups"),
        ("[:b]]", "[:b] if score != -inf]"),
    ).replace("sorted(group, key=lambda pair: pair[0], reverse=True)[:b]", "group[:b]"),
    # one of several equal scores only
    changed(
        KEEP,
        (
            "(score, state))",
            "(score, state)) if (score not in [x for x, _ in groups.get(state.problem, [])]) else None",
        ),
    ),
]

SEARCH = """
def tree_search(model, prompts, evaluate, k, b, depth):
    kept = [State(i) for i in range(len(prompts))]
    levels = []
    for _ in range(depth):
        done = [s for s in kept if s.finished]
        going = [s for s in kept if not s.finished]
        if not going:
            break
        states = done + expand(model, prompts, going, k)
        scores = evaluate(model, prompts, states)
        kept = keep_best(states, scores, b)
        levels.append((states, scores, kept))
    answers = []
    for i in range(len(prompts)):
        found = [s for s in kept if s.problem == i and s.finished]
        answers.append(found[0] if found else None)
    return answers, levels
"""

SEARCH_RIGHT = [
    SEARCH,
    # a while loop, a dict for the answers
    """
def tree_search(model, prompts, evaluate, k, b, depth):
    beam, levels = [State(problem=i) for i, _ in enumerate(prompts)], []
    while len(levels) < depth and any(not s.finished for s in beam):
        new = expand(model=model, prompts=prompts, states=[s for s in beam if not s.finished], k=k)
        states = [*new, *(s for s in beam if s.finished)]
        scores = evaluate(model, prompts, states)
        beam = keep_best(states, scores, b=b)
        levels.append((list(states), list(scores), list(beam)))
    best = {}
    for s in beam:
        if s.finished:
            best.setdefault(s.problem, s)
    return [best.get(i) for i in range(len(prompts))], levels
""",
    # finished states are kept apart
    """
def tree_search(model, prompts, evaluate, k, b, depth):
    levels, open_states, closed = [], [State(i) for i in range(len(prompts))], []
    for step in range(depth):
        if open_states:
            states = closed + expand(model, prompts, open_states, k)
            scores = evaluate(model, prompts, states)
            kept = keep_best(states, scores, b)
            open_states = [s for s in kept if not s.finished]
            closed = [s for s in kept if s.finished]
            levels.append((states, scores, kept))
    return [next((s for s in closed if s.problem == i), None) for i in range(len(prompts))], levels
""",
    # recursion
    """
def deeper(model, prompts, evaluate, k, b, depth, kept):
    going = [s for s in kept if not s.finished]
    if depth == 0 or not going:
        return kept, []
    states = [s for s in kept if s.finished] + expand(model, prompts, going, k)
    scores = evaluate(model, prompts, states)
    chosen = keep_best(states, scores, b)
    end, rest = deeper(model, prompts, evaluate, k, b, depth - 1, chosen)
    return end, [(states, scores, chosen)] + rest


def tree_search(model, prompts, evaluate, k, b, depth):
    end, levels = deeper(model, prompts, evaluate, k, b, depth, [State(i) for i in range(len(prompts))])
    answers = [None] * len(prompts)
    for s in reversed(end):
        if s.finished:
            answers[s.problem] = s
    return answers, levels
""",
    # lists of levels, answers by score
    """
def tree_search(model, prompts, evaluate, k, b, depth):
    levels, kept, score_of = [], [State(i) for i in range(len(prompts))], {}
    for d in range(depth):
        if all(s.finished for s in kept):
            break
        states = list(filter(lambda s: s.finished, kept))
        states.extend(expand(model, prompts, [s for s in kept if not s.finished], k))
        scores = evaluate(model, prompts, states)
        score_of = dict(zip(states, scores))
        kept = keep_best(states, scores, b)
        levels += [(states, scores, kept)]
    answers = []
    for i in range(len(prompts)):
        mine = [s for s in kept if s.finished and s.problem == i]
        answers.append(max(mine, key=score_of.get) if mine else None)
    return answers, levels
""",
    # for and else, a helper for the answers
    """
def best_of(kept, problem):
    for state in kept:
        if state.finished and state.problem == problem:
            return state


def tree_search(model, prompts, evaluate, k, b, depth):
    levels = []
    kept = [State(number) for number in range(len(prompts))]
    while depth > 0:
        depth -= 1
        todo = [s for s in kept if not s.finished]
        if len(todo) == 0:
            break
        ready = [s for s in kept if s.finished]
        candidates = ready + expand(model, prompts, todo, k)
        marks = evaluate(model, prompts, candidates)
        kept = keep_best(candidates, marks, b)
        levels.append((candidates, marks, kept))
    return [best_of(kept, problem) for problem in range(len(prompts))], levels
""",
    # the last level holds what was kept
    """
def tree_search(model, prompts, evaluate, k, b, depth):
    levels = [([], [], [State(i) for i in range(len(prompts))])]
    for _ in range(depth):
        kept = levels[-1][2]
        unfinished = [s for s in kept if not s.finished]
        if unfinished:
            states = expand(model, prompts, unfinished, k) + [s for s in kept if s.finished]
            scores = evaluate(model, prompts, states)
            levels.append((states, scores, keep_best(states, scores, b)))
    answers = {s.problem: s for s in reversed(levels[-1][2]) if s.finished}
    return [answers.get(i) for i in range(len(prompts))], levels[1:]
""",
    # partition by a flag
    """
def tree_search(model, prompts, evaluate, k, b, depth):
    kept, levels = [State(i) for i in range(len(prompts))], []
    for _ in range(depth):
        parts = {True: [], False: []}
        for state in kept:
            parts[state.finished].append(state)
        if not parts[False]:
            break
        states = [*parts[True], *expand(model, prompts, parts[False], k)]
        scores = list(evaluate(model, prompts, states))
        kept = list(keep_best(states, scores, b))
        levels.append((states, scores, kept))
    answers = [None for _ in prompts]
    for state in kept:
        if state.finished and answers[state.problem] is None:
            answers[state.problem] = state
    return answers, levels
""",
]

SEARCH_WRONG = [
    "def tree_search(model, prompts, evaluate, k, b, depth):\n    raise NotImplementedError()",
    # finished states are lost
    changed(SEARCH, ("states = done + expand", "states = expand")),
    # finished states are expanded, too
    changed(SEARCH, ("expand(model, prompts, going, k)", "expand(model, prompts, kept, k)")),
    # one root only
    changed(SEARCH, ("[State(i) for i in range(len(prompts))]", "[State(0)]")),
    # all roots belong to the first problem
    changed(SEARCH, ("[State(i) for i in", "[State(0) for i in")),
    # nothing is pruned
    changed(SEARCH, ("kept = keep_best(states, scores, b)", "kept = states")),
    # one depth too many
    changed(SEARCH, ("range(depth)", "range(depth + 1)")),
    # no end when all is finished
    changed(SEARCH, ("        if not going:\n            break\n", "")),
    # stops at the first answer of any problem
    changed(SEARCH, ("if not going:", "if not going or done:")),
    # k and b exchanged
    changed(SEARCH, ("going, k)", "going, b)"), ("scores, b)", "scores, k)")),
    # unfinished states as answers
    changed(SEARCH, ("if s.problem == i and s.finished]", "if s.problem == i]")),
    # the worst finished state
    changed(SEARCH, ("found[0] if", "found[-1] if")),
    # the most probable finished state, not the one that scored best
    changed(SEARCH, ("found[0] if found", "max(found, key=lambda s: s.logprob) if found")),
    # what was pruned later is still an answer
    changed(SEARCH, ("[s for s in kept if s.problem == i and s.finished]",
                     "[s for _, _, some in levels[::-1] for s in some if s.problem == i and s.finished]")),
    # the deepest finished state
    changed(SEARCH, ("found[0] if found", "max(found, key=lambda s: len(s.lines)) if found")),
    # new and finished states are rated in two calls
    changed(SEARCH, ("scores = evaluate(model, prompts, states)",
                     "scores = [x for s in states for x in evaluate(model, prompts, [s])]")),
    # a call of expand for each state
    changed(SEARCH, ("expand(model, prompts, going, k)", "[n for s in going for n in expand(model, prompts, [s], k)]")),
    # the answers of those that have one
    changed(SEARCH, ("answers.append(found[0] if found else None)", "answers += found[:1]")),
    # the last line instead of the path
    changed(SEARCH, ("found[0] if found", "found[0].lines[-1] if found")),
    # only the new states are rated and compared
    changed(SEARCH, ("states = done + expand(model, prompts, going, k)", "states = expand(model, prompts, going, k)"),
            ("keep_best(states, scores, b)", "done + keep_best(states, scores, b)")),
    # no levels
    changed(SEARCH, ("return answers, levels", "return answers")),
    # levels without the scores
    changed(SEARCH, ("levels.append((states, scores, kept))", "levels.append((states, kept))")),
    # expand gets the prompts of the unfinished states alone, so a state's number points at another prompt
    changed(SEARCH, ("expand(model, prompts, going, k)", "expand(model, [prompts[s.problem] for s in going], going, k)")),
    # the same mistake with evaluate
    changed(SEARCH, ("evaluate(model, prompts, states)", "evaluate(model, [prompts[s.problem] for s in states], states)")),
]  # fmt: skip

VARIANTS = {
    "ex1_safe_eval": {"points": 3, "right": SAFE_EVAL_RIGHT, "wrong": SAFE_EVAL_WRONG},
    "ex2_expression_vote": {"points": 3, "right": VOTE_RIGHT, "wrong": VOTE_WRONG},
    "ex3_expand": {"points": 3, "right": EXPAND_RIGHT, "wrong": EXPAND_WRONG},
    "ex4_agreement": {"points": 3, "right": AGREEMENT_RIGHT, "wrong": AGREEMENT_WRONG},
    "ex5_keep_best": {"points": 2, "right": KEEP_RIGHT, "wrong": KEEP_WRONG},
    "ex6_tree_search": {"points": 2, "right": SEARCH_RIGHT, "wrong": SEARCH_WRONG},
}
