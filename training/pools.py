"""`make pools`: records the samples of course-lm that the notebooks replay, `prebuilt/pools/`.

The same model gives the same samples; a killed run goes on where it stopped; samples of another model of the
same name are thrown away first.
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
from helpers.pools import PREBUILT, Pool
from helpers.problems import Problem, multiplication_problems, word_problems
from helpers.prompts import FINAL_FORMAT, make_prompt

MODEL = ROOT / "prebuilt" / "models" / "course-lm"
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
    """Draw what `folder` lacks, at every temperature, and pack it. Samples in it of other weights than
    `made_from` are removed first.
    """
    stamp = folder / STAMP
    if stamp.exists() and json.loads(stamp.read_text())["weights"] != made_from:
        for part in folder.glob("*/part-*.parquet"):
            part.unlink()
    folder.mkdir(parents=True, exist_ok=True)
    stamp.write_text(json.dumps({"model": model.name, "weights": made_from}, indent=2) + "\n")
    prompts = [make_prompt(SYSTEM, problem.question) for problem in problems]
    pool = Pool(folder)
    for temperature in TEMPERATURES:
        pool.sample(
            model, prompts, samples, live=True, temperature=temperature, max_tokens=MAX_TOKENS, progress=True
        )
    pool.compact()


def main() -> None:
    from helpers.engine.local import LocalModel

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--out", type=Path, default=PREBUILT)
    parser.add_argument("--every", type=int, default=1, help="for a trial: only every so-many-th problem")
    args = parser.parse_args()
    record(LocalModel.load(args.model), fingerprint(args.model), args.out, pool_problems()[:: args.every])
    size = sum(path.stat().st_size for path in args.out.rglob("*") if path.is_file())
    print(f"{args.out}: {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
