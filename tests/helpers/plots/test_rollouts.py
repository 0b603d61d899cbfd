import pandas as pd

from helpers.plots import rollout_places


def test_the_places_are_named_from_the_first_wrong_line_with_the_solutions_behind_each():
    rows = [(1, 0.1, 7), (-2, 0.6, 3), (0, 0.2, 9), (-1, 0.5, 8)]
    table = pd.DataFrame(
        [{"place": p, "accuracy": a, "low": a - 0.1, "high": a + 0.1, "n": n} for p, a, n in rows]
    )
    figure = rollout_places(table, title="They fall", model="tiny", rollouts=8)
    said = (
        "2 or more before 60 % of 3, 1 before 50 % of 8, the first wrong line 20 % of 9, 1 or more after 10 %"
    )
    assert said in figure.alt
    assert "8 roll-outs a line" in figure.alt and figure.png
