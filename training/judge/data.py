"""What the judge learns from: candidate answers to questions on documents, and the verdict on them.

Candidates are the generator's own samples, the reference and slips made by the recipe, labelled by the final
answer; as many right as wrong ones are scored within a question; the place of the best in a comparison is
uniform; nothing that is held out is learned from; the same seed and generator give the same data, kept on
disk in parts.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tqdm.auto import tqdm

from helpers.answers import answers_match, extract_answer
from helpers.judges import CRITERIA, as_text, groupwise_prompt, pointwise_prompt
from helpers.models import LanguageModel
from helpers.prompts import FINAL_FORMAT, make_prompt
from training.data.instructions import context_instruction
from training.data.tasks import Conversation
from training.data.worked import compute
from training.judge.documents import judge_question
from training.pools import TEMPERATURES

RAG = "Answer the question using only the context. Reason step by step. " + FINAL_FORMAT
MAX_TOKENS = 128
LARGEST_GROUP = 5  # candidates in one comparison
NONE_RIGHT = 0.15  # share of the comparisons without a right candidate
EQUATION = re.compile(r"(\d+) ([-+*/]) (\d+) = (\d+)")


@dataclass(frozen=True)
class Draw:
    """How much is drawn: `samples` of the generator for each question, at the temperature of the pools."""

    questions: int = 1600
    samples: int = 4
    part: int = 200
    seed: int = 0
    tested: bool = False  # questions of the tenth that is held out


@dataclass(frozen=True)
class Question:
    """A question with its document, the instruction it was asked with, the worked lines, the answer, the
    samples.
    """

    question: str
    system: str
    lines: tuple[str, ...]
    answer: str
    samples: tuple[str, ...]

    @property
    def reference(self) -> str:
        return "\n".join((*self.lines, f"Final: {self.answer}"))

    def right(self, text: str) -> bool:
        return answers_match(extract_answer(text), self.answer)


def draw(model: LanguageModel, recipe: Draw, part: int) -> list[Question]:
    """The questions of one part, with the generator's samples."""
    rng = random.Random(f"judge {recipe.seed} {part}")
    worked = [judge_question(rng, recipe.tested) for _ in range(recipe.part)]
    systems = [
        RAG if rng.random() < 0.5 else context_instruction("step_by_step", rng, final=True) for _ in worked
    ]
    prompts = [make_prompt(system, w.question) for system, w in zip(systems, worked, strict=True)]
    drawn = model.sample(
        prompts, recipe.samples, temperature=TEMPERATURES[0], max_tokens=MAX_TOKENS, seed=part
    )
    return [
        Question(w.question, system, w.lines, str(w.answer), tuple(s.text.strip() for s in samples))
        for w, system, samples in zip(worked, systems, drawn, strict=True)
    ]


