"""The checks beside the exercises of 01_cot_vs_baseline: cases and hints.

Each function takes what the learner wrote and shows the feedback of `helpers.checks.core`. The graded tests are
others, on more inputs: passing here is a good sign, not the grade.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from helpers.answers import extract_answer
from helpers.checks.core import Case, check
from helpers.checks.scripted import ScriptedModel
from helpers.models import LanguageModel, Message
from helpers.problems import Problem
from helpers.prompts import FINAL_FORMAT, SYSTEM_BASELINE, make_prompt

Run = dict[str, object]
RUN_KEYS = ("pred", "tokens", "text")
# The words with which people ask for reasoning, with which they ask for haste, and with which they refuse it.
WORK = (
    "step|reason|think|thought|work|expla|show|break|calculat|comput|deriv|detail|stage|process|journal|track"
    "|method|scratch|through|intermediate|decompos|logical|chain|line|path|way to|how you|each|every|equation"
    "|operation|sums|piece|develop|slow|gradual|thorough|document|approach|complete|full|lay out|i can see"
    "|one by one|one after|in order|and so on|write (out|down|all)"
)
HASTE = (
    r"\b(only(?! then| after| when)|just|solely|alone|nothing|immediately|directly|straight|at once|right away|concise|short|brief"
    r"|bare|single|one line|one number|one word)\b"
)
REFUSAL = (
    r"(\bnot?|n['’]t|\bnever|\bwithout|\binstead of|\brather than)"
    r"( (?!skip|omit|leave|forget|miss|jump|rush|hurry)\w+){0,2} (expla|reason|step|work|show|think|deriv|detail)"
    r"|(explanation|reasoning|steps|working): none"
)
APPLES = "John has 12 apples, gives away 5 and buys 7. How many has he?"
EGGS = "A box has 6 eggs. How many eggs are in 4 boxes?"
AT_ONCE = {APPLES: "14", EGGS: "It is 24 eggs."}
REASONED = {APPLES: "12 - 5 = 7\n7 + 7 = 14\nFinal: 14", EGGS: "6 * 4 = 24\nFinal: 24"}


def run_baseline(mine: Callable[[LanguageModel, list[str]], list[Run]]) -> None:
    """Exercise 1."""
    names = ("run_baseline", "SYSTEM_BASELINE", "extract_answer")
    check("run_baseline", _run_cases(mine, SYSTEM_BASELINE, AT_ONCE, names))


def system_cot(mine: str, model: LanguageModel, problems: Sequence[Problem]) -> None:
    """Exercise 2: what `model` does under the learner's prompt on `problems`."""
    need = round(0.75 * len(problems))

    def obeys() -> Run:
        prompts = [make_prompt(mine, problem.question) for problem in problems]
        samples = model.sample(prompts, temperature=0.0, max_tokens=256)
        good = sum(reasons(sample.text) for [sample] in samples)
        return {"replies that do": good, "of": len(problems), "the first reply": samples[0][0].text}

    text = ("A system prompt is one piece of text.", 'Two texts in a row, "like " "this", are one text.')
    final = ("A program reads the reply. How can it find the answer?", 'SYSTEM_COT = "… " + FINAL_FORMAT')
    ask = (
        "Leave the `Final:` sentence aside. Which words of yours ask the model to show its work?",
        'Words such as "step by step", "explain", "show your work" or "reason" do.',
    )
    work = (
        "This model is very small and does not understand every wording. Say it in other words.",
        "Ask for one step on each line, and for the answer only after the last step.",
        'For example "Reason step by step, one calculation on each line.", a space, then FINAL_FORMAT.',
    )
    own = "its own words, without FINAL_FORMAT: do they ask for the reasoning?"
    asked = f"{len(problems)} problems under your prompt: several lines of work, then `Final: <integer>`?"
    wanted = f"at least {need} of {len(problems)} replies that do"
    cases = [
        Case("type(SYSTEM_COT)", lambda: type(mine).__name__, "str", text),
        Case('"Final:" in SYSTEM_COT', lambda: "Final:" in mine, True, final),
        Case(own, lambda: wording(mine), "yes", ask, same=lambda yours, _: yours != "no"),
        Case(asked, obeys, wanted, work, same=lambda yours, _: yours["replies that do"] >= need),
    ]
    check("SYSTEM_COT", cases)


