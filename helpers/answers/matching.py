r"""Whether two answers are the same, and which vote an answer is."""

import re
from fractions import Fraction

from helpers.answers.canonical import canonical, to_number
from helpers.answers.process import same_mathematics
from helpers.answers.typeset import closing_bracket

QUOTIENT = re.compile(  # of which a/b says the same, whatever stands beside it
    r"(?<![0-9A-Za-z)}^_\\])\\frac\{((?:[0-9A-Za-z.]|\\pi|\\sqrt\{\w+\})+)\}\{([0-9]+|[A-Za-z]|\\pi)\}(?![0-9A-Za-z\\({^!])"
)
WORD = re.compile(r"[A-Za-z]{3,}[A-Za-z ,.'-]*|(?=[A-Za-z]*[aeiouAEIOU])[A-Za-z]{2}")


def answers_match(a: str | None, b: str | None) -> bool:
    r"""Whether two answers are the same; symmetric. None is no answer: it matches nothing, not even None.

    Whole numbers are compared exactly, other numbers to six decimals (six digits below 1), mathematics by
    algebra within a time limit. What cannot be read as a whole equals only what is written in the same way:
    `2 \pmod 9` is not `5 \pmod 9`.
    """
    if a is None or b is None:
        return False
    given = sorted((str(a), str(b)))
    a, b = map(canonical, given)
    if not a or not b:
        return False
    x, y = to_number(a), to_number(b)
    if x is not None and y is not None:
        return near(x, y)
    if plain(a) == plain(b):
        return True
    if WORD.fullmatch(a) or WORD.fullmatch(b):
        return False
    return same_mathematics(a, b, *given)


def near(x: Fraction, y: Fraction) -> bool:
    """Equal; of numbers that are not both whole, to six decimals, or six digits below 1."""
    whole = x.denominator == y.denominator == 1
    return x == y or (not whole and abs(x - y) * 10**6 <= min(1, max(abs(x), abs(y))))


def vote_key(answer: str | None) -> str | None:
    r"""The vote that an answer is: equal keys are one vote. `0.5`, `1/2` and `\frac12` are "1/2", `(1, 2)`
    and `(1,2)` one vote, and the order of a set does not matter. None, which never votes, stays None.

    Answers that only algebra shows equal, `\sqrt{12}` and `2\sqrt{3}`, stay two votes.
    """
    text = canonical(answer) if answer else ""
    return _key(text) if text else None


def _key(text: str) -> str:
    number = to_number(text)
    if number is not None:
        return str(number)
    kind, parts = structure(text)
    if kind == "scalar":
        return plain(text)
    keys = [_key(canonical(part)) for part in parts]
    return f"{kind[0]}{','.join(keys if ordered(kind) else sorted(set(keys)))}{kind[1:]}"


def plain(text: str) -> str:
    r"""LaTeX without what changes nothing: blanks, \left, \right, \cdot, braces around one character,
    capitals of words.
    """
    text = re.sub(r"\\(?:left|right|displaystyle|bigl?|bigr)(?![A-Za-z])\s*", "", text)
    text = re.sub(r"\\frac\s*([0-9])\s*([0-9])", r"\\frac{\1}{\2}", text)
    text = re.sub(r"(?<![\\A-Za-z])(?:[A-Za-z]{2,}|^[A-Za-z]$)", lambda word: word[0].lower(), text)
    text = re.sub(r"\s+(?![A-Za-z])|(?<![A-Za-z])\s+", "", text)
    text = re.sub(r"\\(?:cdot|times)\s*(?=\\|[a-z])|(?<=[0-9])\*(?=[A-Za-z\\(])", "", text)
    text = QUOTIENT.sub(lambda found: f"{found[1]}/{found[2]}", text)
    return re.sub(r"(?<=[_^])\{(\w)\}|(?<=pmod)\{(\w)\}", lambda found: found[1] or found[2], text)


def structure(text: str) -> tuple[str, list[str]]:
    r"""What an answer is made of: ("()", parts) for a tuple or interval, named by its brackets; ("{}", parts)
    for a set, a list (`1, 2`) or both values of `\pm`; ("∪", parts) for a union; ("scalar", [text]) for all
    else.
    """
    text = re.sub(r"\\(?:left|right)(?![A-Za-z])\s*", "", text).strip()
    text = re.sub(r"^[A-Za-z]\s*\\in\s*(?=[(\[{\\])", "", text)
    text = text.replace(r"\{", "{").replace(r"\}", "}") if re.match(r"\\?\{", text) else text
    if len(parts := split(text, r"\\cup(?![A-Za-z])")) > 1:
        return "∪", parts
    if len(parts := split(text, ",|;")) > 1 and all(parts):
        return "{}", parts
    if text[:1] in tuple("([{") and closing_bracket(text, 0) == len(text) - 1:
        parts = split(text[1:-1], ",|;")
        if (len(parts) > 1 or text[0] == "{") and all(parts):
            return text[0] + text[-1], parts
    if text.count(r"\pm") == 1:
        before, after = text.split(r"\pm")
        return "{}", [f"{before}+{after}" if before.strip() else after, f"{before}-{after}"]
    return "scalar", [text]


def ordered(kind: str) -> bool:
    """Whether the order of the parts matters: in tuples and intervals."""
    return kind not in ("{}", "∪")


def split(text: str, separator: str) -> list[str]:
    """The parts of `text` between separators that stand in no bracket."""
    parts, start, depth, place = [], 0, 0, 0
    found = {match.start(): match.end() for match in re.finditer(separator, text)}
    while place < len(text):
        if text[place] in "([{":
            depth += 1
        elif text[place] in ")]}":
            depth -= 1
        elif depth == 0 and place in found:
            parts.append(text[start:place].strip())
            place = start = found[place]
            continue
        place += 1
    return [*parts, text[start:].strip()]
