"""The public address stands in one place, and the README follows it."""

import re
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from config import ROOT
from deploy.links import UNKNOWN, addresses, filled, links, repository

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_readme_is_what_the_setting_makes():
    assert filled(README, repository()) == README


def test_without_an_address_nothing_pretends_to_have_one():
    assert "](http" not in links(UNKNOWN) and UNKNOWN not in links(UNKNOWN)


def test_with_an_address_every_way_leads_to_the_first_notebook():
    found = addresses("Ada/course")
    assert found["site"] == "https://ada.github.io/course/"
    for way in ("Binder", "Colab"):
        assert "Ada/course" in found[way] and "00_start_here.ipynb" in found[way]
    query = parse_qs(urlsplit(found["a JupyterHub with nbgitpuller"]).query)
    assert query["repo"] == ["https://github.com/Ada/course"]
    assert query["urlpath"] == ["lab/tree/course/notebooks/00_start_here/00_start_here.ipynb"]
    path = unquote(urlsplit(found["Binder"]).query).partition("lab/tree/")[2]
    assert (ROOT / path).is_file()
    text = filled(README, "Ada/course")
    assert text.count("Ada/course") >= 5 and filled(text, UNKNOWN) == filled(README, UNKNOWN)


def test_a_mistyped_address_is_named(tmp_path):
    (tmp_path / "pyproject.toml").write_text('[tool.workshop]\nrepository = "https://github.com/a/b"\n')
    with pytest.raises(ValueError, match="owner/name"):
        repository(tmp_path)


def test_the_branch_of_the_colab_links_is_the_one_that_is_written():
    workflow = (ROOT / ".github/workflows/site.yml").read_text()
    assert re.search(r"push .* origin colab", workflow) and "/blob/colab/" in addresses("a/b")["Colab"]
