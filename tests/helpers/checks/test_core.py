"""The feedback beside an exercise: what it shows, in which order, and what it never does."""

import numpy as np
import pytest

from helpers.checks.core import Case, check, feedback, identical

TWO_HINTS = ("a nudge", "nearly <b>the</b> line")


def test_a_pass_says_how_many_cases():
    outcome = feedback("double", [Case("double(2)", lambda: 4, 4), Case("double(0)", lambda: 0, 0)])
    assert outcome.failed is None
    assert repr(outcome) == "✓ double: all 2 cases pass."
    assert "all 2 cases pass" in outcome._repr_html_()


def test_a_pass_shows_what_was_seen_and_a_failure_does_not_look():
    good, bad = Case("double(2)", lambda: 4, 4), Case("double(2)", lambda: 5, 4)
    outcome = feedback("double", [good], lambda: "2 became <4>")
    assert repr(outcome).endswith("\n2 became <4>") and "2 became &lt;4&gt;" in outcome._repr_html_()
    assert feedback("double", [bad], lambda: 1 / 0).failed is bad


def test_printing_instead_of_returning_is_said(capsys):
    text = repr(feedback("double", [Case("double(2)", lambda: print(4), 4)]))
    assert "nothing is returned here" in text
    assert "nothing is returned" not in repr(feedback("read", [Case("read('')", lambda: "", None)]))


def test_only_the_first_failing_case_is_shown_and_later_ones_do_not_run():
    ran = []

    def run(name, value):
        return lambda: ran.append(name) or value

    cases = [Case(name, run(name, value), 4) for name, value in [("first", 4), ("second", 5), ("third", 6)]]
    text = repr(feedback("double", cases))
    assert ran == ["first", "second"]
    assert "case 2 of 3" in text and "second" in text and "third" not in text


def test_yours_stands_beside_expected():
    lines = repr(feedback("extract", [Case("extract('Final: 14')", lambda: "7", "14")])).splitlines()
    assert lines[2:] == ["  yours:    '7'", "  expected: '14'"]


def test_two_values_that_print_alike_are_told_apart_by_their_types():
    text = repr(feedback("extract", [Case("extract('Final: 14')", lambda: 14, "14")]))
    assert "type int, where str is expected" in text


def test_hints_are_a_ladder_of_which_only_the_first_step_stands_open():
    page = feedback("double", [Case("double(2)", lambda: 5, 4, TWO_HINTS)])._repr_html_()
    first, second = page.split("<details")[1:]
    assert first.startswith(" open>") and "a nudge" in first
    assert second.startswith(">") and "nearly" in second


def test_what_the_learner_wrote_is_escaped_in_html():
    page = feedback("x", [Case("<i>call</i>", lambda: "<script>", "<td>", TWO_HINTS)])._repr_html_()
    assert not any(raw in page for raw in ("<script>", "<i>call", "<b>the</b>", "'<td>'"))


def test_a_stub_is_told_apart_from_a_mistake():
    def stub():
        raise NotImplementedError

    assert "nothing yet" in repr(feedback("double", [Case("double(2)", stub, 4, TWO_HINTS)]))


def test_an_error_in_the_learners_code_is_shown_and_does_not_stop_the_notebook(capsys):
    check("double", [Case("double('a')", lambda: {}["pred"], 4)])
    assert "an error: KeyError: 'pred'" in capsys.readouterr().out


def test_long_values_are_cut():
    assert len(repr(feedback("x", [Case("x", lambda: "a" * 10_000, "b")]))) < 1_000


def test_the_same_failure_gives_the_same_feedback_again():
    cases = [Case("double(2)", lambda: 5, 4, TWO_HINTS)]
    assert feedback("double", cases) == feedback("double", cases)


SAME = [
    (4, 4),
    (np.int64(4), 4),
    (0.75, 0.75),
    (np.float64(0.75), 0.75),
    (1, 1.0),
    (0.1 + 0.2, 0.3),
    (None, None),
    (True, True),
    ("14", "14"),
    ([{"pred": None, "tokens": 2}], [{"pred": None, "tokens": 2}]),
]
DIFFERENT = [
    (14, "14"),
    ("14", 14),
    ("14", None),
    (None, "14"),
    (True, 1),
    (1, True),
    (True, 1.0),
    (4.0, 4),
    (0.76, 0.75),
    ("0.75", 0.75),
    ([], [None]),
    ((1,), [1]),
    ([{"pred": 14}], [{"pred": "14"}]),
    ({"pred": "14"}, {"pred": "14", "tokens": 2}),
]


@pytest.mark.parametrize(("yours", "expected"), SAME)
def test_what_counts_as_the_same(yours, expected):
    assert identical(yours, expected)


@pytest.mark.parametrize(("yours", "expected"), DIFFERENT)
def test_what_does_not(yours, expected):
    assert not identical(yours, expected)


def test_an_object_that_claims_to_equal_everything_is_not_believed():
    class Yes:
        def __eq__(self, other):
            return True

        __hash__ = None

    assert not identical(Yes(), "14") and not identical([Yes()], ["14"])


def test_none_after_results_may_be_an_answer_of_its_own():
    cases = [Case("vote(a)", lambda: "14", "14"), Case("vote(b)", lambda: None, "13")]
    assert "None, or nothing, is returned here" in repr(feedback("vote", cases))


def test_true_is_not_taken_for_one():
    text = repr(feedback("share", [Case("share(a)", lambda: True, 1.0)]))
    assert "type bool, where float is expected" in text
