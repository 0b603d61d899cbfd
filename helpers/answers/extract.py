r"""The final answer of a text: what it states last (`Final: 14`, `\boxed{\frac{1}{2}}`, `\boxed 6`, "the
answer is -7.", `#### 36`), else its last number, else None.

Of a calculation on the answer line, `Final: 6 * 7 = 42`, the result is the answer. What stands in <think> …
</think> or in a channel other than the final one is never read, nor a run-on (a new `Question:`, the next
turn).
"""

import re
from functools import partial

from helpers.answers.boxes import LONGEST_LINE, MOST_STATEMENTS, bare_boxes, boxes
from helpers.answers.canonical import (
    CURRENCY,
    NUMBER,
    PLAIN,
    POWER_OF_TEN,
    VALUE,
    canonical,
    to_number,
    with_equals,
)
from helpers.answers.reply import own_words
from helpers.answers.typeset import closing_bracket, typeset

LONGEST_STATEMENT = 4 * LONGEST_LINE
STATEMENT = re.compile(
    r"\bfinal(?:[ _]\w+){0,2}\s*[:=]"
    r"|\banswer\b[^.:=\n]{0,60}?(?:[:=]|\b(?:is|equals)\b)(?!\s+not\b)"
    rf"|^\#{{4}}(?=\s*[-$]*\s*{NUMBER}\s*$)",
    re.IGNORECASE | re.MULTILINE,
)
MATHS = re.compile(r"\$([^$\s](?:[^$]*[^$\s])?)\$(?![0-9])|\\\((.+?)\\\)|\\\[(.+?)\\\]", re.DOTALL)
BARE_LATEX = re.compile(r"-?(?:[0-9]+ ?)?\\[a-zA-Z]")
LIST = re.compile(rf"-?{VALUE}(?:\s*,\s*(?:(?:and|or)\s+)?-?{VALUE}|\s+(?:and|or)\s+-?{VALUE})+")
SPACED = re.compile(r"-?\\?[$€£]?[0-9]{1,3}(?: [0-9]{3})+(?:\s?[€%]|\s[A-Za-z]+)*\.?")  # 6 200 people
CLOCK = re.compile(r"[0-9]{1,2}:[0-9]{2}\b")
FORMULA = re.compile(
    r"(?=.*(?:\^|[-+*/]\s*[a-z](?![a-z])|[-+]\s*[0-9.]+[a-z](?![a-z])|(?<![a-z])[a-z]\s*[-+*/]))"
    r"(?:(?<![A-Za-z])[a-z](?![A-Za-z])|[-+*/^()=.,0-9{} ])+"
)
TYPED_MATHS = re.compile(
    r"(?:\\(?:text|textbf|textit|mathrm|mbox|operatorname)\s*\{[^{}]*\}|\\[A-Za-z]+|\\[{}|]|(?<![A-Za-z])(?:sqrt|cbrt|exp|ln|log|arcsin|arccos|arctan|sin|cos|tan|cot|sec|csc|abs"
    r"|pi|inf|infinity|oo|[A-Za-z])(?![A-Za-z])|[-+*/^_.,;=<>|!{}()\[\]0-9 ])+"
)
COMPARED = re.compile(rf"(?=.*(?:[<>]|\\[lgn]e\b)){TYPED_MATHS.pattern}")
LEAD_IN = re.compile(r"(?:(?:[A-Za-z]{2,}:? ){1,8}(?=\\?[(\[{]))?")
NAMED_SET = re.compile(  # S = {1, 2}, (x, y) = (1, 2), P(1, 2)
    r"\s*(?:(?:[A-Za-z]|\([a-z](?:,\s?[a-z])+\))\s*=\s*(?=\\?[(\[{])|[A-Z]'?\s?(?=\([^()]*,))"
)
IS_MATHS = re.compile(
    r"\\[A-Za-z]|\b(?:sqrt|cbrt|exp|ln|log|arc|sin|cos|tan|cot|abs|pi)|[0-9]pi\b|\|.*\||(?=.*[A-Za-z])[\w)]\s*[<>]\s*[-\w(\\]"
)
OPTION = re.compile(r"\(?([A-Z])\)?(?![\w'])(?=\W*$|\W\s)")
WORDS = re.compile(
    r"(?!(?:an?|the|your|integer|number|answer|unknown|unclear)\b)[A-Za-z][a-z]+(?: [A-Za-z][a-z]*){0,2}",
    re.IGNORECASE,
)
VERDICT = re.compile(r"(?:yes|no|true|false|even|odd|[A-Z][a-z]+)")
CALCULATION = re.compile(rf"[-+]?\s*{VALUE}(?:\s*[-+*/×÷x=]\s*-?{VALUE})*")
EXPLAINED = re.compile(rf"[^=(\[]*?{VALUE}[^=+*/×÷]*?(?:\([^)]*$|,\s|;|\.\s|\b(?:because|since|as|for)\b)")
RESULT = re.compile(
    rf"[\s~≈]*(-?\s*[$€£¥]?\s*-?\s*{VALUE})(?![0-9:]|\s*[-+*/×÷^\\]|\s?[a-dj-lnp-z]\b(?!/)|\()"
)
OPERATION = re.compile(r"[-+*/×÷·%]|\b(?:x|of|plus|minus|times|divided|squared|cubed)\b")
SPOKEN_EQUALS = re.compile(r"(?:,? (?:which|that))?\s(?:is|equals|gives|makes)\s(?=\s*-?[$€£]?[0-9])")
NAMES_ADDED = re.compile(r"\s*[a-w](?:\s*[-+]?\s*[a-w])+\s*")  # m + n = 34 asks for 34; x + y = 34 is a line


