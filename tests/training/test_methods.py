import pytest

from helpers.checks.scripted import ScriptedModel
from helpers.models import Sample
from helpers.problems import word_problems
from training import methods
from training.methods import (
    Result,
    as_markdown,
    by_probability,
    calculated,
    corrected,
    judged,
    measure,
    report,
    rewarded,
    votes,
    write,
)

PROBLEMS = word_problems((2, 3), 2)
FOLDERS = ("course-lm", "course-lm-large", "course-rm", "course-judge", "course-corrector")


def sample(text: str) -> Sample:
    return Sample(text, 10, -1.0, "stop", prompt_tokens=5)


def pool(*right: int) -> list[list[Sample]]:
    """For each problem so many right samples of four; the wrong ones differ from each other."""
    return [
        [sample(f"Final: {p.answer}" if i < n else f"Final: 99{i}") for i in range(4)]
        for p, n in zip(PROBLEMS, right, strict=True)
    ]


class Tokens:
    """A tokenizer whose tokens are words."""

    def __call__(self, text, **_):
        return {"input_ids": text.split()}

    def get_vocab(self):
        return {}


class Reward:
    """Prefers short texts."""

    tokenizer = Tokens()

    def score(self, talks):
        return [-float(len(talk[-1]["content"])) for talk in talks]


class Prober(ScriptedModel):
    """Finds a text the more probable the longer it is."""

    tokenizer = Tokens()

    def logprobs(self, prompts, texts):
        return [[float(len(text))] for text in texts]


def solver(answers):
    """A model that answers each problem in this way, whatever it is asked."""
    rows = [(p.question, answer) for p, answer in zip(PROBLEMS, answers, strict=True)]

    def reply(messages, i):
        asked = "\n".join(message["content"] for message in messages)
        return next(answer for question, answer in rows if question in asked)

    return Prober(reply, "course-lm")


def test_a_vote_costs_k_chains_and_the_oracle_is_right_wherever_one_sample_is():
    found = {(r.method, r.k): r for r in votes(PROBLEMS, pool(4, 3, 1, 0))}
    assert [found["majority vote", k].written[0] for k in (1, 2, 4)] == [10, 20, 40]
    assert list(found["majority vote", 1].right) == [1, 0.75, 0.25, 0]
    assert list(found["oracle", 4].right) == [1, 1, 1, 0] and found["oracle", 2].right[2] == 0.5


def test_the_calculator_lets_only_true_sums_vote():
    rows = [[sample(f"1 + 1 = 2\nFinal: {p.answer}"), *[sample("1 + 1 = 3\nFinal: 7")] * 3] for p in PROBLEMS]
    rows[1] = [sample("1 + 1 = 3\nFinal: 7")] * 4
    found = {r.k: r for r in calculated(PROBLEMS, rows)}
    assert list(found[4].right) == [1, 0, 1, 1] and found[4].read[0] == 0


def test_a_judge_pays_for_what_it_reads_and_writes():
    judge = ScriptedModel(
        lambda messages, i: f'{{"score": {1 if "Final: 99" in messages[0]["content"] else 9}}}'
    )
    found = judged(judge, PROBLEMS, pool(1, 1, 1, 0))
    assert [r.k for r in found] == [2, 4] and list(found[-1].right) == [1, 1, 1, 0]
    calls = judge.calls[0]["prompts"]
    assert len(calls) == 16 and all(p.question in calls[4 * i][0]["content"] for i, p in enumerate(PROBLEMS))
    assert found[-1].written[0] > 40 and found[-1].read[0] > 4 * 5


def test_a_verdict_that_cannot_be_read_is_below_all_others():
    judge = ScriptedModel(
        lambda messages, i: "nonsense" if "Final: 99" in messages[0]["content"] else '{"score": 0}'
    )
    assert list(judged(judge, PROBLEMS, pool(1, 2, 1, 1))[-1].right) == [1, 1, 1, 1]


