"""Training conversations: who says what, and which part the model must learn to write.

The last message is the assistant's, and only it (after `given` characters) carries loss. No conversation
holds a problem that `held_out` reserves for tests.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

from helpers.problems import held_out, pair_held_out
from training.data.documents import report_question
from training.data.instructions import context_instruction, instruction
from training.data.longer_documents import longer_question
from training.data.sql import TableQuestion, table_question
from training.data.ways import product_ways
from training.data.word_problems import word_problem
from training.data.worked import Worked, compute, large_sizes, mixed_sizes, small_sizes

MULTIPLY_FORMS = ("What is {a} x {b}?", "What is {a} * {b}?", "Compute {a} x {b}.", "Calculate {a} times {b}.",
                  "{a} x {b} = ?", "How much is {a} x {b}?", "Multiply {a} by {b}.")  # fmt: skip


EQUATION = re.compile(r"(.*: )?(\d+) ([-+*/]) (\d+) = (\d+)")
LONGER = 0.45  # share of the reports that are long
REPLIES = 3  # at most so many ways of one problem in a conversation
NAMED = 0.12  # share of the solutions whose way the prompt asks for
NAMED_WAYS = {
    "told": ("Go through the story in order.", "Follow the order of the text.", "Take the events one after the other."),
    "ins and outs": ("Add up what comes in, then add up what goes out.", "Sum the gains and the losses apart.",
                     "First total the additions and the subtractions separately."),
    "additions first": ("Do the additions first.", "Add everything before you subtract anything.",
                        "First all additions, then all subtractions."),
    "from the end": ("Begin with the last change.", "Work from the last change back to the first.", "Take the changes in reverse order."),
    "round part and rest": ("Split each number into a round part and the rest.", "Add hundreds first, then the rest of each number.",
                            "Break the numbers into round parts."),
    "listed first": ("List the given numbers first.", "Write down all quantities before you use them.",
                     "Start with a list of what is given."),
    "net change": ("Work out the net change first.", "Find out how much the total changes, then apply it.",
                   "Compare what comes in with what goes out, then apply the difference."),
    "running total": ("Keep a running total.", "Update the total after every item.", "Add each item to the total at once."),
    "units first": ("Multiply by the units first.", "Begin with the units."),
    "round up": ("Round up, then subtract.", "Multiply by the next round number and take off the rest."),
    "split the long factor": ("Split the longer number.", "Take the longer factor apart."),
    "doubling": ("Double step by step.", "Multiply by small factors, one after the other."),
}  # fmt: skip


@dataclass(frozen=True)
class Conversation:
    """Messages of one example; the first `given` characters of the last message carry no loss. `others` are
    further replies in the place of the last message, each learned as if it stood there alone.
    """

    messages: tuple[dict[str, str], ...]
    given: int = 0
    others: tuple[str, ...] = ()


def multiplication(a: int, b: int, form: str = MULTIPLY_FORMS[0]) -> Worked:
    """a x b by written-out partial products; the way told splits the factor with fewer digits, tens first."""
    told, *others = product_ways(a, b).items()
    return Worked(form.format(a=a, b=b), told[1], f"{a} * {b}", a * b, "multiplication", tuple(others))


def _multiplication(rng: random.Random) -> Worked:
    while True:
        digits = rng.choice(((2, 1), (3, 1), (2, 2), (2, 2), (3, 2), (3, 2), (3, 2), (4, 2), (3, 3)))
        a, b = (rng.randint(10 ** (d - 1), 10**d - 1) for d in digits)
        if b < 2 or pair_held_out(a, b):
            continue
        if rng.random() < 0.5:
            a, b = b, a
        return multiplication(a, b, rng.choice(MULTIPLY_FORMS))


def _word(rng: random.Random, simple: bool = False) -> Worked:
    """A word problem that is not held out; `simple`: one to three steps, numbers below 100."""
    while True:
        steps = rng.choices(range(1, 10), (5, 9, 10, 11, 11, 11, 10, 8, 5))[0]
        size = rng.choice((mixed_sizes, mixed_sizes, large_sizes))
        worked = (
            word_problem(rng.choice((1, 1, 2, 2, 3)), rng, small_sizes)
            if simple
            else word_problem(steps, rng, size)
        )
        if not held_out(worked.question):
            return worked


def _report(rng: random.Random) -> Worked:
    while True:
        worked = longer_question(rng) if rng.random() < LONGER else report_question(rng)
        if worked and not held_out(worked.question):
            return worked


def _ask(
    system: str, question: str, reply: str, rng: random.Random, others: Sequence[str] = ()
) -> Conversation:
    """The instruction as system turn, or inside the user's turn before or after the question, or none at
    all.
    """
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
    return Conversation((*messages, {"role": "assistant", "content": reply}), others=tuple(others))


def _answer(worked: Worked, kind: str, rng: random.Random, stage: int) -> Conversation:
    wording = context_instruction if worked.family == "report" else instruction
    if kind == "at_once":
        final = rng.random() < 0.25
        text = wording(kind, rng, final, stage)
        reply = f"Final: {worked.answer}" if final or "final: " in text.lower() else str(worked.answer)
        return _ask(text, worked.question, reply, rng)
    if kind == "expression":
        return _ask(wording(kind, rng, stage=stage), worked.question, worked.expression, rng)
    way, *others = rng.sample(tuple(worked.ways), min(REPLIES, len(worked.ways)))
    text = "" if rng.random() < 0.06 else wording(kind, rng, stage=stage)
    if text and way in NAMED_WAYS and rng.random() < NAMED:
        text, others = f"{text} {rng.choice(NAMED_WAYS[way])}", []
    return _ask(text, worked.question, worked.written(way), rng, [worked.written(other) for other in others])


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


def slip(lines: Sequence[str], rng: random.Random) -> str:
    """A solution with one wrong result that the later lines carry on, as a careless solver would write it."""
    sums = [i for i, line in enumerate(lines) if EQUATION.fullmatch(line)]
    at, written, renamed = rng.choice(sums), [], {}
    for i, line in enumerate(lines):
        if not (found := EQUATION.fullmatch(line)):
            written.append(line)
            continue
        tag, a, op, b, result = found[1] or "", int(found[2]), found[3], int(found[4]), int(found[5])
        left, right = renamed.get(a, a), renamed.get(b, b)
        value = compute(left, op, right)
        if i == at:
            value = max(0, value + rng.choice((-100, -10, -2, -1, 1, 2, 10, 100)))
        if value != result:
            renamed[result] = value
        written.append(f"{tag}{left} {op} {right} = {value}")
    final = written[-1].rsplit(" ", 1)[1]
    return "\n".join((*written, f"Final: {final}"))


_CHECKS = ("Check the solution step by step.", "Is this right? Check every step and give the final answer.",
           "Verify the proposed solution. Keep it if it is right, correct it if it is wrong.",
           "Look for a mistake in the solution and correct it.", "Check your answer.", "Are you sure? Check again.",
           "Review your solution and write the right one.", "Please check each line again.",
           "You are checking a solution to a math problem. Compute the answer again carefully.")  # fmt: skip


def _check(rng: random.Random) -> Conversation:
    """A proposed solution, right or wrong, and the right one."""
    worked = _word(rng) if rng.random() < 0.7 else _multiplication(rng)
    way = rng.choice(tuple(worked.ways))
    proposed = slip(worked.ways[way], rng) if rng.random() < 0.6 else worked.written(way)
    return check_request(worked.question, proposed, worked.written(way), rng)


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


_SQL = ("Write one SQL query that answers the question.", "Answer with a SQL query for this table.", "Translate the question into SQL.",
        "You write SQLite queries. Reply with the query alone.", "Give the SQL for the question, nothing else.",
        "Write a query for the table. No explanation.")  # fmt: skip


def _table(rng: random.Random) -> TableQuestion:
    while True:
        asked = table_question(rng)
        if not held_out(asked.question):
            return asked


def sql_conversation(rng: random.Random) -> Conversation:
    """A question on a table, answered by one of the queries that fit it."""
    asked = _table(rng)
    query, *others = rng.sample(asked.queries, min(REPLIES, len(asked.queries)))
    return _ask(rng.choice(_SQL), asked.question, query, rng, others)


_PUZZLE_FORMS = ("Use each of the numbers {numbers} once to make {target}.", "Numbers: {numbers}. Target: {target}.",
                 "Make {target} from {numbers} with + - * /.", "Reach {target} with the numbers {numbers}.")  # fmt: skip


def puzzle(count: int, rng: random.Random) -> tuple[str, str]:
    """A make-the-target puzzle and one solution: each line combines two of the numbers and names those
    left.
    """
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
    "word": 36,
    "report": 20,
    "drill": 10,
    "multiplication": 8,
    "expression": 6,
    "sql": 6,
    "check": 6,
    "at_once": 4,
    "puzzle": 4,
}
# the second stage dwells on what was asked for
MIXTURE_LATER = MIXTURE | {"word": 38, "drill": 7, "at_once": 5}


def conversation(rng: random.Random, stage: int = 1) -> Conversation:
    """One training example of stage 1 or 2, its kind drawn from the mixture of the stage."""
    mixture = MIXTURE if stage == 1 else MIXTURE_LATER
    kind = rng.choices(tuple(mixture), tuple(mixture.values()))[0]
    if kind == "word":
        return _answer(_word(rng), "step_by_step", rng, stage)
    if kind == "at_once":
        worked = _word(rng, simple=True) if rng.random() < 0.85 else rng.choice((_word, _multiplication))(rng)
        return _answer(worked, "at_once", rng, stage)
    if kind == "expression":
        worked = _word(rng) if rng.random() < 0.9 else _multiplication(rng)
        return _answer(worked, "expression", rng, stage)
    if kind == "multiplication":
        return _answer(_multiplication(rng), "step_by_step", rng, stage)
    if kind == "report":
        return _answer(_report(rng), "at_once" if rng.random() < 0.25 else "step_by_step", rng, stage)
    if kind == "sql":
        return sql_conversation(rng)
    if kind == "drill":
        return _drill(rng)
    if kind == "check":
        return _check(rng)
    question, solution = puzzle(rng.choice((3, 3, 4, 4, 5)), rng)
    messages = [{"role": "user", "content": question}, {"role": "assistant", "content": solution}]
    if rng.random() < 0.5:
        messages.insert(0, {"role": "system", "content": instruction("step_by_step", rng)})
    return Conversation(tuple(messages))
