"""The checks beside the exercises of 01_cot_vs_baseline: cases and hints.

Each function takes what the learner wrote and shows the feedback of `helpers.checks.core`. The graded tests
are others, on more inputs: passing here is a good sign, not the grade.
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
ASKS = "step|reason|think|explain|explanation|show|working|calculation|derivation|one by one"
TAKES_BACK = (
    r"(\bno|\bnot|n['’]t|\bnever|\bwithout|\bhide|\bomit|(?<!never )(?<!not )(?<!n't )\bskip)"
    rf"( (?!skip|omit|forget|miss|jump|rush|hurry)\w+){{0,2}} ({ASKS}|work)"
    r"|silently|in your head|keep back|leaving out|leave out|\b(only|just|alone|nothing|zero|none)\b|: no\b"
)
GOOD_PROMPT = f"Reason step by step, one calculation on each line. {FINAL_FORMAT}"  # that of the last hint
APPLES = "John has 12 apples, gives away 5 and buys 7. How many has he?"
EGGS = "A box has 6 eggs. How many eggs are in 4 boxes?"
PLANT = "A plant is 7 cm high and grows 2 cm. How high is it?"
AT_ONCE = {APPLES: "14", EGGS: " It is 24 eggs.\n", PLANT: "I do not know."}
REASONED = {
    APPLES: "12 - 5 = 7\n7 + 7 = 14\nFinal: 14\n",
    EGGS: "6 * 4 = 24\nFinal: **24**",
    PLANT: "7 + 2 = 9",
}


def run_baseline(mine: Callable[[LanguageModel, list[str]], list[Run]]) -> None:
    """Exercise 1."""
    names = ("run_baseline", "SYSTEM_BASELINE", "extract_answer")
    check("run_baseline", _run_cases(mine, SYSTEM_BASELINE, AT_ONCE, extract_answer, names))


def system_cot(mine: str, model: LanguageModel, problems: Sequence[Problem]) -> None:
    """Exercise 2: the learner's words, and what `model` does with them on `problems`.

    A model that does not follow a good prompt either is no fault of the learner's.
    """
    need = round(0.75 * len(problems))
    replies: list[str] = []
    careless: list[int] = []  # what a good prompt reaches, where it was tried

    def drawn(system: str) -> list[str]:
        prompts = [make_prompt(system, problem.question) for problem in problems]
        return [s.text for [s] in model.sample(prompts, temperature=0.0, max_tokens=256)]

    def obeys() -> Run:
        replies[:] = drawn(mine)
        worst = min(replies, key=reasons)
        return {"replies that do": sum(map(reasons, replies)), "of": len(replies), "one of them": worst}

    def enough(yours: Run, _: object) -> bool:
        if yours["replies that do"] >= need:
            return True
        careless[:] = [sum(map(reasons, drawn(GOOD_PROMPT)))]
        return careless[0] < need

    def seen() -> str:
        shown = [f"{p.question}\n\n{reply}" for p, reply in zip(problems, replies, strict=True)][:2]
        head = f"{sum(map(reasons, replies))} of {len(replies)} replies reason and end in Final: <integer>."
        if careless:
            head += f" With a prompt that is known to be good, {careless[0]} do: that is how {model.name} is."
        return "\n\n".join([f"{head} Two of them:", *shown])

    text = ("A system prompt is one string.", 'Two strings in a row, "like " "this", are one string.')
    final = ("A program reads the reply. How can it find the answer?", 'SYSTEM_COT = "… " + FINAL_FORMAT')
    ask = (
        "Leave the `Final:` sentence aside. Which words of yours ask the model to show its work?",
        'Words such as "step by step", "explain", "show your work" or "reason" do.',
        'Words such as "only", "just", "no …" or "in your head" take it back. Say it without them.',
    )
    work = (
        "This model is very small and does not understand every wording. Say it in other words.",
        "Ask for one step on each line, and for the answer only after the last step.",
        'For example "Reason step by step, one calculation on each line.", a space, then FINAL_FORMAT.',
    )
    own = "its own words, without FINAL_FORMAT: do they plainly ask for the reasoning?"
    asked = f"{len(problems)} problems under your prompt: several lines of work, then `Final: <integer>`?"
    wanted = f"at least {need} of {len(problems)} replies that do"
    cases = [
        Case("type(SYSTEM_COT)", lambda: type(mine).__name__, "str", text),
        Case('"Final:" in SYSTEM_COT', lambda: "Final:" in mine, True, final),
        Case(own, lambda: "yes" if asks(mine) else "no", "yes", ask),
        Case(asked, obeys, wanted, work, same=enough),
    ]
    check("SYSTEM_COT", cases, seen)


def asks(prompt: str) -> bool:
    """Whether a prompt, FINAL_FORMAT aside, plainly asks for reasoning: a few words looked for, no grammar.

    Stricter than the grade, so that what passes here passes there.
    """
    own = prompt.replace(FINAL_FORMAT, " ").lower()
    return bool(re.search(ASKS, own)) and not re.search(TAKES_BACK, own)


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
    none = ("No `Final:` with a number: say so with None.", "`if not found: return None`")
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
    typeset_minus = (
        "It looks like a minus sign, but it is another character: U+2212.",
        'Make it an ordinary one before you search: `text.replace("\\u2212", "-")`',
    )
    bold = (
        "Models like to write in bold, and Markdown's bold is two stars.",
        "Take the stars out before you search: `text.replace('*', '')`",
    )
    stated = (
        "The last `Final:` has no number. Which is the last one that has?",
        "Search for `Final:` *with* a number behind it; take the last find. Do not cut at the last `Final:`.",
    )
    behind = (
        "Only a number right behind `Final:` counts. What did your pattern skip to get there?",
        "Between `Final:` and the number only blanks (and stars) may stand: not `.*`, not `\\D*`.",
    )
    after = (
        "Text may follow. Only the number right behind `Final:` counts.",
        "Let the pattern stop where the digits and commas stop.",
    )
    cases = [
        ("12 - 5 = 7\n7 + 7 = 14\nFinal: 14", "14", start),
        ("So John has 14 apples. Final: 14 apples.", "14", start),
        ("12 - 5 = 7", None, none),
        ("I end with Final: <integer>", None, none),
        ("12 - 5 = 7\nFinal: 7\nNo, he also bought 7.\nFinal: 14", "14", last),
        ("Final: 14\nI end with Final: <integer>", "14", stated),
        ("Final: unknown, after 2 steps", None, behind),
        ("Final: <integer>\n12 - 5 = 7", None, behind),
        ("Final: 1,234", "1234", comma),
        ("Final: -5", "-5", minus),
        ("Final: \u22125", "-5", typeset_minus),
        ("**Final:** 14", "14", bold),
        ("**Final: 14**", "14", bold),
        ("Final: **\u22121,234**", "-1234", bold),
        ("Final: 1,234,567.", "1234567", comma),
        ("Final: 14.\nI checked it 2 times.", "14", after),
    ]
    check("extract_final", [Case(f"extract_final({t!r})", partial(mine, t), gold, h) for t, gold, h in cases])


def run_cot(
    mine: Callable[[LanguageModel, list[str]], list[Run]], system: str, reader: Callable[[str], str | None]
) -> None:
    """Exercise 4. `system` and `reader` are the learner's own SYSTEM_COT and extract_final."""
    check("run_cot", _run_cases(mine, system, REASONED, reader, ("run_cot", "SYSTEM_COT", "extract_final")))


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
        "`wilson(right, n)` returns one Interval, with fields mean, low, high and n. It is no pair.",
        "interval = wilson(right, len(problems)); then interval.low and interval.high",
        "n is the number of all problems, read or not.",
    )
    cases = [
        case({"low": 0.51, "high": 1.0}, interval, "14", "36", "11", "28"),
        case({"accuracy": 0.75, "n": 4}, count, "14", "36", "11", "99"),
        case({"accuracy": 0.5, "n": 4}, match, "14.0", "36", "0", "0"),
        case({"accuracy": 0.75, "n": 4}, none, "14", "36", "11", None),
        case({"tokens": 25.0}, mean, "14", "36", "11", None),
        case({"unparsed": 2}, unread, None, "36", None, "99"),
        case({"low": 0.15, "high": 0.85}, interval, "14", None, "11", None),
    ]
    check("evaluate", cases)


