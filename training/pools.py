"""`make pools`: records the samples of course-lm that the notebooks replay, `prebuilt/pools/`, and what the
other models that ship say of those that notebook 05 scores, `prebuilt/pools/scores/`.

The same models give the same samples and scores; a killed run goes on where it stopped; what comes from
another model of the same name is thrown away first.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from config import ROOT
from helpers.answers import extract_answer
from helpers.models import LanguageModel, Sample
from helpers.pools import PREBUILT, Pool, RecordedScores
from helpers.pools.scores import Conversation
from helpers.problems import Problem, multiplication_problems, word_problems
from helpers.prompts import FINAL_FORMAT, make_prompt
from helpers.rewards import LogProbability, RewardModel
from training.solutions import from_notebook

MODEL = ROOT / "prebuilt" / "models" / "course-lm"
REWARD_MODEL = ROOT / "prebuilt" / "models" / "course-rm"
SYSTEM = "Reason step by step. " + FINAL_FORMAT  # the prompt of the notebooks: a pool is found by its prompts
STEPS, DIGITS = range(2, 9), ((3, 2), (4, 2), (3, 3))
TEMPERATURES = (0.7, 1.0)  # the figures are drawn with the first
SAMPLES, MAX_TOKENS = 64, 256
STAMP = "made_from.json"


def pool_problems() -> list[Problem]:
    """24 word problems of each of 2 to 8 steps, and 20 multiplications of each of three sizes."""
    return word_problems(STEPS, 24) + [p for digits in DIGITS for p in multiplication_problems(digits, 20)]


def answer_in_form(sample: Sample) -> str | None:
    """The answer after `Final:`; None where the sample was cut off or is not in form."""
    in_form = sample.finish_reason == "stop" and "Final:" in sample.text
    return extract_answer(sample.text) if in_form else None


def fingerprint(folder: Path) -> str:
    """What tells two trained models of the same name apart: the SHA-256 of the weights."""
    return hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()


def record(
    model: LanguageModel, made_from: str, folder: Path, problems: Sequence[Problem], samples: int = SAMPLES
) -> None:
    """Draw what `folder` lacks, at every temperature and a greedy chain, and pack it. Samples in it of other
    weights than `made_from` are removed first.
    """
    stamp = folder / STAMP
    if stamp.exists() and json.loads(stamp.read_text())["weights"] != made_from:
        for part in folder.glob("*/part-*.parquet"):
            part.unlink()
    folder.mkdir(parents=True, exist_ok=True)
    stamp.write_text(json.dumps({"model": model.name, "weights": made_from}, indent=2) + "\n")
    prompts = [make_prompt(SYSTEM, problem.question) for problem in problems]
    pool = Pool(folder)
    for temperature, n in [(0.0, 1), *((each, samples) for each in TEMPERATURES)]:
        pool.sample(
            model, prompts, n, live=True, temperature=temperature, max_tokens=MAX_TOKENS, progress=True
        )
    pool.compact()


def scored_samples(pool: Pool) -> tuple[list[Problem], list[list[Sample]]]:
    """The problems of notebook 05, and of the samples in `pool` those that it scores."""
    lesson = from_notebook("05", "WORDS", "PRODUCTS", "N", "TEMPERATURE", "MAX_TOKENS")
    problems = [*lesson.WORDS, *lesson.PRODUCTS]
    prompts = [make_prompt(SYSTEM, problem.question) for problem in problems]
    options = {"temperature": lesson.TEMPERATURE, "max_tokens": lesson.MAX_TOKENS}
    return problems, pool.sample(MODEL.name, prompts, lesson.N, live=False, **options)


def scored_texts(problems: Sequence[Problem], samples: Sequence[Sequence[Sample]]) -> dict[str, list]:
    """The conversations that notebook 05 has scored, by the folder of the model that reads them."""
    lesson = from_notebook("05", "SYSTEM_COT", "STRONG", "WEAK", "WISH", "listed")
    drawn = list(zip(problems, samples, strict=True))
    chosen = [
        (problem, row)
        for problem, row in drawn
        if problem.kind == "word" and len({lesson.listed(sample) for sample in row}) == 2
    ]
    asked = talks(lesson.SYSTEM_COT, drawn) + talks(f"{lesson.SYSTEM_COT} {lesson.WISH}", chosen)
    return {str(REWARD_MODEL): talks("", drawn), lesson.STRONG: asked, lesson.WEAK: asked}


def record_scores(pool: Pool) -> None:
    """The scores of `scored_texts`, beside the samples."""
    from helpers.engine.local import LocalModel

    for folder, conversations in scored_texts(*scored_samples(pool)).items():
        if folder == str(REWARD_MODEL):
            scorer = RewardModel.load(folder)
        else:
            scorer = LogProbability(LocalModel.load(folder))
        RecordedScores(scorer, folder, Path(pool.folder) / "scores").record(conversations)


def talks(system: str, pairs: Sequence[tuple[Problem, Sequence[Sample]]]) -> list[Conversation]:
    """Each sample with its problem, as a conversation that a reward model reads."""
    return [
        [*make_prompt(system, problem.question), {"role": "assistant", "content": sample.text}]
        for problem, samples in pairs
        for sample in samples
    ]


def main() -> None:
    from helpers.engine.local import LocalModel

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--out", type=Path, default=PREBUILT)
    parser.add_argument("--every", type=int, default=1, help="for a trial: only every so-many-th problem")
    args = parser.parse_args()
    record(LocalModel.load(args.model), fingerprint(args.model), args.out, pool_problems()[:: args.every])
    if args.every == 1:
        record_scores(Pool(args.out))
    size = sum(path.stat().st_size for path in args.out.rglob("*") if path.is_file())
    print(f"{args.out}: {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
