"""Measurements of speed. `python -m bench` measures sampling; the other modules are run by name."""
