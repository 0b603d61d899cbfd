r"""The final answer of a text, and whether two answers are the same.

`extract_answer` returns the answer that a text states last (`Final: 14`, `**Final:** 1,234`,
`\boxed{\frac{1}{2}}`, "the answer is -7.", `#### 36`), else its last number, else None. It never reads a
run-on (a new `Question:`, the next turn) nor what stands between <think> and </think>.

Answers are canonical text, so that equal answers are one vote: `1,234` is "1234", `14.0` and `$14` are
"14", `0.50` is "0.5", `\frac{2}{4}` is "1/2". Signs of percent, degree and currency and trailing units are
dropped. What is not a number stays LaTeX.

`answers_match` compares whole numbers exactly, other numbers to six decimals (six digits below 1),
everything else with math-verify within a time limit. Knows nothing of models.
"""

import re
from fractions import Fraction

from helpers.latex import latex_equal

NUMBER = r"(?:(?:[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])|[0-9]+)(?:\.[0-9]+)?|\.[0-9]+)"
VALUE = rf"(?:[0-9]+ [0-9]+/[0-9]+|{NUMBER}(?:/{NUMBER})?)(?![0-9]*(?:st|nd|rd|th)\b)"
FRACTION = re.compile(r"\\frac\s*(?:\{\s*(-?[0-9]+)\s*\}|([0-9]))\s*(?:\{\s*([0-9]+)\s*\}|([0-9]))")
LONGEST = 300  # characters of an answer that is tidied; Python reads no integer of some thousand digits

DASHES = str.maketrans("−–﹣－", "----")
BOLD = re.compile(r"(?<![\w)])\*\*|\*\*(?![\w(])")  # 2**3 keeps its stars
CURRENCY = re.compile(r"\\?[$€£¥]")
UNITS = re.compile(
    r"(?:\s*(?:\\?%|°|\^\s*\{?\s*\\circ\s*\}?|\\(?:text|textbf|mathrm|mbox)\s*\{[^{}]*\}(?:\^\{?[0-9]\}?)?))*"
    r"(?:\s+(?!(?:pi|sqrt|or|and)\b)[A-Za-z]{2,}[A-Za-z /.]*(?:\^\{?[0-9]\}?)?)?\s*$"
)

RUN_ON = re.compile(
    r"<\|(?:im_end|im_start|eot_id|endoftext|end|user|start_header_id)\|>|</s>|\[INST\]"
    r"|^[ \t#>*_]*(?:(?:next|new|another)\s+)?(?:question|problem|user|human|q)\s*[0-9]*[*_]*\s*:",
    re.IGNORECASE | re.MULTILINE,
)
STATEMENT = re.compile(
    r"\bfinal(?:[ _]\w+){0,2}\s*[:=]"
    r"|\banswer\b[^.:=\n]{0,60}?(?:[:=]|\b(?:is|equals)\b)(?!\s+not\b)"
    rf"|^\#{{4}}(?=\s*[-$]*\s*{NUMBER}\s*$)",
    re.IGNORECASE | re.MULTILINE,
)
BRACE = re.compile(r"(\\f?boxed\s*\{)|(?<!\\)[{}]")
MATHS = re.compile(
    r"\$([^$\s](?:[^$]*[^$\s])?)\$(?![0-9])|\\\((.+?)\\\)|\\\[(.+?)\\\]|([(\[][^()\[\]\n]*,\s[^()\[\]\n]*[)\]])",
    re.DOTALL,
)
BARE_LATEX = re.compile(r"-?[0-9]*\\[a-zA-Z]")
CALCULATION = re.compile(rf"[-+]?\s*{VALUE}(?:\s*[-+*/×÷x=]\s*-?{VALUE})*")


def extract_answer(text: str) -> str | None:
    """The last stated final answer of `text` in canonical form, else its last number, else None.

    `text` is what a model wrote, without its prompt. Thinking that was cut off has stated nothing: None.
    """
    if not isinstance(text, str):
        raise TypeError("extract_answer reads text: pass sample.text, not the sample.")
    text = BOLD.sub("", _own_part(text).translate(DASHES))
    marks = list(STATEMENT.finditer(text))
    ends = [*(mark.start() for mark in marks), len(text)][1:]
    stated = [(m.start(), _after_mark(text[m.end() : end])) for m, end in zip(marks, ends, strict=True)]
    stated += [(start, canonical(content)) for start, content in _boxes(text)]
    answers = [answer for _, answer in sorted(stated, key=lambda pair: pair[0]) if answer]
    return answers[-1] if answers else _last_number(text)


def answers_match(a: str | None, b: str | None) -> bool:
    """Whether two answers are the same; symmetric. None is no answer: it matches nothing, not even None."""
    if a is None or b is None:
        return False
    a, b = canonical(str(a)), canonical(str(b))
    if not a or not b:
        return False
    x, y = to_number(a), to_number(b)
    if x is not None and y is not None:
        return x == y or (max(x.denominator, y.denominator) > 1 and _close(x, y))
    if a.casefold() == b.casefold():
        return True
    words = any(re.fullmatch(r"[A-Za-z]{3,}[A-Za-z ,.'-]*", text) for text in (a, b))
    return not words and latex_equal(*sorted((a, b)))


