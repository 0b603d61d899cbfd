r"""One way to write an answer: text to canonical text, and to an exact number where it is one.

Promises: `canonical(canonical(x)) == canonical(x)`; numbers lose commas, signs of percent, degree and currency
and their units; the signs of typed mathematics (½, √, π, ², ∞, ×) become LaTeX; what is not a number stays
LaTeX, or the words that it is. Knows nothing of the text an answer was found in, and of equivalence.
"""

import re
from fractions import Fraction
from functools import lru_cache

NUMBER = r"(?:(?:[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])|[0-9]+)(?:\.[0-9]+)?|\.[0-9]+)"
VALUE = rf"(?:[0-9]+ [0-9]+/[0-9]+|{NUMBER}(?:/{NUMBER})?)(?![0-9]*(?:st|nd|rd|th)\b)"
FRACTION = re.compile(r"\\frac\s*(?:\{\s*(-?[0-9]+)\s*\}|([0-9]))\s*(?:\{\s*([0-9]+)\s*\}|([0-9]))")
REPEATING = re.compile(r"([-+]?)([0-9]*)\.([0-9]*)\\overline\s*\{([0-9]+)\}")
POWER_OF_TEN = re.compile(rf"([-+]?{NUMBER})[eE]([-+]?[0-9]{{1,2}})")
LONGEST = 300  # characters of an answer that is tidied; Python reads no integer of some thousand digits
REMEMBERED = 1 << 14  # texts: the same answers come back by the thousand

DASHES = str.maketrans("−–﹣－", "----")
TYPED = {"½": " 1/2", "⅓": " 1/3", "⅔": " 2/3", "¼": " 1/4", "¾": " 3/4", "⅕": " 1/5", "⅛": " 1/8"}
TYPED |= {
    "π": r"\pi ",
    "∞": r"\infty ",
    "√": r"\sqrt ",
    "²": "^2",
    "³": "^3",
    "∪": r"\cup ",
    "∅": r"\emptyset ",
}
TYPED |= {"×": r"\times ", "·": r"\cdot ", "÷": "/", "±": r"\pm ", "≤": r"\le ", "≥": r"\ge ", "∈": r"\in "}
CURRENCY = re.compile(r"\\?[$€£¥]")
WRAPPER = re.compile(r"\\(?:text|textbf|textit|mathrm|mathbf|mbox|boldsymbol|bold|bm)\s*\{([^{}]*)\}")
ROOT = re.compile(r"\\sqrt \s*(?:\(([^()]*)\)|([0-9]+|[A-Za-z]))")
BETWEEN = re.compile(r"\s*,?\s*(?:\\(?:text|mbox)\s*\{\s*,?\s*(?:and|or)\s*\}|\b(?:and|or)\b)\s*")
UNITS = re.compile(
    r"(?:\s*(?:\\?%|°[CF]?|\\degree|\^\s*\{?\s*(?:\\circ|\\text\{o\})\s*\}?\s*[CF]?"
    r"|\\(?:text|textbf|mathrm|mbox)\s*\{[^{}]*\}(?:\^\{?[0-9]\}?)?))*"
    r"(?:\s+(?:(?!(?:pi|sqrt|or|and)\b)[A-Za-z]{2,}[A-Za-z /.]*|[a-z]/[a-z]+)(?:\^\{?[0-9]\}?)?)?\s*$"
)


@lru_cache(maxsize=REMEMBERED)
def canonical(text: str) -> str:
    """One way to write an answer: a number without commas, signs and units, or tidied LaTeX. "" when
    nothing is left.
    """
    before = None
    while before != text:  # what one rule leaves may be another's case
        before, text = text, _tidied(text)
    return text


