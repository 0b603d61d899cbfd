"""Every method of the course on one set of held-out problems: `make main-figure`.

The same problems, and for all that choose among samples the same recorded samples. Tokens are those that any model wrote
and those that a judge or a reward model read. The tree and the self-corrections are those of the solution notebooks: there
is no second copy. Methods whose models are not there are left out. Writes `prebuilt/methods.{json,md,png}`.

Promises: the same models give the same figures; a 95 % interval over problems for each. Knows nothing of training.
"""

from __future__ import annotations

import argparse
import ast
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import nbformat
import numpy as np
import pandas as pd
from nbgrader.utils import is_grade, is_solution

from config import ROOT
from helpers import plots
from helpers.answers import answers_match, extract_answer
from helpers.estimators import best_of_k, bootstrap, maj_at_k, weighted_vote_at_k, wilson
from helpers.judges import as_text, pointwise_prompt, read_verdict
from helpers.models import LanguageModel, Sample
from helpers.pools import METHODS, PREBUILT, Pool
from helpers.problems import Problem, word_problems
from helpers.prompts import SYSTEM_BASELINE, make_prompt
from helpers.search import Meter
from training.lm.report import MODELS
from training.pools import MAX_TOKENS, SAMPLES, STEPS, SYSTEM

SOLUTIONS = ROOT / "solutions"
EACH, KS, SEED, DRAWS, ROUNDS = 24, (1, 2, 4, 8, 16, 32), 0, 500, 3
JUDGED = 8  # candidates of a problem that the judge reads: each costs it a reply
TREES = ((2, 1), (4, 3))  # k lines from each state, b states kept
COLUMNS = ["notebook", "method", "k", "tokens", "accuracy", "low", "high", "n"]


@dataclass(frozen=True)
class Result:
    """One method of one size: for each problem the tokens spent, and whether it was right (or how often it would be)."""

    notebook: str
    method: str
    k: int
    tokens: Sequence[float]
    right: Sequence[float]

    def row(self) -> dict:
        """Plain values, with the 95 % interval over problems."""
        sure = {float(x) for x in self.right} <= {0.0, 1.0}
        interval = wilson(round(sum(self.right)), len(self.right)) if sure else bootstrap(self.right)
        values = {"tokens": float(np.mean(self.tokens)), "accuracy": interval.mean, "low": interval.low}
        values |= {"high": interval.high}
        named = {"notebook": self.notebook, "method": self.method, "k": self.k}
        return named | {key: round(value, 4) for key, value in values.items()} | {"n": interval.n}


def from_notebook(notebook: str, *names: str) -> SimpleNamespace:
    """Functions of the solution notebook whose number is `notebook`.

    Of the notebook only imports, definitions and constants are run, so no model is loaded and no figure drawn.
    """
    [path] = SOLUTIONS.glob(f"{notebook}_*/*.ipynb")
    cells = nbformat.read(path, as_version=4).cells
    code = [c.source for c in cells if c.cell_type == "code" and (is_solution(c) or not is_grade(c))]
    plain = "\n".join(
        line for source in code for line in source.split("\n") if not line.startswith(("%", "!"))
    )
    flags = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    module = compile(plain, str(path), "exec", flags)
    module.body = _needed([node for node in module.body if _bound(node)], set(names))
    space: dict = {"__name__": f"solution_{notebook}"}
    exec(compile(module, str(path), "exec"), space)
    return SimpleNamespace(**{name: space[name] for name in names})


def _needed(nodes: Sequence[ast.stmt], wanted: set[str]) -> list[ast.stmt]:
    """The nodes that define the names `wanted`, and those that define what these use, in their order."""
    chosen: set[ast.stmt] = set()
    while new := [node for node in nodes if node not in chosen and _bound(node) & wanted]:
        chosen.update(new)
        wanted = wanted | {part.id for node in new for part in ast.walk(node) if isinstance(part, ast.Name)}
    return [node for node in nodes if node in chosen]