def canonical(text: str) -> str:
    """One way to write an answer: a number without commas, signs and units, or tidied LaTeX. "" when
    nothing is left.
    """
    text = text.translate(DASHES).replace("{,}", ",").replace("\\!", "").strip(" \t\r\n*_`").rstrip(" .*_`")
    text = re.sub(r"(?<=[0-9])\\,(?=[0-9]{3})", "", text)
    text = re.sub(r"(?<!\\)\\[, ]", " ", text)
    text = re.sub(r"\\[dtc]frac", r"\\frac", CURRENCY.sub("", text)).strip()
    if len(text) > LONGEST:
        return " ".join(text.split())
    text = re.sub(r"^(?:[A-Za-z]|[^A-Za-z\\{}<>!]*)\s*=\s*(?=[^=]+$)", "", text)  # x = 5, 12 - 5 = 7
    whole = re.fullmatch(r"\\(?:text|textbf|mathrm|mathbf|mbox)\s*\{([^{}]*)\}", text)
    text = whole[1].strip() if whole else text
    bare = UNITS.sub("", text).strip()
    if to_number(bare) is None:
        return " ".join(text.split())
    if "/" in bare or "\\" in bare:
        return str(to_number(bare))
    sign, digits = ("-" if bare.startswith("-") else ""), bare.lstrip("+- ").replace(",", "")
    whole_part, _, decimals = digits.partition(".")
    digits = (whole_part.lstrip("0") or "0") + ("." + decimals).rstrip("0").rstrip(".")
    return digits if digits == "0" else sign + digits


def to_number(text: str) -> Fraction | None:
    r"""The exact value of `-7`, `1,234.5`, `1/2`, `3 1/2`, `\frac{1}{2}` or `3\frac{1}{2}`; None for
    anything else.
    """
    text = FRACTION.sub(lambda m: f" {m[1] or m[2]}/{m[3] or m[4]} ", text).strip()
    number = re.fullmatch(rf"([-+]?)\s*({VALUE})", text)
    if not number or len(text) > LONGEST:
        return None
    whole, _, part = number[2].replace(",", "").rpartition(" ")
    above, _, below = part.partition("/")
    if below and Fraction(below) == 0:
        return None
    value = Fraction(whole or 0) + Fraction(above) / Fraction(below or 1)
    return -value if number[1] == "-" else value


def _close(x: Fraction, y: Fraction) -> bool:
    return abs(x - y) * 10**6 <= min(1, max(abs(x), abs(y)))


def _own_part(text: str) -> str:
    """The text without thinking and without what follows the model's own answer."""
    *thoughts, rest = text.split("</think>")  # the first opening tag may stand in the prompt
    spoken = [before.partition("<think>")[0] for before in thoughts if "<think>" in before]
    text = "".join(spoken) + rest.partition("<think>")[0]
    run_on = RUN_ON.search(text)
    return text[: run_on.start()] if run_on else text


def _boxes(text: str) -> list[tuple[int, str]]:
    r"""Where each \boxed{...} starts, and what it holds; braces nest, an unclosed box holds nothing."""
    found, opened = [], []
    for brace in BRACE.finditer(text):
        if brace[0] != "}":
            opened.append(brace)
        elif opened and (start := opened.pop())[1]:
            found.append((start.start(), text[start.end() : brace.start()]))
    return found


def _after_mark(rest: str) -> str | None:
    """The answer that follows `Final:` or "the answer is": on the same line, else alone on the next."""
    first, _, below = rest.strip(" \t*_`").partition("\n")
    line = first.strip(" \t\r*_`\"':=~≈")
    if not line:
        line = below.strip().partition("\n")[0].strip(" \t\r*_`\"'")
        if len(re.findall(VALUE, line)) != 1 or re.match(r"[0-9]+[.)]\s", line):
            return None
    if "boxed" in line:
        return None  # the box speaks for itself
    if maths := MATHS.match(line):
        return canonical(next(filter(None, maths.groups())))
    plain = CURRENCY.sub("", line).lstrip(" ([<")
    if BARE_LATEX.match(plain):
        return canonical(plain)
    if not (calculation := CALCULATION.match(plain)):
        return _last_number(plain)
    sides = [side.strip() for side in calculation[0].split("=")]
    numbers = [side for side in sides if to_number(side) is not None]
    return canonical(numbers[-1]) if numbers else _last_number(calculation[0])


def _last_number(text: str) -> str | None:
    """The last number of `text`; a minus belongs to it unless something stands before the minus to
    subtract from.
    """
    text = CURRENCY.sub("", text.replace("{,}", ",").replace("\\!", ""))
    numbers = list(re.finditer(VALUE, text))
    if not numbers:
        return None
    last = numbers[-1]
    before = text[max(0, last.start() - 9) : last.start()]
    negative = re.search(r"(?:^|[^\w)\]}%])-$", before) and not re.search(r"[0-9)\]}]\s+-$", before)
    return canonical(("-" if negative else "") + last[0])
