"""What was recorded once, so that every method is measured on the same: samples, comparisons, questions.

`pool` holds samples of any model; `scores` what the models that ship say of them; `methods` how the methods
of the course compare; `budget` the questions on which a policy spends in notebook 09.
"""

from helpers.pools.methods import METHODS, recorded_methods
from helpers.pools.pool import PREBUILT, NotRecorded, Pool, own_pool
from helpers.pools.scores import RecordedScores

__all__ = [
    "METHODS",
    "PREBUILT",
    "NotRecorded",
    "Pool",
    "RecordedScores",
    "own_pool",
    "recorded_methods",
]
