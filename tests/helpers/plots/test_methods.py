import pandas as pd

from helpers.plots.methods import draw_methods, finding

ROW = {
    "data": "words",
    "notebook": "02",
    "k": 1,
    "written": 100.0,
    "read": 0.0,
    "low": 0.4,
    "high": 0.6,
    "n": 60,
}


def row(group: str, method: str, accuracy: float = 0.5, gain: float = 0.0, **more) -> dict:
    """A row whose gain has an interval of 10 points."""
    bounds = {"gain": gain, "gain_low": gain - 0.05, "gain_high": gain + 0.05}
    return ROW | {"group": group, "method": method, "accuracy": accuracy} | bounds | more


ROWS = [
    row("one chain", "chain of thought"),
    row("the large model, one greedy chain", "the large model, one greedy chain", 0.8, 0.3),
    row("votes", "majority vote", 0.7, 0.2, k=2),
    row("votes", "majority vote", 0.52, 0.02, k=4, written=400.0),
    row("program as verifier", "vote, sums checked", 0.6, 0.1, k=4),
    row("oracle", "oracle", 0.9, 0.4),
]


def test_the_title_counts_methods_at_their_largest_size_and_picks_no_size_by_its_outcome():
    said = finding(pd.DataFrame(ROWS))
    assert said.endswith("1 of 2 on words (vote, sums checked +10 points)")


def test_every_method_is_told_in_words():
    figure = draw_methods(pd.DataFrame(ROWS), "course-lm")
    assert "words, majority vote: 70 % for 100, 52 % for 400." in figure.alt
    assert "words, oracle: 90 % for 100." in figure.alt and figure.png.startswith(b"\x89PNG")
