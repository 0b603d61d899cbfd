"""Figures: the numbers drawn are the table's, nothing is clipped, and what is seen can also be read aloud."""

import html
import re
import struct
import subprocess
import sys

import nbformat
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from nbconvert import HTMLExporter

from helpers import plots
from helpers.plots import Node, charts, trees
from helpers.plots.figure import STYLES, Figure, caption
from helpers.problems import Problem

TITLE = 'A finding of 50 % that costs $3 & <more>, not "$5"'


def points(x, values, methods=("at once", "step by step"), **columns):
    rows = [
        {
            "method": method,
            x: value,
            "accuracy": share,
            "low": max(0, share - 0.1),
            "high": min(1, share + 0.1),
            "n": 40,
        }
        for j, method in enumerate(methods)
        for value, share in zip(values, [0.9 - 0.1 * j - 0.12 * i for i in range(len(values))], strict=True)
    ]
    return pd.DataFrame(rows).assign(**columns)


STEPS = points("steps", [2, 3, 4, 5]).assign(tokens=lambda t: t["steps"] * t["method"].map(len))
CURVES = pd.concat(
    points("k", [1, 2, 4, 8, 16, 32], data=name) for name in ("word problems", "multiplication")
)
BARS = pd.DataFrame(
    {
        "label": ["mine", "a label so long that it has to be set on two lines"],
        "accuracy": [0.74, 0.0],
        "n": [40, 60],
    }
).assign(low=[0.6, 0.0], high=[1.0, 0.08])
VOTES = {
    "rescued": (["14"] * 7 + ["19"] * 4 + ["7", "24", "0", "12", "13"] + [None] * 2, "14"),
    "lost": (["18"] * 3 + ["28", r"\frac{\sqrt{3}}{2} + 17 \pi"], "28"),
}
NODES = [
    Node("John has 12 apples and gives Mary 5 of them", None),
    Node("Gives away 5: 12 - 5 = 7", 0, note="0.81"),
    Node("Gives away 5: 12 - 5 = 8", 0, "pruned", "0.12"),
    Node("Buys 7: 7 + 7 = 14", 1),
    Node("Final: 14", 3, "answer"),
]
DRAW = {
    "accuracy_by": lambda: plots.accuracy_by(STEPS, x="steps", title=TITLE, model="course-lm"),
    "k curves": lambda: plots.accuracy_by(
        CURVES, x="k", panel="data", title=TITLE, model="course-lm", samples=64
    ),
    "tokens": lambda: plots.accuracy_against_tokens(STEPS, title=TITLE, label="steps", model="course-lm"),
    "bars": lambda: plots.bars(BARS, title=TITLE, model="course-lm"),
    "votes": lambda: plots.vote_bars(VOTES, title=TITLE, model="course-lm"),
    "tree": lambda: plots.tree(NODES, title=TITLE, model="course-lm"),
}


@pytest.fixture(scope="module")
def draw():
    """Draws a figure, or one of DRAW (once), and gives it together with the matplotlib figure behind it."""
    behind, done = [], {}

    def recording(figure, *args):
        behind.append(figure)
        return finish(figure, *args)

    def draw(name_or_call):
        if callable(name_or_call):
            return name_or_call(), behind[-1]
        if name_or_call not in done:
            done[name_or_call] = DRAW[name_or_call](), behind[-1]
        return done[name_or_call]

    finish = charts.finish
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(charts, "finish", recording)
        patch.setattr(trees, "finish", recording)
        yield draw


def texts(figure):
    """The texts that are seen; matplotlib keeps tick labels beyond the ends of an axis undrawn."""
    from matplotlib.text import Text

    ticks = [
        (axis, tick) for ax in figure.axes for axis in (ax.xaxis, ax.yaxis) for tick in axis.get_major_ticks()
    ]
    beyond = {
        label
        for axis, tick in ticks
        if not min(axis.get_view_interval()) <= tick.get_loc() <= max(axis.get_view_interval())
        for label in (tick.label1, tick.label2)
    }
    found = [text for text in figure.findobj(Text) if text.get_text().strip() and text.get_visible()]
    return [text for text in found if text not in beyond]


