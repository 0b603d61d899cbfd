"""What the code imports is in the requirements, pinned to the versions that these tests run with."""

import ast
import sys
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from config import ROOT


def pins(name: str) -> dict[str, str]:
    """Version by package of a requirements file."""
    lines = [line.split("#")[0].strip() for line in (ROOT / name).read_text().splitlines()]
    found = [Requirement(line) for line in lines if line and not line.startswith("-")]
    return {canonicalize_name(r.name): str(r.specifier).removeprefix("==") for r in found}


USER, ALL = pins("requirements.txt"), pins("requirements.txt") | pins("requirements-dev.txt")


def imports(path: Path) -> Iterator[str]:
    """Top names of all absolute imports in a module."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module.split(".")[0]


@cache
def installed() -> dict[str, list[str]]:
    """Distributions by the top names that they bring."""
    return packages_distributions()


def missing(paths: list[Path], pinned: dict[str, str]) -> dict[str, str]:
    """Packages that come with none of the pins, with a module that imports them."""
    distributions = installed()
    own = {path.stem for path in ROOT.iterdir()} | sys.stdlib_module_names
    used = {name: str(path) for path in paths for name in imports(path) if name not in own}
    return {
        name: path
        for name, path in used.items()
        if not {canonicalize_name(d) for d in distributions.get(name, ())} & pinned.keys()
    }


@pytest.mark.parametrize("package", ALL)
def test_the_pinned_version_is_the_tested_one(package):
    assert Version(version(package)).public == ALL[package]


@pytest.mark.parametrize("folder", ["helpers", "grading", "training", "deploy"])
def test_what_a_user_runs_imports_only_what_a_user_installs(folder):
    assert not missing(sorted((ROOT / folder).rglob("*.py")), USER)


@pytest.mark.parametrize("folder", ["bench", "tests"])
def test_what_a_maintainer_runs_imports_only_what_a_maintainer_installs(folder):
    assert not missing(sorted((ROOT / folder).rglob("*.py")), ALL)
