r"""The final answer of a text: what it states last (`Final: 14`, `\boxed{\frac{1}{2}}`, `\boxed 6`, "the
answer is -7.", `#### 36`), else its last number, else None.

Of a calculation on the answer line, `Final: 6 * 7 = 42`, the result is the answer. What stands in <think> …
</think> or in a channel other than the final one is never read, nor a run-on (a new `Question:`, the next
turn).
"""

import re
from collections.abc import Callable
from functools import partial

from helpers.answers.canonical import (
    CURRENCY,
    DASHES,
    NUMBER,
    POWER_OF_TEN,
    VALUE,
    canonical,
    closing_bracket,
    joined_thousands,
    to_number,
    typeset,
)

LONGEST_LINE = 1000  # characters of a line that are read
LONGEST_STATEMENT = 4 * LONGEST_LINE
MOST_STATEMENTS = 100  # the last ones of a text: of more, none held an answer
BOLD = re.compile(r"(?<![\w)])\*\*|\*\*(?![\w(])")  # 2**3 keeps its stars
RUN_ON = re.compile(
    r"<\|(?:im_end|im_start|eot_id|endoftext|end|return|call|user|start_header_id)\|>|</s>|\[INST\]"
    r"|^[ \t#>*_]*(?:(?:next|new|another)\s+)?(?:question|problem|user|human|q)\s*[0-9]*[*_]*\s*:",
    re.IGNORECASE | re.MULTILINE,
)
CHANNEL = re.compile(r"<\|channel\|>\s*(\w+)[^<]*(?:<\|constrain\|>[^<]*)?<\|message\|>")
BARE_CHANNELS = re.compile(r"\Aanalysis.*?assistantfinal", re.DOTALL)  # where the special tokens were dropped
THINKING = re.compile(
    r"(<(?:think|thinking|thought|reasoning)>|\[THINK\])|(</(?:think|thinking|thought|reasoning)>|\[/THINK\])"
)
STATEMENT = re.compile(
    r"\bfinal(?:[ _]\w+){0,2}\s*[:=]"
    r"|\banswer\b[^.:=\n]{0,60}?(?:[:=]|\b(?:is|equals)\b)(?!\s+not\b)"
    rf"|^\#{{4}}(?=\s*[-$]*\s*{NUMBER}\s*$)",
    re.IGNORECASE | re.MULTILINE,
)
BRACE = re.compile(r"(\\f?boxed\s*\{)|(?<!\\)[{}]")
BARE_BOX = re.compile(r"\\f?boxed\s*(?![{\sA-Za-z]*\{\s*\})(?=[^{\s])")
ATOM = re.compile(  # of a box without braces: a number, a command with its arguments, a letter
    rf"\s*(?:[-+]?\s*(?:\\?[$€£])?{NUMBER}(?:/[0-9]+)?|[-+]?\\[A-Za-z]+\s*(?:\[[^\]]*\])?\s*(?:[0-9]{{1,2}}|(?:\{{(?:[^{{}}]|\{{[^{{}}]*\}})*\}}\s*)*)|[A-Za-z](?![A-Za-z])|\^\s*(?:\{{[^{{}}]*\}}|[0-9]))"
)
MATHS = re.compile(r"\$([^$\s](?:[^$]*[^$\s])?)\$(?![0-9])|\\\((.+?)\\\)|\\\[(.+?)\\\]", re.DOTALL)
BARE_LATEX = re.compile(r"-?(?:[0-9]+ ?)?\\[a-zA-Z]")
JOINED = re.compile(r"[\s$]{0,4}(?:[,;]|,?\s?(?:and|or)\b)[\s$]{0,4}(?:[a-z]\s?=\s?)?")
LIST = re.compile(rf"-?{VALUE}(?:\s*,\s*(?:and\s|or\s)?\s*-?{VALUE}|\s+(?:and|or)\s+-?{VALUE})+")
CLOCK = re.compile(r"[0-9]{1,2}:[0-9]{2}\b")
FORMULA = re.compile(
    r"(?=.*(?:\^|[-+*/]\s*[a-z](?![a-z])|[-+]\s*[0-9.]+[a-z](?![a-z])|(?<![a-z])[a-z]\s*[-+*/]))"
    r"(?:(?<![A-Za-z])[a-z](?![A-Za-z])|[-+*/^()=.,0-9{} ])+"
)
TYPED_MATHS = re.compile(
    r"(?:\\[A-Za-z]+|\\[{}|]|(?<![A-Za-z])(?:sqrt|cbrt|exp|ln|log|arcsin|arccos|arctan|sin|cos|tan|cot|sec|csc|abs"
    r"|pi|inf|infinity|oo|[A-Za-z])(?![A-Za-z])|[-+*/^_.,=<>|!{}()\[\]0-9 ])+"
)
LEAD_IN = re.compile(r"(?:(?:[A-Za-z]{2,}:? ){1,8}(?=\\?[(\[{]))?")
NAMED_SET = re.compile(r"\s*(?:[A-Za-z]|\([a-z](?:,\s?[a-z])+\))\s*=\s*(?=\\?[(\[{])")
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
SPOKEN_RESULT = re.compile(  # 15% of 200 is 30
    r"^([^=]*[0-9][^=]*(?:[-+*/×÷%]|\b(?:of|plus|minus|times|divided)\b)[^=]*?)\s(?:is|equals|gives|makes)\s(?=\s*-?[$€£]?[0-9])"
)
NAMES_ADDED = re.compile(r"\s*[a-w](?:\s*[-+]?\s*[a-w])+\s*")  # m + n = 34 asks for 34; x + y = 34 is a line


