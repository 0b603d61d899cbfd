"""A part of a page that a command writes."""

import pytest

from training.marks import filled

PAGE = "above\n<!-- a -->\nold\n<!-- /a -->\nbelow\n"


def test_only_what_stands_between_the_marks_is_written_anew():
    assert filled(PAGE, "a", "new\n") == PAGE.replace("old", "new")
    assert filled(filled(PAGE, "a", "new\n"), "a", "old\n") == PAGE


@pytest.mark.parametrize("page", ["", "<!-- a -->\n", "<!-- /a -->", PAGE.replace("a -->", "b -->")])
def test_a_page_without_the_marks_is_refused(page):
    with pytest.raises(ValueError, match="marks"):
        filled(page, "a", "new\n")
