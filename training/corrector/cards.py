"""The corrector's model card and report, and what course-lm's card says of its checks, in `prebuilt/models/`.

The cards quote the report that was just measured and the recipe that was just run.
"""

from __future__ import annotations

import json
from pathlib import Path

from training.corrector.report import NAMES, as_markdown, measure, verdict, write

SECTION = "## Checking its own solutions"


def card(made: dict, found: dict) -> str:
    """The model card: data, recipe, measured quality, limits. `made` and `found` as `publish` has them."""
    drawn, first = made["drawn"], found["rows"][0]
    before, after = (_shown(first[NAMES[1]][key]) for key in ("before", "after"))
    alone = _shown(found["without a draft, greedy"][NAMES[1]])
    return f"""---
license: apache-2.0
library_name: transformers
pipeline_tag: text-generation
language: en
---
# course-corrector

The trained corrector of the workshop: asked to check a solution, it writes the solution anew, as "Learning to
self-correct" does (Welleck et al. 2022). A `Qwen3ForCausalLM` of {made["parameters"] / 1e6:.1f} million
parameters with the tokenizer and chat template of course-lm. It answers the same requests as course-lm:
`load_model("prebuilt/models/course-corrector")`.

## Data
Solutions that course-lm wrote at temperature 1 for {drawn["problems"]:,} generated problems (word problems of
2 to 8 steps, multiplications); {drawn["pass@1"]:.0%} of them were right. {made["pairs"]:,} pairs: a wrong
solution with the right one of the same problem that shares most of its lines, or a right one with itself
({made["kept"]:,} of the pairs), each asked for in several wordings: in one turn, in a second turn, or after
"Wait". No held-out problem was used, and no text of people.

## Recipe
`make corrector`. The weights begin as those of course-lm-large; loss on the reply only. Hyper-parameters:

```json
{json.dumps({k: made[k] for k in ("samples", "training")}, indent=2)}
```

## Measured
On {found["problems"]} held-out problems with greedy drafts of course-lm: {before} right before its check,
{after} after it; {alone} where it solves the problems itself, without a draft. {verdict(found)} The whole
report, with both kinds of errors, is `prebuilt/models/corrector_report.md`.

## What it cannot do
It corrects arithmetic word problems and multiplications in the form in which course-lm writes them. It has no
way to know that a problem is beyond it: it writes a solution each time, and some right answers become wrong.
"""


def about_checks(found: dict) -> str:
    """The section of course-lm's card on its checks."""
    lines = [SECTION, ""]
    lines.append(
        f"Asked to check a draft of its own ({found['problems']} held-out problems, greedy replies, words "
        "that training did not use):"
    )
    for each in found["rows"]:
        row = each[NAMES[0]]
        lines.append(
            f"- {each['drafts']} drafts, {each['wording']}: in form {_shown(row['in form'])}, answer kept "
            f"{_shown(row['kept'])}, right "
            f"{_shown(row['before'])} before and {_shown(row['after'])} after; breaks "
            f"{_shown(row['broken, of the right'])} of the right, "
            f"mends {_shown(row['mended, of the wrong'])} of the wrong"
        )
    lines += [
        "",
        "Measured by `python -m training.corrector.report`; see `prebuilt/models/corrector_report.md`.",
        "",
    ]
    return "\n".join(lines)


def publish(folder: Path, lm: Path, made: dict, **size: int) -> dict:
    """Measures the corrector in `folder` beside the language model `lm`, writes the report and the cards
    there; returns the report.

    `made`: what was drawn (`samples`, `drawn`, `pairs`, `kept`) and the hyper-parameters (`training`). `size`
    goes to `measure`.
    """
    from helpers.engine.local import LocalModel

    found = measure(LocalModel.load(lm), LocalModel.load(folder / NAMES[1]), **size)
    write(found, folder)
    (folder / NAMES[1] / "README.md").write_text(card(made, found), encoding="utf-8")
    own = folder / NAMES[0] / "README.md"
    if own.exists():
        text = own.read_text(encoding="utf-8").split(SECTION)[0].rstrip()
        own.write_text(f"{text}\n\n{about_checks(found)}", encoding="utf-8")
    print(as_markdown(found))
    return found


def _shown(value: list[float] | None) -> str:
    return "none" if value is None else "{:.2f} [{:.2f}, {:.2f}]".format(*value)