def _bound(node: ast.stmt) -> set[str]:
    """The names that an import, a definition or an assignment to a CONSTANT binds; none for other statements."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {alias.asname or alias.name.partition(".")[0] for alias in node.names}
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.Assign):
        return {target.id for target in node.targets if isinstance(target, ast.Name) and target.id.isupper()}
    return set()


def greedy(model: LanguageModel, problems: Sequence[Problem]) -> list[Result]:
    """Notebook 01: the answer at once, and one chain of thought."""
    found = []
    for method, system in (("at once", SYSTEM_BASELINE), ("chain of thought", SYSTEM)):
        prompts = [make_prompt(system, p.question) for p in problems]
        samples = [s for [s] in model.sample(prompts, temperature=0.0, max_tokens=MAX_TOKENS)]
        right = [
            answers_match(extract_answer(s.text), p.answer) for s, p in zip(samples, problems, strict=True)
        ]
        found.append(Result("01", method, 1, [s.tokens for s in samples], right))
    return found


def votes(problems: Sequence[Problem], pool: Sequence[Sequence[Sample]]) -> list[Result]:
    """Notebook 02: the majority of k recorded samples."""
    answers, length = _answers(pool), _length(pool)
    return [
        Result("02", "majority vote", k, [k * own for own in length],
               [maj_at_k(row, p.answer, k) for row, p in zip(answers, problems, strict=True)])
        for k in _sizes(pool)
    ]  # fmt: skip


def trees(model: LanguageModel, problems: Sequence[Problem]) -> list[Result]:
    """Notebook 03: breadth-first search over lines, rated by their probability."""
    lesson, found = from_notebook("03", "tree_search", "by_probability"), []
    prompts = [make_prompt(SYSTEM, p.question) for p in problems]
    for k, b in TREES:
        meter = Meter(model)
        answers, _ = lesson.tree_search(meter, prompts, lesson.by_probability, k, b, depth=10)
        preds = [extract_answer(state.lines[-1]) if state else None for state in answers]
        right = [answers_match(pred, p.answer) for pred, p in zip(preds, problems, strict=True)]
        found.append(Result("03", "tree of thought", k, [meter.tokens(prompt) for prompt in prompts], right))
    return found


def judged(
    judge: LanguageModel, problems: Sequence[Problem], pool: Sequence[Sequence[Sample]]
) -> list[Result]:
    """Notebook 04: the candidate with the highest point-wise score of a judge, which reads each and writes a verdict.

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
    scores, price = [], []
    for row in candidates:
        own = [next(replies) for _ in row]
        values = [read_verdict(reply.text, "score", 0, 10).value for reply in own]
        scores.append([-1.0 if value is None else value for value in values])
        price.append([r.tokens + r.prompt_tokens for r in own])
    return _best_of("04", "best-of-N, judge", problems, candidates, scores, price)


def rewarded(reward, problems: Sequence[Problem], pool: Sequence[Sequence[Sample]]) -> list[Result]:
    """Notebook 05: the candidate with the highest reward, and the vote weighted by rewards as probabilities."""
    distinct = {(i, s.text): _talk(p, s) for i, p in enumerate(problems) for s in pool[i]}
    value = dict(zip(distinct, reward.score(list(distinct.values())), strict=True))
    read = {key: sum(_count(reward.tokenizer, m["content"]) for m in talk) for key, talk in distinct.items()}
    scores = [[value[i, s.text] for s in row] for i, row in enumerate(pool)]
    price = [[read[i, s.text] for s in row] for i, row in enumerate(pool)]
    best = _best_of("05", "best-of-N, reward", problems, pool, scores, price)
    answers = _answers(pool)
    weights = [(1 / (1 + np.exp(-np.clip(row, -30, 30)))).tolist() for row in scores]
    return best + [
        Result("05", "weighted vote", same.k, same.tokens,
               [weighted_vote_at_k(a, w, p.answer, same.k, SEED, DRAWS)
                for a, w, p in zip(answers, weights, problems, strict=True)])
        for same in best
    ]  # fmt: skip


def corrected(
    model: LanguageModel, problems: Sequence[Problem], corrector: LanguageModel | None = None, reward=None
) -> list[Result]:
    """Notebook 06: rounds of checking the greedy solution, by the model itself and by the trained corrector, and with a
    reward model that decides whether the new solution is taken.
    """
    lesson = from_notebook("06", "solve", "self_correct", "keep_unless_better")
    questions, found = [p.question for p in problems], []
    first = lesson.solve(model, questions)
    settings = [("check itself", model, None)]
    if reward is not None:
        settings.append(("check, stop rule", model, reward))
    if corrector is not None:
        settings.append(("check, trained", corrector, None))
    for method, checker, rule in settings:
        runs, read = first, [0] * len(first)
        for k in range(1, ROUNDS + 1):
            new = lesson.self_correct(checker, questions, runs)
            if rule is not None:
                pairs = zip(questions, runs, new, strict=True)
                more = [
                    sum(_count(rule.tokenizer, t) for t in (q, a["text"], q, b["text"])) for q, a, b in pairs
                ]
                read = [x + y for x, y in zip(read, more, strict=True)]
                new = lesson.keep_unless_better(rule, questions, runs, new)
            runs = new
            tokens = [run["tokens"] + x for run, x in zip(runs, read, strict=True)]
            right = [answers_match(run["pred"], p.answer) for run, p in zip(runs, problems, strict=True)]
            found.append(Result("06", method, k, tokens, right))
    return found


def report(results: Iterable[Result], model: str, problems: int, left_out: Sequence[str] = ()) -> dict:
    """All rows as plain values, and what they were measured on."""
    rows = [result.row() for result in results]
    return {"model": model, "problems": problems, "left out": list(left_out), "rows": rows}


