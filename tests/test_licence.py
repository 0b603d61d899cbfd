"""One licence, said everywhere alike, and a list of what others contribute that forgets no package."""

import re
import tomllib

import pytest
import yaml

from config import ROOT

LICENCE = "Apache-2.0"
CARDS = sorted((ROOT / "prebuilt/models").glob("*/README.md"))


def test_the_project_names_the_licence_that_it_holds():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["license"] == LICENCE == yaml.safe_load((ROOT / "CITATION.cff").read_text())["license"]
    assert all((ROOT / name).is_file() for name in project["license-files"])
    assert "Version 2.0, January 2004" in (ROOT / "LICENSE").read_text()


@pytest.mark.parametrize("card", CARDS, ids=lambda path: path.parent.name)
def test_every_model_card_names_it(card):
    front = yaml.safe_load(card.read_text(encoding="utf-8").split("---")[1])
    assert front["license"] == LICENCE.lower()


def test_every_model_folder_has_a_card():
    assert {path.parent for path in CARDS} == {p for p in (ROOT / "prebuilt/models").iterdir() if p.is_dir()}


def test_every_package_that_a_user_installs_is_in_the_list():
    pins = re.findall(r"^([\w.-]+)(?:\[\w+\])?==", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    listed = re.findall(r"[\w.-]+", (ROOT / "docs/third_party.md").read_text())
    assert pins and not set(pins) - set(listed)


def test_the_changelog_has_the_version_of_the_project():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert version == str(yaml.safe_load((ROOT / "CITATION.cff").read_text())["version"])
    assert re.search(rf"^## \[{re.escape(version)}\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