@pytest.mark.parametrize("name", DRAW)
def test_a_figure_says_what_it_shows(name, draw):
    figure, _ = draw(name)
    bundle = figure._repr_mimebundle_()
    assert figure.alt.startswith(TITLE) and "Model: course-lm" in figure.alt
    assert bundle["text/plain"] == figure.alt
    alt = re.search(r'<img alt="([^"]*)" src="data:image/png;base64,', bundle["text/html"])[1]
    assert html.unescape(alt) == figure.alt
    assert figure.png.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", figure.png[16:24])
    assert width > 900 and height > 300
    assert "png" not in repr(figure)


@pytest.mark.parametrize("name", DRAW)
def test_no_text_is_clipped_or_set_over_the_title(name, draw):
    _, figure = draw(name)
    FigureCanvasAgg(figure).draw()
    boxes = {text: text.get_window_extent() for text in texts(figure)}
    edge = figure.bbox
    for text, box in boxes.items():
        inside = box.x0 >= -1 and box.y0 >= -1 and box.x1 <= edge.x1 + 1 and box.y1 <= edge.y1 + 1
        assert inside, f"clipped: {text.get_text()!r}"
    [title] = [text for text in boxes if text.get_text().replace("\n", " ") == TITLE]
    for text, box in boxes.items():
        assert text is title or not box.overlaps(boxes[title]), f"over the title: {text.get_text()!r}"


@pytest.mark.parametrize("name", ["accuracy_by", "k curves", "tokens"])
def test_a_chart_names_its_axes_and_counts(name, draw):
    figure, behind = draw(name)
    axes = behind.axes
    assert "share of problems right" in axes[0].get_ylabel()
    assert all(re.search(r"steps\)|\(k\)|tokens", ax.get_xlabel()) for ax in axes)
    assert "40 problems a point" in figure.alt and "95 % interval" in figure.alt
    assert ("64 samples a problem" in figure.alt) == (name == "k curves")


def test_the_lines_and_bands_are_those_of_the_table(draw):
    [ax] = draw("accuracy_by")[1].axes
    for line, band, (method, part) in zip(ax.lines, ax.collections, STEPS.groupby("method"), strict=True):
        assert line.get_label() == method
        assert list(line.get_xdata()) == list(part["steps"]) and list(line.get_ydata()) == list(
            part["accuracy"]
        )
        corners = {(x, round(y, 6)) for x, y in band.get_paths()[0].vertices}
        for side in ("low", "high"):
            assert set(zip(part["steps"], part[side].round(6), strict=True)) <= corners


def test_rows_in_any_order_make_the_same_line(draw):
    _, behind = draw(lambda: plots.accuracy_by(STEPS.iloc[::-1], x="steps", title=TITLE, model="course-lm"))
    assert list(behind.axes[0].lines[0].get_xdata()) == [2, 3, 4, 5]


def test_values_that_double_stand_at_equal_distances(draw):
    curves, steps = draw("k curves")[1].axes, draw("accuracy_by")[1].axes
    assert [ax.get_xscale() for ax in [*curves, *steps]] == ["log", "log", "linear"]
    assert [label.get_text() for label in curves[1].get_xticklabels()] == ["1", "2", "4", "8", "16", "32"]


def test_a_method_looks_the_same_in_every_panel_and_unlike_any_other(draw):
    looks = [[(line.get_color(), line.get_marker()) for line in ax.lines] for ax in draw("k curves")[1].axes]
    assert looks[0] == looks[1] and len(set(looks[0])) == 2
    for part in zip(*STYLES, strict=True):
        assert len(set(map(str, part))) == len(STYLES), "colour, marker and dashes each tell the lines apart"


def test_the_ends_of_a_path_are_named(draw):
    shown = [text.get_text() for text in texts(draw("tokens")[1])]
    assert shown.count("2 steps") == shown.count("5 steps") == 2
    curves = CURVES.assign(tokens=CURVES["k"])
    _, behind = draw(lambda: plots.accuracy_against_tokens(curves, title="t", label="k", model="m"))
    assert "k = 32" in [text.get_text() for text in texts(behind)]


