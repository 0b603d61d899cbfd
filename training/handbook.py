"""The ten questions on the handbook (`prebuilt/documents/`) with a real small model:  make handbook

    make handbook                        show what is recorded in prebuilt/documents/recorded, if anything is
    python -m training.handbook --live   answer and judge again with MODEL and JUDGE_MODEL, record what is new

The answers have words in them, so that right and wrong are a judgement: `judges.classify`, which knows the
expected answer. How far such a judge can be trusted is measured on 40 answers that were labelled by hand,
before its verdicts are read. SmolLM2, whose answers ship, cannot be trusted at all; so the class of each of
its recorded answers was given by hand as well. Notebook 04 shows them.
"""

from __future__ import annotations

import argparse
import io
import json
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass

import config
from config import ROOT
from helpers.estimators import wilson
from helpers.judges import CLASSES, classify
from helpers.models import LanguageModel, Sample, load_model
from helpers.pools import NotRecorded, Pool
from helpers.problems.questions import DOCUMENTS, Problem, handbook_problems
from helpers.prompts import make_prompt
from training.in_words import ROOM

LABELS = DOCUMENTS / "handbook_labels.jsonl"
RECORDED = "smollm2"  # of whom the answers and verdicts in RECORDS are
RECORDS = DOCUMENTS / "recorded"
BY_HAND = DOCUMENTS / "answers_labels.jsonl"  # the class of each of those answers
RUNS = ROOT / "training" / "runs" / "handbook"
SYSTEM = "Answer the question using only the context. Answer in one or two short sentences."
SAMPLES, TEMPERATURE, MAX_TOKENS = 5, 0.7, 48
TRIES = 1  # a slow judge's second try costs as much as its first; what it leaves undecided is counted
RECORDED_ROOM = 60  # tokens for a verdict of RECORDED, which does not think before it writes
CHUNK = 50  # samples drawn together and then written: smaller parts are safer and slower


@dataclass(frozen=True)
class Labelled:
    """An answer to the question `problem`, and the class of `judges.CLASSES` that it was given by hand."""

    problem: Problem
    answer: str
    label: str


@dataclass(frozen=True)
class Recorded:
    """A model whose samples come from the pool where they are there, and else, if `live`, from the model."""

    model: LanguageModel | str
    pool: Pool
    live: bool

    def sample(self, prompts: Sequence, n: int = 1, **decoding) -> list[list[Sample]]:
        """See `LanguageModel.sample`; raises NotRecorded where a replay lacks something."""
        return self.pool.sample(self.model, prompts, n, live=self.live, **decoding)


@dataclass(frozen=True)
class Answers:
    """What RECORDED answered to the ten questions, and the classes that were given to it by hand.

    `once`: the answer at temperature 0; `surest`: which of the five candidates the model finds most probable,
    by the mean log-probability of a token.
    """

    once: list[str]
    texts: list[list[str]]
    surest: list[int]
    class_once: list[str]
    classes: list[list[str]]

    def counts(self) -> dict[str, Counter]:
        """How many answers are of each class."""
        best = [row[i] for row, i in zip(self.classes, self.surest, strict=True)]
        every = [name for row in self.classes for name in row]
        columns = {"one answer": self.class_once, f"surest of {SAMPLES}": best, "all candidates": every}
        return {title: Counter(names) for title, names in columns.items()}

    def ceiling(self) -> str:
        """A sentence: what a perfect judge of the five candidates would reach."""
        found, n = sum("pass" in row for row in self.classes), len(self.classes)
        said = f"Questions with a candidate that passes: {found} of {n} ({wilson(found, n)}). "
        if found:
            return said + "A perfect judge would reach as many."
        return said + "Whoever chooses, nothing passes: knowledge failures, which no judge mends."


def labelled_answers() -> list[Labelled]:
    """The 40 answers, four to each question."""
    problems = {problem.id: problem for problem in handbook_problems()}
    rows = map(json.loads, LABELS.read_text(encoding="utf-8").splitlines())
    return [Labelled(problems[row["id"]], row["answer"], row["label"]) for row in rows]


def rag_prompt(problem: Problem) -> list[dict[str, str]]:
    """The passages and the question, as notebook 04 asks."""
    return make_prompt(SYSTEM, f"Context:\n{problem.context}\n\nQuestion: {problem.question}")


def candidates(
    model: LanguageModel | Recorded, n: int = SAMPLES, temperature: float = TEMPERATURE
) -> list[list[Sample]]:
    """`n` answers to each question, in the order of `handbook_problems`."""
    prompts = [rag_prompt(problem) for problem in handbook_problems()]
    return model.sample(prompts, n, temperature=temperature, max_tokens=MAX_TOKENS)


def verdicts(
    judge: LanguageModel | Recorded, pairs: Sequence[tuple[Problem, str]], tries: int
) -> list[str | None]:
    """The class of each answer to the problem beside it; None: no readable verdict."""
    problems, answers = zip(*pairs, strict=True)
    return classify(judge, problems, answers, tries=tries, max_tokens=_room(judge))


def _room(judge: LanguageModel | Recorded) -> int:
    known = isinstance(judge, Recorded) and getattr(judge.model, "name", judge.model) == RECORDED
    return RECORDED_ROOM if known else ROOM