def _tidied(text: str) -> str:
    """The rules of `canonical`, each applied once."""
    text = text.translate(DASHES).replace("{,}", ",")
    text = re.sub(r"(?<=[0-9]),?\\!\s*,?(?=[0-9]{3})", ",", text).replace("\\!", "")
    text = text.strip(" \t\r\n*_`").rstrip(" .*_`")
    text = re.sub(r"(?<=[0-9])\\,(?=[0-9]{3})", "", text)
    text = re.sub(r"(?<!\\)\\[, ]|~", " ", text)
    text = re.sub(r"\\[dtc]frac", r"\\frac", CURRENCY.sub("", text)).strip()
    if len(text) > LONGEST:
        return " ".join(text.split())
    text = typeset(text)
    text = re.sub(r"^(?:[A-Za-z]|[^A-Za-z\\{}<>!]*)\s*=\s*(?=[^=]+$)", "", text)  # x = 5, 12 - 5 = 7
    whole = WRAPPER.fullmatch(text)
    text = whole[1].strip() if whole else text
    option = re.fullmatch(r"\(([A-Z])\)", text)
    text = option[1] if option else text
    bare = UNITS.sub("", text).strip()
    if to_number(bare) is None:
        return " ".join(text.split())
    if not re.fullmatch(rf"[-+]?\s*{NUMBER}", bare):
        return _decimal(to_number(bare)) if POWER_OF_TEN.fullmatch(bare) else str(to_number(bare))
    sign, digits = ("-" if bare.startswith("-") else ""), bare.lstrip("+- ").replace(",", "")
    whole_part, _, decimals = digits.partition(".")
    digits = (whole_part.lstrip("0") or "0") + ("." + decimals).rstrip("0").rstrip(".")
    return digits if digits == "0" else sign + digits


@lru_cache(maxsize=REMEMBERED)
def to_number(text: str) -> Fraction | None:
    r"""The exact value of `-7`, `1,234.5`, `1/2`, `3 1/2`, `\frac{1}{2}`, `3\frac{1}{2}`, `0.\overline{3}` or
    `1.5e3`; None for anything else.
    """
    if len(text) > LONGEST:
        return None
    if repeating := REPEATING.fullmatch(text.strip()):
        sign, whole, fixed, period = repeating.groups()
        shift = 10 ** len(fixed)
        value = (int(whole + fixed or 0) + Fraction(int(period), 10 ** len(period) - 1)) / shift
        return -value if sign == "-" else value
    if scientific := POWER_OF_TEN.fullmatch(text.strip()):
        return Fraction(scientific[1].replace(",", "")) * Fraction(10) ** int(scientific[2])
    text = FRACTION.sub(lambda m: f" {m[1] or m[2]}/{m[3] or m[4]} ", text).strip()
    number = re.fullmatch(rf"([-+]?)\s*({VALUE})", text)
    if not number:
        return None
    whole, _, part = number[2].replace(",", "").rpartition(" ")
    above, _, below = part.partition("/")
    if below and Fraction(below) == 0:
        return None
    value = Fraction(whole or 0) + Fraction(above) / Fraction(below or 1)
    return -value if number[1] == "-" else value


def typeset(text: str) -> str:
    """Typed signs as LaTeX; `1 and 2`, `1 or 2` as `1, 2` where both sides are mathematics."""
    for sign, latex in TYPED.items():
        text = text.replace(sign, latex)
    text = ROOT.sub(lambda m: rf"\sqrt{{{m[1] or m[2]}}}", text)
    text = re.sub(r"(?<=[0-9])\s*[xX]\s*(?=10\s*\^)", r" \\times ", text)
    text = re.sub(r"(?<![A-Za-z\\])(?:oo|infinity|inf)(?![A-Za-z])", r"\\infty", text)
    text = text.replace(r"\varnothing", r"\emptyset").strip()
    listed = BETWEEN.sub(", ", text)
    if listed != text and not re.search(r"(?<!\\)\b[A-Za-z]{2,}", re.sub(r"\\[A-Za-z]+", "", listed)):
        return listed.strip(" ,")
    return text


def _decimal(value: Fraction) -> str:
    """A finite decimal fraction without exponent."""
    if value.denominator == 1:
        return str(value)
    places = next(p for p in range(1, 200) if (value * 10**p).denominator == 1)
    digits = f"{abs(value) * 10**places}".rjust(places + 1, "0")
    return ("-" if value < 0 else "") + f"{digits[:-places]}.{digits[-places:]}"
