"""Functions that stand in a solution notebook, for those who measure with them: there is no second copy."""

from types import SimpleNamespace

from config import ROOT
from helpers.checks.earlier import from_earlier

SOLUTIONS = ROOT / "solutions"


def from_notebook(notebook: str, *names: str) -> SimpleNamespace:
    """Functions of the solution notebook whose number is `notebook`; raises LookupError where there is none.

    Of the notebook only imports, definitions and constants are run, so no model is loaded and no figure
    drawn.
    """
    return from_earlier(notebook, *names, folder=SOLUTIONS)
