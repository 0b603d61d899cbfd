"""What Binder, Codespaces and the workflows read: files and targets that exist, one set of versions."""

import json
import re
import tomllib

import pytest
import yaml
from packaging.specifiers import SpecifierSet

from config import ROOT

MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PYTHONS = SpecifierSet(
    tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["requires-python"]
)


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def targets(commands: str) -> set[str]:
    """The targets of `make` in a shell command."""
    return set(re.findall(r"\bmake (?:[A-Z]+=\S+ )*([a-z][a-z-]*|\.\S+)", commands))


def is_target(name: str) -> bool:
    return f"\n{name.replace('.venv/', '$(VENV)/').replace('$(VENV)/.ready', '$(READY)')}:" in MAKEFILE


def test_binder_installs_what_the_course_pins_into_a_python_that_it_runs_on():
    lines = text(".binder/requirements.txt").split("\n")
    assert "-r ../requirements.txt" in lines
    [puller] = [line for line in lines if line.startswith("nbgitpuller==")]
    assert puller in text("deploy/requirements-hub.txt").split("\n")
    assert PYTHONS.contains(text(".binder/runtime.txt").strip().removeprefix("python-"))


def test_a_codespace_installs_by_make_and_opens_the_first_notebook():
    settings = json.loads(text(".devcontainer/devcontainer.json"))
    found = targets(settings["postCreateCommand"])
    assert found and all(is_target(name) for name in found)
    opened = settings["customizations"]["codespaces"]["openFiles"]
    assert opened and all((ROOT / name).is_file() for name in opened)
    assert PYTHONS.contains(re.search(r"python:(\d+\.\d+)", settings["image"])[1])


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_runs_what_there_is(path):
    jobs = yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"]
    steps = [step for job in jobs.values() for step in job["steps"]]
    commands = "\n".join(step.get("run", "") for step in steps)
    assert all(is_target(name) for name in targets(commands))
    named = re.findall(r"\b(?:tests|docs|deploy)/[\w./]+", commands)
    assert not [name for name in named if not (ROOT / name).exists()]
    modules = re.findall(r"python -m ((?:deploy|docs|grading)\.[\w.]+)", commands)
    assert not [name for name in modules if not (ROOT / f"{name.replace('.', '/')}.py").is_file()]
    assert all("@v" in step["uses"] for step in steps if "uses" in step)


def test_the_tests_run_on_every_python_that_is_promised():
    jobs = yaml.safe_load(text(".github/workflows/tests.yml"))["jobs"]
    versions = jobs["linux"]["strategy"]["matrix"]["python"]
    assert all(PYTHONS.contains(version) for version in versions) and not PYTHONS.contains("3.10")
    assert all(version in text("docs/platforms.md") for version in versions)
    assert {"windows-latest", "macos-latest"} == set(jobs["learner"]["strategy"]["matrix"]["os"])


@pytest.mark.parametrize("name", ["bug", "lesson"])
def test_an_issue_form_has_what_the_forms_need(name):
    form = yaml.safe_load(text(f".github/ISSUE_TEMPLATE/{name}.yml"))
    assert form["name"] and form["description"]
    ids = [part["id"] for part in form["body"]]
    assert len(set(ids)) == len(ids) and all(part["attributes"]["label"] for part in form["body"])


def test_a_target_that_is_not_there_is_noticed():
    assert is_target(".venv/.ready") and is_target("site") and not is_target("sites")
    assert targets("x && make PYTHON=python3 lab; make .venv/.ready") == {"lab", ".venv/.ready"}
