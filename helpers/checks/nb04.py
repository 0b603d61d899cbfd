"""The checks beside the exercises of 04_best_of_n_judge: cases and hints.

Each function takes what the learner wrote and shows the feedback of `helpers.checks.core`. No model and no
network: what a model would say is written here. The graded tests are others, on more inputs.
"""

import asyncio
import inspect
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from types import SimpleNamespace

from helpers.checks.core import Case, check

RECORDS = [
    {"id": "a", "context": "Staff: 14\nShops: 3", "question": "How many staff?", "expected": "14",
     "answer": "Final: 13", "classification": "wrong figure"},
    {"id": "b", "context": "Offices: 3", "question": "How many offices?", "expected": "3",
     "answer": "Final: 3", "classification": "pass"},
    {"id": "c", "context": "Errors: 7", "question": "How many errors?", "expected": "7",
     "answer": "Final: 7", "classification": "pass"},
]  # fmt: skip

THREE = [
    {"id": str(n), "context": "Shops: 1\n" * n, "question": "How many?", "expected": str(n)}
    for n in (3, 1, 2)
]


@dataclass
class Recorder:
    """Stands in for an algorithm of its_hub: `asked` holds what each call of `ainfer` got, `most` how many
    ran at once.

    The more shops a question names, the sooner it is done, whichever call began first: results that are taken
    as they come are out of order, whatever the order of the calls.
    """

    asked: list[dict] = field(default_factory=list)
    most: int = 0
    running: int = 0

    async def ainfer(self, lm, messages, budget, return_response_only=True, **_) -> object:
        """How often the messages name shops, in a result object or, by default, as a bare reply."""
        text = " ".join(turn["content"] if isinstance(turn, dict) else turn.content for turn in messages)
        self.asked.append({"lm": lm, "text": text, "budget": budget, "turns": len(messages)})
        self.running += 1
        self.most = max(self.most, self.running)
        for _ in range(max(2, 40 - 10 * text.count("Shops"))):
            await asyncio.sleep(0)
        self.running -= 1
        reply = {"role": "assistant", "content": f"Final: {text.count('Shops')}"}
        return reply if return_response_only else outcome([reply["content"]], [1.0], 0)


def outcome(texts: Sequence[str], scores: Sequence[float], chosen: int) -> SimpleNamespace:
    """What `BestOfN.ainfer(..., return_response_only=False)` gives."""
    responses = [{"role": "assistant", "content": text} for text in texts]
    return SimpleNamespace(
        responses=responses, scores=list(scores), selected_index=chosen, the_one=responses[chosen], usage=None
    )


def rag_prompt(mine: Callable[[dict], list[dict]], system: str) -> None:
    """Exercise 1. `system` is the notebook's system prompt."""
    shape = (
        "Two messages: the instruction as system turn, the document and the question as user turn.",
        "make_prompt(system, question) builds both. Its second argument is the text of the user turn.",
        "make_prompt(SYSTEM_RAG, f\"Context:\\n{record['context']}\\n\\nQuestion: {record['question']}\")",
    )
    first = RECORDS[0]
    spaced = first | {"context": "  - Staff: {14}\n  - Shops: 3\n"}
    words = (
        "Which words stand before the document, which before the question? Mind the blank line.",
        shape[2],
    )
    cases = [
        Case("the roles", lambda: [turn["role"] for turn in mine(first)], ["system", "user"], shape),
        Case("the system turn", lambda: mine(first)[0]["content"], system, shape),
        Case("the user turn", lambda: mine(first)[1]["content"], _asked(first), words),
        Case(
            "the user turn, where the context has spaces and braces",
            lambda: mine(spaced)[1]["content"],
            _asked(spaced),
            ("The context goes in word for word: spaces, line breaks and braces are part of it.", shape[2]),
        ),
    ]
    check("rag_prompt", cases, lambda: mine(first)[1]["content"])


def _asked(record: dict) -> str:
    return f"Context:\n{record['context']}\n\nQuestion: {record['question']}"