def wording(prompt: str) -> str:
    """Whether a prompt, FINAL_FORMAT aside, asks for reasoning: "yes", "no", or "unclear" where it also hurries."""
    own = prompt.replace(FINAL_FORMAT, " ").lower()
    if not re.search(WORK, own) or re.search(REFUSAL, own):
        return "no"
    return "unclear" if re.search(HASTE, own) else "yes"


def reasons(text: str) -> bool:
    """Two lines or more, and the last of them is the answer after `Final:`."""
    lines = [line for line in text.splitlines() if line.strip()]
    return len(lines) >= 2 and re.fullmatch(r"\W*Final:\W*-?[\d,]+\W*", lines[-1]) is not None


def extract_final(mine: Callable[[str], str | None]) -> None:
    """Exercise 3."""
    start = (
        "Look for the word `Final:`, then for the digits behind it.",
        r'`re.findall(r"Final: *(\d+)", text)` is a good start.',
    )
    none = (
        "No `Final:` with a number behind it: say so with None.",
        "An empty list is false: `if not found: return None`",
    )
    last = (
        "Two `Final:` lines. Which of them is the model's last word?",
        "`re.search` stops at the first. `re.findall` gives a list of all of them, in order.",
        "`found[-1]` is the last one.",
    )
    comma = (
        "Where did your pattern stop reading?",
        "Let commas in: `[\\d,]+`. Then take them out: `.replace(',', '')`",
    )
    minus = (
        "What stands between `Final:` and the digits here?",
        "A minus sign is allowed once, or not at all: `-?`",
    )
    long_minus = (
        "It looks like a minus sign, but it is another character: U+2212.",
        'Make it an ordinary one before you search: `text.replace("\\u2212", "-")`',
    )
    bold = (
        "Models like to write in bold, and Markdown's bold is two stars.",
        "Take the stars out before you search: `text.replace('*', '')`",
    )
    after = (
        "Text may follow. Only the number right after `Final:` counts.",
        "Let the pattern stop where the digits and commas stop.",
    )
    cases = [
        ("12 - 5 = 7\n7 + 7 = 14\nFinal: 14", "14", start),
        ("So John has 14 apples. Final: 14 apples.", "14", start),
        ("12 - 5 = 7", None, none),
        ("I end with Final: <integer>", None, none),
        ("12 - 5 = 7\nFinal: 7\nNo, he also bought 7.\nFinal: 14", "14", last),
        ("Final: 1,234", "1234", comma),
        ("Final: -5", "-5", minus),
        ("Final: \u22125", "-5", long_minus),
        ("**Final:** 14", "14", bold),
        ("**Final: 14**", "14", bold),
        ("Final: **1,234**", "1234", bold),
        ("Final: 14.\nI checked it 2 times.", "14", after),
    ]
    check("extract_final", [Case(f"extract_final({t!r})", partial(mine, t), gold, h) for t, gold, h in cases])


def run_cot(mine: Callable[[LanguageModel, list[str]], list[Run]], system: str) -> None:
    """Exercise 4. `system` is the learner's own SYSTEM_COT."""
    check("run_cot", _run_cases(mine, system, REASONED, ("run_cot", "SYSTEM_COT", "extract_final")))


def evaluate(mine: Callable[[list[Run], list[Problem]], Run]) -> None:
    """Exercise 5."""
    golds = ["14", "36", "11", "28"]
    problems = [Problem(str(i), "How many?", gold, "word") for i, gold in enumerate(golds)]

    def case(expected: Run, hints: tuple[str, ...], *preds: str | None) -> Case:
        runs = [{"pred": pred, "tokens": 10 * i, "text": ""} for i, pred in enumerate(preds, 1)]
        call = f"answers read: {list(preds)}, tokens: [10, 20, 30, 40], right are: {golds}"
        return Case(call, lambda: _items(mine(runs, problems), expected), expected, hints, same=_close)

    count = (
        "Accuracy is a share: how many of the four are right, divided by four.",
        "sum(answers_match(run['pred'], p.answer) for run, p in zip(runs, problems)) is how many are right.",
    )
    match = (
        "14.0 is 14. Which comparison did you use?",
        "`==` compares characters. `answers_match(run['pred'], problem.answer)` compares numbers.",
    )
    none = (
        "A reply that could not be read is not right. It is still a reply: it stays in the count.",
        "Divide by the number of problems, not by the number of replies that could be read.",
    )
    mean = ("The mean over all replies, right or wrong.", "sum(run['tokens'] for run in runs) / len(runs)")
    unread = ("How many replies could not be read?", "sum(run['pred'] is None for run in runs)")
    interval = (
        "`wilson(right, n)` returns an Interval, with fields mean, low, high and n.",
        "interval = wilson(right, len(problems)); then interval.low and interval.high",
    )
    cases = [
        case({"accuracy": 0.75, "n": 4}, count, "14", "36", "11", "99"),
        case({"accuracy": 0.5, "n": 4}, match, "14.0", "36", "0", "0"),
        case({"accuracy": 0.75, "n": 4}, none, "14", "36", "11", None),
        case({"tokens": 25.0}, mean, "14", "36", "11", None),
        case({"unparsed": 2}, unread, None, "36", None, "99"),
        case({"low": 0.51, "high": 1.0}, interval, "14", "36", "11", "28"),
    ]
    check("evaluate", cases)


