import pandas as pd

from helpers.plots import rollout_places


def test_the_places_are_named_from_the_first_wrong_line():
    rows = [(1, 0.1), (-2, 0.6), (0, 0.2), (-1, 0.5)]
    table = pd.DataFrame([{"place": p, "accuracy": a, "low": a - 0.1, "high": a + 0.1} for p, a in rows])
    figure = rollout_places(table, title="They fall", model="tiny", solutions=9, rollouts=8)
    assert (
        "2 or more before 60 %, 1 before 50 %, the first wrong line 20 %, 1 or more after 10 %" in figure.alt
    )
    assert "9 wrong solutions, 8 roll-outs a line" in figure.alt and figure.png
