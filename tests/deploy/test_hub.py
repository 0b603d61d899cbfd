import json
import re
import socket
import subprocess

import pytest

from config import ROOT
from deploy import hub
from deploy.hub import Classroom, free_ports, main

DEPLOY = ROOT / "deploy"


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A small repository in the place of the course, on no branch, as a build server checks it out."""
    root = tmp_path / "course"
    git = ["git", "-C", root, "-c", "user.name=a", "-c", "user.email=a@b"]
    subprocess.run(["git", "init", "--quiet", root], check=True)
    (root / "first.txt").write_text("1")
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "--quiet", "-m", "First"], check=True)
    subprocess.run([*git, "checkout", "--quiet", "--detach"], check=True)
    monkeypatch.setattr(hub, "ROOT", root)
    return root, git


def test_a_classroom_is_prepared_once_and_brought_up_to_date(course, tmp_path):
    root, git = course
    room = Classroom(tmp_path / "state")
    room.prepare()
    secrets = {name: room.password(name) for name in (hub.INSTRUCTOR, "ada")}
    assert len(secrets[hub.INSTRUCTOR]) >= 32 and len(secrets["ada"]) >= 8  # what JupyterHub asks for
    assert (room.home(hub.INSTRUCTOR) / hub.CLONE / "first.txt").exists()
    assert room.exchange.stat().st_mode & 0o777 == 0o777 and room.state.stat().st_mode & 0o777 == 0o700

    (root / "second.txt").write_text("2")
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "--quiet", "-m", "Second"], check=True)
    room.prepare()
    assert {name: room.password(name) for name in secrets} == secrets
    pulled = tmp_path / "pulled"
    subprocess.run(["git", "clone", "--quiet", "--branch=main", room.repository, pulled], check=True)
    assert (pulled / "second.txt").exists()


def test_a_taken_port_is_one_sentence(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        room = Classroom(tmp_path, port=taken.getsockname()[1], inner_ports=free_ports(2))
        with pytest.raises(RuntimeError, match=r"is taken, .* --port"):
            room.start()


def test_what_is_missing_is_one_sentence_and_nothing_starts(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(hub.sys, "executable", str(tmp_path / "python"))
    assert main(["--state", str(tmp_path / "state")]) == 2
    assert "run `make hub`" in capsys.readouterr().err and not (tmp_path / "state").exists()


def test_the_rehearsed_versions_are_exact():
    lines = [
        line.split("#")[0].strip() for line in (DEPLOY / "requirements-hub.txt").read_text().splitlines()
    ]
    assert all(re.fullmatch(r"[\w-]+==[\d.]+", line) for line in lines if line)
    wanted = json.loads((DEPLOY / "package.json").read_text())["dependencies"]
    locked = json.loads((DEPLOY / "package-lock.json").read_text())["packages"]
    assert wanted and all(
        locked[f"node_modules/{name}"]["version"] == version for name, version in wanted.items()
    )
