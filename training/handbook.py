"""The ten questions on the handbook (`prebuilt/documents/`) with a real small model:  make handbook

    make handbook                        show what is recorded in prebuilt/documents/recorded, if anything is
    python -m training.handbook --live   answer and judge again with MODEL and JUDGE_MODEL, record what is new

The answers have words in them, so that right and wrong are a judgement: `judges.classify`, which knows the
expected answer. How far such a judge can be trusted is measured on 40 answers that were labelled by hand,
before its verdicts are read.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import config
from config import ROOT
from helpers.estimators import wilson
from helpers.judges import CLASSES, classify
from helpers.models import LanguageModel, Sample, load_model
from helpers.pools import NotRecorded, Pool
from helpers.problems.questions import DOCUMENTS, Problem, handbook_problems
from helpers.prompts import make_prompt

LABELS = DOCUMENTS / "handbook_labels.jsonl"
RECORDED = "smollm2"  # of whom the answers and verdicts in RECORDS are
RECORDS = DOCUMENTS / "recorded"
RUNS = ROOT / "training" / "runs" / "handbook"
SYSTEM = "Answer the question using only the context. Answer in one or two short sentences."
SAMPLES, TEMPERATURE, MAX_TOKENS = 5, 0.7, 48
TRIES = 1  # a slow judge's second try costs as much as its first; what it leaves undecided is counted
JUDGE_TOKENS = 60  # a reason of one sentence and a verdict
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


def labelled_answers() -> list[Labelled]:
    """The 40 answers, four to each question."""
    problems = {problem.id: problem for problem in handbook_problems()}
    rows = map(json.loads, LABELS.read_text(encoding="utf-8").splitlines())
    return [Labelled(problems[row["id"]], row["answer"], row["label"]) for row in rows]


def rag_prompt(problem: Problem) -> list[dict[str, str]]:
    """The passages and the question, as notebook 04 asks."""
    return make_prompt(SYSTEM, f"Context:\n{problem.context}\n\nQuestion: {problem.question}")


def candidates(model: LanguageModel | Recorded) -> list[list[str]]:
    """Five answers to each question, in the order of `handbook_problems`."""
    prompts = [rag_prompt(problem) for problem in handbook_problems()]
    drawn = model.sample(prompts, SAMPLES, temperature=TEMPERATURE, max_tokens=MAX_TOKENS)
    return [[sample.text for sample in samples] for samples in drawn]


def verdicts(
    judge: LanguageModel | Recorded, pairs: Sequence[tuple[Problem, str]], tries: int
) -> list[str | None]:
    """The class of each answer to the problem beside it; None: no readable verdict."""
    problems, answers = zip(*pairs, strict=True)
    return classify(judge, problems, answers, tries=tries, max_tokens=JUDGE_TOKENS)


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


def trust(judge: LanguageModel | Recorded) -> str:
    """The judge beside the labels."""
    labelled = labelled_answers()
    found = verdicts(judge, [(each.problem, each.answer) for each in labelled], TRIES)
    return agreement(found, [each.label for each in labelled])


def answers(model: LanguageModel | Recorded, judge: LanguageModel | Recorded) -> str:
    """What the judge says of the model's answers, a line for each question."""
    problems = handbook_problems()
    texts = candidates(model)
    pairs = [(problem, text) for problem, drawn in zip(problems, texts, strict=True) for text in drawn]
    said = verdicts(judge, pairs, TRIES)
    lines = []
    for i, problem in enumerate(problems):
        counts = Counter(said[i * SAMPLES : (i + 1) * SAMPLES])
        kinds = ", ".join(
            f"{counts[name]} {name or 'undecided'}" for name in [*CLASSES, None] if counts[name]
        )
        lines.append(f"{problem.id:4} {problem.kind:14} {kinds}")
    return "\n".join(lines)


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
    print(f"\nThe model's answers, {SAMPLES} to each question, as this judge sees them:")
    print(_recorded(lambda: answers(both[0], both[-1])))
    if args.live:
        pool.compact()


if __name__ == "__main__":
    main()
