"""Predictions: what is recorded, what is shown beside the outcome, and the table at the end."""

import numpy as np
import pytest

from helpers.checks.predict import Predictions

SIDES = ["heads", "tails"]


@pytest.fixture
def predict():
    return Predictions()


def said(capsys) -> str:
    return capsys.readouterr().out


def test_a_guess_stands_beside_what_came_out(predict, capsys):
    predict("right at once", 40, unit=" %", within=10)
    predict.outcome("right at once", 12.5)
    predict("coin", "heads", choices=SIDES)
    predict.outcome("coin", "tails")
    text = said(capsys)
    assert "you said 40 %, it came out as 12.5 %: off by 27.5 points." in text
    assert "you said heads, it came out as tails: something else." in text


@pytest.mark.parametrize(
    ("guess", "came_out", "verdict"),
    [
        (2, 2, "as you said"),
        (3, 2, "off by 1"),
        (0.3, 0.1 + 0.2, "as you said"),
        (np.int64(2), np.float64(2), "as you said"),
    ],
)
def test_without_a_tolerance_only_the_number_itself_is_right(predict, capsys, guess, came_out, verdict):
    predict("of four", guess)
    predict.outcome("of four", came_out)
    assert said(capsys).strip().endswith(f"{verdict}.")


@pytest.mark.parametrize(("guess", "hits"), [(30, 1), (50, 1), (29.9, 0), (51, 0)])
def test_a_guess_within_the_tolerance_is_close(predict, capsys, guess, hits):
    predict("share", guess, unit=" %", within=10)
    predict.outcome("share", 40)
    predict.table()
    assert f"You guessed at 1 of 1 outcomes; {hits} of the guesses were right or close." in said(capsys)


@pytest.mark.parametrize("guess", [..., None, "", "40", "40 %", True, [40], SIDES])
def test_a_guess_that_is_no_number_is_said_and_stops_nothing(predict, capsys, guess):
    predict("share", guess)
    predict.outcome("share", 40)
    text = said(capsys)
    assert "a number (without quotes)" in text and "40 (no guess was written before)" in text


@pytest.mark.parametrize("guess", [..., "edge", 1, ["heads"]])
def test_a_guess_outside_the_choices_names_them(predict, capsys, guess):
    predict("coin", guess, choices=SIDES)
    assert "one of 'heads', 'tails'" in said(capsys)


def test_the_last_guess_before_the_outcome_counts_and_none_after_it(predict, capsys):
    for guess in (1, 2, 3):
        predict("of four", guess)
    predict.outcome("of four", 4)
    predict("of four", 3)
    assert "came out already" not in said(capsys)
    predict("of four", 4)
    predict.outcome("of four", 4)
    text = said(capsys)
    assert "came out already" in text and "you said 3, it came out as 4: off by 1." in text


def test_the_table_has_a_row_for_each_outcome_in_the_order_of_the_questions(predict, capsys):
    predict("first", 1)
    predict("never run", 1)
    predict("second", ...)
    predict.outcome("second", 2)
    predict.outcome("first", 1)
    predict.outcome("never asked", 3)
    said(capsys)
    predict.table()
    first, *rows = said(capsys).splitlines()
    assert first == "You guessed at 1 of 3 outcomes; 1 of the guesses were right or close."
    assert [row.split("  ")[0].strip() for row in rows] == ["question", "first", "second", "never asked"]


def test_an_empty_table_is_a_sentence(predict, capsys):
    predict.table()
    assert said(capsys) == "You guessed at 0 of 0 outcomes; 0 of the guesses were right or close.\n"


def test_html_is_escaped_and_aligned():
    from helpers.checks.predict import Prediction, Table

    page = Table("a < b", [Prediction("<b>", 0, "", "x", "x")])._repr_html_()
    assert "a &lt; b" in page and "&lt;b&gt;" in page and "<b>" not in page


def test_two_notebooks_do_not_share_their_guesses(predict, capsys):
    predict("share", 40)
    Predictions().outcome("share", 40)
    assert "no guess was written" in said(capsys)