def _run_cases(
    mine: Callable,
    system: str,
    script: dict[str, str],
    reader: Callable[[str], str | None],
    names: tuple[str, str, str],
) -> list[Case]:
    """The cases that `run_baseline` and `run_cot` share: a scripted model answers, so no luck is involved.

    names: what the learner's notebook calls the function, its system prompt and its reader of answers.
    """
    name = names[0]
    one, both, twice, unread = [APPLES], [EGGS, APPLES], [APPLES, EGGS, APPLES], [APPLES, PLANT]

    def reply(messages: list[Message], i: int) -> str:
        return next((text for question, text in script.items() if question in messages[-1]["content"]), "")

    def runs(questions: list[str]) -> object:
        given = mine(ScriptedModel(reply), list(questions))
        return [_items(run, RUN_KEYS) for run in given] if isinstance(given, list) else given

    def expected(questions: list[str]) -> list[Run]:
        texts = [script[question] for question in questions]
        return [{"pred": reader(t), "tokens": len(t.split()) + 1, "text": t} for t in texts]

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

    prompt, greedy, room, shape, once, repeated, silent = _run_hints(*names)
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
        Case(f"{name}(model, {twice})", lambda: runs(twice), expected(twice), repeated),
        Case(f"{name}(model, {unread})", lambda: runs(unread), expected(unread), silent),
        Case("how many replies the model gave to two questions", lambda: _replies(calls(both)), 2, once),
    ]


def _run_hints(name: str, system_name: str, reader_name: str) -> tuple[tuple[str, ...], ...]:
    """The hints of `_run_cases`, in the order of the cases."""
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
    repeated = (
        "The same question stands in the list twice: two dicts, each in its place.",
        "Build a list in the order of the questions, not a dict keyed by the question or its text.",
    )
    silent = (
        f"Nothing can be read in one of these replies. Then pred is what {reader_name} says, nothing else.",
        f"{reader_name}(sample.text), without `or …` behind it",
    )
    return prompt, greedy, room, shape, once, repeated, silent


def _replies(calls: list[dict]) -> int:
    return sum(len(call["prompts"]) * call["n"] for call in calls)


def _items(given: object, keys: Iterable[str]) -> object:
    """Those items of a dict that are asked for and there; anything else as it is."""
    return {key: given[key] for key in keys if key in given} if isinstance(given, dict) else given


def _close(yours: object, expected: Run) -> bool:
    if not isinstance(yours, dict) or yours.keys() != expected.keys():
        return False
    return all(abs(yours[key] - expected[key]) < 2e-3 for key in expected)
