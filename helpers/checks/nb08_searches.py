"""The checks of the last two exercises of 08_training_for_search: labels by roll-outs, a search as one text."""

from collections.abc import Callable, Sequence

from helpers.checks.core import Case, check
from helpers.checks.scripted import ScriptedModel
from helpers.problems import Problem, Puzzle
from helpers.prompts import FINAL_FORMAT, make_prompt

SYSTEM_COT = "Reason step by step. " + FINAL_FORMAT
PENS = Problem("pens", "How many pens are left of 9, if 2 are lost?", "7", "word")
Check = Callable[[Problem, str], bool]
PUZZLE = Puzzle((5, 3, 4), 23)
ONE, TWO, THREE = (
    ("3 + 4 = 7 (left: 5 7)",),
    ("4 * 5 = 20 (left: 3 20)",),
    ("4 * 5 = 20 (left: 3 20)", "3 + 20 = 23 (left: 23)"),
)


def rollout_labels(mine: Callable) -> None:
    """Exercise 6."""
    text = "9 - 1 = 8\n8 - 1 = 7\nFinal: 7"

    def reply(messages: Sequence[dict[str, str]], i: int) -> str:
        said = messages[-1]["content"]
        return "Final: 7" if i < (1 if said.count("\n") == 1 else 3) else "Final: 8"

    def right(problem: Problem, whole: str) -> bool:
        return problem == PENS and whole.startswith(("9 - 1", "So")) and whole.endswith("Final: 7")

    def call(of: str = text, by: Check = right) -> tuple[ScriptedModel, list]:
        model = ScriptedModel(reply)
        return model, list(mine(model, PENS, of, by, 4, 3))

    def labels(of: str = text, by: Check = right) -> list[float]:
        return [label if isinstance(label, bool) else float(label) for label in call(of, by)[1]]

    def asked(key: str) -> object:
        return call()[0].calls[0][key]

    def begun(of: str) -> list[str]:
        return [row[-1]["content"] for row in call(of)[0].calls[0]["prompts"]]

    def read(of: str) -> list[str]:
        seen: list[str] = []
        call(of, lambda problem, whole: bool(seen.append(whole)))
        return sorted(set(seen))

    opening = make_prompt(SYSTEM_COT, PENS.question)
    starts = ["9 - 1 = 8\n", "9 - 1 = 8\n8 - 1 = 7\n"]
    wholes = sorted({text, *(start + end for start in starts for end in ("Final: 7", "Final: 8"))})
    share = (
        "After each line but the last, how many of the n continuations end right?",
        "check(problem, beginning + sample.text): the whole text, not the continuation alone",
        "sum(…) / n",
    )
    last = (
        "Behind the last line nothing is to be continued: does the text itself end right?",
        "float(check(problem, '\\n'.join(lines)))",
    )
    begin = (
        "A beginning is handed over as the assistant's own words, up to a line break.",
        "'\\n'.join(lines[:t]) + '\\n' for t = 1 … len(lines) - 1",
        "[*make_prompt(SYSTEM_COT, problem.question), {'role': 'assistant', 'content': beginning}]",
    )
    blank = (
        "Which lines count? Blank ones do not, nor those of spaces.",
        "[line for line in text.split('\\n') if line.strip()]",
    )
    kept = ("Lines stay as they are, with the spaces at their start.", blank[1])
    end = ("A line break behind the last line begins no new one.", blank[1])
    glued = (
        "The continuation stands right behind the beginning, which has its line break already.",
        "check(problem, beginning + sample.text)",
    )
    given = ("The checker is given: `check`, not the notebook's own.", *share[1:])
    cases = [
        Case("how many beginnings are handed over", lambda: len(asked("prompts")), 2, ("After each line but the last: there is nothing to continue.", begin[1])),
        Case("the beginnings", lambda: begun(text), starts, begin),
        Case("the prompts", lambda: list(map(list, asked("prompts"))), [[*opening, {"role": "assistant", "content": start}] for start in starts], begin),
        Case("the beginnings of a text with a blank line", lambda: begun("9 - 1 = 8\n\n8 - 1 = 7\nFinal: 7"), starts, blank),
        Case("the beginnings of a text with a line of spaces", lambda: begun("9 - 1 = 8\n  \n8 - 1 = 7\nFinal: 7"), starts, blank),
        Case("the beginnings of a text with a line break at its end", lambda: begun(text + "\n"), starts, end),
        Case("the beginnings of a text with a line that begins with spaces", lambda: begun("9 - 1 = 8\n  So:\nFinal: 7"), ["9 - 1 = 8\n", "9 - 1 = 8\n  So:\n"], kept),
        Case("calls of the model", lambda: len(call()[0].calls), 1, ("One call with all beginnings.", "model.sample(prompts, n, …), outside of any loop")),
        Case("continuations of each beginning", lambda: asked("n"), 4, share),
        Case("the temperature", lambda: float(asked("temperature")), 1.0, ("As before.", "temperature=1.0, max_tokens=MAX_TOKENS, seed=seed")),
        Case("the seed", lambda: asked("seed"), 3, ("As before.", "seed=seed")),
        Case("the texts that check reads", lambda: read(text), wholes, glued),
        Case(f"the labels of {text!r}; 1, then 3 of 4 continuations end right", labels, [0.25, 0.75, 1.0], share),
        Case("the labels by a checker that accepts what ends in 8", lambda: labels(by=lambda problem, whole: whole.endswith("8")), [0.75, 0.25, 0.0], given),
        Case("the labels of 'So it is. Final: 7'", lambda: labels("So it is. Final: 7"), [1.0], last),
        Case("the labels of 'So it is. Final: 9'", lambda: labels("So it is. Final: 9"), [0.0], last),
        Case("the last label of '9 - 1 = 8\\nFinal: 8'", lambda: labels("9 - 1 = 8\nFinal: 8")[-1], 0.0, last),
    ]  # fmt: skip
    check("rollout_labels", cases)


