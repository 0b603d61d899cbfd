"""What every figure has in common: the look, the caption, and the text for those who cannot see it.

A `Figure` shows itself as the last value of a cell and carries its `alt` text into JupyterLab and into
nbgrader's feedback. Colours are those of Okabe and Ito (2008), the last two Paul Tol's; no colour stands
alone: markers and dashes differ too. Every picture of the repository takes its colours from here.
"""

from __future__ import annotations

import base64
import html
import io
import textwrap
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

BLUE, ORANGE, GREEN, VERMILLION = "#0072B2", "#E69F00", "#009E73", "#D55E00"
PURPLE, SKY, BLACK, GREY = "#CC79A7", "#56B4E9", "#000000", "#767676"

# One entry for each series of a chart: colour, marker, dashes.
STYLES = (
    (BLUE, "o", "-"),
    (VERMILLION, "s", "--"),
    (GREEN, "^", "-."),
    (PURPLE, "D", ":"),
    (ORANGE, "v", (0, (6, 2))),
    (SKY, "P", (0, (3, 1, 1, 1, 1, 1))),
    (BLACK, "X", (0, (1, 2))),
    (GREY, "*", (0, (8, 2, 1, 2))),
    ("#882255", "<", (0, (2, 1))),
    ("#332288", ">", (0, (4, 1, 1, 1))),
)

LOOK = {
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#dddddd",
    "grid.linewidth": 0.8,
    "axes.titlesize": 10.5,
    "lines.markersize": 6,
    "legend.frameon": False,
    "text.parse_math": False,  # a dollar is a dollar
}
DOTS_PER_INCH = 160
SHOWN_PER_INCH = 96


@dataclass(frozen=True)
class Figure:
    """A finished figure: `alt` says in words what it shows, `markup` is HTML, `png` the picture, if any."""

    alt: str
    markup: str = field(repr=False)
    png: bytes = field(default=b"", repr=False)

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        return {"text/html": self.markup, "text/plain": self.alt}

    def save(self, path: str | Path) -> None:
        """Write the picture as a PNG file."""
        Path(path).write_bytes(self.png)


def show(figure: Figure) -> None:
    """Show a figure in a notebook, from anywhere in a cell."""
    from IPython.display import display

    display(figure)


def caption(model: str, table=None, samples: int | None = None, band: bool = True) -> str:
    """Where the numbers come from: model, problems a point (column `n` of `table`), samples a problem."""
    parts = [f"Model: {model}"]
    if table is not None and "n" in table:
        low, high = int(table["n"].min()), int(table["n"].max())
        count = f"{low}" if low == high else f"{low}-{high}"
        parts.append(f"{count} problem{'s' * (high != 1)} a point")
    if samples:
        parts.append(f"{samples} sample{'s' * (samples != 1)} a problem")
    return " · ".join(parts + ["band: 95 % interval"] * band)


@contextmanager
def canvas(columns: int = 1, width: float = 7.6, height: float = 4.2, sharey: bool = True):
    """A matplotlib figure (width and height in inches) in the common look, and its axes beside each other."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure as Canvas

    with rc_context(LOOK):
        figure = Canvas(figsize=(width, height), layout="constrained")
        yield figure, figure.subplots(1, columns, squeeze=False, sharey=sharey)[0]


def finish(figure, title: str, note: str, alt: str) -> Figure:
    """Put the title (the finding) and the legend above and the note below, and make a `Figure` of it."""
    width, _ = figure.get_size_inches()
    finding = textwrap.fill(title, int(width * 9.2))
    bold = {"size": 12, "weight": "bold"}
    handles, labels = figure.axes[0].get_legend_handles_labels()
    if handles:  # as the legend's title, for matplotlib lays a legend over a title of its own
        place = {"loc": "outside upper left", "ncols": _columns(labels, width), "alignment": "left"}
        figure.legend(handles, labels, title=finding, title_fontproperties=bold, handlelength=3.2, **place)
    else:
        figure.suptitle(finding, x=0.01, ha="left", fontproperties=bold)
    figure.supxlabel(textwrap.fill(note, int(width * 17)), x=0.01, ha="left", fontsize=8, color="#555555")
    picture = io.BytesIO()
    figure.savefig(picture, format="png", dpi=DOTS_PER_INCH)
    alt = f"{title} {alt} {note}."
    data = base64.b64encode(picture.getvalue()).decode()
    markup = (
        f'<img alt="{html.escape(alt)}" src="data:image/png;base64,{data}" '
        f'style="width: {width * SHOWN_PER_INCH:.0f}px; max-width: 100%; background: white">'
    )
    return Figure(alt, markup, picture.getvalue())


def _columns(labels: Sequence[str], width: float) -> int:
    """The most columns, up to 4, in which a legend fits into so many inches."""
    for columns in range(min(len(labels), 4), 1, -1):
        short, longer = divmod(len(labels), columns)  # the first columns hold one more
        ends = [(short + 1) * min(i, longer) + short * max(0, i - longer) for i in range(columns + 1)]
        widest = [max(map(len, labels[a:b])) for a, b in pairwise(ends)]
        if 0.8 * columns + 0.08 * sum(widest) <= width:  # handle and gaps; a letter
            return columns
    return 1


def styles(names: Sequence[str]) -> Mapping[str, dict]:
    """A colour, a marker and dashes for each name, the same in every panel of a figure."""
    if len(names) > len(STYLES):
        raise ValueError(f"A figure can tell {len(STYLES)} lines apart, not {len(names)}: draw two figures.")
    return {
        name: {"color": colour, "marker": marker, "linestyle": dashes}
        for name, (colour, marker, dashes) in zip(names, STYLES, strict=False)
    }


def percent(share: float) -> str:
    return f"{100 * share:.0f} %"
