r"""Answers in boxes: \boxed{\frac{1}{2}}, and without braces \boxed 6 and \boxed\frac{2}{5}."""

import re
from collections.abc import Callable
from functools import partial

from helpers.answers.canonical import NUMBER, canonical

LONGEST_LINE = 1000  # characters of a line that are read
MOST_STATEMENTS = 100  # the last ones of a text: of more, none held an answer
BRACE = re.compile(r"(\\f?boxed\s*\{)|(?<!\\)[{}]")
BARE_BOX = re.compile(r"\\f?boxed\s*(?![{\sA-Za-z]*\{\s*\})(?=[^{\s])")
ATOM = re.compile(  # of a box without braces: a number, a command with its arguments, a letter
    rf"\s*(?:[-+]?\s*(?:\\?[$€£])?{NUMBER}(?:/[0-9]+)?|[-+]?\\[A-Za-z]+\s*(?:\[[^\]]*\])?\s*(?:[0-9]{{1,2}}|(?:\{{(?:[^{{}}]|\{{[^{{}}]*\}})*\}}\s*)*)|[A-Za-z](?![A-Za-z])|\^\s*(?:\{{[^{{}}]*\}}|[0-9]))"
)
GROUP = re.compile(r"\s*(?:\([^()$]+\)|\\\{[^{}$]+\\\})")  # (2, 3), (B), \{1, 2\}
JOINED = re.compile(r"[\s$]{0,4}(?:[,;]|,?\s?(?:and|or)\b)[\s$]{0,4}(?:[a-z]\s?=\s?)?")


def boxes(text: str) -> list[tuple[int, Callable[[], str]]]:
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


def bare_boxes(text: str) -> list[tuple[int, Callable[[], str]]]:
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
        if group := GROUP.match(line):
            return canonical(group[0])
        end = 0
        while (atom := ATOM.match(line, end)) and atom.end() > end:
            end = atom.end()
        inside = line[:end]
    return canonical(inside)