def _run_cases(
    mine: Callable, system: str, script: dict[str, str], names: tuple[str, str, str]
) -> list[Case]:
    """The cases that `run_baseline` and `run_cot` share: a scripted model answers, so no luck is involved.

    names: what the learner's notebook calls the function, its system prompt and its reader of answers.
    """
    name, system_name, reader_name = names
    one, both = [APPLES], [APPLES, EGGS]

    def reply(messages: list[Message], i: int) -> str:
        return next((text for question, text in script.items() if question in messages[-1]["content"]), "")

    def runs(questions: list[str]) -> object:
        given = mine(ScriptedModel(reply), list(questions))
        return [_items(run, RUN_KEYS) for run in given] if isinstance(given, list) else given

    def expected(questions: list[str]) -> list[Run]:
        texts = [script[question] for question in questions]
        return [{"pred": extract_answer(t), "tokens": len(t.split()) + 1, "text": t} for t in texts]

    def calls(questions: list[str]) -> list[dict]:
        model = ScriptedModel(reply)
        try:
            mine(model, list(questions))
        except Exception:
            if not model.calls:
                raise  # else the model was asked, and what went wrong after that is for a later case
        if not model.calls:
            raise ValueError("the model was not asked; model.sample asks it")
        return model.calls

    prompt = (
        f"make_prompt(system, question) joins the two messages. Which system prompt belongs to {name}?",
        f"prompts = [make_prompt({system_name}, question) for question in questions]",
    )
    greedy = ("Greedy: the model always takes its most probable token.", "Greedy is `temperature=0.0`.")
    room = ("MAX_TOKENS is the room for a reply.", "model.sample(prompts, …, max_tokens=MAX_TOKENS)")
    shape = (
        "model.sample gives a list for each prompt, and in it one Sample. A Sample has .text and .tokens.",
        "Take the samples out like this: `for [sample] in model.sample(prompts, …)`",
        f"{{'pred': {reader_name}(sample.text), 'tokens': sample.tokens, 'text': sample.text}}",
    )
    once = (
        "Every call of model.sample costs tokens. How many calls does one question need?",
        "Keep what model.sample returns, and take both the text and the tokens from there.",
    )
    messages = make_prompt(system, APPLES)
    return [
        Case("the messages that the model got", lambda: list(calls(one)[0]["prompts"][0]), messages, prompt),
        Case("the temperature", lambda: float(calls(one)[0]["temperature"]), 0.0, greedy),
        Case(
            "max_tokens",
            lambda: calls(one)[0]["max_tokens"],
            "128 or more",
            room,
            same=lambda yours, _: yours >= 128,
        ),
        Case(f"{name}(model, {one})", lambda: runs(one), expected(one), shape),
        Case(f"{name}(model, {both})", lambda: runs(both), expected(both), shape),
        Case("how many replies the model gave to two questions", lambda: _replies(calls(both)), 2, once),
    ]


def _replies(calls: list[dict]) -> int:
    return sum(len(call["prompts"]) * call["n"] for call in calls)


def _items(given: object, keys: Iterable[str]) -> object:
    """Those items of a dict that are asked for and there; anything else as it is."""
    return {key: given[key] for key in keys if key in given} if isinstance(given, dict) else given


def _close(yours: object, expected: Run) -> bool:
    if not isinstance(yours, dict) or yours.keys() != expected.keys():
        return False
    return all(abs(yours[key] - expected[key]) < 2e-3 for key in expected)
