from helpers.models import Sample
from helpers.problems import Problem
from training import own_corrector
from training.own_corrector import own_corrector as run

PROBLEMS = [Problem("a", "How many pens?", "4", "word"), Problem("b", "How many cups?", "5", "word")]
TEXTS = [["2 + 2 = 4\nFinal: 4", "2 + 2 = 5\nFinal: 5", "9\nFinal: 9", "1\nFinal: 1"], ["Final: 6"]]
HELD = [Problem(name, f"Held {name}?", "7", "word") for name in "cdef"]


class Answers:
    """Greedy replies: `solved` without a draft, `checked[draft]` to a request to check one."""

    def __init__(self, solved, checked):
        self.solved, self.checked = solved, checked

    def sample(self, prompts, temperature, max_tokens):
        assert temperature == 0.0
        said = [[m["content"] for m in prompt if m["role"] == "assistant"] for prompt in prompts]
        texts = [
            self.checked[own[0]] if own else self.solved[prompt[-1]["content"]]
            for own, prompt in zip(said, prompts, strict=True)
        ]
        return [[Sample(text, 3, -1.0, "stop")] for text in texts]


def test_drafts_are_corrected_and_every_count_comes_from_the_replies(tmp_path, monkeypatch):
    learned = {}

    def fine_tune(lm, prompts, kept, folder):
        learned.update(zip((p[2]["content"] for p in prompts), kept, strict=True))

    monkeypatch.setattr(own_corrector, "fine_tune", fine_tune)
    drafts = dict(
        zip((p.question for p in HELD), ["Final: 7", "Final: 8", "Final: 9", "Final: 7 "], strict=True)
    )
    base = Answers(drafts, {text: text for text in drafts.values()})
    better = {
        "Final: 7": "Final: 8",
        "Final: 8": "Final: 7",
        "Final: 9": "Final: 7",
        "Final: 7 ": "I do not know",
    }
    trained = Answers(dict.fromkeys(drafts, "Final: 0"), better)
    rewards = [[1.0, 0.0, 0.0, 0.0], [0.0]]
    rows, said = run("lm", base, (PROBLEMS, TEXTS, rewards), HELD, tmp_path, lambda folder: trained)
    right = TEXTS[0][0]
    assert learned == {TEXTS[0][1]: [right], TEXTS[0][2]: [right], right: [right]}
    assert [row["accuracy"] for row in rows] == [0.5, 0.5, 0.75, 0.0]
    assert (
        said[0].startswith("3 pairs") and "0 mended, 0 broken" in said[1] and "2 mended, 1 broken" in said[2]
    )
    assert "+25.0 points" in said[3] and "+75.0 points" in said[5]
