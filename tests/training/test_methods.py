import pytest

from helpers.checks.scripted import ScriptedModel
from helpers.models import Sample
from helpers.problems import word_problems
from training import methods
from training.methods import (
    Result,
    as_markdown,
    corrected,
    from_notebook,
    judged,
    measure,
    report,
    rewarded,
    title,
    votes,
    write,
)

PROBLEMS = word_problems((2, 3), 2)
FOLDERS = ("course-lm", "course-rm", "course-judge", "course-corrector")


def sample(text: str) -> Sample:
    return Sample(text, 10, -1.0, "stop", prompt_tokens=5)


def pool(*right: int) -> list[list[Sample]]:
    """For each problem so many right samples of four; the wrong ones differ from each other."""
    return [
        [sample(f"Final: {p.answer}" if i < n else f"Final: 99{i}") for i in range(4)]
        for p, n in zip(PROBLEMS, right, strict=True)
    ]


class Reward:
    """Prefers short texts."""

    tokenizer = staticmethod(lambda text, **_: {"input_ids": text.split()})

    def score(self, talks):
        return [-float(len(talk[-1]["content"])) for talk in talks]


def solver(answers):
    """A model that answers each problem in this way, whatever it is asked."""
    rows = [(p.question, answer) for p, answer in zip(PROBLEMS, answers, strict=True)]

    def reply(messages, i):
        asked = "\n".join(message["content"] for message in messages)
        return next(answer for question, answer in rows if question in asked)

    return ScriptedModel(reply, "course-lm")


def test_functions_come_from_the_solution_notebooks_without_running_them():
    lesson = from_notebook("03", "tree_search", "by_probability")
    assert callable(lesson.tree_search) and callable(lesson.by_probability)
    with pytest.raises(KeyError):
        from_notebook("03", "no_such_function")


def test_a_vote_costs_k_chains():
    found = votes(PROBLEMS, pool(4, 3, 1, 0))
    assert [(r.k, r.tokens[0]) for r in found] == [(1, 10), (2, 20), (4, 40)]
    assert list(found[0].right) == [1, 0.75, 0.25, 0] and found[-1].right[:2] == [1, 1]


def test_a_judge_pays_for_what_it_reads_and_writes():
    judge = ScriptedModel(
        lambda messages, i: f'{{"score": {1 if "Final: 99" in messages[0]["content"] else 9}}}'
    )
    found = judged(judge, PROBLEMS, pool(1, 1, 1, 0))
    assert [r.k for r in found] == [2, 4] and list(found[-1].right) == [1, 1, 1, 0]
    calls = judge.calls[0]["prompts"]
    assert len(calls) == 16 and all(p.question in calls[4 * i][0]["content"] for i, p in enumerate(PROBLEMS))
    assert found[-1].tokens[0] > 2 * 40


def test_a_verdict_that_cannot_be_read_is_below_all_others():
    judge = ScriptedModel(
        lambda messages, i: "nonsense" if "Final: 99" in messages[0]["content"] else '{"score": 0}'
    )
    assert list(judged(judge, PROBLEMS, pool(1, 2, 1, 1))[-1].right) == [1, 1, 1, 1]


def test_rewards_choose_and_weigh():
    found = rewarded(Reward(), PROBLEMS, pool(1, 1, 4, 0))
    assert {r.method for r in found} == {"best-of-N, reward", "weighted vote"}
    best = {r.k: r for r in found if r.method.startswith("best")}
    assert list(best[4].right)[2:] == [1, 0]
    read = len(PROBLEMS[0].question.split()) + 2
    assert best[4].tokens[0] == pytest.approx(4 * (10 + read))


def test_self_correction_with_and_without_help():
    wrong = solver(["Final: 0"] * 4)
    trained = solver([f"Final: {p.answer}" for p in PROBLEMS])
    found = {(r.method, r.k): r for r in corrected(wrong, PROBLEMS, trained, Reward())}
    assert {k for _, k in found} == {1, 2, 3} and len(found) == 9
    assert not any(found["check itself", 3].right) and all(found["check, trained", 1].right)
    assert found["check itself", 2].tokens[0] == 9 and found["check, stop rule", 1].tokens[0] > 6


def test_the_report_names_what_was_left_out_and_the_best(tmp_path):
    results = [
        Result("01", "at once", 1, [3, 3], [False, False]),
        Result("01", "chain of thought", 1, [10, 20], [True, False]),
        Result("02", "majority vote", 8, [100, 140], [1.0, 0.75]),
    ]
    found = report(results, "tiny", 2, ["course-judge"])
    assert found["rows"][1]["accuracy"] == 0.5 and found["rows"][1]["tokens"] == 15
    assert "course-judge" in as_markdown(found) and "| 02 | majority vote | 8 | 120 | 0.88" in as_markdown(
        found
    )
    assert "one chain 50%" in title(found) and "majority vote (k = 8) 88% for 120" in title(found)
    write(found, tmp_path / "methods.json")
    assert (tmp_path / "methods.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("there", [FOLDERS, FOLDERS[:1]])
def test_everything_is_measured_on_the_same_problems_and_what_is_missing_is_left_out(
    there, tmp_path, monkeypatch
):
    model = solver([f"1 + 1 = 2\nFinal: {p.answer}" for p in PROBLEMS])
    for name in there:
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.json").write_text("{}")
    monkeypatch.setattr(methods, "STEPS", (2, 3))
    monkeypatch.setattr(methods, "SAMPLES", 4)
    monkeypatch.setattr("helpers.engine.local.LocalModel.load", lambda path: model)
    monkeypatch.setattr("helpers.rewards.RewardModel.load", lambda path: Reward())
    prompts = [methods.make_prompt(methods.SYSTEM, p.question) for p in PROBLEMS]
    pools = methods.Pool(tmp_path / "pools")
    pools.sample(model, prompts, 4, live=True, max_tokens=methods.MAX_TOKENS)
    found = measure(tmp_path, each=2, samples=4, pools=tmp_path / "pools")
    names = {row["method"] for row in found["rows"]}
    assert {
        "at once",
        "chain of thought",
        "majority vote",
        "tree of thought",
        "check itself",
    } <= names
    assert len(names) == (10 if there == FOLDERS else 5)
    assert found["left out"] == [] if there == FOLDERS else len(found["left out"]) == 3
    assert found["problems"] == 4 and {row["n"] for row in found["rows"]} == {4}