def test_rewards_choose_and_weigh():
    found = rewarded(Reward(), PROBLEMS, pool(1, 1, 4, 0))
    assert {r.method for r in found} == {"best of N, reward", "weighted vote"}
    best = {r.k: r for r in found if r.method.startswith("best")}
    assert list(best[4].right)[2:] == [1, 0]
    read = len(PROBLEMS[0].question.split()) + 2
    assert best[4].written[0] == 40 and best[4].read[0] == pytest.approx(4 * read)


def test_probability_chooses_free_of_charge_and_two_models_read_for_dr_sow():
    rows = [
        [Sample(f"Final: {p.answer}", 10, -1.0, "stop"), Sample("Final: 0", 10, -2.0, "stop")]
        for p in PROBLEMS
    ]
    model = Prober(lambda messages, i: "")
    found = {r.method: r for r in by_probability(model, PROBLEMS, rows, model)}
    assert all(found["best of N, own probability"].right) and not any(
        found["best of N, own probability"].read
    )
    assert list(found["best of N, Dr. SoW"].right) == [0.5] * 4  # a model over itself knows nothing
    assert found["best of N, Dr. SoW"].read[0] == 2 * 2 * (len(PROBLEMS[0].question.split()) + 2)


def test_self_correction_with_and_without_help():
    wrong = solver(["Final: 0"] * 4)
    trained = solver([f"Final: {p.answer}" for p in PROBLEMS])
    found = {(r.method, r.k): r for r in corrected(wrong, PROBLEMS, trained, Reward())}
    assert {k for _, k in found} == {1, 2, 3} and len(found) == 12
    assert not any(found["check itself", 3].right) and all(found["check, trained", 1].right)
    assert found["check itself", 2].written[0] == 9 == found["Wait", 2].written[0]
    assert found["check, stop rule", 1].written[0] == 6 and found["check, stop rule", 1].read[0] > 6


def test_the_report_names_what_was_left_out_and_what_is_above_one_chain(tmp_path):
    free, half = [0.0] * 4, [1.0, 0.0, 1.0, 0.0]
    results = [
        Result("one chain", "01", "chain of thought", 1, [10, 20, 10, 20], free, half),
        Result("votes", "02", "majority vote", 8, [100, 140, 100, 140], free, [1.0] * 4),
        Result("sequential", "06", "Wait", 1, [20] * 4, [5.0] * 4, half),
        Result("oracle", "02", "oracle", 8, [100] * 4, free, [1.0] * 4),
    ]
    found = report({"word problems": results}, "tiny", ["course-judge"])
    assert found["rows"][1]["gain"] == 0.5 and found["rows"][2]["read"] == 5
    text = as_markdown(found)
    assert "course-judge" in text and "| 02 | votes | majority vote | 8 | 120 | 0 | 1.00" in text
    assert "+0.50 [+0.00, +1.00]" in text
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
    monkeypatch.setattr(methods, "multiplication_problems", lambda digits, n: PROBLEMS[:1])
    monkeypatch.setattr(methods, "SAMPLES", 4)
    monkeypatch.setattr(methods, "parameters", lambda folder: 1000)
    monkeypatch.setattr("helpers.engine.local.LocalModel.load", lambda path: model)
    monkeypatch.setattr("helpers.rewards.RewardModel.load", lambda path: Reward())
    prompts = [methods.make_prompt(methods.SYSTEM, p.question) for p in PROBLEMS]
    pools = methods.Pool(tmp_path / "pools")
    drawn = {"temperature": methods.TEMPERATURES[0], "max_tokens": methods.MAX_TOKENS}
    pools.sample(model, prompts, 4, live=True, **drawn)
    found = measure(tmp_path, each=2, samples=4, pools=tmp_path / "pools")
    names = {row["method"] for row in found["rows"]}
    assert {
        "at once",
        "chain of thought",
        "majority vote",
        "tree of thought",
        "check itself",
        "Wait",
    } <= names
    assert len(names) == (17 if there == FOLDERS else 9)
    assert found["left out"] == [] if there == FOLDERS else len(found["left out"]) == 4
    assert {(row["data"], row["n"]) for row in found["rows"]} == {("word problems", 4), ("products", 3)}
