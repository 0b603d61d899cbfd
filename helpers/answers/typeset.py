r"""Typed mathematics as LaTeX: ½, √2, sqrt(2), 5*pi, exp(2), (-inf, 2]."""

import re
from functools import lru_cache

REMEMBERED = 1 << 14  # texts: the same answers come back by the thousand
TYPED = {"½": " 1/2", "⅓": " 1/3", "⅔": " 2/3", "¼": " 1/4", "¾": " 3/4", "⅕": " 1/5", "⅛": " 1/8"}
TYPED |= {
    "π": r"\pi ",
    "∞": r"\infty ",
    "√": r"\sqrt ",
    "∛": r"\sqrt[3]",
    "∪": r"\cup ",
    "∅": r"\emptyset ",
    "≡": r"\equiv ",
}
TYPED |= {"×": r"\times ", "·": r"\cdot ", "⋅": r"\cdot ", "÷": "/", "±": r"\pm ", "+/-": r"\pm "}
TYPED |= {
    "≤": r"\le ",
    "≥": r"\ge ",
    "≠": r"\ne ",
    "<=": r"\le ",
    ">=": r"\ge ",
    " != ": r" \ne ",
    "∈": r"\in ",
}
TYPED |= {"\\leqslant": r"\le ", "\\geqslant": r"\ge ", "\\leq": r"\le", "\\geq": r"\ge", "\\neq": r"\ne"}
TYPED |= {"\\lt": "<", "\\gt": ">", "**": "^", "θ": r"\theta ", "…": r"\ldots "}
UNTYPED = re.compile(r"[-0-9+=/., ]*")
RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ⁿ", "0123456789-+n")
FUNCTION = re.compile(
    r"(?<![A-Za-z\\])(arcsin|arccos|arctan|sinh|cosh|tanh|sin|cos|tan|cot|sec|csc|ln|log)(?=\s*[(^_0-9]|\s+[a-z]\b)"
)
BETWEEN = re.compile(r"\s*,?\s*(?:\\(?:text|mbox)\s*\{\s*,?\s*(?:and|or)\s*\}|\b(?:and|or)\b)\s*")