def extract_answer(text: str) -> str | None:
    """The last stated final answer of `text` in canonical form, else its last number, else None.

    `text` is what a model wrote, without its prompt. Thinking that was cut off has stated nothing: None.
    """
    own = own_words(text)
    return _stated(own) or _last_number(own)


def stated_answer(text: str) -> str | None:
    r"""The answer that `text` states, `Final: …`, `\boxed{…}` or "the answer is …"; None where it states
    none, whatever numbers it holds.
    """
    return _stated(own_words(text))


def _stated(text: str) -> str | None:
    marks = list(STATEMENT.finditer(text))
    ends = [*(mark.start() for mark in marks), len(text)][1:]
    stated = [
        (
            m.start(),
            partial(_after_mark, text[m.end() : min(end, m.end() + LONGEST_STATEMENT)], m[0][-1] in ":="),
        )
        for m, end in zip(marks[-MOST_STATEMENTS:], ends[-MOST_STATEMENTS:], strict=True)
    ]
    stated += boxes(text)[-MOST_STATEMENTS:] + bare_boxes(text)[-MOST_STATEMENTS:]
    answers = (read() for _, read in sorted(stated, key=lambda pair: pair[0], reverse=True))
    return next(filter(None, answers), None)


def _after_mark(rest: str, named: bool) -> str | None:
    """The answer that follows `Final:` or "the answer is": on the same line, else alone on the next.

    `named`: the mark ends in a colon, so that words after it are an answer too.
    """
    first, _, below = rest.strip(" \t*_`").partition("\n")
    line = first[:LONGEST_LINE].strip(" \t\r*_`\"':=~≈")
    if not line:
        line = below.strip().partition("\n")[0][:LONGEST_LINE].strip(" \t\r*_`\"'")
        if (len(re.findall(VALUE, line)) != 1 and not MATHS.match(line)) or re.match(r"[0-9]+[.)]\s", line):
            return None
    if PLAIN.fullmatch(number := line.rstrip(" .")):
        return canonical(number)
    if "boxed" in line:
        return None  # the box speaks for itself
    line = re.sub(r"(?<=[0-9]) (?=[0-9]{3})", "", line) if SPACED.fullmatch(line) else line
    for read in (_marked_maths, _solutions, _calculation, _formula):
        if answer := read(line):
            return answer
    plain = CURRENCY.sub("", typeset(line)).lstrip(" ([<")
    if clock := CLOCK.match(plain):
        return clock[0]
    if not re.search(r"[0-9]", plain):
        return _words(line.rstrip(" .*_`"), named)
    if not (calculation := CALCULATION.match(plain)):
        return _last_number(plain)
    sides = [side.strip() for side in calculation[0].split("=")]
    numbers = [side for side in sides if to_number(side) is not None]
    return canonical(numbers[-1]) if numbers else _last_number(calculation[0])


def _marked_maths(line: str) -> str | None:
    r"""What stands between dollar signs, \( \) or \[ \] at the beginning of a line; all of it where "and" or
    a comma joins several. None where an equals sign follows: then the line is a calculation.
    """
    answers, end = [], 0
    while found := MATHS.match(line, end):
        answers.append(canonical(next(filter(None, found.groups()))))
        end = found.end()
        joint = re.compile(r"\s*(?:,\s*(?:and|or)?|and|or)\s*(?=[$\\])").match(line, end)
        if not joint:
            break
        end = joint.end()
    return None if "=" in line[end:] else ", ".join(dict.fromkeys(answers)) or None


def _solutions(line: str) -> str | None:
    """`x = -3 or x = 3` as -3, 3; `x = 2, y = 5` as (2, 5)."""
    parts = re.split(r"\s*(?:,\s*(?:and|or)?|\band\b|\bor\b)\s*", line.rstrip(" .*_`"))
    found = [re.fullmatch(r"([a-z])\s*=\s*([^=]+)", part) for part in parts]
    if len(parts) < 2 or not all(found):
        return None
    if len({each[1] for each in found}) > 1:
        return canonical(", ".join(each[0] for each in found))
    return canonical(", ".join(each[2] for each in found))