def extract_answer(text: str) -> str | None:
    """The last stated final answer of `text` in canonical form, else its last number, else None.

    `text` is what a model wrote, without its prompt. Thinking that was cut off has stated nothing: None.
    """
    own = _own_words(text)
    return _stated(own) or _last_number(own)


def stated_answer(text: str) -> str | None:
    r"""The answer that `text` states, `Final: …`, `\boxed{…}` or "the answer is …"; None where it states
    none, whatever numbers it holds.
    """
    return _stated(_own_words(text))


def _own_words(text: str) -> str:
    if not isinstance(text, str):
        raise TypeError("An answer is read from text: pass sample.text, not the sample.")
    text = without_thinking(text)
    run_on = RUN_ON.search(text)
    return joined_thousands(BOLD.sub("", text[: run_on.start() if run_on else None].translate(DASHES)))


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
    stated += _boxes(text)[-MOST_STATEMENTS:] + _bare_boxes(text)[-MOST_STATEMENTS:]
    answers = (read() for _, read in sorted(stated, key=lambda pair: pair[0], reverse=True))
    return next(filter(None, answers), None)


def without_thinking(text: str) -> str:
    """What a model says to its reader: not what stands in <think> … </think> or in a channel but the final
    one.
    """
    if channels := list(CHANNEL.finditer(text)):
        ends = [*(channel.start() for channel in channels), len(text)][1:]
        said = [(c[1], text[c.end() : end]) for c, end in zip(channels, ends, strict=True)]
        opening = text[: channels[0].start()].replace("<|start|>assistant", "")
        finals = [words for name, words in said if name == "final"]
        text = finals[-1] if finals else opening
    text = BARE_CHANNELS.sub("", text)
    kept, place, inside = [], 0, False
    for tag in THINKING.finditer(text):
        if tag[1]:
            if not inside:
                kept.append(text[place : tag.start()])
            inside = True
        elif inside:
            inside = False
        else:  # the opening tag stood in the prompt
            kept = []
        place = tag.end()
    return "".join(kept) + ("" if inside else text[place:])


