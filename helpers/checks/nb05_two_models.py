"""The checks beside exercises 6 and 7 of 05_best_of_n_reward_model, two models as a judge."""

from collections.abc import Callable
from functools import partial

from helpers.checks.core import Case, check
from helpers.checks.scripted import ScriptedLogprobs
from helpers.models import LanguageModel, Message


def density_ratio(
    mine: Callable[[LanguageModel, LanguageModel, list[list[Message]], list[str]], list[float]],
) -> None:
    """Exercise 6."""
    prompts: list[list[Message]] = [[{"role": "user", "content": question}] for question in ("one?", "two?")]
    strong = {"a b": [-0.5, -0.25], "c": [-4.0], " c\n": [-1.5, -4.0]}
    weak = {"a b": [-1.0, -2.0], "c": [-1.0], " c\n": [-1.0, -1.0]}

    def logs(own: dict[str, list[float]]) -> Callable[[list[Message], str], list[float]]:
        return lambda prompt, text: [
            value - (0.5 if prompt == prompts[1] and own is weak else 0) for value in own[text]
        ]

    def run(
        texts: list[str], asked: list[list[Message]] = prompts
    ) -> tuple[list[float], list[ScriptedLogprobs]]:
        models = [ScriptedLogprobs(logs(own)) for own in (strong, weak)]
        found = mine(*models, list(asked[: len(texts)]), list(texts))
        return [float(value) for value in found], models

    def asked() -> list[list[list[Message]]]:
        return [list(call[0]) for model in run(["a b", "c"])[1] for call in model.calls]

    total = (
        "The log-probability of a text is the sum over its tokens; strong minus weak.",
        "[sum(s) - sum(w) for s, w in zip(strong.logprobs(…), weak.logprobs(…))]",
    )
    sign = ("Strong minus weak: where the strong model finds the text less probable, it is negative.", *total)
    each = ("One number for each text, in order.", *total[1:])
    once = (
        "logprobs takes all prompts and all texts at once.",
        "by_strong = strong.logprobs(prompts, texts), and the same for weak",
    )
    cases = [
        Case("strong [-0.5, -0.25], weak [-1.0, -2.0]", lambda: run(["a b"])[0], [2.25], total),
        Case("strong [-4.0], weak [-1.0]", lambda: run(["c"])[0], [-3.0], sign),
        Case("both texts, the second below another prompt", lambda: run(["a b", "c"])[0], [2.25, -2.5], each),
        Case("how often each model was asked", lambda: [len(model.calls) for model in run(["a b", "c"])[1]],
            [1, 1], once),
        Case("the prompts that both got", asked, [prompts, prompts], once),
        Case("the same text below two prompts", lambda: run(["c", "c"])[0], [-3.0, -2.5],
            ("Each text belongs to the prompt at its place: no dict and no set of texts.", *total[1:])),
        Case("a text with blanks around it", lambda: run([" c\n"])[0], [-3.5],
            ("The *whole* text is scored, as it is.", *total[1:]))
    ]  # fmt: skip
    check("density_ratio", cases)


def best_by_both(mine: Callable[[list, list[float], list[float]], object]) -> None:
    """Exercise 7."""
    both = (
        "Add the two logarithms of each candidate, and take the candidate with the largest sum.",
        "max(range(len(candidates)), key=lambda i: logprobs[i] + log_sigmoid(scores[i]))",
    )
    logs = (
        "exp(-800) is 0 for a computer, so every product is 0. Stay with logarithms.",
        "log_sigmoid, not log(sigmoid(…)), which no longer tells very low scores apart.",
        "logprobs[i] + log_sigmoid(scores[i])",
    )
    scale = (
        "r is sigmoid(score), a probability: from some score on, more score hardly helps.",
        "Add log_sigmoid(score), not the score.",
    )
    first = ("Equal sums: the first candidate wins.", "max with a key gives the first of equals.")
    empty = ("No candidates: None.", "if not candidates: return None")
    cases: list[tuple[list, list[float], list[float], object, tuple[str, ...]]] = [
        (["13", "14"], [-1.0, -1.5], [-6.0, 6.0], "14", both),
        (["14", "13"], [-1.0, -9.0], [1.0, 2.0], "14", both),
        (["13", "14"], [-3.0, -2.0], [30.0, 20.0], "14", scale),
        (["13", "14"], [-900.0, -800.0], [3.0, 3.0], "14", logs),
        (["13", "14"], [-2.0, -2.0], [-900.0, -800.0], "14", logs),
        ([None, "14"], [-1.0, -2.0], [5.0, 5.0], None, ("Candidates are not looked at: None may win.",)),
        (["14", "13"], [-1.0, -1.0], [2.0, 2.0], "14", first),
        (["13", "14"], [-1.0, -1.0], [2.0, 2.0], "13", first),
        ([{"a": 1}, {"b": 2}], [-1.0, -1.0], [2.0, 2.0], {"a": 1},
            ("Only the sums are compared, never the candidates.", *first)),
        ([], [], [], None, empty)
    ]  # fmt: skip
    check(
        "best_by_both",
        [
            Case(f"best_by_both({c}, {p}, {s})", partial(mine, list(c), list(p), list(s)), gold, h)
            for c, p, s, gold, h in cases
        ],
    )
