"""The reward models' report and model cards, as they stand in `prebuilt/models/`.

The cards quote the report that was just measured and the recipe that was just run.
"""

from __future__ import annotations

import json
from pathlib import Path

from training.reward.report import REWARD, STEP, as_markdown, measure, verdict, write

ROLES = {
    "course-rm": (
        REWARD,
        "text-classification",
        "Qwen3ForSequenceClassification",
        """The outcome reward model of the workshop: one score for a question with its answer, to be used as
Skywork-Reward-V2 is. `helpers.rewards.RewardModel.load("prebuilt/models/course-rm").score(conversations)`.
The sigmoid of a score is the probability that the answer is right where right and wrong ones are equally
frequent.""",
    ),
    "course-prm": (
        STEP,
        "token-classification",
        "Qwen3ForTokenClassification",
        """The process reward model of the workshop: for every line of a solution, finished or not, the
probability that all is right up to its end, read at the newline behind the line.
`helpers.rewards.StepReward.load("prebuilt/models/course-prm").score(conversations)`.""",
    ),
}


def card(name: str, made: dict, found: dict) -> str:
    """The model card of `name`: data, recipe, measured quality, limits. `made` and `found` as `publish` has
    them.
    """
    key, task, kind, role = ROLES[name]
    drawn = made["drawn"]
    pairs = found["pair accuracy"].get(key)
    pairs = f"{pairs[0]:.2f} [{pairs[1]:.2f}, {pairs[2]:.2f}]" if pairs else "not measured"
    return f"""---
license: apache-2.0
library_name: transformers
pipeline_tag: {task}
language: en
---
# {name}

{role}

A `{kind}` of {made["parameters"] / 1e6:.1f} million parameters with the tokenizer of course-lm; its chat
template adds the instruction of the notebooks where a conversation has none. course-rm and course-prm come
from one run and have the same layers; only the head differs.

## Data
{drawn["samples"]:,} solutions that course-lm wrote at temperatures 1 and 0.7 for {drawn["problems"]:,}
generated problems (word problems of 2 to 8 steps, multiplications), {drawn["distinct solutions"]:,} of them
distinct; {drawn["pass@1"]:.0%} were right. {drawn["problems with a wrong sample"]:,} problems had a wrong
solution and were used. A solution is right by its final answer; a line is right as long as one of the ways
to work the problem out that the recipe knows begins with the same lines. No held-out problem was used, and
no text of people.

## Recipe
`make reward-model`. The lower layers are those of course-lm-large and stay so; on top of them stand a circuit
that compares each digit, sign or line end with what course-lm-large expected in its place
(`training/reward/start.py`), and a last layer, which sums up: only that one is trained. Loss: -log
sigmoid(right - wrong) over the pairs of each problem,
cross-entropy with right and wrong solutions of each problem weighing the same, and cross-entropy on lines.

```json
{json.dumps({k: made[k] for k in ("samples", "training")}, indent=2)}
```

## Measured
On {found["problems"]} held-out problems, {found["samples"]} samples each: of a right and a wrong sample of
one problem the right one has the higher score in {pairs} of the pairs. {verdict(found)} The whole report is
`prebuilt/models/reward_report.md`.

## What it cannot do
It judges arithmetic word problems and multiplications in the form in which course-lm writes its solutions,
one equation a line; other texts get scores without meaning. It was trained with as many right as wrong
solutions of a problem, so its probabilities are not those of an average sample. Search that pushes hard
against its score will find its mistakes.
"""


def publish(folder: Path, lm: Path, large: Path, made: dict, **size: int) -> dict:
    """Measures the reward models in `folder`, writes the report and the cards there; returns the report.

    `made`: what was drawn (`samples`, `drawn`) and the hyper-parameters (`training`). `size` goes to
    `measure`.
    """
    from helpers.engine.local import LocalModel

    found = measure(folder, LocalModel.load(lm), LocalModel.load(large), **size)
    write(found, folder)
    for name in ROLES:
        (folder / name / "README.md").write_text(card(name, made, found), encoding="utf-8")
    print(as_markdown(found))
    return found