def linearise(mine: Callable[[Puzzle, list[tuple[str, ...]]], str]) -> None:
    """Exercise 7."""

    def case(visited: list[tuple[str, ...]], expected: str, hints: tuple[str, ...]) -> Case:
        names = [list(lines) for lines in visited]
        return Case(
            f"numbers 5, 3, 4, target 23; visited {names}",
            lambda: mine(PUZZLE, list(visited)),
            expected,
            hints,
        )

    lines = (
        "The last line of each visited state.",
        "text.append(lines[-1]), and '\\n'.join(text) at the end",
    )
    back = (
        "Does the state go on from the one before? Its lines without the last say from where it goes on.",
        "if lines[:-1] != here: a line 'Back to: ' and left_after(puzzle, lines[:-1])",
        "here = () at first: the root. After each state here = lines.",
    )
    final = (
        "Is the puzzle solved at the end?",
        "if is_solved(puzzle, here): text.append(f'Final: {puzzle.target}')",
    )
    down = ("3 + 4 = 7 (left: 5 7)", "5 + 7 = 12 (left: 12)")
    cases = [
        case([ONE], ONE[0], lines),
        case([ONE, down], "\n".join(down), ("It goes on from the state before: no line between.", *back[1:])),
        case([TWO, THREE], "\n".join([*THREE, "Final: 23"]), final),
        case([ONE, TWO], f"{ONE[0]}\nBack to: 3 4 5\n{TWO[0]}", back),
        case([TWO, ONE, THREE], f"{TWO[0]}\nBack to: 3 4 5\n{ONE[0]}\nBack to: 3 20\n{THREE[1]}\nFinal: 23", back),
        case([ONE, down, TWO, THREE], "\n".join([*down, "Back to: 3 4 5", *THREE, "Final: 23"]), back),
        case([TWO, THREE, ONE], "\n".join([*THREE, "Back to: 3 4 5", ONE[0]]), final),
        case([], "", ("A search that visited nothing is an empty text.", *lines[1:])),
    ]  # fmt: skip
    check("linearise", cases)