def _calculation(line: str) -> str | None:
    """The result of the calculation that a line shows: what stands after its last equals sign, if a
    number.
    """
    line = re.sub(r"\$(?![0-9])|\\[()\[\]]", "", line) if MATHS.search(line) else line
    line = re.sub(r"⇒|→|=>|->|\\(?:Rightarrow|rightarrow|implies)(?![A-Za-z])", "=", line)
    line = with_equals(line)
    line = _spoken(line)
    sides = re.split(r"(?<![<>:])(?<!\s!)=+(?!=)", line)
    whole = line.rstrip(" .*_`")
    if len(sides) < 2 or EXPLAINED.match(line[: line.index("=")]):
        return None
    if len(sides) == 2 and FORMULA.fullmatch(whole) and not NAMES_ADDED.fullmatch(sides[0]):
        return None
    for side in reversed(sides):
        if clock := CLOCK.match(side.strip()):
            return clock[0]
        if LIST.fullmatch(side.strip(" .")):
            return canonical(side.strip(" ."))
        if result := RESULT.match(side):
            return canonical(result[1].replace(" ", "") if "/" not in result[1] else result[1].strip())
    answer = canonical(whole)
    return answer if "\\" in line and to_number(answer) is not None else None


def _spoken(line: str) -> str:
    """`15% of 200 is 30` with an equals sign."""
    number = re.search("[0-9]", line)
    for verb in SPOKEN_EQUALS.finditer(line):
        left = line[: verb.start()]
        if "=" in left or not number:
            break
        if OPERATION.search(left, number.end()):
            return f"{left} = {line[verb.end() :]}"
    return line


def _formula(line: str) -> str | None:
    """Mathematics without dollar signs at the beginning of a line: 2^10, 3, 5 and 7, sqrt(7), (4,9), x +
    1.
    """
    whole = line.rstrip(" .*_`")
    for form in (LIST, FORMULA, POWER_OF_TEN):
        if form.fullmatch(typeset(whole)):
            return canonical(whole)
    compared = re.split(r"\s+(?:or|and)\s+", typeset(whole))
    if len(compared) > 1 and all(map(COMPARED.fullmatch, compared)):  # x < -2 or x > 2
        return canonical(whole)
    set_in_latex = typeset(line)
    if not re.search(r"[0-9]", before := LEAD_IN.match(set_in_latex)[0]):
        set_in_latex = set_in_latex[len(before) :]  # the interval [0,5)
    maths = TYPED_MATHS.match(set_in_latex)
    part = maths[0] if maths else ""
    if part != set_in_latex and re.match(r"\w", set_in_latex[len(part) :]):
        part = re.sub(
            r"(?:(?<=\s)[A-Za-z]\s*|\s)+$", "", part
        )  # "(4,9) a point": the article is no mathematics
    part = NAMED_SET.sub("", part.rstrip(" .,;*="), count=1)
    if bracket := _bracketed(part):
        return canonical(bracket)
    if part.count("(") != part.count(")") or not re.search(r"[0-9A-Za-z]", part):
        part = ""
    if part and IS_MATHS.search(part):
        return canonical(part)
    return (
        canonical(CURRENCY.sub("", set_in_latex).lstrip(" ([<"))
        if BARE_LATEX.match(CURRENCY.sub("", set_in_latex).lstrip(" ([<"))
        else None
    )


def _bracketed(part: str) -> str | None:
    r"""A tuple, interval or set at the beginning of `part`, or a union of them; None where none stands
    there.
    """
    start = re.match(r"\s*(?:[a-z]\s*\\in\s*)?(?:\\left\s*)?(?:\\?[{(\[])", part)
    if not start:
        return None
    end = closing_bracket(part, start.end() - 1)
    if end is None or not re.search("[,;]", part[start.end() : end]):
        return None
    after = re.match(r"\s*(\\cup|,\s*(?:and|or)?|and|or)\s*(?=(?:\\left\s*)?\\?[(\[{])", part[end + 1 :])
    if not after:
        return part[: end + 1]
    more = _bracketed(part[end + 1 + after.end() :])
    joint = r" \cup " if after[1] == r"\cup" else ", "
    return part[: end + 1] + joint + more if more else part[: end + 1]


def _words(line: str, named: bool) -> str | None:
    """The answer of a statement without digits: the letter of an option, a name, a verdict."""
    if option := OPTION.match(line):
        return option[1]
    return canonical(line) if (WORDS if named else VERDICT).fullmatch(line) else None


def _last_number(text: str) -> str | None:
    """The last number of `text`; a minus belongs to it unless something stands before the minus to
    subtract from.
    """
    text = CURRENCY.sub("", text.replace("\\!", ""))
    numbers = list(re.finditer(VALUE, text))
    if not numbers:
        return None
    last = numbers[-1]
    before = text[max(0, last.start() - 9) : last.start()]
    negative = re.search(r"(?:^|[^\w)\]}%])-$", before) and not re.search(r"[0-9)\]}]\s+-$", before)
    return canonical(("-" if negative else "") + last[0])
