"""Searches guided by a verifier on held-out problems: `python -m training.verifier_search`.

Every search is the function of the solution notebook 07: there is no second copy. A line is appended for each
problem to `prebuilt/verifier_search.jsonl`, so a run that was stopped goes on where it was; what other models
wrote is refused.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random
from statistics import fmean

from helpers.answers import answers_match
from helpers.estimators import best_of_k, maj_at_k, pass_at_k, weighted_vote_at_k
from helpers.models import LanguageModel, Sample
from helpers.problems import SYSTEM_SQL, Problem, TableQuestion, table_questions, word_problems
from helpers.prompts import make_prompt
from helpers.rewards import RewardModel, StepReward
from helpers.search import State, StepModel
from helpers.search.recorded import SEARCHES
from helpers.search.steps import answer_of
from training.lm.report import MODELS
from training.pools import SYSTEM, answer_in_form
from training.solutions import from_notebook

STEPS, TEMPERATURE, MAX_TOKENS, DEPTH, SEED = (5, 6, 7, 8), 0.8, 256, 16, 0
SAMPLES, KS = 32, (1, 2, 3, 4, 6, 8, 12, 16, 24, 32)
WIDTHS, BRANCHES = (4, 8, 16), 4  # states of a search, and lines from each state that is kept
CHUNK, DRAWS = 8, 400
FAINT = 1e-6  # weight of a chain with a false sum: it counts where all chains have one

Row = list  # method, n, right, tokens, read


def word_rows(
    model: LanguageModel, reward: StepReward, outcome: RewardModel | None, problems: Sequence[Problem]
) -> list[dict]:
    """A line of the record for each problem: all methods of all sizes."""
    prompts = [make_prompt(SYSTEM, p.question) for p in problems]
    pool = model.sample(prompts, SAMPLES, temperature=TEMPERATURE, max_tokens=MAX_TOKENS, seed=SEED)
    talks = [
        [*make_prompt("", p.question), {"role": "assistant", "content": s.text or " "}]
        for p, row in zip(problems, pool, strict=True)
        for s in row
    ]
    steps = iter([row[-1] if row else 0.0 for row in reward.score(talks)])
    whole = iter(outcome.score(talks)) if outcome else None
    found = []
    for problem, samples in zip(problems, pool, strict=True):
        scores = [next(steps) for _ in samples]
        others = [next(whole) for _ in samples] if whole else None
        found.append(_line("words", problem.id, problem.steps, *chain_rows(problem, samples, scores, others)))
    for method, n, groups, own in searches(model, reward, problems):
        finals = own.score(groups)
        for i, (problem, group, row) in enumerate(zip(problems, groups, finals, strict=True)):
            found[i]["rows"] += _search_rows(method, n, problem, group, row, own.written[i], own.read[i])
    return found


def chain_rows(
    problem: Problem, samples: Sequence[Sample], scores: Sequence[float], outcome: Sequence[float] | None
) -> tuple[list[str | None], list[bool], list[Row]]:
    """The answers, which are right, and the rows of all methods that choose among independent chains."""
    answers = [answer_in_form(s) for s in samples]
    right = [answers_match(a, problem.answer) for a in answers]
    length = fmean(s.tokens for s in samples)
    written = [[line for line in s.text.split("\n") if line.strip()] for s in samples]
    lines = fmean(map(len, written))
    false_line = from_notebook("07", "false_line").false_line
    holds = [1.0 if false_line(own) is None else FAINT for own in written]
    rows = []
    for k in KS:
        voted = weighted_vote_at_k(answers, scores, problem.answer, k, SEED, DRAWS)
        values = {
            "vote": (maj_at_k(answers, problem.answer, k), 0),
            "vote, sums checked": (weighted_vote_at_k(answers, holds, problem.answer, k, SEED, DRAWS), 0),
            "weighted vote": (voted, k * lines),
            "best of N": (best_of_k(right, scores, k), k * lines),
            "any is right": (pass_at_k(len(right), sum(right), k), 0),
        }
        if outcome is not None:
            values["best of N, outcome"] = best_of_k(right, outcome, k), k * lines
        rows += [_row(method, k, value, k * length, read) for method, (value, read) in values.items()]
    return answers, right, rows


def searches(
    model: LanguageModel, reward: StepReward, problems: Sequence[Problem]
) -> Iterator[tuple[str, int, list[list[State]], StepModel]]:
    """(method, width, the finals of each problem, the step model with its counts), one after the other."""
    lesson = from_notebook("07", "beam", "dvts", "particle_filter")
    roots = [State(i) for i in range(len(problems))]
    for n in WIDTHS:
        ways: dict[str, Callable] = {
            "beam": lambda own, n=n: lesson.beam(own, roots, n, n // BRANCHES, DEPTH),
            "DVTS": lambda own, n=n: lesson.dvts(own, roots, n, BRANCHES, DEPTH),
            "particles": lambda own, n=n: lesson.particle_filter(own, roots, n, DEPTH, Random(SEED)),
        }
        for method, search in ways.items():
            questions = [p.question for p in problems]
            own = StepModel(model, reward, questions, SYSTEM, temperature=TEMPERATURE, seed=SEED)
            yield method, n, search(own), own


def table_rows(model: LanguageModel, asked: Sequence[TableQuestion]) -> list[dict]:
    """A line of the record for each question on a table: queries, chosen by text, by probability and by
    result.
    """
    lesson = from_notebook("07", "run_query", "result_vote")
    prompts = [make_prompt(SYSTEM_SQL, one.question) for one in asked]
    options = {"max_tokens": 96, "seed": SEED}
    pool = model.sample(prompts, SAMPLES, temperature=TEMPERATURE, **options)
    greedy = [sample for [sample] in model.sample(prompts, temperature=0.0, **options)]
    return [query_rows(lesson, *each) for each in zip(asked, pool, greedy, strict=True)]


def query_rows(lesson, asked: TableQuestion, samples: Sequence[Sample], greedy: Sample) -> dict:
    """The line of one question on a table."""
    results = [lesson.run_query(asked, s.text) for s in samples]
    right = [_returns(asked, rows) for rows in results]
    length = fmean(s.tokens for s in samples)
    rows = [_row("greedy", 1, _returns(asked, lesson.run_query(asked, greedy.text)), greedy.tokens, 0)]
    choices = {
        "vote over texts": lambda places: _most([samples[i].text for i in places]),
        "most probable": lambda places: max(range(len(places)), key=lambda j: samples[places[j]].logprob),
        "vote over results": lambda places: lesson.result_vote([results[i] for i in places]),
    }
    for k in KS:
        values = {method: _chosen(right, k, choose) for method, choose in choices.items()}
        values["any is right"] = pass_at_k(len(right), sum(right), k)
        rows += [_row(method, k, value, k * length, k) for method, value in values.items()]
    firsts = [str(found[0][0]) if found else None for found in results]
    return _line("sql", asked.id, 1, firsts, right, rows)


def record(path: Path, about: dict, chunks: Iterator[Callable[[set[str]], list[dict]]]) -> None:
    """Append what `chunks` make to the record; each gets the ids that are there. Raises ValueError where the
    record at `path` was made by other models or settings.
    """
    if path.exists():
        first, *lines = path.read_text(encoding="utf-8").splitlines()
        if json.loads(first) != about:
            raise ValueError(f"{path} was made with {first}: move it away, or name another file with --out.")
    else:
        lines = []
        path.write_text(json.dumps(about) + "\n", encoding="utf-8")
    done = {json.loads(line)["problem"] for line in lines}
    for chunk in chunks:
        new = chunk(done)
        with path.open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(line) + "\n" for line in new)


def _search_rows(
    method: str,
    n: int,
    problem: Problem,
    group: Sequence[State],
    scores: Sequence[float],
    tokens: int,
    read: int,
) -> list[Row]:
    """Three ways to choose among the finals of one search."""
    answers = [answer_of(state) for state in group]
    votes: Counter = Counter()
    for answer, score in zip(answers, scores, strict=True):
        if answer is not None:
            votes[answer] += score
    best = max(range(len(group)), key=lambda i: scores[i] if answers[i] is not None else -1.0)
    chosen = {
        method: answers_match(max(votes, key=votes.get, default=None), problem.answer),
        f"{method}, best": answers_match(answers[best], problem.answer),
        f"{method}, any": any(answers_match(answer, problem.answer) for answer in answers),
    }
    return [_row(name, n, right, tokens, read) for name, right in chosen.items()]


def _chosen(right: Sequence[bool], k: int, choose: Callable[[list[int]], int | None]) -> float:
    """How often the candidate that is chosen from k of them is right, over random draws."""
    rng, hits, draws = Random(SEED), 0, DRAWS if k < len(right) else 1
    for _ in range(draws):
        places = rng.sample(range(len(right)), k) if k < len(right) else list(range(k))
        place = choose(places)
        hits += place is not None and right[places[place]]
    return hits / draws


def _most(texts: Sequence[str]) -> int:
    return texts.index(Counter(texts).most_common(1)[0][0])


def _returns(asked: TableQuestion, rows: list[tuple] | None) -> bool:
    return bool(rows) and str(rows[0][0]) == asked.answer


def _row(method: str, n: int, right: float, tokens: float, read: float) -> Row:
    return [method, n, round(float(right), 4), round(float(tokens), 1), round(float(read), 1)]


def _line(
    data: str, name: str, steps: int, answers: Sequence[str | None], right: Sequence[bool], rows: list[Row]
) -> dict:
    known = Counter(answer for answer in answers[:4] if answer is not None)
    agree = max(known.values(), default=0) / 4
    one = round(fmean(right), 4)
    return {"data": data, "problem": name, "steps": steps, "one": one, "agree": agree, "rows": rows}


def main() -> None:
    from helpers.engine.local import LocalModel

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=Path, default=MODELS, help="folder of the course models")
    parser.add_argument(
        "--generator", type=Path, help="folder of the generator, if not course-lm in --models"
    )
    parser.add_argument("--problems", type=int, default=160, help="word problems, of 5 to 8 steps")
    parser.add_argument("--tables", type=int, default=120, help="questions on tables")
    parser.add_argument("--out", type=Path, default=SEARCHES)
    args = parser.parse_args()
    model = LocalModel.load(args.generator or args.models / "course-lm")
    reward = StepReward.load(args.models / "course-prm")
    outcome = RewardModel.load(args.models / "course-rm")
    about = {"generator": model.name, "reward": reward.name, "outcome": outcome.name}
    about |= {"temperature": TEMPERATURE, "samples": SAMPLES, "depth": DEPTH}
    words = word_problems(STEPS, -(-args.problems // len(STEPS)))
    spread = [p for i in range(len(words) // len(STEPS)) for p in words[i :: len(words) // len(STEPS)]]
    tables = table_questions(args.tables)

    def chunks(items: Sequence, make: Callable) -> Iterator[Callable]:
        for start in range(0, len(items), CHUNK):
            part = items[start : start + CHUNK]

            def chunk(done: set[str], part=part, start=start) -> list[dict]:
                new = [item for item in part if item.id not in done]
                print(f"{start + len(part)} of {len(items)}: {len(new)} new", flush=True)
                return make(new) if new else []

            yield chunk

    record(args.out, about, chunks(spread, lambda new: word_rows(model, reward, outcome, new)))
    record(args.out, about, chunks(tables, lambda new: table_rows(model, new)))


if __name__ == "__main__":
    main()
