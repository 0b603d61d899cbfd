"""The time of a submission, in the zones that learners' machines write."""

from datetime import datetime

import pytest

from grading.timestamps import to_utc


@pytest.mark.parametrize(
    "text, hour",
    [
        ("2026-07-01 12:00:00 UTC", 12),
        ("2026-07-01 12:00:00.000000 UTC", 12),
        ("2026-07-01T12:00:00Z", 12),
        ("2026-07-01 12:00:00", 12),
        ("2026-07-01 12:00:00 CEST", 10),
        ("2026-07-01 12:00:00 CET", 11),
        ("2026-07-01 12:00:00 +0100", 11),
        ("2026-07-01 12:00:00+01:00", 11),
        ("2026-07-01 12:00:00 -0500", 17),
        ("2026-07-01 12:00:00 Europe/Berlin", 10),
        ("2026-07-01 12:00 GMT\n", 12),
    ],
)
def test_the_hour_in_utc(text, hour):
    assert to_utc(text) == datetime(2026, 7, 1, hour)


@pytest.mark.parametrize(
    "text",
    [
        "soon",
        "12:00",
        "2026-07-01 12:00:00 IST",
        "2026-07-01 12:00:00 Mars/Base",
        "2026-13-01 12:00:00 UTC",
        "2026-07-01 12:00:00 ../../etc/passwd",
    ],
)
def test_what_is_no_time_is_refused(text):
    with pytest.raises(ValueError, match=r"\w"):
        to_utc(text)