def run_all(mine: Callable) -> None:
    """Exercise 2."""

    def run(
        look: Callable[[Recorder, object], object], records: Sequence[dict] = RECORDS
    ) -> Callable[[], object]:
        def tried() -> object:
            algorithm = Recorder()
            with warnings.catch_warnings(action="ignore", category=RuntimeWarning):  # "was never awaited"
                return look(algorithm, waited(mine(list(records), "the generator", algorithm, 4)))

        return tried

    def finals(algorithm: Recorder, found: list) -> list[str]:
        return [result.the_one["content"] for result in found]

    kind = (
        "`gather(…)` without `await` is a promise of results, not the results.",
        "return await gather([algorithm.ainfer(...) for record in records])",
    )
    many = (
        "One result for each record.",
        "`gather` takes the calls, none of them awaited yet, and gives the results in the same order.",
        kind[1],
    )
    order = (
        "The results came in the order in which they were ready, or of something else. You want that of the "
        "records.",
        "`gather` keeps the order of the calls, whichever is ready first. Results that are collected as they "
        "come do not.",
    )
    whole = (
        "By default `ainfer` gives the winner alone. You want all candidates and scores.",
        "return_response_only=False",
    )
    asked = ("`ainfer(generator, messages, budget=budget, …)`: which generator, which budget?",)
    words = ("chat(rag_prompt(record)) turns your messages into its_hub's.",)
    beside = (
        "`await` inside of a loop waits for each question before it asks the next.",
        "Make all calls first, without `await`: calls = [algorithm.ainfer(...) for record in records]; then "
        "await gather(calls).",
    )
    cases = [
        Case("what comes back?", run(lambda a, found: type(found).__name__), "list", kind),
        Case("how many results?", run(lambda a, found: len(found)), 3, many),
        Case("has each result its scores?", run(lambda a, found: all(hasattr(r, "scores") for r in found)),
            True, whole),
        Case("the budget of each call", run(lambda a, found: [x["budget"] for x in a.asked]), [4, 4, 4],
            asked),
        Case("the model of each call", run(lambda a, found: [x["lm"] for x in a.asked]),
            ["the generator"] * 3, asked),
        Case(
            "is each question asked with its document?",
            run(lambda a, found: sorted(r["context"] in x["text"] for r in RECORDS for x in a.asked)),
            [False] * 6 + [True] * 3,
            words,
        ),
        Case("the results, where the last question is ready before the second", run(finals, THREE),
            ["Final: 3", "Final: 1", "Final: 2"], order),
        Case("how many results, where a record stands twice?",
            run(lambda a, found: len(found), [*THREE, THREE[0]]), 4, many),
        Case("how many messages has each call?", run(lambda a, found: [x["turns"] for x in a.asked]),
            [2, 2, 2], words),
        Case("how many calls ran at the same time?", run(lambda a, found: a.most), 3, beside),
    ]  # fmt: skip
    check("run_all", cases)


def before_after(mine: Callable[[list[dict], list], list[dict]]) -> None:
    """Exercise 3."""
    failed = RECORDS[0] | {"id": "d"}
    records = [*RECORDS, failed, RECORDS[1] | {"id": "e", "answer": "three", "expected": "1/2"}]
    results = [
        outcome(["Final: 13", "Final: 14.0"], [0, 10], 1),
        outcome(["3 + 6 = 9\nFinal: 9", "Final: 3"], [5, 5], 0),
        outcome(["Final: 7"], [1], 0),
        outcome(["Final: 14", "14 is no answer\nFinal: 15"], [10, 10], 1),
        outcome(["Final: 0.5"], [0], 0),
    ]

    def column(name: str) -> Callable[[], object]:
        return lambda: [row[name] for row in mine(list(records), list(results))]

    before = ('The record knows how the single answer did: `record["classification"] == "pass"`.',)
    after = (
        "Read the chosen reply, compare it with what was expected: as an answer, not as text (0.5 is 1/2).",
        'answers_match(extract_answer(result.the_one["content"]), record["expected"])',
    )
    change = (
        "Four cases: False to True, True to False, True twice, False twice.",
        'A dict helps: {(False, True): "gain", (True, False): "regression", …}[before, after]',
    )
    shown = "a: failed, then right; b: passed, then wrong; c, e: passed, then right; d: failed, then wrong"
    cases = [
        Case(
            f"{shown}: id",
            column("id"),
            ["a", "b", "c", "d", "e"],
            ("One dict for each record, in their order.",),
        ),
        Case(f"{shown}: before", column("before"), [False, True, True, False, True], before),
        Case(f"{shown}: after", column("after"), [True, False, True, False, True], after),
        Case(
            f"{shown}: change",
            column("change"),
            ["gain", "regression", "still right", "still wrong", "still right"],
            change,
        ),
    ]
    check("before_after", cases, lambda: "\n".join(map(str, mine(list(records), list(results)))))


