"""The time in a submission's `timestamp.txt`, in whatever zone it is written."""

import re
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

SUMMER = {"CEST": 2, "EEST": 3, "WEST": 1, "EDT": -4, "CDT": -5, "MDT": -6, "PDT": -7}  # hours from UTC
STANDARD = {"UTC": 0, "GMT": 0, "Z": 0, "CET": 1, "EET": 2, "WET": 0, "EST": -5, "MST": -7, "PST": -8}
HOURS = SUMMER | STANDARD
LINE = re.compile(r"(?P<time>\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)\s*(?P<zone>\S+)?")
OFFSET = re.compile(r"(?P<sign>[+-])(?P<hours>\d\d):?(?P<minutes>\d\d)?")


def to_utc(text: str) -> datetime:
    """The time in UTC, without a zone, which is how the gradebook keeps it; text without a zone is UTC.

    Zones are offsets (`+0100`), names (`Europe/Berlin`) and abbreviations that mean one thing (`CEST`).
    Raises ValueError for anything else.
    """
    found = LINE.fullmatch(text.strip())
    if not found:
        raise ValueError("it is not of the form 2026-03-01 12:00:00 UTC")
    return (
        datetime.fromisoformat(found["time"])
        .replace(tzinfo=_zone(found["zone"] or "UTC"))
        .astimezone(UTC)
        .replace(tzinfo=None)
    )


def _zone(name: str) -> timezone | ZoneInfo:
    if offset := OFFSET.fullmatch(name):
        minutes = int(offset["hours"]) * 60 + int(offset["minutes"] or 0)
        return timezone(timedelta(minutes=-minutes if offset["sign"] == "-" else minutes))
    if name.upper() in HOURS:
        return timezone(timedelta(hours=HOURS[name.upper()]))
    if "/" not in name:
        raise ValueError(f"the time zone {name} is not known or means several")
    try:
        return ZoneInfo(name)
    except (OSError, KeyError, ValueError):
        raise ValueError(f"the time zone {name} is not known") from None
