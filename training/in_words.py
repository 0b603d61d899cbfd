"""Notebook 04 on the handbook: answers in words, right or wrong by a judge that knows the expected ones.

A record is a question as the notebook holds it: a dict with id, question, context, expected, answer and
classification. That of a handbook question also has its `kind`. The notebook keeps what was judged in a dict,
(question, answer) to class: no answer is judged twice.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace

from helpers.answers import without_thinking
from helpers.endpoint.pace import COURSE_MODELS
from helpers.judges import classify
from helpers.models import LanguageModel
from helpers.problems import Problem, handbook_problems

UNDECIDED = "undecided"  # what `tries` replies without a readable verdict leave
ROOM = 512  # tokens for a verdict, also of a judge that thinks before it writes


def asked_in_words(documents: str) -> bool:
    """Whether the notebook's DOCUMENTS mean the handbook. Not while nbgrader runs it: only the models of the
    course answer then.
    """
    if documents not in ("reports", "handbook"):
        raise ValueError(f'DOCUMENTS is "reports" or "handbook", not {documents!r}.')
    return documents == "handbook" and not os.environ.get("NBGRADER_EXECUTION")


def require_readers(*models: str) -> None:
    """Raises ValueError for a model of the course: it was trained on short reports and cannot read the
    handbook, nor judge answers in words.
    """
    names = dict.fromkeys(Path(name).name for name in models if (COURSE_MODELS / Path(name).name).is_dir())
    if names:
        raise ValueError(
            f"{' and '.join(names)} cannot read the handbook: the models of the course know short reports "
            "only. In .env, set an endpoint, or MODEL and JUDGE_MODEL (docs/models.md lists some), and "
            'restart the kernel; or set DOCUMENTS = "reports".'
        )


def unanswered() -> list[dict]:
    """The ten questions as records that nobody has answered yet."""
    return [
        {"id": each.id, "question": each.question, "context": each.context, "expected": each.answer,
         "kind": each.kind, "answer": "", "classification": "not answered yet"}
        for each in handbook_problems()
    ]  # fmt: skip


def read_answers(
    known: dict, judge: LanguageModel, records: Sequence[dict], rows: Sequence[Sequence[str]]
) -> None:
    """Put the class of each answer into `known`, unless it is there. `rows`: the answers to each record."""
    pairs = zip(records, rows, strict=True)
    new = {(record["question"], text): record for record, row in pairs for text in row}
    new = {pair: record for pair, record in new.items() if pair not in known}
    problems = [
        Problem(each["id"], each["question"], each["expected"], each["kind"], context=each["context"])
        for each in new.values()
    ]
    texts = [without_thinking(text) for _, text in new]
    found = classify(judge, problems, texts, max_tokens=ROOM)
    known.update({pair: name or UNDECIDED for pair, name in zip(new, found, strict=True)})


def as_finals(known: dict, records: Sequence[dict], results: Sequence) -> tuple[list[dict], list]:
    """Records and results for functions that compare final answers: the class of an answer in words is its
    final answer, and `pass` is expected. Those of the reports stay as they are.
    """
    together = zip(records, results, strict=True)
    pairs = [_final(known, *pair) if "kind" in pair[0] else pair for pair in together]
    return [record for record, _ in pairs], [result for _, result in pairs]


def _final(known: dict, record: dict, result) -> tuple[dict, SimpleNamespace]:
    plain = {name: value for name, value in record.items() if name != "kind"} | {"expected": "pass"}
    said = [known[record["question"], reply["content"]] for reply in result.responses]
    replies = [{"role": "assistant", "content": f"Final: {name}"} for name in said]
    chosen = result.selected_index
    return plain, SimpleNamespace(
        responses=replies, scores=result.scores, selected_index=chosen, the_one=replies[chosen]
    )