def diagnose(mine: Callable[[dict, object], str]) -> None:
    """Exercise 4."""
    failed, passed, _ = RECORDS
    there = ("Is a right candidate among `result.responses`? Is the chosen one right?",)
    order = (
        "First look at the chosen one; only if it is wrong, look at the others.",
        "any(right) where right is a list with True or False for each candidate",
    )
    absent = ("No candidate is right. Did the single answer pass before?",)
    final = (
        "The expected number stands in the text, but it is not the final answer.",
        'answers_match(extract_answer(reply["content"]), record["expected"]) for each reply',
    )
    cases = [
        ("failed before; 13, 14; chosen 14", failed, outcome(["Final: 13", "Final: 14"], [0, 10], 1), "cured",
            there),
        ("failed before; 13, 14; chosen 13", failed, outcome(["Final: 13", "Final: 14"], [9, 1], 0),
            "judge failure", order),
        ("failed before; 13, 15; chosen 13", failed,
            outcome(["Final: 13", "14 is no answer\nFinal: 15"], [9, 1], 0), "knowledge failure", absent),
        ("failed before; `14 - 1 = 13, Final: 13`; chosen it", failed,
            outcome(["14 - 1 = 13\nFinal: 13"], [9], 0), "knowledge failure", final),
        ("failed before, 1/2 is expected; 0.5; chosen it", failed | {"expected": "1/2"},
            outcome(["Final: 0.5"], [9], 0), "cured", ("0.5 and 1/2 are the same answer.", final[1])),
        ("passed before, whatever its text looks like; 3; chosen 3", passed | {"answer": "three"},
            outcome(["Final: 3"], [9], 0), "no failure",
            ("The record knows how the single answer did.", 'record["classification"] == "pass"')),
        ("failed before; 14, 13, both score 9; chosen 13", failed,
            outcome(["Final: 14", "Final: 13"], [9, 9], 1), "judge failure", order),
        ("passed before; 3, 4; chosen 3", passed, outcome(["Final: 3", "Final: 4"], [9, 1], 0), "no failure",
            there),
        ("passed before; 3, 4; chosen 4", passed, outcome(["Final: 3", "Final: 4"], [1, 9], 1),
            "judge failure", order),
        ("passed before; 5, 4; chosen 5", passed, outcome(["Final: 5", "Final: 4"], [9, 1], 0),
            "unlucky draw", absent),
    ]  # fmt: skip
    check(
        "diagnose",
        [Case(name, lambda r=r, o=o: mine(dict(r), o), gold, hints) for name, r, o, gold, hints in cases],
    )


def position_shares(mine: Callable[[list[tuple]], dict]) -> None:
    """Exercise 5."""
    trials = [(1, 1), (1, 1), (2, 1), (2, 2), (2, None), (3, 1)]
    picked = (
        "Of all trials, in which share did the judge pick this place, wherever the right one stood?",
        "A trial in which nothing was picked counts too: divide by the number of all trials.",
        "sum(p == place for _, p in trials) / len(trials)",
    )
    found = (
        "Take only the trials in which the right one stood at this place.",
        "here = [p for at, p in trials if at == place]; the share of them that equals place",
    )

    def column(name: str, of: list[tuple] = trials) -> dict:
        return {place: round(float(row[name]), 6) for place, row in mine(list(of)).items()}

    cases = [
        Case(f"{trials}: the places", lambda: sorted(mine(list(trials))), [1, 2, 3],
            ("One entry for each place.",)),
        Case(f"{trials}: picked", lambda: column("picked"), {1: 0.666667, 2: 0.166667, 3: 0.0}, picked),
        Case(f"{trials}: found", lambda: column("found"), {1: 1.0, 2: 0.333333, 3: 0.0}, found),
        Case("[(2, 3)]: the places", lambda: sorted(mine([(2, 3)])), [2],
            ("A place where the right one never stood has no entry, even if it was picked.",
            "{place for place, _ in trials}")),
        Case("[(1, None)]: found", lambda: column("found", [(1, None)]), {1: 0.0},
            ("A trial in which nothing was picked is a trial.", found[1])),
        Case("[]", lambda: dict(mine([])), {}, ("Without trials there are no places, and nothing to divide "
            "by.", "Divide inside of the loop over the places only.")),
    ]  # fmt: skip
    check("position_shares", cases, lambda: f"{trials}\n{mine(list(trials))}")


def waited(found: object) -> object:
    """What an awaitable gives, from plain code, also where an event loop is running already (a notebook)."""
    if not inspect.isawaitable(found):
        return found

    async def done() -> object:
        return await found

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, done()).result()
