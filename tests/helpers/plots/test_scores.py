import html
import re

import pandas as pd
import pytest

from helpers import plots

TITLE = "Right samples score higher"
SPREAD = {
    "words": {"right": [1.0, 2.0, 2.5, 3.0], "wrong": [-1.0, 0.0, 2.0]},
    "sums": {"right": [0.5, 0.75], "wrong": []},
}
CLAIMS = pd.DataFrame(
    {
        "claimed": [0.1, 0.6, 0.9, 0.5],
        "accuracy": [0.2, 0.7, 0.95, 0.25],
        "low": [0.1, 0.6, 0.9, 0.0],
        "high": [0.3, 0.8, 1.0, 0.5],
        "n": [12, 30, 40, 9],
        "samples": [100, 300, 400, 16],
        "data": ["words", "words", "words", "sums"],
    }
)
GAINS = pd.DataFrame(
    {
        "k": [2, 4, 2, 4],
        "gain": [0.05, 0.02, 0.0, -0.1],
        "low": [0.02, -0.01, -0.04, -0.2],
        "high": [0.08, 0.05, 0.04, -0.02],
        "n": [60] * 4,
        "method": ["reward", "reward", "length", "length"],
        "data": ["words"] * 4,
    }
)
ROWS = [("12 - 5 = 7", 0.96, ""), ("7 < 8 + 1 = 10", 0.25, "the first false sum")]
DRAW = {
    "histograms": lambda: plots.score_histograms(
        SPREAD, title=TITLE, model="course-lm", scorer="course-rm", n=34
    ),
    "calibration": lambda: plots.calibration(CLAIMS, title=TITLE, model="course-lm", scorer="course-rm"),
    "gains": lambda: plots.gains(GAINS, title=TITLE, model="course-lm", over="the vote", samples=32),
}


@pytest.mark.parametrize("name", DRAW)
def test_a_figure_says_what_it_shows(name):
    figure = DRAW[name]()
    markup = figure._repr_mimebundle_()["text/html"]
    alt = re.search(r'<img alt="([^"]*)" src="data:image/png;base64,', markup)[1]
    assert html.unescape(alt) == figure.alt
    assert figure.alt.startswith(TITLE) and "Model: course-lm" in figure.alt
    assert figure.png.startswith(b"\x89PNG")


def test_histograms_tell_how_many_samples_and_where_their_middle_is():
    alt = DRAW["histograms"]().alt
    assert "words, 4 right samples: median 2.2." in alt and "words, 3 wrong samples: median 0.0." in alt
    assert "sums, 0 wrong samples: none." in alt and "34 problems" in alt


def test_calibration_tells_each_claim_beside_the_truth():
    alt = DRAW["calibration"]().alt
    assert "claimed 60 %, right 70 % of 300" in alt and "sums: claimed 50 %, right 25 % of 16" in alt
    assert "9-40 problems a point" in alt


def test_gains_tell_each_difference_with_its_interval():
    alt = DRAW["gains"]().alt
    assert "words, reward: k = 2: +5 [+2, +8]" in alt and "k = 4: -10 [-20, -2]" in alt


def test_a_solution_is_read_line_by_line_and_its_text_is_no_markup():
    figure = plots.steps_read("How many?", ROWS, title=TITLE, model="course-lm", scorer="course-prm")
    assert "7 &lt; 8 + 1 = 10" in figure.markup and "<b>Right samples score higher</b>" in figure.markup
    assert figure.markup.count("✗") == 1 and "0.96" in figure.markup
    assert "12 - 5 = 7: 0.96. 7 < 8 + 1 = 10: 0.25, the first false sum." in figure.alt
    assert "by course-prm" in figure.alt
