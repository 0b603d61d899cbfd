"""A copy of the generator that learned to correct its own drafts, from answers alone ("Learning to
self-correct", Welleck et al. 2022, arXiv 2211.00053), and what that changed on held-out problems.

The corrector of notebook 06 begins as a stronger sibling and was told of every line; this one has neither.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from helpers.answers import stated_answer
from helpers.estimators import paired_difference
from helpers.models import LanguageModel
from helpers.problems import Problem
from helpers.prompts import make_prompt
from training.comparing import accepts, in_words, point
from training.live import fine_tune
from training.pools import SYSTEM
from training.solutions import from_notebook

MAX_TOKENS = 256


def own_corrector(
    lm: Path,
    base: LanguageModel,
    lessons: tuple[Sequence[Problem], Sequence[Sequence[str]], Sequence[Sequence[float]]],
    held: Sequence[Problem],
    folder: Path,
    load: Callable[[Path], LanguageModel],
) -> tuple[list[dict], list[str]]:
    """Rows of a figure, and what came out in words. `lessons`: problems, the texts that `base` drew for each,
    and which of these are right; `load` opens the model in a folder.
    """
    own = from_notebook("08", "check_of", "correction_pairs")
    pairs = own.correction_pairs(*lessons, most=2)
    fine_tune(
        lm, [own.check_of(p, draft) for p, draft, _ in pairs], [[better] for *_, better in pairs], folder
    )
    trained = load(folder / "model")
    drafts = _greedy(base, [make_prompt(SYSTEM, p.question) for p in held])
    asked = [own.check_of(p, draft) for p, draft in zip(held, drafts, strict=True)]
    texts = {
        "the draft": drafts,
        "checked by the base": _stands(drafts, _greedy(base, asked)),
        "checked by the copy that learned": _stands(drafts, _greedy(trained, asked)),
        "the copy without a draft": _greedy(trained, [make_prompt(SYSTEM, p.question) for p in held]),
    }
    right = {
        name: [float(accepts(p, text)) for p, text in zip(held, row, strict=True)]
        for name, row in texts.items()
    }
    first, untrained, learned, alone = right
    said = [f"{len(pairs)} pairs of a draft and what it should become, of {len(lessons[0])} problems."]
    for name in (untrained, learned):
        flips = list(zip(right[first], right[name], strict=True))
        said.append(
            f"{name}: {flips.count((0, 1))} mended, {flips.count((1, 0))} broken, of {len(held)} drafts"
        )
    said += [
        f"{learned} minus {other}: {in_words(paired_difference(right[learned], right[other]))}"
        for other in (first, untrained, alone)
    ]
    return [point(values, label=name) for name, values in right.items()], said


def _greedy(model: LanguageModel, prompts) -> list[str]:
    return [sample.text for [sample] in model.sample(prompts, temperature=0.0, max_tokens=MAX_TOKENS)]


def _stands(drafts: Sequence[str], replies: Sequence[str]) -> list[str]:
    """The text that stands after a check: a reply that states no answer leaves the draft."""
    return [
        draft if stated_answer(reply) is None else reply for draft, reply in zip(drafts, replies, strict=True)
    ]
