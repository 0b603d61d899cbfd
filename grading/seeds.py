"""The global random numbers of a process, set anew, so that a submission gets the same verdict however often
it is graded.
"""

import random
import sys

import numpy as np

SEED = 0


def reset() -> None:
    """Seeds Python's and NumPy's global generators, and PyTorch's where it is loaded.

    A generator that code makes for itself without a seed takes one from the system and stays beyond reach.
    """
    random.seed(SEED)
    np.random.seed(SEED)
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(SEED)
