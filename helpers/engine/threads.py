"""One thread for small work: at a few rows the threads of a library wait for each other longer than they
work, and on a machine that others share ten times longer.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import cache


@contextmanager
def one_thread():
    """torch and numpy's BLAS compute on one thread."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with _openblas().limit(limits=1):
            yield
    finally:
        torch.set_num_threads(threads)


@cache
def _openblas():
    import numpy as np  # noqa: F401 - brings the library that is looked for
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController().select(internal_api="openblas")