def collect(model: LanguageModel, recipe: Draw, folder: Path, made_from: str = "") -> list[Question]:
    """`recipe.questions` questions; parts in `folder` are read, the others drawn into it."""
    folder.mkdir(parents=True, exist_ok=True)
    key = json.dumps([recipe.samples, recipe.part, recipe.seed, recipe.tested, model.name, made_from])
    stamp = hashlib.sha256(key.encode()).hexdigest()[:10]
    found: list[Question] = []
    for part in tqdm(range(-(-recipe.questions // recipe.part)), desc="samples", unit="part"):
        path = folder / f"{stamp}-{part:04d}.jsonl"
        if not path.exists():
            rows = [json.dumps(asdict(question)) for question in draw(model, recipe, part)]
            path.with_suffix(".new").write_text("\n".join(rows) + "\n", encoding="utf-8")
            os.replace(path.with_suffix(".new"), path)
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            found.append(Question(**row | {"lines": tuple(row["lines"]), "samples": tuple(row["samples"])}))
    return found[: recipe.questions]


def slip(question: Question, rng: random.Random) -> str:
    """The reference with one line gone wrong - a figure of another line of the document, or a wrong result -
    and what follows from it.
    """
    at, renamed, lines = rng.randrange(len(question.lines)), {}, []
    for i, line in enumerate(question.lines):
        if equation := EQUATION.fullmatch(line):
            a, op, b, old = int(equation[1]), equation[2], int(equation[3]), int(equation[4])
            a, b = renamed.get(a, a), renamed.get(b, b) if op != "*" else b
            value = compute(a, op, b)
            value = max(0, value + rng.choice((-100, -10, -2, -1, 1, 2, 10, 100))) if i == at else value
            lines.append(f"{a} {op} {b} = {value}")
        else:
            label, _, figure = line.rpartition(": ")
            old = int(figure)
            others = [
                int(n) for n in re.findall(r"\d+", question.question.rpartition("\n")[0]) if int(n) != old
            ]
            value = rng.choice(others) if i == at and others else old
            lines.append(f"{label}: {value}")
        if value != old:
            renamed[old] = value
    final = lines[-1].rsplit(" ", 1)[1]
    return "\n".join((*lines, f"Final: {final}"))


def candidates(question: Question, rng: random.Random) -> tuple[list[str], list[str]]:
    """Distinct right and wrong texts: samples first; the reference, and slips, where they are lacking."""
    texts = [text for text in dict.fromkeys(question.samples) if text]
    right = [text for text in texts if question.right(text)] or [question.reference]
    wrong = [text for text in texts if not question.right(text)]
    for _ in range(8):
        text = slip(question, rng)
        if len(wrong) < 4 and text not in wrong and not question.right(text):
            wrong.append(text)
    return right, wrong


def says(text: str, result: str) -> str:
    """The final answer of a candidate as the judge writes it down, with its distance from the judge's own
    `result`: a small model knows how to subtract, and hardly learns to see whether two numbers are the same.
    """
    said = (extract_answer(text) or "nothing")[:12].replace('"', "")
    if not said.isdigit():
        return f"says {said}, wrong"
    low, high = sorted((int(said), int(result)))
    return f"says {said}; {high} - {low} = {high - low}, {'wrong' if high > low else 'right'}"


def verdict(reasoning: Sequence[str], **found: int) -> str:
    """The judge's reply, in the compact JSON that the embedded endpoint's grammar writes."""
    return json.dumps({"reasoning": "; ".join(reasoning), **found}, separators=(",", ":"))


def conversations(questions: Sequence[Question], seed: int = 0) -> list[Conversation]:
    """Of each question a right and a wrong candidate to score, and one comparison."""
    rng, made = random.Random(f"verdicts {seed}"), []
    for question in questions:
        right, wrong = candidates(question, rng)
        criterion = rng.choice(tuple(CRITERIA))
        turns = make_prompt(question.system, question.question)
        for text in (rng.choice(right), *(wrong[:1] and [rng.choice(wrong)])):
            prompt = pointwise_prompt(criterion).format(
                conversation=as_text([*turns, {"role": "assistant", "content": text}])
            )
            told = verdict(
                (*question.lines, f"it {says(text, question.answer)}"), score=10 * question.right(text)
            )
            made.append(_conversation(prompt, told))
        some = rng.sample(wrong, rng.randint(1, min(len(wrong), LARGEST_GROUP - 1))) if wrong else []
        if len(some) < 2 or rng.random() >= NONE_RIGHT:
            some += rng.sample(right, rng.randint(1, min(len(right), LARGEST_GROUP - len(some), 2)))
        if len(some) < 2:
            continue
        rng.shuffle(some)
        best = next((i for i, text in enumerate(some, 1) if question.right(text)), 0)
        told = (*question.lines, *(f"{i} {says(text, question.answer)}" for i, text in enumerate(some, 1)))
        made.append(
            _conversation(groupwise_prompt(criterion, as_text(turns), some), verdict(told, best=best))
        )
    return made


def comparisons(n: int, seed: int = 0) -> list[Conversation]:
    """`n` short verdicts on a sum: what the judge must learn beside its working is to compare two numbers,
    and one token in sixty of the long ones teaches it.
    """
    rng, made = random.Random(f"comparisons {seed}"), []
    for _ in range(n):
        a, b = (rng.randint(1, rng.choice((99, 999, 4_999))) for _ in range(2))
        asked, result, line = f"user: {a} + {b}", a + b, f"{a} + {b} = {a + b}"
        criterion = rng.choice(tuple(CRITERIA))
        if rng.random() < 0.6:
            said = result if rng.random() < 0.5 else _near(result, rng)
            prompt = pointwise_prompt(criterion).format(conversation=_said(asked, said))
            told = verdict((line, f"it {says(str(said), str(result))}"), score=10 * (said == result))
        else:
            numbers = [_near(result, rng) for _ in range(rng.randint(2, LARGEST_GROUP))]
            if rng.random() >= NONE_RIGHT:
                numbers[rng.randrange(len(numbers))] = result
            prompt = groupwise_prompt(criterion, asked, [f"Final: {x}" for x in numbers])
            best = numbers.index(result) + 1 if result in numbers else 0
            told = (f"{i} {says(str(x), str(result))}" for i, x in enumerate(numbers, 1))
            told = verdict((line, *told), best=best)
        made.append(_conversation(prompt, told))
    return made


def _near(number: int, rng: random.Random) -> int:
    """Another number: one digit changed, a slip of a carry, or any."""
    digits, at = list(str(number)), rng.randrange(len(str(number)))
    digits[at] = rng.choice([d for d in "123456789" if d != digits[at]])
    slipped = number + rng.choice((-100, -10, -1, 1, 10, 100))
    return rng.choice(
        (int("".join(digits)), slipped if slipped > 0 else number + 1, number + rng.randint(2, 999))
    )


def _said(asked: str, number: int) -> str:
    return f"{asked}\nassistant: Final: {number}"


def _conversation(prompt: str, reply: str) -> Conversation:
    return Conversation(({"role": "user", "content": prompt}, {"role": "assistant", "content": reply}))
