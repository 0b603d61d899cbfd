import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from helpers.plots import budget
from helpers.plots.budget import draw_front, draw_gains, draw_signs, draw_snapshots, lines_over

PNG = b"\x89PNG"


def test_lines_are_told_in_words_panel_by_panel():
    rows = [
        {"method": m, "part": p, "tokens": t, "accuracy": 0.25 * t / 8, "low": 0.0, "high": 0.5}
        for m in ("one", "many")
        for p in ("read", "written")
        for t in (8, 16)
    ]
    figure = lines_over(pd.DataFrame(rows), "tokens", panel="part", title="A finding", note="Where from")
    assert figure.alt.startswith("A finding accuracy over tokens.")
    assert "read, one: 25 % at 8, 50 % at 16." in figure.alt and figure.png.startswith(PNG)


def test_lines_of_seconds_need_no_interval():
    rows = pd.DataFrame({"method": ["one", "one"], "tokens": [1, 2], "seconds": [0.5, 0.75]})
    figure = lines_over(rows, "tokens", y="seconds", title="T", note="N", log=False)
    assert "one: 0.5 at 1, 0.75 at 2." in figure.alt


def test_the_front_is_named():
    rows = pd.DataFrame(
        {
            "method": ["a", "a", "b"],
            "dollars": [1.0, 2.0, 2.0],
            "accuracy": [0.5, 0.6, 0.55],
            "low": [0.4, 0.5, 0.45],
            "high": [0.6, 0.7, 0.65],
            "front": [True, True, False],
            "name": ["a, 1", "a, 2", "b, 1"],
        }
    )
    figure = draw_front(rows, "dollars", title="T", note="N", label="name")
    assert "On the front: a, 1 50 % for 1, a, 2 60 % for 2." in figure.alt and "b, 1" not in figure.alt


def test_a_point_alone_has_a_bar_and_marks_stand_beside_points():
    rows = [{"method": "one", "x": 1, "accuracy": 0.5, "low": 0.4, "high": 0.6, "mark": "k = 1"}]
    figure = lines_over(pd.DataFrame(rows), "x", title="T", note="N", log=False)
    assert "one: 50 % at 1." in figure.alt and figure.png.startswith(PNG)


def test_gains_are_told_with_their_intervals():
    rows = pd.DataFrame({"samples": [5, 8], "gain": [-1.0, 2.0], "low": [-2.0, 0.5], "high": [0.0, 3.5]})
    figure = draw_gains(rows, "samples", title="T", note="N", labels=("samples", "points"))
    assert "points: -1.0 [-2.0, +0.0] at 5, +2.0 [+0.5, +3.5] at 8." in figure.alt


def test_signs_are_told_group_by_group():
    rows = [
        {"method": m, "group": g, "accuracy": a, "low": a - 0.1, "high": a + 0.1}
        for m in ("agreement", "reward")
        for g, a in (("1", 0.2), ("2", 0.8))
    ]
    figure = draw_signs(pd.DataFrame(rows), level=0.5, title="T", note="N")
    assert "agreement: 20 % of 1, 80 % of 2. reward:" in figure.alt


def test_snapshots_are_a_grid_of_accuracies():
    rows = pd.DataFrame(
        [{"training": t, "k": k, "accuracy": 0.1 * t * k} for t in (1.0, 2.0) for k in (1, 4)]
    )
    figure = draw_snapshots(rows, title="T", note="N")
    assert "10 % with 1 samples after 1" in figure.alt and "80 % with 4 samples after 2" in figure.alt
    assert draw_snapshots(rows[rows["training"] == 1.0], title="T", note="N").png.startswith(PNG)


@pytest.mark.parametrize(
    "names",
    [
        ("agreement of 8, their vote", "its own probability, greedy reply", "reward, best of 8"),
        ("vote of the small model", "vote of the large model", "large, one answer", "mmmm MMMM wide WORDS"),
        ("a", "b", "c", "d", "e", "a name that is longer than all the others are, by far, and then some"),
    ],
)
def test_a_legend_is_not_cut(names, monkeypatch):
    rows = [{"method": name, "x": x, "accuracy": 0.5} for name in names for x in (1, 2)]
    behind, finish = [], budget.finish
    monkeypatch.setattr(
        budget, "finish", lambda figure, *args: behind.append(figure) or finish(figure, *args)
    )
    lines_over(pd.DataFrame(rows), "x", title="T", note="N", log=False)
    [figure] = behind
    FigureCanvasAgg(figure).draw()
    [legend] = figure.legends
    boxes = [text.get_window_extent() for text in legend.get_texts()]
    assert len(boxes) == len(names) and all(b.x0 >= 0 and b.x1 <= figure.bbox.x1 for b in boxes)
