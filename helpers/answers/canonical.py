r"""One way to write an answer: text to canonical text, and to an exact number where it is one.

`canonical(canonical(x)) == canonical(x)`. Numbers lose commas, signs of percent, degree and currency, and
their units; a calculation loses all but its result; typed mathematics (½, √2, sqrt(2), 5*pi, exp(2)) becomes
LaTeX; what is not a number stays LaTeX, or the words that it is.
"""

import re
from fractions import Fraction
from functools import lru_cache

from helpers.answers.typeset import REMEMBERED, typeset

NUMBER = r"(?:(?:[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])|[0-9]+)(?:\.[0-9]+)?|\.[0-9]+)"
VALUE = rf"(?:[0-9]+ [0-9]+/[0-9]+|{NUMBER}(?:/{NUMBER})?)(?![0-9]*(?:st|nd|rd|th)\b)"
FRACTION = re.compile(r"\\frac\s*(?:\{\s*(-?[0-9]+)\s*\}|([0-9]))\s*(?:\{\s*(-?[0-9]+)\s*\}|([0-9]))")
REPEATING = re.compile(r"([-+]?)([0-9]*)\.([0-9]*)\\overline\s*\{([0-9]+)\}")
POWER_OF_TEN = re.compile(rf"([-+]?{NUMBER})[eE]([-+]?[0-9]{{1,3}})")
SCIENTIFIC = re.compile(
    rf"([-+]?)\s*(?:({NUMBER})\s*(?:\\times|\\cdot|\*)\s*)?10\s*\^\s*(?:\{{\s*([-+]?[0-9]{{1,3}})\s*\}}|([-+]?[0-9]{{1,3}}))"
)
WHOLE = re.compile(r"-?[1-9][0-9]{0,99}")
PLAIN = re.compile(r"(-?[1-9](?:[0-9]{0,99}|[0-9]{0,2}(?:,[0-9]{3}){1,30}))(?:\.0{1,99})?")  # most answers
LONGEST = 300  # characters of an answer that is tidied; Python reads no integer of some thousand digits

DASHES = str.maketrans("−–﹣－", "----")
GAP = (
    r"(?:['’_]|\{?\\[,;: ]\}?|\{,\}|,?\s?(?:\\!\s?)+,?\s?|\\(?:thin|en)space\s?|~"
    r"|[\u00a0\u2007\u2009\u202f]|\\text\{,\})"
)
THOUSANDS = re.compile(rf"(?<![0-9.])[0-9]{{1,3}}(?:{GAP}[0-9]{{3}})+(?![0-9])")
CURRENCY = re.compile(r"\\?[$€£¥]")
UPRIGHT = re.compile(
    r"\\(?:mathrm|mathit|text|textrm|operatorname|mathbf)\s*\{\s*([ei])\s*\}|\{\\rm\s+([ei])\s*\}|\\(?:rm|mathrm)\s+([ei])\b"
)
WRAPPER = re.compile(r"\\(?:text|textbf|textit|mathrm|mathbf|mbox|boldsymbol|bold|bm)\s*\{([^{}]*)\}")
UNITS = re.compile(
    r"(?:\s*(?:\\?%|°[CF]?|\\degree|\^\s*\{?\s*(?:\\circ|\\text\{o\})\s*\}?\s*[CF]?"
    r"|\\(?:text|textbf|mathrm|mbox)\s*\{(?![^{}]*\b(?:or|and|more|less|fewer|than|least|most|if|mod|base|R)\b)[^{}]*\}(?:\^\{?[0-9]\}?)?))*"
    r"(?:\s+(?:(?!(?:pi|sqrt|or|and)\b)[A-Za-z]{2,}[A-Za-z /.]*|[a-z]/[a-z]+)(?:\^\{?[0-9]\}?)?)?\s*$"
)
ARROW = re.compile(  # between a calculation and its result
    r"(?<=[0-9a-z)}\]])\s*(?:⇒|→|=>|->|\\(?:Rightarrow|rightarrow|implies)(?![A-Za-z]))\s*(?=-?\\?[$€£]?[0-9])"
)
CALCULATED = re.compile(r"[0-9a-z)}%]\s*(?:[-+*×÷·]|\\(?:times|cdot|div)(?![a-z])|\s[/x]\s)\s*\(?[$€£]?[0-9]")
EXACT = re.compile(r"=|[√π^]|\\(?:sqrt|pi|frac)|(?<![a-z])(?:sqrt|pi)(?![a-z])|[a-z]\(")
EQUALS = re.compile(r"(?<![<>:=\\])=(?!=)")
NAME = re.compile(
    # x, f(x), a_1, \theta, AB
    r"(?:\\[a-zA-Z]+|[A-Za-z](?![a-z](?![a-z]))[A-Za-z]*)'?(?:_(?:\w|\{\w+\}))?'?"
    r"(?:\s*\(\s*-?\w+(?:\s*,\s*-?\w+)*\s*\))?"
    r"|\(\s*[a-z](?:\s*,\s*[a-z])+\s*\)"  # (x, y)
    r"|\\(?:text|mathrm|overline|angle|operatorname)\s*(?:\{[^{}]*\}|[A-Z]+)|[A-Za-z]+(?: [A-Za-z]+)+"
)
ARITHMETIC = re.compile(
    r"\\(?:times|cdot|div|frac|sqrt|pi|left|right|text\s*\{[^{}]*\}|mathrm\s*\{[^{}]*\}|[ld]?dots|%)"
    r"|(?<=[0-9)])\s*[xX]\s*(?=[0-9(])|(?<![{A-Za-z])[A-Za-z]{2,}(?![A-Za-z}])|[-+*/^(){}\[\]0-9.,%°\s]"
)


