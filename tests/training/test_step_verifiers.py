import json

from tests.training.tiny_lm import save_tiny_lm
from training import step_verifiers
from training.live import practice
from training.reward.train import Recipe
from training.step_verifiers import EXACT, ROLLED, UNTRAINED, by_rollouts, chosen, pairs_of, read_lines

TINY = Recipe(epochs=1, rows=1, row=512)
LESSONS = practice((2, 3), 6, seed=77)


def slipped(text):
    """The text with a wrong first sum."""
    first, *rest = text.split("\n")
    return "\n".join([first + "0", *rest[:-1], "Final: 1"])


TEXTS = [[slipped(lesson.worked.solution), lesson.worked.solution] for lesson in LESSONS]


class Half:
    """Its continuations end right where the question has an even number of letters."""

    def __init__(self):
        self.calls = 0

    def sample(self, prompts, n, **options):
        from helpers.models import Sample

        self.calls += 1
        answers = {lesson.problem.question: lesson.problem.answer for lesson in LESSONS}
        ends = [answers[p[1]["content"]] if len(p[1]["content"]) % 2 else "nothing" for p in prompts]
        return [[Sample(f"Final: {end if i else 0}", 2, -1.0, "stop") for i in range(n)] for end in ends]


def test_one_right_and_one_wrong_solution_of_each_problem():
    drawn = pairs_of(LESSONS, [*TEXTS[:-2], ["", TEXTS[-2][1]], [TEXTS[-1][0], TEXTS[-1][0]]])
    assert len(drawn) == len(LESSONS) - 2
    for each in drawn:
        right, wrong = each.solutions
        assert right.right and all(right.steps) and not wrong.right and not any(wrong.steps)


def test_a_line_is_right_by_roll_outs_if_any_of_them_ends_right_and_labels_are_kept(tmp_path):
    drawn, model = pairs_of(LESSONS, TEXTS), Half()
    rolled = by_rollouts(model, drawn, 3, tmp_path / "kept.jsonl")
    for each, other in zip(drawn, rolled, strict=True):
        odd = bool(len(each.lesson.problem.question) % 2)
        for exact, own in zip(each.solutions, other.solutions, strict=True):
            assert own.text == exact.text and len(own.steps) == len(exact.steps)
            assert set(own.steps[:-1]) == {odd} and own.steps[-1] == exact.right
    assert len({s.steps[0] for each in rolled for s in each.solutions}) == 2
    kept = (tmp_path / "kept.jsonl").read_text().splitlines()
    (tmp_path / "kept.jsonl").write_text("\n".join(kept[:5]) + "\n")
    again = Half()
    assert by_rollouts(again, drawn, 3, tmp_path / "kept.jsonl") == rolled
    assert again.calls < model.calls and len(json.loads(kept[0])) == 2


class Marks:
    """A verifier that gives a line the score in `low`, if it is there, else 0.9."""

    def __init__(self, low):
        self.low = low

    def score(self, talks):
        return [[self.low.get(x, 0.9) for x in t[-1]["content"].split("\n") if x.strip()] for t in talks]


def test_what_a_verifier_finds_is_counted():
    drawn = pairs_of(LESSONS, TEXTS)
    blind = read_lines(Marks({}), drawn)
    assert set(blind["false alarm"]) == set(blind["first wrong line"]) == {0.0}
    sharp = {text.split("\n")[0]: 0.1 for text, _ in TEXTS}
    found = read_lines(Marks(sharp), drawn)
    assert set(found["false alarm"]) == {0.0} and set(found["first wrong line"]) == {1.0}
    late = [
        ["\n".join([*x.split("\n")[:-1], "Final: 1"]), x] for _, x in TEXTS
    ]  # the last line alone is wrong
    assert set(read_lines(Marks({"Final: 1": 0.2}), pairs_of(LESSONS, late))["in order"]) == {1.0}
    problem, good, bad = LESSONS[0].problem, "Final: 3", "Final: 4"
    table = {"texts": [[good, bad, ""]], "right": [[True, False, False]]}
    assert chosen(Marks({bad: 0.2}), [problem], table, 3) == [1.0]
    assert chosen(Marks({good: 0.2}), [problem], table, 3) == [0.0]


def test_all_is_trained_and_told(tmp_path):
    lm = save_tiny_lm(
        tmp_path / "lm", intermediate_size=256, num_attention_heads=4, num_key_value_heads=2, head_dim=32
    )
    drawn = pairs_of(LESSONS, TEXTS)
    held = [lesson.problem for lesson in LESSONS]
    answers = [["1", lesson.problem.answer] for lesson in LESSONS]
    table = {"texts": TEXTS, "answers": answers, "right": [[False, True]] * len(TEXTS)}
    late = pairs_of(LESSONS, [["\n".join([*x.split("\n")[:-1], "Final: 1"]), x] for _, x in TEXTS])
    rows, told, said = step_verifiers.step_verifiers(
        lm, Half(), drawn, late, (held, table), tmp_path / "run", rollouts=2, recipe=TINY
    )
    kinds = [UNTRAINED, EXACT, ROLLED]
    assert [row["label"] for row in rows] == [*(f"best of 2: {kind}" for kind in kinds), "vote of 2"]
    assert [row["verifier"] for row in told] == kinds
    assert all(0 <= row["false alarms on right solutions"] <= 1 for row in told)
    assert "lines of 24 solutions" in said[0] and len(said) == 5