def test_a_name_that_stands_there_is_not_set_over_itself(draw):
    rows = [
        {"method": m, "k": k, "tokens": 50 * k, "accuracy": a + k / 40, "low": 0.0, "high": 1.0}
        for m, a in (("one", 0.5), ("nearly the same", 0.51), ("another", 0.8))
        for k in (2, 4)
    ]
    _, behind = draw(
        lambda: plots.accuracy_against_tokens(pd.DataFrame(rows), title="t", label="k", model="m")
    )
    shown = [text.get_text() for text in texts(behind)]
    assert shown.count("k = 2") == shown.count("k = 4") == 2


def test_votes_are_counted_and_judged():
    rows = charts._vote_rows(*VOTES["rescued"])
    assert rows[0] == ("14", 7, "right") and rows[1] == ("19", 4, "wrong")
    assert rows[-1] == ("none", 2, "no answer") and len(rows) <= 7
    assert sum(votes for _, votes, _ in rows) == len(VOTES["rescued"][0])
    assert charts._vote_rows(["3", "5", "5", "3"], "5")[0] == ("3", 2, "wrong"), (
        "a tie goes to the first seen"
    )
    assert charts._vote_rows(["0.5", "3", "1/2"], "1/2")[0] == ("0.5", 2, "right"), "equal answers, one bar"
    many = charts._vote_rows([str(i) for i in range(20)], "19")
    assert len(many) == 7 and many[-1] == ("14 others", 14, "one of them right")
    assert charts._vote_rows([None, None], "1") == [("none", 2, "no answer")]


def test_a_tree_has_every_parent_left_of_its_children_and_no_two_nodes_in_one_place():
    depth, height = trees._layout(NODES)
    assert all(depth[i] == depth[node.parent] + 1 for i, node in enumerate(NODES) if node.parent is not None)
    assert len(set(zip(depth, height, strict=True))) == len(NODES)


def test_the_same_question_answered_twice():
    problem = Problem("apples", "How many <i>apples</i>?", "14", "seed")
    runs = {
        "at once": {"text": "<script>19", "pred": None, "tokens": 3},
        "step by step": {"text": "7 + 7 = 14\nFinal: 14", "pred": "14", "tokens": 38},
    }
    figure = plots.answered_twice(problem, runs, model="course-lm")
    assert figure.alt.startswith("apples: at once no answer (3 tokens), step by step right (38 tokens)")
    assert "<script>" not in figure.markup and "<i>" not in figure.markup
    assert "7 + 7 = 14\nFinal: 14" in figure.markup and "course-lm" in figure.markup


def test_alt_text_reaches_an_exported_notebook(draw):
    bundle = draw("bars")[0]._repr_mimebundle_()
    output = nbformat.v4.new_output("display_data", data=dict(bundle))
    cell = nbformat.v4.new_code_cell("plots.show(figure)", outputs=[output])
    page, _ = HTMLExporter().from_notebook_node(nbformat.v4.new_notebook(cells=[cell]))
    assert "costs $3 &amp; &lt;more&gt;" in page and "data:image/png;base64," in page


def test_a_figure_is_saved(tmp_path):
    figure = Figure("alt", "<img>", b"png")
    figure.save(tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes() == b"png"


def test_the_caption_counts_what_differs():
    assert caption("m", BARS) == "Model: m · 40-60 problems a point · band: 95 % interval"
    assert caption("m", BARS.head(1).assign(n=1), samples=1, band=False) == (
        "Model: m · 1 problem a point · 1 sample a problem"
    )


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (
            lambda: plots.accuracy_by(STEPS.drop(columns="low"), x="steps", title="t", model="m"),
            "columns low",
        ),
        (lambda: plots.accuracy_by(STEPS, x="depth", title="t", model="m"), "columns depth"),
        (lambda: plots.bars(BARS.head(0), title="t", model="m"), "needs rows"),
        (
            lambda: plots.accuracy_by(
                points("k", [1], [f"m{i}" for i in range(len(STYLES) + 1)]), x="k", title="t", model="m"
            ),
            "draw two figures",
        ),
    ],
)
def test_a_table_that_cannot_be_drawn_is_explained(call, sentence):
    with pytest.raises(ValueError, match=sentence):
        call()


def test_importing_loads_no_drawing_library():
    code = "import sys, helpers.plots; print(sorted({'matplotlib', 'pandas', 'torch'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