@lru_cache(maxsize=REMEMBERED)
def canonical(text: str) -> str:
    """One way to write an answer: a number without commas, signs and units, or tidied LaTeX. "" when
    nothing is left.
    """
    if plain := PLAIN.fullmatch(text):
        return plain[1].replace(",", "")
    before = None
    while before != text:  # what one rule leaves may be another's case
        before, text = text, _tidied(text)
    return text


def joined_thousands(text: str) -> str:
    r"""`6{,}200`, `6\,200`, and 6 200 with a narrow space, as 6200; `3{,}14` is a decimal comma."""
    text = THOUSANDS.sub(lambda found: re.sub(GAP, "", found[0]), text)
    return re.sub(r"(?<=[0-9])\{,\}(?=[0-9])", ".", text).replace("{,}", ",")


def with_equals(text: str) -> str:
    """5 × 6 → 30 and 15 × 3.14 ≈ 47.1 with an equals sign; sqrt(2) ≈ 1.41 stays, for it is exact."""
    text = ARROW.sub(" = ", text)
    left, *right = re.split(r"(?:≈|\\approx(?![A-Za-z]))(?=\s*-?\\?[$€£]?\s*[0-9])", text, maxsplit=1)
    rounded = right and CALCULATED.search(left) and not EXACT.search(left)
    return f"{left}= {right[0]}" if rounded else text


def _tidied(text: str) -> str:
    """The rules of `canonical`, each applied once."""
    text = joined_thousands(text.translate(DASHES)).replace("\\!", "")
    text = text.strip(" \t\r\n*_`").rstrip(" .*_`")
    text = re.sub(r"(?<!\\)\\[,;: ]|~|[\u00a0\u2007\u2009\u202f]", " ", text)
    text = re.sub(r"\\[dtc]frac", r"\\frac", CURRENCY.sub("", text)).strip()
    if len(text) > LONGEST:
        return " ".join(text.split())
    text = typeset(UPRIGHT.sub(lambda found: found[1] or found[2] or found[3], text))
    text = _result(with_equals(text))
    whole = WRAPPER.fullmatch(text)
    text = whole[1].strip() if whole else text
    text = r"\emptyset" if re.fullmatch(r"\\\{\s*\\\}", text) else text
    option = re.fullmatch(r"\(([A-Z])\)", text)
    text = option[1] if option else text
    bare = UNITS.sub("", text).strip()
    if SCIENTIFIC.fullmatch(bare) or to_number(bare) is None:
        return " ".join(text.split())
    if not re.fullmatch(rf"[-+]?\s*{NUMBER}", bare):
        return _decimal(to_number(bare)) if POWER_OF_TEN.fullmatch(bare) else str(to_number(bare))
    sign, digits = ("-" if bare.startswith("-") else ""), bare.lstrip("+- ").replace(",", "")
    whole_part, _, decimals = digits.partition(".")
    digits = (whole_part.lstrip("0") or "0") + ("." + decimals).rstrip("0").rstrip(".")
    return digits if digits == "0" else sign + digits


