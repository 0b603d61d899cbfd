"""Every method of the course on one set of held-out problems: `make main-figure`.

All that choose among samples choose among the same recorded ones. The tree, the calculator and the
self-corrections are those of the solution notebooks: there is no second copy. Methods whose models are not
there are left out and named. Writes `prebuilt/methods.{json,md,png}`.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from helpers.answers import answers_match, extract_answer
from helpers.estimators import (
    best_of_k,
    bootstrap,
    maj_at_k,
    paired_difference,
    pass_at_k,
    weighted_vote_at_k,
    wilson,
)
from helpers.judges import as_text, pointwise_prompt, read_verdict
from helpers.models import LanguageModel, Sample
from helpers.plots.methods import CHAIN, GROUPS, LARGE, ORACLE
from helpers.pools import METHODS, PREBUILT, Pool
from helpers.problems import Problem, multiplication_problems, word_problems
from helpers.prompts import SYSTEM_BASELINE, make_prompt
from helpers.rewards import density_ratio
from helpers.search import Meter
from training.finetune import parameters
from training.lm.report import MODELS
from training.methods_table import as_markdown, report, write
from training.pools import DIGITS, MAX_TOKENS, SAMPLES, STEPS, SYSTEM, TEMPERATURES, answer_in_form
from training.reward.report import Likelihood
from training.solutions import from_notebook

EACH, KS, SEED, DRAWS, ROUNDS = 24, (1, 2, 4, 8, 16, 32), 0, 500, 3
PRODUCTS = 20  # of each size
JUDGED = 4  # candidates of a problem that the judge reads: each costs it a reply
TREES = ((2, 1), (4, 3))  # k lines from each state, b states kept
HOLDS = 30.0  # the calculator's score, as a logit: all sums hold, or (negative) one does not

Pools = Sequence[Sequence[Sample]]


@dataclass(frozen=True)
class Result:
    """One method of one size: for each problem the tokens written and read, and how often it is right."""

    group: str
    notebook: str
    method: str
    k: int
    written: Sequence[float]
    read: Sequence[float]
    right: Sequence[float]

    def row(self, greedy: Sequence[float]) -> dict:
        """Plain values; 95 % intervals over problems: the accuracy, its paired difference to `greedy`."""
        sure = {float(x) for x in self.right} <= {0.0, 1.0}
        share = wilson(round(sum(self.right)), len(self.right)) if sure else bootstrap(self.right)
        gain = paired_difference(self.right, greedy)
        values = {"written": float(np.mean(self.written)), "read": float(np.mean(self.read))}
        values |= {"accuracy": share.mean, "low": share.low, "high": share.high}
        values |= {"gain": gain.mean, "gain_low": gain.low, "gain_high": gain.high}
        named = {"group": self.group, "notebook": self.notebook, "method": self.method, "k": self.k}
        return named | {key: round(value, 4) for key, value in values.items()} | {"n": share.n}


def greedy(model: LanguageModel, problems: Sequence[Problem], method: str = CHAIN) -> Result:
    """Notebook 01: one reply at temperature 0, at once or reasoned."""
    system = SYSTEM_BASELINE if method == "at once" else SYSTEM
    prompts = [make_prompt(system, p.question) for p in problems]
    samples = [s for [s] in model.sample(prompts, temperature=0.0, max_tokens=MAX_TOKENS)]
    right = [answers_match(extract_answer(s.text), p.answer) for s, p in zip(samples, problems, strict=True)]
    group = GROUPS[0] if method != LARGE else LARGE
    return Result(group, "01", method, 1, [s.tokens for s in samples], [0.0] * len(samples), right)


def votes(problems: Sequence[Problem], pool: Pools) -> list[Result]:
    """Notebook 02: the majority of k recorded samples, and the oracle, which knows a right one."""
    answers, length, right = _answers(pool), _length(pool), _right(problems, pool)
    free, found = [0.0] * len(pool), []
    for k in _sizes(pool):
        cost = [k * own for own in length]
        voted = [maj_at_k(row, p.answer, k) for row, p in zip(answers, problems, strict=True)]
        found.append(Result("votes", "02", "majority vote", k, cost, free, voted))
        known = [pass_at_k(len(row), sum(row), k) for row in right]
        found.append(Result(ORACLE, "02", ORACLE, k, cost, free, known))
    return found


def calculated(problems: Sequence[Problem], pool: Pools) -> list[Result]:
    """Notebook 05: the vote among samples whose written sums hold; where none does, the plain vote."""
    sums_hold = from_notebook("05", "sums_hold").sums_hold
    scores = [[HOLDS if sums_hold(s.text) else -HOLDS for s in row] for row in pool]
    free = [[0.0] * len(row) for row in pool]
    return weighted("program as verifier", "vote, sums checked", problems, pool, scores, free)


def trees(model: LanguageModel, problems: Sequence[Problem]) -> list[Result]:
    """Notebook 03: breadth-first search over lines, rated by their probability."""
    lesson, found = from_notebook("03", "tree_search", "by_probability"), []
    prompts = [make_prompt(SYSTEM, p.question) for p in problems]
    for k, b in TREES:
        meter = Meter(model)
        answers, _ = lesson.tree_search(meter, prompts, lesson.by_probability, k, b, depth=10)
        preds = [extract_answer(state.lines[-1]) if state else None for state in answers]
        right = [answers_match(pred, p.answer) for pred, p in zip(preds, problems, strict=True)]
        cost = [meter.tokens(prompt) for prompt in prompts]
        found.append(Result("search", "03", "tree of thought", k, cost, [0.0] * len(cost), right))
    return found


def judged(judge: LanguageModel, problems: Sequence[Problem], pool: Pools) -> list[Result]:
    """Notebook 04: the candidate with the highest point-wise score of a judge, which reads each and writes a
    verdict.

    A verdict that cannot be read is below all others.
    """
    prompt = pointwise_prompt("correctness")
    candidates = [list(row[:JUDGED]) for row in pool]
    asked = [
        [{"role": "user", "content": prompt.format(conversation=as_text(_talk(p, s)))}]
        for p, row in zip(problems, candidates, strict=True)
        for s in row
    ]
    replies = iter([s for [s] in judge.sample(asked, temperature=0.0, max_tokens=MAX_TOKENS)])
    rows = [[next(replies) for _ in row] for row in candidates]
    values = [[read_verdict(reply.text, "score", 0, 10).value for reply in row] for row in rows]
    scores = [[-1.0 if value is None else value for value in row] for row in values]
    read = [[reply.prompt_tokens for reply in row] for row in rows]
    wrote = [float(np.mean([reply.tokens for reply in row])) for row in rows]
    return best("04", "best of N, judge", problems, candidates, scores, read, wrote)


def rewarded(reward, problems: Sequence[Problem], pool: Pools) -> list[Result]:
    """Notebook 05: the candidate with the highest reward, and the vote weighted by rewards."""
    scores, read = scored(reward, reward.tokenizer, problems, pool)
    chosen = best("05", "best of N, reward", problems, pool, scores, read)
    return chosen + weighted("model as verifier", "weighted vote", problems, pool, scores, read)


def by_probability(
    model: LanguageModel, problems: Sequence[Problem], pool: Pools, large: LanguageModel | None = None
) -> list[Result]:
    """Notebook 05: what the model itself finds most probable, what the large one does, and Dr. SoW: the large
    one over it.
    """
    own = [[s.logprob for s in row] for row in pool]
    found = best("05", "best of N, own probability", problems, pool, own, [[0.0] * len(row) for row in pool])
    if large is None:
        return found
    scores, read = scored(Likelihood(large), large.tokenizer, problems, pool)
    found += best("05", "best of N, large model's probability", problems, pool, scores, read)
    scores, read = scored(density_ratio(large, model), large.tokenizer, problems, pool, times=2)
    return found + best("05", "best of N, Dr. SoW", problems, pool, scores, read)


def corrected(
    model: LanguageModel, problems: Sequence[Problem], corrector: LanguageModel | None = None, reward=None
) -> list[Result]:
    """Notebook 06: rounds of *Wait*, and of checking the greedy solution by the model itself, with a reward
    model that decides whether the new solution is taken, and by the trained corrector.
    """
    lesson = from_notebook("06", "solve", "self_correct", "keep_unless_better", "think_on")
    questions, found = [p.question for p in problems], []
    first = lesson.solve(model, questions)
    settings = [("Wait", model, lesson.think_on, None), ("check itself", model, lesson.self_correct, None)]
    if reward is not None:
        settings.append(("check, stop rule", model, lesson.self_correct, reward))
    if corrector is not None:
        settings.append(("check, trained", corrector, lesson.self_correct, None))
    for method, checker, improve, rule in settings:
        runs, read = first, [0.0] * len(first)
        for k in range(1, ROUNDS + 1):
            new = improve(checker, questions, runs)
            if rule is not None:
                texts = [(q, a["text"], q, b["text"]) for q, a, b in zip(questions, runs, new, strict=True)]
                more = [sum(_count(rule.tokenizer, text) for text in four) for four in texts]
                read = [x + y for x, y in zip(read, more, strict=True)]
                new = lesson.keep_unless_better(rule, questions, runs, new)
            runs = new
            right = [answers_match(run["pred"], p.answer) for run, p in zip(runs, problems, strict=True)]
            written = [run["tokens"] for run in runs]
            found.append(Result("sequential", "06", method, k, written, list(read), right))
    return found


def scored(
    scorer, tokenizer, problems: Sequence[Problem], pool: Pools, times: int = 1
) -> tuple[list[list[float]], list[list[float]]]:
    """A score for each sample, once for equal texts of a problem; the tokens read for it, `times` times."""
    talks = {(i, s.text): _talk(p, s) for i, p in enumerate(problems) for s in pool[i]}
    value = dict(zip(talks, scorer.score(list(talks.values())), strict=True))
    read = {key: times * sum(_count(tokenizer, m["content"]) for m in talk) for key, talk in talks.items()}
    return tuple([[table[i, s.text] for s in row] for i, row in enumerate(pool)] for table in (value, read))


def best(notebook: str, method: str, problems, pool: Pools, scores, read, wrote=None) -> list[Result]:
    """Best of k by these scores. `read`, `wrote`: tokens read and written to score each candidate."""
    right = _right(problems, pool)
    more = wrote or [0.0] * len(pool)
    written = [own + extra for own, extra in zip(_length(pool), more, strict=True)]
    means = [float(np.mean(r)) for r in read]

    def of(k: int) -> Result:
        chosen = [best_of_k(c, s, k) for c, s in zip(right, scores, strict=True)]
        cost = [k * w for w in written], [k * mean for mean in means]
        return Result("model as verifier", notebook, method, k, *cost, chosen)

    return [of(k) for k in _sizes(pool)[1:]]


def weighted(group: str, method: str, problems, pool: Pools, scores, read) -> list[Result]:
    """The vote of k in which a sample weighs as much as its score is as a probability."""
    answers, length = _answers(pool), _length(pool)
    weights = [(1 / (1 + np.exp(-np.clip(row, -HOLDS, HOLDS)))).tolist() for row in scores]
    return [
        Result(group, "05", method, k, [k * own for own in length], [k * float(np.mean(r)) for r in read],
               [weighted_vote_at_k(a, w, p.answer, k, SEED, DRAWS)
                for a, w, p in zip(answers, weights, problems, strict=True)])
        for k in _sizes(pool)[1:]
    ]  # fmt: skip


def measure(
    models: Path = MODELS, each: int = EACH, every: int = 1, samples: int = 32, pools: Path = PREBUILT
) -> dict:
    """All methods whose models are in the folder `models`, on every so-many-th of the recorded problems."""
    from helpers.engine.local import LocalModel
    from helpers.rewards import RewardModel

    def load(name: str, kind):
        return kind.load(models / name) if (models / name / "config.json").exists() else None

    model = LocalModel.load(models / "course-lm")
    kinds = {"course-lm-large": LocalModel, "course-judge": LocalModel, "course-rm": RewardModel}
    kinds |= {"course-corrector": LocalModel}
    held = {name: load(name, kind) for name, kind in kinds.items()}
    products = [p for digits in DIGITS for p in multiplication_problems(digits, PRODUCTS)]
    data = {"word problems": word_problems(STEPS, each, SEED)[::every], "products": products[::every]}
    results = {}
    for name, problems in data.items():
        prompts = [make_prompt(SYSTEM, p.question) for p in problems]
        recorded = Pool(pools).sample(
            model.name, prompts, SAMPLES, live=False, temperature=TEMPERATURES[0], max_tokens=MAX_TOKENS
        )
        results[name] = all_methods(model, held, problems, [row[:samples] for row in recorded])
    sizes = {
        name: parameters(models / name) for name in ("course-lm", *held) if name == "course-lm" or held[name]
    }
    return report(results, model.name, [name for name, there in held.items() if there is None], sizes)


def all_methods(
    model: LanguageModel, held: dict[str, object], problems: Sequence[Problem], pool: Pools
) -> list[Result]:
    """The results of all methods whose models are held, in the order of the notebooks."""
    large, judge, reward, corrector = held.values()
    results = [greedy(model, problems, "at once"), greedy(model, problems)]
    if large is not None:
        results.append(greedy(large, problems, LARGE))
    results += votes(problems, pool) + trees(model, problems)
    if judge is not None:
        results += judged(judge, problems, pool)
    results += calculated(problems, pool) + by_probability(model, problems, pool, large)
    if reward is not None:
        results += rewarded(reward, problems, pool)
    return results + corrected(model, problems, corrector, reward)


def _talk(problem: Problem, sample: Sample) -> list[dict[str, str]]:
    return [*make_prompt("", problem.question), {"role": "assistant", "content": sample.text}]


def _count(tokenizer, text: str) -> int:
    return len(tokenizer(text, add_special_tokens=False)["input_ids"])


def _answers(pool: Pools) -> list[list[str | None]]:
    return [[answer_in_form(sample) for sample in row] for row in pool]


def _right(problems: Sequence[Problem], pool: Pools) -> list[list[bool]]:
    rows = zip(_answers(pool), problems, strict=True)
    return [[answers_match(answer, p.answer) for answer in row] for row, p in rows]


def _length(pool: Pools) -> list[float]:
    return [float(np.mean([s.tokens for s in row])) for row in pool]


def _sizes(pool: Pools) -> list[int]:
    return [k for k in KS if k <= len(pool[0])]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=Path, default=MODELS, help="folder of the course models")
    parser.add_argument("--out", type=Path, default=METHODS)
    parser.add_argument("--every", type=int, default=1, help="only every so-many-th problem")
    args = parser.parse_args()
    found = measure(args.models, every=args.every)
    write(found, args.out)
    print(as_markdown(found))


if __name__ == "__main__":
    main()