def agreement(found: Sequence[str | None], labels: Sequence[str]) -> str:
    """How often a judge gives the label: of four classes, and of pass or not. What it did not decide
    disagrees.

    Beside it what a judge without eyes would reach who always gives the commonest label.
    """
    pairs = list(zip(found, labels, strict=True))
    four = [said == label for said, label in pairs]
    two = [said is not None and (said == "pass") == (label == "pass") for said, label in pairs]
    commonest = max(Counter(labels).values())
    rejected = max(commonest_pass := labels.count("pass"), len(labels) - commonest_pass)
    lines = [
        f"{'of four classes':18} {_share(four)}   always the same class: {commonest} of {len(labels)}",
        f"{'pass or not':18} {_share(two)}   always the same: {rejected} of {len(labels)}",
        f"{'undecided':18} {found.count(None)} of {len(labels)}",
        "",
        "label            " + "".join(f"{name:>16}" for name in [*CLASSES, "undecided"]),
    ]
    for label in CLASSES:
        counts = Counter(said for said, given in pairs if given == label)
        lines.append(f"{label:17}" + "".join(f"{counts[name]:16}" for name in [*CLASSES, None]))
    return "\n".join(lines)


def _share(right: Sequence[bool]) -> str:
    found = wilson(sum(right), len(right))
    return f"{sum(right)} of {len(right)} ({found})"


def worth(found: Sequence[str | None], labels: Sequence[str]) -> str:
    """A sentence: whether such verdicts tell more of the answers than saying the same of all of them."""
    agreed = [
        name is not None and (name == "pass") == (label == "pass")
        for name, label in zip(found, labels, strict=True)
    ]
    passes = labels.count("pass")
    blind = max(passes, len(labels) - passes)
    share = wilson(sum(agreed), len(agreed))
    said = f"On pass or not it agrees with {sum(agreed)} of {len(labels)} labels ({share}); "
    said += f"saying the same of every answer would agree with {blind}. "
    if share.low * len(labels) > blind:
        return said + "Its verdicts tell something."
    return said + "Not shown to be better: do not trust its verdicts. Set a larger JUDGE_MODEL."


def said_of_labels(judge: LanguageModel | Recorded) -> tuple[list[str | None], list[str]]:
    """The judge's classes of the 40 answers, and their labels."""
    labelled = labelled_answers()
    found = verdicts(judge, [(each.problem, each.answer) for each in labelled], TRIES)
    return found, [each.label for each in labelled]


def trust(judge: LanguageModel | Recorded) -> str:
    """The judge beside the labels."""
    found = said_of_labels(judge)
    return f"{agreement(*found)}\n\n{worth(*found)}"


def answers(model: LanguageModel | Recorded, judge: LanguageModel | Recorded) -> str:
    """What the judge says of the model's answers, a line for each question."""
    problems = handbook_problems()
    pairs = [
        (problem, sample.text)
        for problem, drawn in zip(problems, candidates(model), strict=True)
        for sample in drawn
    ]
    said = verdicts(judge, pairs, TRIES)
    lines = []
    for i, problem in enumerate(problems):
        counts = Counter(said[i * SAMPLES : (i + 1) * SAMPLES])
        kinds = ", ".join(
            f"{counts[name]} {name or 'undecided'}" for name in [*CLASSES, None] if counts[name]
        )
        lines.append(f"{problem.id:4} {problem.kind:14} {kinds}")
    return "\n".join(lines)


def recorded() -> tuple[Answers, tuple[list[str | None], list[str]]]:
    """What ships: the answers of RECORDED, and its classes of the 40 answers beside their labels."""
    model = Recorded(RECORDED, Pool(RECORDS), False)
    with redirect_stdout(io.StringIO()):  # a line for each of the replays
        drawn, once = candidates(model), [sample.text for [sample] in candidates(model, 1, 0.0)]
        said = said_of_labels(model)
    rows = map(json.loads, BY_HAND.read_text(encoding="utf-8").splitlines())
    given = {(row["id"], row["answer"]): row["label"] for row in rows}
    ids = [problem.id for problem in handbook_problems()]
    texts = [[sample.text for sample in row] for row in drawn]
    sure = [[sample.logprob / sample.tokens for sample in row] for row in drawn]
    surest = [row.index(max(row)) for row in sure]
    class_once = [given[pair] for pair in zip(ids, once, strict=True)]
    classes = [[given[name, text] for text in row] for name, row in zip(ids, texts, strict=True)]
    return Answers(once, texts, surest, class_once, classes), said


def by_hand() -> str:
    """How many of the recorded answers are of each class, by hand."""
    found, _ = recorded()
    lines = [
        f"{title:15} " + ", ".join(f"{counts[name]} {name}" for name in CLASSES)
        for title, counts in found.counts().items()
    ]
    return "\n".join([*lines, found.ceiling()])


def _recorded(show: Callable[[], str]) -> str:
    """What `show` says, or where it can be had."""
    try:
        return show()
    except NotRecorded:
        command = "python -m training.handbook --live"
        return f"Not recorded here: run `{command}` with a MODEL and a JUDGE_MODEL in .env."


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--live", action="store_true", help="ask MODEL and JUDGE_MODEL")
    parser.add_argument("--out", default=RUNS, help="where live answers are recorded, and found again")
    args = parser.parse_args()
    pool = Pool(args.out if args.live else RECORDS, CHUNK)
    names = dict.fromkeys((config.MODEL, config.JUDGE_MODEL) if args.live else (RECORDED,))
    models = {name: load_model(name) if args.live else name for name in names}
    both = [Recorded(models[name], pool, args.live) for name in names]
    print("The judge and the labels, on 40 answers that were labelled by hand:")
    print(_recorded(lambda: trust(both[-1])))
    seen = "as this judge sees them" if args.live else "labelled by hand"
    print(f"\nThe model's answers, {SAMPLES} to each question, {seen}:")
    print(_recorded(lambda: answers(both[0], both[-1]) if args.live else by_hand()))
    if args.live:
        candidates(both[0], 1, 0.0)
        pool.compact()


if __name__ == "__main__":
    main()