def _result(text: str) -> str:
    """What an equation says the answer is: `x = 5`, `5 = x`, `12 - 5 = 7`, `p+q = 3+4 = 7`. The equation of a
    line stays whole.
    """
    each = [re.fullmatch(r"\s*([a-z])\s*=\s*([^=]+?)\s*", part) for part in text.split(",")]
    if len(each) > 1 and all(each) and sorted({part[1] for part in each}) == [part[1] for part in each]:
        return f"({', '.join(part[2] for part in each)})"  # x = 2, y = 5
    sides = [side.strip() for side in EQUALS.split(text)]
    if len(sides) < 2 or not all(sides) or (len(sides) > 2 and re.search(r",\s", text)):
        return text
    left, last = sides[:-1], sides[-1]
    if (
        len(sides) == 2
        and re.fullmatch(r"[A-Za-z]", last)
        and last not in re.sub(r"\\[A-Za-z]+", "", left[0])
    ):
        return left[0] if not NAME.fullmatch(left[0]) else last
    numbers = [side for side in sides if to_number(UNITS.sub("", side).strip()) is not None]
    shown = len(sides) > 2 or all(not ARITHMETIC.sub("", side) for side in left)
    if shown and numbers:
        return numbers[-1]
    return last if shown or NAME.fullmatch(left[0]) else text


@lru_cache(maxsize=REMEMBERED)
def to_number(text: str) -> Fraction | None:
    r"""The exact value of `-7`, `1,234.5`, `1/2`, `3 1/2`, `\frac{1}{2}`, `3\frac{1}{2}`, `0.\overline{3}`,
    `1.5e3` or `6 \times 10^{-34}`; None for anything else.
    """
    if WHOLE.fullmatch(text):
        return Fraction(int(text))
    if len(text) > LONGEST:
        return None
    text = text.strip()
    if repeating := REPEATING.fullmatch(text):
        sign, whole, fixed, period = repeating.groups()
        shift = 10 ** len(fixed)
        value = (int(whole + fixed or 0) + Fraction(int(period), 10 ** len(period) - 1)) / shift
        return -value if sign == "-" else value
    if scientific := POWER_OF_TEN.fullmatch(text):
        return Fraction(scientific[1].replace(",", "")) * Fraction(10) ** int(scientific[2])
    if scientific := SCIENTIFIC.fullmatch(text):
        sign, digits, braced, bare = scientific.groups()
        return Fraction(sign + (digits or "1").replace(",", "")) * Fraction(10) ** int(braced or bare)
    text = FRACTION.sub(_quotient, text).strip()
    number = re.fullmatch(rf"([-+]?)\s*({VALUE})", text)
    if not number:
        return None
    whole, _, part = number[2].replace(",", "").rpartition(" ")
    above, _, below = part.partition("/")
    if below and Fraction(below) == 0:
        return None
    value = Fraction(whole or 0) + Fraction(above) / Fraction(below or 1)
    return -value if number[1] == "-" else value


def _quotient(found: re.Match) -> str:
    above, below = found[1] or found[2], found[3] or found[4]
    if below[0] == "-":
        above, below = above[1:] if above[0] == "-" else f"-{above}", below[1:]
    return f" {above}/{below} "


def _decimal(value: Fraction) -> str:
    """A finite decimal fraction without exponent."""
    if value.denominator == 1:
        return str(value)
    places = next(p for p in range(1, 1400) if (value * 10**p).denominator == 1)
    digits = f"{abs(value) * 10**places}".rjust(places + 1, "0")
    return ("-" if value < 0 else "") + f"{digits[:-places]}.{digits[-places:]}"
