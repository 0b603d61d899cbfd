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

from helpers.canonical import CURRENCY, DASHES, NUMBER, POWER_OF_TEN, VALUE, canonical, to_number, typeset
from helpers.latex import latex_equal

__all__ = ["answers_match", "canonical", "extract_answer", "to_number"]

BOLD = re.compile(r"(?<![\w)])\*\*|\*\*(?![\w(])")  # 2**3 keeps its stars

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
BARE_LATEX = re.compile(r"-?(?:[0-9]+ ?)?\\[a-zA-Z]")
JOINED = re.compile(r"[\s$]{0,4}(?:[,;]|,?\s?(?:and|or)\b)[\s$]{0,4}(?:[a-z]\s?=\s?)?")
LIST = re.compile(rf"-?{VALUE}(?:\s*,\s*(?:and\s|or\s)?\s*-?{VALUE}|\s+(?:and|or)\s+-?{VALUE})+")
CLOCK = re.compile(r"[0-9]{1,2}:[0-9]{2}\b")
FORMULA = re.compile(
    r"(?=.*(?:\^|[-+*/]\s*[a-z](?![a-z])|(?<![a-z])[a-z]\s*[-+*/]))(?:(?<![A-Za-z])[a-z](?![A-Za-z])|[-+*/^()=.,0-9{} ])+"
)
OPTION = re.compile(r"\(?([A-Z])\)?(?![\w'])(?=\W*$|\W\s)")
WORDS = re.compile(
    r"(?!(?:an?|the|your|integer|number|answer|unknown|unclear)\b)[A-Za-z][a-z]+(?: [A-Za-z][a-z]*){0,2}",
    re.IGNORECASE,
)
VERDICT = re.compile(r"(?:yes|no|true|false|even|odd|[A-Z][a-z]+)")
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
    stated = [
        (m.start(), _after_mark(text[m.end() : end], named=m[0][-1] in ":="))
        for m, end in zip(marks, ends, strict=True)
    ]
    stated += _boxes(text)
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
    r"""Where each \boxed{...} starts, and its answer; braces nest, an unclosed box holds nothing. Boxes that
    a comma, "and" or "or" joins (x = \boxed{3} or x = \boxed{-2}) are one answer.
    """
    found, opened = [], []
    for brace in BRACE.finditer(text):
        if brace[0] != "}":
            opened.append(brace)
        elif opened and (start := opened.pop())[1]:
            content = canonical(text[start.end() : brace.start()])
            if found and JOINED.fullmatch(text, found[-1][2], start.start()):
                first, before, _ = found.pop()
                found.append((first, [*before, *{content} - {*before, ""}], brace.end()))
            else:
                found.append((start.start(), [content], brace.end()))
    return [(start, ", ".join(filter(None, contents))) for start, contents, _ in found]


def _after_mark(rest: str, named: bool) -> str | None:
    """The answer that follows `Final:` or "the answer is": on the same line, else alone on the next.

    `named`: the mark ends in a colon, so that words after it are an answer too.
    """
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
    plain = CURRENCY.sub("", typeset(line)).lstrip(" ([<")
    whole = line.rstrip(" .*_`")
    for form in (LIST, FORMULA, POWER_OF_TEN):
        if form.fullmatch(typeset(whole)):
            return canonical(whole)
    if BARE_LATEX.match(plain):
        return canonical(plain)
    if clock := CLOCK.match(plain):
        return clock[0]
    if not re.search(r"[0-9]", plain):
        return _words(whole, named)
    if not (calculation := CALCULATION.match(plain)):
        return _last_number(plain)
    sides = [side.strip() for side in calculation[0].split("=")]
    numbers = [side for side in sides if to_number(side) is not None]
    return canonical(numbers[-1]) if numbers else _last_number(calculation[0])


def _words(line: str, named: bool) -> str | None:
    """The answer of a statement without digits: the letter of an option, a name, a verdict."""
    if option := OPTION.match(line):
        return option[1]
    return canonical(line) if (WORDS if named else VERDICT).fullmatch(line) else None


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