def _boxes(text: str) -> list[tuple[int, Callable[[], str]]]:
    r"""Where each \boxed{...} starts, and what reads its answer; braces nest, an unclosed box holds nothing.
    Boxes that a comma, "and" or "or" joins (x = \boxed{3} or x = \boxed{-2}) are one answer.
    """
    found, opened = [], []
    for brace in BRACE.finditer(text):
        if brace[0] != "}":
            opened.append(brace)
        elif opened and (start := opened.pop())[1]:
            content = text[start.end() : brace.start()]
            if found and JOINED.fullmatch(text, found[-1][2], start.start()):
                first, before, _ = found.pop()
                found.append((first, [*before, content], brace.end()))
            else:
                found.append((start.start(), [content], brace.end()))
    return [(start, partial(_joined, contents)) for start, contents, _ in found]


def _joined(contents: list[str]) -> str:
    return ", ".join(dict.fromkeys(filter(None, map(canonical, contents))))


def _bare_boxes(text: str) -> list[tuple[int, Callable[[], str]]]:
    r"""The same of boxes without braces, \boxed 6 and \boxed\frac{2}{5}."""
    found = [(box.start(), box.end()) for box in BARE_BOX.finditer(text)]
    return [
        (start, partial(_bare_box, text[end : end + LONGEST_LINE])) for start, end in found[-MOST_STATEMENTS:]
    ]


def _bare_box(rest: str) -> str:
    """Up to the dollar sign where all of that is mathematics, else the numbers and commands that follow."""
    line = rest.partition("\n")[0]
    inside = re.split(r"(?<!\\)\$|\\\)|\\\]", line)[0]
    if inside == line or re.search(r"(?<!\\)\b[A-Za-z]{2,}[ ,]", re.sub(r"\\[A-Za-z]+", "", inside)):
        end = 0
        while (atom := ATOM.match(line, end)) and atom.end() > end:
            end = atom.end()
        inside = line[:end]
    return canonical(inside)


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
    if "boxed" in line:
        return None  # the box speaks for itself
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
    """`x = -3 or x = 3` as -3, 3."""
    parts = re.split(r"\s*(?:,\s*(?:and|or)?|\band\b|\bor\b)\s*", line.rstrip(" .*_`"))
    found = [re.fullmatch(r"([a-z])\s*=\s*([^=]+)", part) for part in parts]
    if len(parts) < 2 or not all(found) or len({each[1] for each in found}) > 1:
        return None
    return canonical(", ".join(each[2] for each in found))


def _calculation(line: str) -> str | None:
    """The result of the calculation that a line shows: what stands after its last equals sign, if a
    number.
    """
    line = re.sub(r"\$(?![0-9])|\\[()\[\]]", "", line) if MATHS.search(line) else line
    line = re.sub(r"⇒|→|=>|->|\\(?:Rightarrow|implies)(?![A-Za-z])", "=", line)
    line = SPOKEN_RESULT.sub(r"\1 = ", line)
    sides = re.split(r"(?<![<>:])(?<!\s!)=+(?!=)", line)
    whole = line.rstrip(" .*_`")
    if len(sides) < 2 or EXPLAINED.match(line[: line.index("=")]):
        return None
    if len(sides) == 2 and FORMULA.fullmatch(whole) and not NAMES_ADDED.fullmatch(sides[0]):
        return None
    for side in reversed(sides):
        if LIST.fullmatch(side.strip(" .")):
            return canonical(side.strip(" ."))
        if result := RESULT.match(side):
            return canonical(result[1].replace(" ", "") if "/" not in result[1] else result[1].strip())
    answer = canonical(whole)
    return answer if "\\" in line and to_number(answer) is not None else None


def _formula(line: str) -> str | None:
    """Mathematics without dollar signs at the beginning of a line: 2^10, 3, 5 and 7, sqrt(7), (4,9), x +
    1.
    """
    whole = line.rstrip(" .*_`")
    for form in (LIST, FORMULA, POWER_OF_TEN):
        if form.fullmatch(typeset(whole)):
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
    part = NAMED_SET.sub("", part.rstrip(" .,*="), count=1)
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
    if end is None or "," not in part[start.end() : end]:
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
