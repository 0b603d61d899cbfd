"""The script that starts a workbench, run with a stand-in for JupyterLab."""

import os
import subprocess

import pytest

from config import ROOT

SCRIPT = ROOT / "deploy" / "workbench.sh"


@pytest.fixture
def start(tmp_path):
    """Run the script in a home of its own; the words of the program that it became, and that home."""
    programs, image, home = tmp_path / "bin", tmp_path / "image", tmp_path / "home"
    for folder in (programs, image / "notebooks", home):
        folder.mkdir(parents=True)
    (image / "notebooks" / "a.ipynb").write_text("new")
    for name in ("jupyter", "jupyterhub-singleuser"):
        (programs / name).write_text(f'#!/bin/sh\necho {name} "$@"; echo "$PYTHONPATH"; pwd\n')
        (programs / name).chmod(0o755)

    def start(**environment):
        base = {"PATH": f"{programs}:{os.environ['PATH']}", "HOME": str(home), "WORKSHOP": str(image)}
        done = subprocess.run([SCRIPT], env=base | environment, capture_output=True, text=True, check=True)
        return done.stdout.splitlines(), home

    return start


def test_alone_it_keeps_its_token(start):
    (words, path, here), home = start()
    assert words.startswith("jupyter lab ") and "IdentityProvider" not in words and "--port=8888" in words
    assert path == here == str(home / "workshop")
    assert (home / "workshop" / "notebooks" / "a.ipynb").read_text() == "new"


def test_on_openshift_ai_it_answers_under_its_prefix(start):
    (words, *_), _ = start(NB_PREFIX="/notebook/p/n")
    assert "--ServerApp.base_url=/notebook/p/n" in words and "--IdentityProvider.token= " in words


def test_on_a_hub_it_is_the_hub_s_server(start):
    (words, *_), home = start(JUPYTERHUB_API_TOKEN="x")
    assert words.startswith(f"jupyterhub-singleuser --ServerApp.root_dir={home}/workshop")
    assert "IdentityProvider" not in words


def test_what_the_learner_changed_stays(start):
    _, home = start()
    (home / "workshop" / "notebooks" / "a.ipynb").write_text("mine")
    start()
    assert (home / "workshop" / "notebooks" / "a.ipynb").read_text() == "mine"