def as_markdown(found: dict) -> str:
    """The table as text."""
    lines = [
        f"{found['model']}, {found['problems']} held-out word problems of {STEPS[0]} to {STEPS[-1]} steps. Tokens a problem: "
        "those that any model wrote, and those that a judge or a reward model read. In brackets: 95 % intervals over problems.",
        "",
        "| notebook | method | k | tokens | accuracy |",
        "| --- | --- | --- | --- | --- |",
    ]  # fmt: skip
    for row in found["rows"]:
        accuracy = f"{row['accuracy']:.2f} [{row['low']:.2f}, {row['high']:.2f}]"
        lines.append(
            f"| {row['notebook']} | {row['method']} | {row['k']} | {row['tokens']:.0f} | {accuracy} |"
        )
    lines += ["", "k: samples, lines from each state of a tree, or rounds."]
    if found["left out"]:
        lines.append(f"Left out, since these models were not there: {', '.join(found['left out'])}.")
    return "\n".join([*lines, ""])


def title(found: dict) -> str:
    """The finding in one sentence: one reply, at once and reasoned, and the highest of all that spend more."""
    rows = {(row["method"], row["k"]): row for row in found["rows"]}
    at_once, chain = rows.pop(("at once", 1)), rows.pop(("chain of thought", 1))
    best = max(rows.values(), key=lambda row: row["accuracy"])
    return (
        f"At once {at_once['accuracy']:.0%}, one chain {chain['accuracy']:.0%} for {chain['tokens']:.0f} tokens. "
        f"Highest of all that spend more: {best['method']} (k = {best['k']}) {best['accuracy']:.0%} for {best['tokens']:.0f}"
    )


def write(found: dict, path: Path = METHODS) -> None:
    """The comparison as data, as text and as a picture."""
    path.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    path.with_suffix(".md").write_text(as_markdown(found), encoding="utf-8")
    table = pd.DataFrame(found["rows"], columns=COLUMNS)
    about = f"{found['model']} · tokens: written by any model, and read by judge or reward model"
    figure = plots.accuracy_against_tokens(table, title=title(found), model=about)
    figure.save(path.with_suffix(".png"))


def measure(
    models: Path = MODELS, each: int = EACH, every: int = 1, samples: int = 32, pools: Path = PREBUILT
) -> dict:
    """All methods whose models are in the folder `models`, on every so-many-th of `each` word problems of each number of
    steps.
    """
    from helpers.engine.local import LocalModel
    from helpers.rewards import RewardModel

    def load(name: str, kind):
        return kind.load(models / name) if (models / name / "config.json").exists() else None

    model = LocalModel.load(models / "course-lm")
    reward, judge = load("course-rm", RewardModel), load("course-judge", LocalModel)
    corrector = load("course-corrector", LocalModel)
    problems = word_problems(STEPS, each, SEED)[::every]
    prompts = [make_prompt(SYSTEM, p.question) for p in problems]
    recorded = Pool(pools).sample(model.name, prompts, SAMPLES, live=False, max_tokens=MAX_TOKENS)
    pool = [row[:samples] for row in recorded]
    results = greedy(model, problems) + votes(problems, pool) + trees(model, problems)
    if judge is not None:
        results += judged(judge, problems, pool)
    if reward is not None:
        results += rewarded(reward, problems, pool)
    results += corrected(model, problems, corrector, reward)
    helpers = {"course-judge": judge, "course-rm": reward, "course-corrector": corrector}
    return report(
        results, model.name, len(problems), [name for name, held in helpers.items() if held is None]
    )


def _best_of(notebook, method, problems, candidates, scores, price) -> list[Result]:
    """Best-of-k by these scores; `price`: tokens read and written to score each candidate."""
    correct = [
        [answers_match(answer, p.answer) for answer in row]
        for row, p in zip(_answers(candidates), problems, strict=True)
    ]
    cost = [
        own + float(np.mean(more)) for own, more in zip(_length(candidates), price, strict=True)
    ]  # of a candidate, written and scored
    return [
        Result(notebook, method, k, [k * own for own in cost],
               [best_of_k(c, s, k) for c, s in zip(correct, scores, strict=True)])
        for k in _sizes(candidates)[1:]
    ]  # fmt: skip


def _talk(problem: Problem, sample: Sample) -> list[dict[str, str]]:
    return [*make_prompt("", problem.question), {"role": "assistant", "content": sample.text}]


def _count(tokenizer, text: str) -> int:
    return len(tokenizer(text, add_special_tokens=False)["input_ids"])


def _answers(pool: Sequence[Sequence[Sample]]) -> list[list[str | None]]:
    return [
        [extract_answer(s.text) if s.finish_reason == "stop" and "Final:" in s.text else None for s in row]
        for row in pool
    ]


def _length(pool: Sequence[Sequence[Sample]]) -> list[float]:
    return [float(np.mean([s.tokens for s in row])) for row in pool]


def _sizes(pool: Sequence[Sequence[Sample]]) -> list[int]:
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
