"""Which written sums are read, and how."""

import pytest

from helpers.answers import written_sums


@pytest.mark.parametrize(
    ("text", "sums"),
    [
        ("Gives away 78: 338 - 78 = 260", [(338, "-", 78, 260)]),
        ("12 - 5 = 7 apples, and 7 * 2 = 14.", [(12, "-", 5, 7), (7, "*", 2, 14)]),
        ("100 * 12 = 1,200", [(100, "*", 12, 1200)]),
        ("5 - 8 = -3", [(5, "-", 8, -3)]),
        ("3 + 4 + 5 = 12", []),
        ("0.5 * 10 = 5", []),
        ("10 / 4 = 2.5", []),
        ("12 / 4 = 3.", [(12, "/", 4, 3)]),
        ("Final: 260", []),
    ],
)
def test_sums_of_two_whole_numbers_are_read(text, sums):
    assert written_sums(text) == sums
