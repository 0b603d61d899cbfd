"""The ten context questions of notebook 04, and how the course model answers them: `make eval-with-context`.

`prebuilt/eval_with_context.json` holds, for each question, what the model writes at temperature 0 and whether
that passes, measured by this recipe. A failure is a slip of calculation, a wrong figure, or no answer. The
documents were written for the workshop; no model was trained on them. The ten were chosen among 46 drafts
after a look at forty samples of each and at what course-judge says of them, so that some pass, some fail, on
some the samples disagree, and the judge is right on most and not on all: they show the method, and are no
measure of the models.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from config import ROOT
from helpers.answers import answers_match, extract_answer
from helpers.models import LanguageModel
from helpers.prompts import make_prompt
from training.data.worked import compute
from training.judge.data import EQUATION, MAX_TOKENS, RAG

FILE = ROOT / "prebuilt" / "eval_with_context.json"

QUARTER = """Quarterly report, Lyon, June
The spring sale brought many new customers. The second shop opened in May.
Units sold: 487
Units returned: 38
Revenue in thousand euros: 612
Costs in thousand euros: 433
Staff: 46
New customers: 129
Lost customers: 57
Open orders: 83
Units in stock: 254"""
POLICY = """Travel policy, Oslo, March
Bookings are made through the portal. Receipts are kept.
- Hotel limit per night: 165
- Meal limit per day: 48
- Train ticket limit: 230
- Taxi limit per trip: 35
- Parking limit per day: 18
- Daily allowance abroad: 64
- Days to book in advance: 14
- Days to hand in receipts: 21"""
SHEET = """Product sheet, Turin, May
Keep this sheet with the product.
Weight in grams: 742
Weight of the box in grams: 158
Price in euros: 289
Pieces per box: 12
Battery life in hours: 36
Charging time in minutes: 95
Warranty in months: 24
Spare parts: 7"""
LOG = """Service log, Dublin, August
The system was stable, but for one long outage on a Sunday.
Tickets opened: 348
Tickets closed: 296
Restarts: 17
Errors: 263
Warnings: 418
Minutes offline: 74
Engineers on duty: 9
Servers checked: 58
Calls answered: 187"""

QUESTIONS: tuple[tuple[str, str, int], ...] = (
    (QUARTER, "What is the total of units sold, units in stock and open orders?", 824),
    (QUARTER, "By how much is revenue in thousand euros greater than costs in thousand euros?", 179),
    (POLICY, "What is hotel limit per night plus meal limit per day, all 3 times?", 639),
    (POLICY, "If meal limit per day is counted 6 times and train ticket limit is added, what is the total?",
     518),
    (POLICY, "What is 7 times meal limit per day, minus taxi limit per trip?", 301),
    (SHEET, "If weight in grams is counted 4 times, what is the total?", 2968),
    (SHEET, "What is price in euros plus weight of the box in grams?", 447),
    (SHEET, "What is 3 times price in euros, plus warranty in months?", 891),
    (LOG, "What is 9 times minutes offline, minus calls answered?", 479),
    (LOG, "What is the total of errors, warnings, restarts and tickets closed?", 994),
)  # fmt: skip


@dataclass(frozen=True)
class Answered:
    """One question as it stands in the file."""

    id: str
    context: str
    question: str
    expected: str
    answer: str
    classification: str


def classify(answer: str, expected: str) -> str:
    """pass; no answer: nothing to read; slip: a line whose arithmetic does not hold; wrong figure: all lines
    hold, and yet.
    """
    found = extract_answer(answer)
    if answers_match(found, expected):
        return "pass"
    if found is None:
        return "no answer"
    sums = [EQUATION.search(line) for line in answer.splitlines()]
    held = [compute(int(s[1]), s[2], int(s[3])) == int(s[4]) for s in sums if s]
    return "wrong figure" if all(held) else "slip"


def evaluate(model: LanguageModel) -> dict:
    """The file's content: every question answered once, at temperature 0."""
    prompts = [
        make_prompt(RAG, f"Context:\n{context}\n\nQuestion: {question}") for context, question, _ in QUESTIONS
    ]
    drawn = model.sample(prompts, temperature=0.0, max_tokens=MAX_TOKENS)
    results = [
        Answered(f"q{i}", context, question, str(gold), samples[0].text, classify(samples[0].text, str(gold)))
        for i, ((context, question, gold), samples) in enumerate(zip(QUESTIONS, drawn, strict=True), 1)
    ]
    return {
        "model": model.name,
        "temperature": 0.0,
        "system": RAG,
        "results": [asdict(result) for result in results],
    }


def main() -> None:
    from helpers.engine.local import LocalModel
    from training.lm.report import MODELS

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default=MODELS / "course-lm")
    parser.add_argument("--out", type=Path, default=FILE)
    args = parser.parse_args()
    found = evaluate(LocalModel.load(args.model))
    args.out.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    for result in found["results"]:
        print(f"{result['id']:4} {result['classification']:13} {result['question']}")


if __name__ == "__main__":
    main()
