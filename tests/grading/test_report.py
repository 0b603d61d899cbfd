"""Tables and exports: missing is not zero, spreadsheets run nothing, the item analysis says what is hard."""

import csv
import io

from grading import items, report
from grading.submissions import ATTENTION, GRADED, Result

ROWS = [
    report.Row("tiny", "ada", "graded", 7.0, 11.0, 1, 0.0, 1.5, "", "", ""),
    report.Row("tiny", "bob", "graded", 0.0, 11.0, 0, 0.0, 1.0, "", "tiny/t: edited", "=1+1"),
    report.Row("tiny", "cyd", "missing", None, 11.0, 0, 0.0, 0.0, "", "", ""),
    report.Row("tiny", "dot", "needs attention", None, 11.0, 0, 0.0, 2.0, "not JSON", "", ""),
]
PEOPLE = {"ada": report.Person("ada", "Ada", "Lovelace", "ada@x.org", "101")}


def read(text: str) -> list[dict]:
    return list(csv.DictReader(io.StringIO(text)))


def test_missing_is_no_zero_anywhere():
    scores = [(row["student"], row["score"], row["status"]) for row in read(report.to_csv(ROWS))]
    assert scores == [
        ("ada", "7.0", "graded"),
        ("bob", "0.0", "graded"),
        ("cyd", "", "missing"),
        ("dot", "", "needs attention"),
    ]
    assert [row["tiny"] for row in read(report.to_moodle(ROWS, PEOPLE))] == ["7", "0", "", ""]
    assert [row["tiny"] for row in read(report.to_canvas(ROWS, PEOPLE))] == ["11", "7", "0", "", ""]


def test_the_shapes_that_canvas_and_moodle_read():
    canvas = report.to_canvas(ROWS, PEOPLE).splitlines()
    assert canvas[0] == "Student,ID,SIS User ID,SIS Login ID,Section,tiny"
    assert canvas[1] == "    Points Possible,,,,,11"
    assert canvas[2] == '"Lovelace, Ada",101,,ada,,7'
    moodle = report.to_moodle(ROWS, PEOPLE).splitlines()
    assert moodle[:2] == ["username,firstname,lastname,email,tiny", "ada,Ada,Lovelace,ada@x.org,7"]


def test_a_formula_becomes_text():
    assert read(report.to_csv(ROWS))[1]["notes"] == "'=1+1"


def test_the_table_counts():
    text = report.table(ROWS)
    assert "needs attention: not JSON" in text and "flag: tiny/t: edited" in text
    assert (
        text.splitlines()[-1] == "2 graded, 1 missing, 1 needs attention, 1 to grade by hand, 1 flagged, 4 s."
    )


def learner(name: str, *scores: float, error: str = "") -> Result:
    cells = {
        f"t{n}": {"score": s, "max": 1.0, "manual": False, "error": "" if s else error}
        for n, s in enumerate(scores)
    }
    cells["why"] = {"score": None, "max": 2.0, "manual": True, "error": ""}
    return Result(name, status=GRADED, cells={"tiny": cells})


def test_items_by_share_error_and_discrimination():
    class_ = [
        learner("a", 1, 1, 1),
        learner("b", 1, 1, 0, error="AssertionError: <b>"),
        learner("c", 1, 0, 0, error="TypeError: x"),
    ]
    first, second, third = items.analyse([*class_, Result("z", status=ATTENTION)])
    assert (first.cell, first.passing, first.discrimination) == ("tiny/t0", 1.0, None)
    assert (second.graded, round(second.passing, 2), second.errors) == (3, 0.67, (("TypeError: x", 1),))
    assert 0 < second.low < second.passing < second.high < 1 and third.discrimination > 0
    page = items.page("tiny", class_)
    assert "Hardest: tiny/t2, passed by 33%" in page and "&lt;b&gt;" in page and "<b>" not in page
    assert page.count("<figure") == 2 and 'aria-label="Share of submissions' in page


def test_a_page_without_submissions():
    assert "nothing to analyse" in items.page("tiny", [])
