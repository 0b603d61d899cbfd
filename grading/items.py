"""Item analysis: for each exercise, how many passed, what failed typically, and whether it tells learners
apart.

One HTML page with its figures inside, for the instructor alone.
"""

import html
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import StatisticsError, correlation, median

from grading.submissions import GRADED, Result
from helpers.plots.figure import BLUE, GREY, ORANGE

EXAMPLES = 3
STYLE = (
    "body{font:16px sans-serif;max-width:60rem;margin:2rem auto}code{font-size:.9em}"
    "td,th{padding:.3rem .8rem;text-align:left;vertical-align:top;border-bottom:1px solid #ccc}"
)


@dataclass(frozen=True)
class Item:
    """One test cell. `passing` is the share of full marks, `low` and `high` its 95 % Wilson interval.

    `discrimination` correlates the cell's points with the learner's other points; None where one of them does
    not vary.
    """

    cell: str
    graded: int
    passing: float
    low: float
    high: float
    mean: float
    discrimination: float | None
    errors: tuple[tuple[str, int], ...]


def analyse(results: Sequence[Result]) -> list[Item]:
    """Items in the notebook's order, from graded submissions; cells graded by hand are left out."""
    graded = [result for result in results if result.status == GRADED]
    scores: dict[str, dict[str, float]] = {}
    about: dict[str, list[dict]] = {}
    for result in graded:
        for name, cells in result.cells.items():
            for test, cell in cells.items():
                if cell.get("score") is not None and cell.get("max") and not cell.get("manual"):
                    key = f"{name}/{test}"
                    scores.setdefault(key, {})[result.student] = cell["score"] / cell["max"]
                    about.setdefault(key, []).append(cell)
    return [_item(key, scores, about[key]) for key in scores]


def page(assignment: str, results: Sequence[Result]) -> str:
    """The page. Learners' messages are shown as text."""
    items = analyse(results)
    title = (
        f"{html.escape(assignment)}: {sum(result.status == GRADED for result in results)} graded submissions"
    )
    if not items:
        said = f"{title}: nothing to analyse yet."
        return f"<!doctype html><meta charset=utf-8><title>{title}</title><p>{said}</p>"
    hardest = min(items, key=lambda item: item.passing)
    lead = f"Hardest: {html.escape(hardest.cell)}, passed by {hardest.passing:.0%}."
    rows = "".join(_table_row(item) for item in items)
    head = "<tr><th>test<th>graded<th>full marks (95 %)<th>mean<th>discrimination<th>typical errors"
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{title}</title><style>{STYLE}</style>"
        f"<h1>{title}</h1><p>{lead} Discrimination is the correlation with the learner's other points: near "
        f"0 or below, the test measures something else.</p>{_passing_figure(items)}{_totals_figure(results)}"
        f"<table>{head}{rows}</table></html>"
    )


def _item(key: str, scores: dict[str, dict[str, float]], cells: list[dict]) -> Item:
    from helpers.estimators import wilson

    own = scores[key]
    full = sum(score >= 1 for score in own.values())
    interval = wilson(full, len(own))
    rest = {
        student: sum(s[student] for k, s in scores.items() if k != key and student in s) for student in own
    }
    errors = Counter(cell["error"] for cell in cells if cell.get("error"))
    return Item(
        cell=key,
        graded=len(own),
        passing=full / len(own),
        low=interval.low,
        high=interval.high,
        mean=sum(own.values()) / len(own),
        discrimination=_correlation(list(own.values()), [rest[student] for student in own]),
        errors=tuple(errors.most_common(EXAMPLES)),
    )


def _correlation(x: list[float], y: list[float]) -> float | None:
    try:
        return correlation(x, y)
    except StatisticsError:  # one of them does not vary, or there are fewer than two
        return None


def _table_row(item: Item) -> str:
    errors = "<br>".join(f"{count} × <code>{html.escape(text)}</code>" for text, count in item.errors)
    tells = "-" if item.discrimination is None else f"{item.discrimination:.2f}"
    share = f"{item.passing:.0%} ({item.low:.0%} to {item.high:.0%})"
    cells = (html.escape(item.cell), item.graded, share, f"{item.mean:.0%}", tells, errors)
    return "<tr>" + "".join(f"<td>{cell}" for cell in cells)


def _passing_figure(items: Sequence[Item]) -> str:
    figure, axes = _figure(8, 1.2 + 0.4 * len(items))
    places = range(len(items))
    shares = [item.passing for item in items]
    spread = [[i.passing - i.low for i in items], [i.high - i.passing for i in items]]
    axes.barh(places, shares, xerr=spread, color=BLUE, ecolor=GREY, capsize=3)
    axes.set_yticks(places, [item.cell.rpartition("/")[2] for item in items])
    axes.invert_yaxis()
    axes.set_xlim(0, 1)
    axes.set_xlabel("share of submissions with full marks, 95 % interval")
    worst = min(items, key=lambda item: item.passing)
    axes.set_title(f"Fewest pass {worst.cell.rpartition('/')[2]}: {worst.passing:.0%}", loc="left")
    words = "; ".join(f"{item.cell} {item.passing:.0%}" for item in items)
    return _svg(figure, f"Share of submissions with full marks by test: {words}")


def _totals_figure(results: Sequence[Result]) -> str:
    totals = [
        sum(cell["score"] for cells in result.cells.values() for cell in cells.values() if cell.get("score"))
        for result in results
        if result.status == GRADED
    ]
    figure, axes = _figure(8, 3)
    axes.hist(totals, bins=min(20, max(1, len(set(totals)))), color=ORANGE, edgecolor="white")
    axes.set_xlabel("points graded automatically")
    axes.set_ylabel("submissions")
    middle = median(totals)
    axes.set_title(f"Half of the submissions have {middle:g} points or more", loc="left")
    return _svg(
        figure, f"Histogram of points graded automatically; median {middle:g}, {len(totals)} submissions"
    )


def _figure(width: float, height: float):
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots()


def _svg(figure, alt: str) -> str:
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg")
    drawing = buffer.getvalue()[buffer.getvalue().index("<svg") :]
    return f'<figure role="img" aria-label="{html.escape(alt, quote=True)}">{drawing}</figure>'
