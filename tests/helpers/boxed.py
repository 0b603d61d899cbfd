"""Competition problems, and a scripted model that answers them as models for MATH-500 do: in boxes, without
`Final:`.

For tests of what a notebook does with `MATH = True`:

    model = boxed_model(BOXED_PROBLEMS)           # two samples of three are right
    monkeypatch.setattr(problems, "math_problems", lambda n, *_, **__: BOXED_PROBLEMS[:n])
"""

from collections.abc import Sequence

from helpers.answers import canonical
from helpers.checks.scripted import ScriptedModel
from helpers.models import Message
from helpers.problems import Problem

ANSWERS = {  # as a data set writes the answer: how replies write it, and a wrong one
    r"\frac{14}{3}": ([r"\frac{14}{3}", r"\dfrac{14}{3}", r"4\frac{2}{3}"], r"\frac{3}{14}"),
    r"\frac{1}{2}": (["0.5", r"\frac12", "1/2"], "2"),
    r"\left( 3, \frac{\pi}{2} \right)": ([r"(3, \pi/2)", r"\left(3,\frac{\pi}{2}\right)"], r"(3, \pi)"),
    r"\text{Evelyn}": ([r"\text{Evelyn}", "Evelyn"], r"\text{Carla}"),
    r"90^\circ": (["90", r"90^\circ"], "45"),
    "p - q": (["p-q", "-q + p"], "q - p"),
    r"3\sqrt{13}": ([r"3\sqrt{13}", r"\sqrt{117}"], r"13\sqrt{3}"),
    r"11,\! 111": (["11111", "11{,}111"], "11112"),
    r"(-\infty, 2]": ([r"(-\infty,2]", r"x \le 2"], r"(-\infty, 2)"),
    "42": (["42", r"6 \times 7 = 42"], "13"),
}

BOXED_PROBLEMS = [
    Problem(f"boxed-{i}", f"Competition problem {i}: what is the answer?", canonical(answer), "math")
    for i, answer in enumerate(ANSWERS)
]


def boxed_model(problems: Sequence[Problem] = BOXED_PROBLEMS, name: str = "boxed") -> ScriptedModel:
    """Works in prose with numbers that are no answer, then states it in a box. Of the samples 0, 1, 2, … of a
    problem every third, 2, 5, …, is wrong; a request to check a solution (a later turn) is answered rightly.
    """
    written = dict(zip((p.question for p in problems), ANSWERS.values(), strict=True))

    def reply(messages: list[Message], i: int) -> str:
        said = " ".join(message["content"] for message in messages)
        known = (both for question, both in written.items() if question in said)
        right, wrong = next(known, (["28"], "13"))  # another question: that of a measured speed
        answer = wrong if i % 3 == 2 else right[i % len(right)]
        return f"There are 17 cases, and 3 of them are left.\nTherefore the answer is $\\boxed{{{answer}}}$."

    return ScriptedModel(reply, name)
