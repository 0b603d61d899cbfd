"""The figures of the notebooks: each function returns a `Figure`, which `show` shows.

One style and one table of colours, in `helpers.plots.figure`. Matplotlib loads with the first figure.
"""

from helpers.plots.charts import accuracy_against_tokens, accuracy_by, bars, vote_bars
from helpers.plots.differences import differences
from helpers.plots.figure import Figure, show
from helpers.plots.grids import GridRow, draw_flips, grid
from helpers.plots.guided import Generation, genealogy, step_scores, visited_tree
from helpers.plots.html import answered_twice, steps_read
from helpers.plots.methods import draw_methods
from helpers.plots.rollouts import rollout_places
from helpers.plots.scores import calibration, gains, score_histograms
from helpers.plots.trees import Node, draw_search, tree

__all__ = [
    "Figure",
    "Generation",
    "GridRow",
    "Node",
    "accuracy_against_tokens",
    "accuracy_by",
    "answered_twice",
    "bars",
    "calibration",
    "differences",
    "draw_flips",
    "draw_methods",
    "draw_search",
    "gains",
    "genealogy",
    "grid",
    "rollout_places",
    "score_histograms",
    "show",
    "step_scores",
    "steps_read",
    "tree",
    "visited_tree",
    "vote_bars",
]
