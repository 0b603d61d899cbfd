import pandas as pd

from helpers.plots import differences


def test_each_difference_is_said_with_its_interval_and_its_problems():
    rows = [("a minus b", 0.05, 0.01, 0.09), ("a minus c", -0.02, -0.06, 0.02)]
    table = pd.DataFrame(
        [
            {"label": label, "panel": panel, "gain": gain, "low": low, "high": high, "n": 60}
            for panel in ("one sample", "any of 16")
            for label, gain, low, high in rows
        ]
    )
    figure = differences(table, title="Nothing is settled", model="tiny", samples=16)
    assert "one sample, a minus b: +5.0 [+1.0, +9.0]. one sample, a minus c: -2.0 [-6.0, +2.0]." in figure.alt
    assert "any of 16, a minus c" in figure.alt and "60 problems a point" in figure.alt and figure.png