@lru_cache(maxsize=REMEMBERED)
def typeset(text: str) -> str:
    """Typed mathematics as LaTeX; `1 and 2`, `1 or 2` as `1, 2` where both sides are mathematics."""
    if UNTYPED.fullmatch(text):
        return text.strip()
    text = re.sub(r"[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ⁿ]+", lambda m: _power(m[0].translate(RAISED)), text)
    for sign, latex in TYPED.items():
        text = text.replace(sign, latex)
    text = re.sub(r"\(\s*mod\s+([^()]+)\)", r"\\pmod{\1}", text)
    text = re.sub(r"\b([A-Za-z]) in (?=[(\[{])", r"\1 \\in ", text)
    text = re.sub(r"(?<=[)\]])\s*U\s*(?=[(\[])", r" \\cup ", text)
    text = re.sub(r"(?<=[0-9])\s*[xX]\s*(?=10\s*\^)", r" \\times ", text)
    text = re.sub(r"(?<![A-Za-z\\])(?:oo|infinity|inf)(?![A-Za-z])", r"\\infty", text)
    text = re.sub(r"(?<![A-Za-z\\])pi(?![A-Za-z])", r"\\pi", text)
    text = re.sub(r"\\pi over ([0-9]+)", r"\\frac{\\pi}{\1}", text)
    text = re.sub(r"(?<![A-Za-z\\])log base (\w+) of ", r"\\log_{\1} ", text)
    text = re.sub(r"(?<![A-Za-z\\])log(2|10)(?=\()", r"\\log_{\1}", text)
    text = re.sub(r"(?<![A-Za-z\\])a(sin|cos|tan)(?=\s*\()", r"arc\1", text)
    text = re.sub(r"(?<![A-Za-z\\])(?:binom|nCr)\(\s*(\w+)\s*,\s*(\w+)\s*\)", r"\\binom{\1}{\2}", text)
    text = FUNCTION.sub(r"\\\1", text)
    text = _with_braces(text, r"(?:(?<![A-Za-z])|(?<=\\))(\\?)exp\s*(?=\()", "e^{", "}")
    text = _with_braces(text, r"(?<![A-Za-z])cbrt\s*(?=\()", r"\sqrt[3]{", "}")
    text = _with_braces(text, r"(?<![A-Za-z])abs\s*(?=\()", "|", "|")
    text = _with_braces(text, r"(?<![A-Za-z\\])floor\s*(?=\()", r"\lfloor ", r" \rfloor ")
    text = _with_braces(text, r"(?<![A-Za-z\\])ceil(?:ing)?\s*(?=\()", r"\lceil ", r" \rceil ")
    text = _with_braces(text, r"\\sqrt\s*(?=\()|(?<![A-Za-z\\])sqrt\s*(?=\()", r"\sqrt{", "}")
    text = _with_braces(text, r"\^\s*(?=\()", "^{", "}")
    text = re.sub(r"(?<![A-Za-z\\])sqrt(?=\s*[0-9])", r"\\sqrt ", text)
    text = re.sub(r"(?<![A-Za-z\\])sqrt(?=[\[{])", r"\\sqrt", text)
    text = re.sub(r"\\sqrt\s+([0-9]+|[A-Za-z])(?![A-Za-z])", r"\\sqrt{\1}", text)
    text = re.sub(r"\\sqrt([0-9])", r"\\sqrt{\1}", text)
    text = re.sub(r"(\\sqrt\s*\[[^\]]*\])\s*\(([^()]*)\)", r"\1{\2}", text)
    text = re.sub(r"(\\sqrt\s*\[[^\]]*\])\s*([0-9A-Za-z])", r"\1{\2}", text)
    text = re.sub(r"\\binom\s*([0-9]|(?<=\s)[A-Za-z])\s*([0-9A-Za-z])", r"\\binom{\1}{\2}", text)
    text = re.sub(r"\\frac\s*([0-9]|\\pi(?![A-Za-z])|(?<=\s)[A-Za-z])", r"\\frac{\1}", text)
    text = re.sub(r"(\\frac\{(?:[^{}]|\{[^{}]*\})*\})\s*([0-9A-Za-z]|\\pi(?![A-Za-z]))", r"\1{\2}", text)
    text = re.sub(r"\^\s*-\s*([0-9]+|[A-Za-z])(?![A-Za-z.])", r"^{-\1}", text)
    text = re.sub(r"\*\s*(?=\\)", r"\\cdot " if "/" in text else "", text)  # 5*pi, 4/3*pi
    text = re.sub(r"([0-9]/[0-9]+)\s+(?=\\(?:pi|sqrt)(?![A-Za-z]))", r"\1 \\cdot ", text)  # 4/3 pi
    text = re.sub(r"\\langle\s*(.*?)\s*\\rangle", r"(\1)", text)
    text = re.sub(r"\s*<([^<>=]*,[^<>=]*)>\s*", r"(\1)", text) if text.strip()[:1] == "<" else text
    if foreign := re.fullmatch(r"\s*([\[\]])([^\[\]]*[,;][^\[\]]*)([\[\]])\s*", text):  # ]1, 2[
        text = f"{'(['[foreign[1] == '[']}{foreign[2]}{')]'[foreign[3] == ']']}"
    text = text.replace(r"\varnothing", r"\emptyset").strip()
    listed = BETWEEN.sub(", ", text)
    mathematics = not re.search(r"(?<!\\)\b[A-Za-z]{2,}", re.sub(r"\\[A-Za-z]+", "", listed))
    if listed != text and mathematics and not re.search(r"[<>]|\\[lgn]e\b", text):
        return listed.strip(" ,")
    return text


def _power(exponent: str) -> str:
    return f"^{exponent}" if len(exponent) == 1 else f"^{{{exponent}}}"


def _with_braces(text: str, head: str, opening: str, closing: str) -> str:
    """`head(…)` as `opening…closing`, where the brackets are balanced."""
    for found in reversed(list(re.finditer(head, text))):
        end = closing_bracket(text, found.end())
        if end is not None:
            inside = text[found.end() + 1 : end]
            text = text[: found.start()] + opening + inside + closing + text[end + 1 :]
    return text


def closing_bracket(text: str, start: int) -> int | None:
    """Where the bracket that opens at `start` closes; `(` may close with `]`, as intervals do."""
    depth = 0
    for place in range(start, len(text)):
        if text[place] in "([{":
            depth += 1
        elif text[place] in ")]}":
            depth -= 1
            if depth == 0:
                return place
    return None
