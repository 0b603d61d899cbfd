"""Training conversations: who says what, and which part the model must learn to write.

Promises: `conversation(kind, rng)` returns the messages of one training example; the last one is the assistant's, and only
it (after `given` characters) carries loss. No conversation holds a problem that `held_out` reserves for tests. Knows nothing
of tokens.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from helpers.problems import held_out, pair_held_out
from training.data.documents import report_question
from training.data.instructions import context_instruction, instruction
from training.data.word_problems import Worked, compute, word_problem

MULTIPLY_FORMS = ("What is {a} x {b}?", "What is {a} * {b}?", "Compute {a} x {b}.", "Calculate {a} times {b}.",
                  "{a} x {b} = ?", "How much is {a} x {b}?", "Multiply {a} by {b}.")  # fmt: skip


@dataclass(frozen=True)
class Conversation:
    """Messages of one example; the first `given` characters of the last message carry no loss."""

    messages: tuple[dict[str, str], ...]
    given: int = 0


def multiplication(a: int, b: int, form: str = MULTIPLY_FORMS[0]) -> Worked:
    """a x b by written-out partial products, one digit of the smaller-digit factor at a time."""
    long, short = (a, b) if a >= b else (b, a)
    if short < 10:
        lines = [f"{long} * {short} = {long * short}"]
        tens, units = long // 10 * 10, long % 10
        if long >= 10 and units and tens:
            lines = [f"{tens} * {short} = {tens * short}", f"{units} * {short} = {units * short}",
                     f"{tens * short} + {units * short} = {long * short}"]  # fmt: skip
    else:
        tens, units = short // 10 * 10, short % 10
        lines = [f"{long} * {tens} = {long * tens}"]
        if units:
            lines += [
                f"{long} * {units} = {long * units}",
                f"{long * tens} + {long * units} = {long * short}",
            ]
    return Worked(form.format(a=a, b=b), tuple(lines), f"{a} * {b}", a * b, "multiplication")


def _multiplication(rng: random.Random) -> Worked:
    while True:
        digits = rng.choice(((2, 1), (2, 1), (3, 1), (2, 2), (2, 2), (3, 2), (3, 2)))
        a, b = (rng.randint(10 ** (d - 1), 10**d - 1) for d in digits)
        if b < 2 or pair_held_out(a, b):
            continue
        if rng.random() < 0.5:
            a, b = b, a
        return multiplication(a, b, rng.choice(MULTIPLY_FORMS))


def _word(rng: random.Random) -> Worked:
    while True:
        worked = word_problem(rng.choices(range(1, 10), (5, 9, 10, 11, 11, 11, 10, 8, 5))[0], rng)
        if not held_out(worked.question):
            return worked


def _report(rng: random.Random) -> Worked:
    while True:
        worked = report_question(rng)
        if not held_out(worked.question):
            return worked


def _ask(system: str, question: str, reply: str, rng: random.Random) -> Conversation:
    """The instruction as system turn, or inside the user's turn before or after the question, or none at all."""
    shape = rng.random()
    if not system:
        messages = [{"role": "user", "content": question}]
    elif shape < 0.75:
        messages = [{"role": "system", "content": system}, {"role": "user", "content": question}]
    elif shape < 0.85:
        messages = [{"role": "user", "content": f"{system}\n\n{question}"}]
    elif shape < 0.95:
        messages = [{"role": "user", "content": f"{question}\n\n{system}"}]
    else:
        messages = [{"role": "user", "content": f"{system}\n\nQuestion: {question}\nAnswer:"}]
    return Conversation((*messages, {"role": "assistant", "content": reply}))


def _answer(worked: Worked, kind: str, rng: random.Random, stage: int) -> Conversation:
    wording = context_instruction if worked.family == "report" else instruction
    if kind == "at_once":
        final = rng.random() < 0.25
        text = wording(kind, rng, final, stage)
        reply = f"Final: {worked.answer}" if final or "final: " in text.lower() else str(worked.answer)
        return _ask(text, worked.question, reply, rng)
    reply = worked.solution if kind == "step_by_step" else worked.expression
    uninstructed = kind == "step_by_step" and rng.random() < 0.06
    return _ask("" if uninstructed else wording(kind, rng, stage=stage), worked.question, reply, rng)


def _sum(rng: random.Random) -> tuple[int, str, int]:
    op = rng.choice("++++----**/")
    if op == "*":
        a, b = (
            rng.choice((rng.randint(2, 12), rng.randint(10, 99), rng.randint(100, 999))),
            rng.randint(2, 12),
        )
        if rng.random() < 0.3:
            b = rng.randint(2, 9) * 10
    elif op == "/":
        b = rng.randint(2, 9)
        a = b * rng.choice((rng.randint(2, 20), rng.randint(10, 150)))
    else:
        top = rng.choice((99, 999, 999, 9999))
        a, b = rng.randint(2, top), rng.randint(2, rng.choice((12, 99, 600, top)))
        if op == "-" and a < b:
            a, b = b, a
    return a, op, b


def _drill(rng: random.Random) -> Conversation:
    sums = [_sum(rng) for _ in range(rng.randint(6, 14))]
    asked = "\n".join(f"{a} {op} {b}" for a, op, b in sums)
    done = "\n".join(f"{a} {op} {b} = {compute(a, op, b)}" for a, op, b in sums)
    return Conversation(
        ({"role": "user", "content": f"Compute.\n{asked}"}, {"role": "assistant", "content": done})
    )


