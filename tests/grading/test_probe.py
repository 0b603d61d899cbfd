import importlib
import pkgutil

import helpers
from grading.probe import _of_module


def test_no_module_of_the_course_looks_as_if_a_notebook_had_put_code_into_it():
    """Functions of frozen modules do, so the course imports such modules and not their functions."""
    for found in pkgutil.iter_modules(helpers.__path__):
        module = importlib.import_module(f"helpers.{found.name}")
        assert not [key for key, _ in _of_module(module.__name__, module) if key.startswith("foreign.")]
