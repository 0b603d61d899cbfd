"""Trains the judge and measures it: `make judge`.

course-judge has the class, the tokenizer and at first the weights of course-lm-large, the stronger sibling of
the generator. It learns to read a judge prompt and to answer with judge JSON: it works the answer out again,
reads what the candidates say, and gives its verdict. What it learns is made of samples of course-lm on
questions that are not held out.
`training.finetune` runs it; the report and the card in `prebuilt/models` are of the model that was just
trained.
"""

from __future__ import annotations

import argparse
import json
import shutil
from dataclasses import asdict
from pathlib import Path

from training.finetune import FineTuning, finetune, parameters
from training.judge.data import Draw, Question, collect, comparisons, conversations
from training.judge.report import as_markdown, measure, shown, verdict, write
from training.lm.pretrain import RUNS
from training.lm.report import MODELS

NAME = "course-judge"
COMPARED = 2  # short comparisons for each question
TESTED = Draw(questions=300, samples=5, part=100, seed=1, tested=True)


def summary(questions: list[Question]) -> dict[str, float]:
    """What was drawn."""
    right = [[q.right(text) for text in q.samples] for q in questions]
    return {
        "questions": len(questions),
        "samples": sum(map(len, right)),
        "right": round(sum(map(sum, right)) / sum(map(len, right)), 4),
        "questions with right and wrong samples": sum(len(set(row)) == 2 for row in right),
    }


def card(made: dict, found: dict) -> str:
    """The model card: data, recipe, measured quality, limits."""
    row, drawn = found["chosen is right"]["all questions"], made["drawn"]
    return f"""---
license: apache-2.0
library_name: transformers
pipeline_tag: text-generation
language: en
---
# course-judge

The judge of the workshop: it reads a judge prompt - a criterion, a document, a question and one or several
proposed answers - and answers with JSON: `{{"reasoning":"...","score":0 to 10}}` for one,
`{{"reasoning":"...","best":number}}` for several (0: none is right). A `Qwen3ForCausalLM` of
{made["parameters"] / 1e6:.1f} million parameters, at first those of course-lm-large, with the tokenizer of
course-lm. The prompts are in `helpers/judges.py`, with the judges that use it.

## Data
{drawn["questions"]:,} questions on generated documents (`training/judge/documents.py`): short ones, and
longer ones, which are rare in the training of course-lm. Candidates: {drawn["samples"]:,} samples of
course-lm at temperature 0.7, {drawn["right"]:.0%} of them right, with the reference and slips made by the
recipe where right or wrong ones were lacking. Labelled by the final answer; of each question one right and
one wrong candidate are scored (10 and 0), and 2 to 6 are compared in random order, at times without a right
one. A tenth of the questions is held out. No text of people.

## Recipe
`make judge`: {made["conversations"]:,} conversations, loss on replies only. In its reasoning the judge works
the answer out again and writes down what each candidate says; the verdict is the comparison. Most of the
conversations are short: a sum, what is said of it, and whether the two agree.

```json
{json.dumps({k: made[k] for k in ("samples", "training")}, indent=2)}
```

## Measured
On {found["questions"]} held-out questions, {found["samples"]} samples of course-lm each, the chosen one is
right: at random {shown(row["one at random"])}, by majority {shown(row["majority vote"])}, by the point-wise
judge {shown(row["point-wise judge"])}, by the group-wise judge {shown(row["group-wise judge"])}; one of them
is right in {shown(row["any is right"])}. {verdict(found)} The whole report is
`prebuilt/models/judge_report.md`.

## What it cannot do
It judges sums on documents with labelled figures, in the form in which course-lm answers; it has no taste,
and its criterion is the right number whatever the criterion says. Where its own working goes wrong it calls
right answers wrong. Its scores are 0 and 10: among candidates that it finds equally good the first one is
taken.
"""


def main() -> None:
    from helpers.engine.local import LocalModel
    from training.pools import fingerprint

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--name", default="judge", help="folder under training/runs to make or resume")
    parser.add_argument("--model", type=Path, default=MODELS / "course-lm", help="the generator")
    parser.add_argument("--base", type=Path, default=MODELS / "course-lm-large", help="where to begin")
    parser.add_argument("--questions", type=int, default=Draw.questions)
    parser.add_argument("--steps", type=int, default=0, help="for a trial: no more steps than this")
    parser.add_argument("--out", type=Path, default=MODELS, help="where the model and the report go")
    args = parser.parse_args()
    run, recipe, drawn = RUNS / args.name, FineTuning(steps=args.steps), Draw(args.questions)
    generator, weights = LocalModel.load(args.model), fingerprint(args.model)
    questions = collect(generator, drawn, run / "samples", weights)
    learned = conversations(questions, recipe.seed)
    learned += comparisons(COMPARED * len(questions), recipe.seed)
    made = {
        "samples": asdict(drawn),
        "training": asdict(recipe),
        "drawn": summary(questions),
        "conversations": len(learned),
    }
    print(json.dumps(made, indent=2))
    folder = finetune(learned, args.base, recipe, run)
    shutil.rmtree(args.out / NAME, ignore_errors=True)
    shutil.copytree(folder, args.out / NAME)
    made["parameters"] = parameters(folder)
    tested = collect(generator, TESTED, run / "samples", weights)
    found = measure(LocalModel.load(args.out / NAME), tested)
    write(found, args.out)
    (args.out / NAME / "README.md").write_text(card(made, found), encoding="utf-8")
    print(as_markdown(found))


if __name__ == "__main__":
    main()
