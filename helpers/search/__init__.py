"""Search over steps: partial solutions, what writes and reads their lines, and recorded searches."""

from helpers.search.recorded import recorded_searches
from helpers.search.states import Level, Meter, Remembered, RememberedScores, State
from helpers.search.steps import StepModel

__all__ = ["Level", "Meter", "Remembered", "RememberedScores", "State", "StepModel", "recorded_searches"]
