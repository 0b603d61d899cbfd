"""The figures of the notebooks: one style and one table of colours, in `figure`."""

from helpers.plots.charts import *  # noqa: F403
