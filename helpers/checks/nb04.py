"""The checks beside the exercises of 04_best_of_n_judge: cases and hints.

Each function takes what the learner wrote and shows the feedback of `helpers.checks.core`. No model and no network:
what a model would say is written here. The graded tests are others, on more inputs.
"""

from collections.abc import Callable, Sequence
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


@dataclass
class Recorder:
    """Stands in for an algorithm of its_hub: `asked` holds what each call of `ainfer` got."""

    asked: list[dict] = field(default_factory=list)

    async def ainfer(self, lm, messages, budget, return_response_only=True, **_) -> object:
        """The number of the call, in a result object or, by default, as a bare reply."""
        text = " ".join(turn["content"] if isinstance(turn, dict) else turn.content for turn in messages)
        self.asked.append({"lm": lm, "text": text, "budget": budget, "turns": len(messages)})
        reply = {"role": "assistant", "content": f"Final: {text.count('Shops')}"}
        return reply if return_response_only else outcome([reply["content"]], [1.0], 0)


def outcome(texts: Sequence[str], scores: Sequence[float], chosen: int) -> SimpleNamespace:
    """What `BestOfN.ainfer(..., return_response_only=False)` gives: responses, scores, selected_index, the_one."""
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
    cases = [
        Case("the roles", lambda: [turn["role"] for turn in mine(first)], ["system", "user"], shape),
        Case("the system turn", lambda: mine(first)[0]["content"], system, shape),
        Case(
            "the user turn",
            lambda: mine(first)[1]["content"],
            f"Context:\n{first['context']}\n\nQuestion: {first['question']}",
            (
                "Which words stand before the document, which before the question? Mind the blank line.",
                shape[2],
            ),
        ),
    ]
    check("rag_prompt", cases)


def run_all(mine: Callable) -> None:
    """Exercise 2."""

    def run(look: Callable[[Recorder, list], object]) -> Callable[[], object]:
        def tried() -> object:
            algorithm = Recorder()
            return look(algorithm, waited(mine(list(RECORDS), "the generator", algorithm, 4)))

        return tried

    many = (
        "One result for each record, in their order.",
        "`gather` takes the calls, none of them awaited yet, and gives the results in the same order.",
        "await gather([algorithm.ainfer(...) for record in records])",
    )
    whole = (
        "By default `ainfer` gives the winner alone. You want all candidates and scores.",
        "return_response_only=False",
    )
    asked = ("`ainfer(generator, messages, budget=budget, …)`: which generator, which budget?",)
    words = ("chat(rag_prompt(record)) turns your messages into its_hub's.",)
    cases = [
        Case("how many results?", run(lambda a, found: len(found)), 3, many),
        Case("has each result its scores?", run(lambda a, found: all(hasattr(r, "scores") for r in found)), True, whole),
        Case("the budget of each call", run(lambda a, found: [x["budget"] for x in a.asked]), [4, 4, 4], asked),
        Case("the model of each call", run(lambda a, found: [x["lm"] for x in a.asked]), ["the generator"] * 3, asked),
        Case(
            "is each question asked with its document?",
            run(lambda a, found: [r["context"] in x["text"] for r, x in zip(RECORDS, a.asked, strict=True)]),
            [True] * 3,
            words,
        ),
    ]  # fmt: skip
    check("run_all", cases)


def before_after(mine: Callable[[list[dict], list], list[dict]]) -> None:
    """Exercise 3."""
    results = [
        outcome(["Final: 13", "Final: 14."], [0, 10], 1),
        outcome(["3 + 6 = 9\nFinal: 9", "Final: 3"], [5, 5], 0),
        outcome(["Final: 7"], [1], 0),
    ]

    def column(name: str) -> Callable[[], object]:
        return lambda: [row[name] for row in mine(list(RECORDS), list(results))]

    before = ('The record knows how the single answer did: `record["classification"] == "pass"`.',)
    after = (
        "Read the chosen reply, compare it with what was expected.",
        'answers_match(extract_answer(result.the_one["content"]), record["expected"])',
    )
    change = (
        "Four cases: False to True, True to False, True twice, False twice.",
        'A dict helps: {(False, True): "gain", (True, False): "regression", …}[before, after]',
    )
    shown = "a: failed, then right; b: passed, then wrong; c: passed, then right"
    cases = [
        Case(f"{shown}: id", column("id"), ["a", "b", "c"], ("One dict for each record, in their order.",)),
        Case(f"{shown}: before", column("before"), [False, True, True], before),
        Case(f"{shown}: after", column("after"), [True, False, True], after),
        Case(f"{shown}: change", column("change"), ["gain", "regression", "still right"], change),
    ]
    check("before_after", cases)


def diagnose(mine: Callable[[dict, object], str]) -> None:
    """Exercise 4."""
    failed, passed, _ = RECORDS
    there = ("Is a right candidate among `result.responses`? Is the chosen one right?",)
    order = (
        "First look at the chosen one; only if it is wrong, look at the others.",
        "any(right) where right is a list with True or False for each candidate",
    )
    absent = ("No candidate is right. Did the single answer pass before?",)
    cases = [
        ("failed before; 13, 14; chosen 14", failed, outcome(["Final: 13", "Final: 14"], [0, 10], 1), "cured", there),
        ("failed before; 13, 14; chosen 13", failed, outcome(["Final: 13", "Final: 14"], [9, 1], 0), "judge failure", order),
        ("failed before; 13, 15; chosen 13", failed, outcome(["Final: 13", "14 is no answer\nFinal: 15"], [9, 1], 0), "knowledge failure", absent),
        ("passed before; 3, 4; chosen 3", passed, outcome(["Final: 3", "Final: 4"], [9, 1], 0), "no failure", there),
        ("passed before; 3, 4; chosen 4", passed, outcome(["Final: 3", "Final: 4"], [1, 9], 1), "judge failure", order),
        ("passed before; 5, 4; chosen 5", passed, outcome(["Final: 5", "Final: 4"], [9, 1], 0), "unlucky draw", absent),
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
        "A trial in which nothing was picked counts too, below the line.",
        "sum(p == place for _, p in trials) / len(trials)",
    )
    found = (
        "Take only the trials in which the right one stood at this place.",
        "here = [p for at, p in trials if at == place]; the share of them that equals place",
    )

    def column(name: str) -> dict:
        return {place: round(row[name], 6) for place, row in mine(list(trials)).items()}

    cases = [
        Case(f"{trials}: the places", lambda: sorted(mine(list(trials))), [1, 2, 3], ("One entry for each place.",)),
        Case(f"{trials}: picked", lambda: column("picked"), {1: 0.666667, 2: 0.166667, 3: 0.0}, picked),
        Case(f"{trials}: found", lambda: column("found"), {1: 1.0, 2: 0.333333, 3: 0.0}, found),
    ]  # fmt: skip
    check("position_shares", cases)


def waited(awaitable) -> object:
    """What an awaitable gives, from plain code, also where an event loop is running already (a notebook)."""
    import asyncio
    from concurrent.futures import ThreadPoolExecutor

    async def done() -> object:
        return await awaitable

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, done()).result()