def slip(worked: Worked, rng: random.Random) -> str:
    """The solution with one wrong result that the later lines carry on, as a careless solver would write it."""
    at = rng.randrange(worked.steps)
    lines, renamed = [], {}
    for i, line in enumerate(worked.lines):
        tag, _, work = line.rpartition(": ")
        a, op, b, _, result = work.split(" ")
        left, right = renamed.get(int(a), int(a)), renamed.get(int(b), int(b))
        value = compute(left, op, right)
        if i == at:
            value = max(0, value + rng.choice((-100, -10, -2, -1, 1, 2, 10, 100)))
        if value != int(result):
            renamed[int(result)] = value
        lines.append(f"{tag}: {left} {op} {right} = {value}" if tag else f"{left} {op} {right} = {value}")
    final = lines[-1].rsplit(" ", 1)[1]
    return "\n".join((*lines, f"Final: {final}"))


_CHECKS = ("Check the solution step by step.", "Is this right? Check every step and give the final answer.",
           "Verify the proposed solution. Keep it if it is right, correct it if it is wrong.",
           "Look for a mistake in the solution and correct it.", "Check your answer.", "Are you sure? Check again.",
           "Review your solution and write the right one.", "Please check each line again.",
           "You are checking a solution to a math problem. Compute the answer again carefully.")  # fmt: skip


def _check(rng: random.Random) -> Conversation:
    """A proposed solution, right or wrong, and the right one."""
    worked = _word(rng) if rng.random() < 0.7 else _multiplication(rng)
    proposed = slip(worked, rng) if rng.random() < 0.6 else worked.solution
    return check_request(worked.question, proposed, worked.solution, rng)


def check_request(question: str, proposed: str, solution: str, rng: random.Random) -> Conversation:
    """A request to check `proposed`, answered by `solution`; in one turn, in two turns, or after 'Wait'."""
    final = " End with Final: <integer>." if rng.random() < 0.4 else ""
    shape = rng.random()
    if shape < 0.4:
        text = f"Question: {question}\n\nProposed solution:\n{proposed}\n\n{rng.choice(_CHECKS)}{final}"
        messages = ({"role": "user", "content": text},)
    elif shape < 0.7:
        messages = ({"role": "system", "content": instruction("step_by_step", rng)},
                    {"role": "user", "content": question}, {"role": "assistant", "content": proposed},
                    {"role": "user", "content": rng.choice(_CHECKS) + final})  # fmt: skip
    else:
        given = f"{proposed}\nWait"
        messages = ({"role": "system", "content": instruction("step_by_step", rng)},
                    {"role": "user", "content": question})  # fmt: skip
        reply = f"{given}, check again.\n{solution}"
        return Conversation((*messages, {"role": "assistant", "content": reply}), len(given))
    return Conversation((*messages, {"role": "assistant", "content": solution}))


_PUZZLE_FORMS = ("Use each of the numbers {numbers} once to make {target}.", "Numbers: {numbers}. Target: {target}.",
                 "Make {target} from {numbers} with + - * /.", "Reach {target} with the numbers {numbers}.")  # fmt: skip


def puzzle(count: int, rng: random.Random) -> tuple[str, str]:
    """A make-the-target puzzle and one solution: each line combines two of the numbers and names those left."""
    while True:
        numbers = [rng.randint(1, 13) for _ in range(count)]
        left, lines = list(numbers), []
        while len(left) > 1:
            rng.shuffle(left)
            a, b = max(left[:2]), min(left[:2])
            op = rng.choice([o for o in "+-*/" if o != "/" or (b and a % b == 0)])
            left = [compute(a, op, b), *left[2:]]
            lines.append(f"{a} {op} {b} = {left[0]} (left: {' '.join(map(str, sorted(left)))})")
        target = left[0]
        if not 1 <= target <= 100 or (target != 24 and rng.random() < 0.3):
            continue
        question = rng.choice(_PUZZLE_FORMS).format(numbers=", ".join(map(str, numbers)), target=target)
        key = f"{sorted(numbers)} {target}"
        if not held_out(key):
            return question, "\n".join((*lines, f"Final: {target}"))


MIXTURE = {
    "word": 34,
    "at_once": 9,
    "expression": 11,
    "multiplication": 11,
    "drill": 11,
    "report": 11,
    "check": 8,
    "puzzle": 5,
}


# the second stage dwells on what was asked for
MIXTURE_LATER = {
    "word": 38,
    "at_once": 12,
    "expression": 10,
    "multiplication": 10,
    "drill": 8,
    "report": 9,
    "check": 8,
    "puzzle": 5,
}


def conversation(rng: random.Random, stage: int = 1) -> Conversation:
    """One training example of stage 1 or 2, its kind drawn from the mixture of the stage."""
    mixture = MIXTURE if stage == 1 else MIXTURE_LATER
    kind = rng.choices(tuple(mixture), tuple(mixture.values()))[0]
    if kind == "word":
        return _answer(_word(rng), "step_by_step", rng, stage)
    if kind == "at_once":
        worked = rng.choice((_word, _word, _multiplication))(rng)
        return _answer(worked, "at_once", rng, stage)
    if kind == "expression":
        worked = _word(rng) if rng.random() < 0.9 else _multiplication(rng)
        return _answer(worked, "expression", rng, stage)
    if kind == "multiplication":
        return _answer(_multiplication(rng), "step_by_step", rng, stage)
    if kind == "report":
        return _answer(_report(rng), "at_once" if rng.random() < 0.25 else "step_by_step", rng, stage)
    if kind == "drill":
        return _drill(rng)
    if kind == "check":
        return _check(rng)
    question, solution = puzzle(rng.choice((3, 3, 4, 4, 5)), rng)
    messages = [{"role": "user", "content": question}, {"role": "assistant", "content": solution}]
    if rng.random() < 0.5:
        messages.insert(0, {"role": "system", "content": instruction("step_by_step", rng)})
    return Conversation(tuple(messages))
