"""The doctor's page: each line is ok or says what to do, whatever is broken."""

import json
import os
import subprocess
import sys
from importlib.metadata import PackageNotFoundError
from types import SimpleNamespace

import pytest

import config
from config import ROOT
from deploy import doctor
from deploy.doctor import Line
from helpers.engine import hardware as machine
from tests.helpers.faulty import FaultyEndpoint, completion, cut, error, reply, silence

KEY = "sk-do-not-show-me"
LAB = "  @jupyter/nbgrader v0.9.6 enabled OK\n"
SERVER = "".join(f"  nbgrader.server_extensions.{name}  OK\n" for name in doctor.NBGRADER)


@pytest.fixture
def settings(monkeypatch):
    """What `.env` says; the test names an endpoint."""
    names = {
        "API_KEY": KEY,
        "ENDPOINT_BASE": "",
        "MODEL": "small",
        "JUDGE_MODEL": "big",
        "QUANTIZATION": None,
    }
    names |= {"THINKING": None, "REWARD_MODEL": "prebuilt/models/course-rm"}
    settings = SimpleNamespace(**names, ConfigError=config.ConfigError)
    monkeypatch.setattr(doctor, "config", settings)
    monkeypatch.setattr(doctor, "_jupyter", lambda what: SERVER if "server" in what else LAB)
    monkeypatch.setattr(doctor, "local_model", lambda name: Line("model", True, name))
    monkeypatch.setattr(doctor, "reward_model", lambda name: Line("reward model", True, name))
    return settings


def test_a_healthy_page_asks_every_model_of_the_endpoint(settings, capsys):
    with FaultyEndpoint() as server:
        settings.ENDPOINT_BASE = server.url
        assert doctor.main() == 0
    page = capsys.readouterr().out
    assert "small gives its first token after" in page and "big gives its first token after" in page
    assert page.endswith("All 13 lines are well.\n") and KEY not in page and KEY[:8] not in page
    assert [body["max_tokens"] for body in server.requests] == [1, 1]


def test_one_missing_model_is_one_line_to_do(settings, capsys):
    def choosy(handler):
        (error(404, "no such model") if handler.body["model"] == "big" else reply(completion("7")))(handler)

    with FaultyEndpoint(default=choosy) as server:
        settings.ENDPOINT_BASE = server.url
        assert doctor.main() == 1
    page = capsys.readouterr().out.splitlines()
    [bad] = [line for line in page if line.startswith("!!")]
    assert "knows no model big" in bad and "check MODEL and ENDPOINT_BASE." in bad
    assert page[-1] == "1 of 13 lines need attention."


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (error(401, f"wrong key {KEY}"), "(401): put a valid API_KEY into .env, one that may use small."),
        (error(400, f"bad {KEY}"), "refuses the request (400)"),
        (error(500, f"oops {KEY}"), "has a fault of its own (500, 2 times in a row): try again later."),
        (error(429, Retry_After="0"), "is too busy (429"),
        (silence, "was silent for 0.2 s, 2 times in a row"),
        (cut, "cut the connection, 2 times in a row"),
        (reply("<html>login</html>"), "no chat completion"),
    ],
    ids=["401", "400", "500", "429", "silence", "cut", "html"],
)
def test_what_an_endpoint_does_is_one_sentence_without_the_key(settings, fault, words):
    patience = 0.2 if fault is silence else 30
    with FaultyEndpoint(default=fault) as server:
        line = doctor.looked_at("endpoint", lambda: doctor.endpoint_model("small", server.url, KEY, patience))
    assert not line.well and words in line.text
    assert KEY not in str(line) and "\n" not in str(line)


def test_a_fault_that_passes_is_no_finding(settings):
    with FaultyEndpoint(error(503, Retry_After="0")) as server:
        assert doctor.looked_at("endpoint", lambda: doctor.endpoint_model("small", server.url, KEY)).well


def test_whatever_a_check_raises_is_a_line_without_the_key(settings):
    def broken():
        raise RuntimeError(f"cannot\nuse {KEY}")

    assert str(doctor.looked_at("model", broken)) == "!!  model              cannot use [key]"
    assert doctor.looked_at("model", lambda: 1 / 0).text == "division by zero"


def test_settings_that_cannot_work_are_a_line_and_the_rest_is_looked_at(tmp_path):
    code = """
from deploy import doctor
print([name for name, _ in doctor.checks()], doctor.looked_at("settings", doctor.settings), sep="\\n")
"""
    half_set = {**os.environ, "API_KEY": KEY, "ENDPOINT_BASE": ""}
    run = subprocess.run([sys.executable, "-c", code], env=half_set, cwd=ROOT, capture_output=True, text=True)
    names, line = run.stdout.splitlines()
    assert "'settings'" in names and "'disk'" in names and "'model'" not in names
    assert line.startswith("!!  settings") and "ENDPOINT_BASE is not: add the line" in line
    assert KEY not in run.stdout + run.stderr


def test_packages_beside_their_pins(tmp_path):
    (tmp_path / "r.txt").write_text("# no\n-e .\na==1.0\nb[x]==2.0 # why\nc.d==3\n")
    found = {"a": "1.0+cpu", "b": "2.1"}

    def installed(name):
        if name not in found:
            raise PackageNotFoundError(name)
        return found[name]

    line = doctor.packages(tmp_path / "r.txt", installed)
    assert not line.well and line.text == (
        "b is 2.1 instead of 2.0, c.d is missing instead of 3: run `pip install -r requirements.txt`."
    )
    found |= {"b": "2.0", "c.d": "3"}
    assert doctor.packages(tmp_path / "r.txt", installed) == Line("packages", True, "all 3 as tested")
    assert doctor.packages().well  # here, now


def test_python_disk_memory(monkeypatch):
    assert doctor.python().well and doctor.python("3.11.0").well
    assert "install 3.11 or newer" in doctor.python("3.9.2").text and not doctor.python("3.9.2").well
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda folder: SimpleNamespace(free=doctor.GIB // 2))
    assert not doctor.disk().well and "make room for 2 GiB" in doctor.disk().text
    monkeypatch.setattr(machine, "free_memory", lambda: doctor.GIB // 4)
    assert not doctor.memory().well and "close other notebooks" in doctor.memory().text


def test_the_device_says_what_would_fit(monkeypatch):
    card = machine.Machine("cuda", "T4", 15 * doctor.GIB, "float16")
    monkeypatch.setattr(machine, "this_machine", lambda: card)
    assert doctor.gpu().text == "cuda (T4), 15.0 GiB free: enough for Qwen/Qwen3-4B"
    nothing = machine.Machine("cpu", "1 threads", 0)
    monkeypatch.setattr(machine, "this_machine", lambda: nothing)
    assert doctor.gpu().text.endswith("enough for the embedded models") and doctor.gpu().well


def test_panels_that_are_missing_are_named():
    def run(what):
        return (
            SERVER.replace("formgrader  OK", "formgrader  X") if "server" in what else LAB.replace("OK", "X")
        )

    line = doctor.jupyter(run)
    assert not line.well and line.text.startswith(
        "@jupyter/nbgrader, formgrader of JupyterLab does not answer: run"
    )


def test_on_this_machine_generator_judge_and_reward_model_are_asked(settings):
    settings.ENDPOINT_BASE = None
    asked = [check().text for name, check in doctor.checks() if "model" in name]
    assert asked == ["small", "big", "prebuilt/models/course-rm"]


def test_the_embedded_model_answers(monkeypatch):
    monkeypatch.setattr(doctor, "load_model", lambda name: SimpleNamespace(name=name, sample=said))

    def said(prompts, **options):
        json.dumps([prompts, options])
        return [[SimpleNamespace(tokens=4)]]

    line = doctor.local_model("course-lm")
    assert line.well and line.text.startswith("course-lm, loaded in ") and ", 4 tokens in " in line.text


def test_a_real_model_is_known_once_it_is_installed(tmp_path):
    assert "none is needed; it would install smollm2" in doctor.real_model(tmp_path).text
    (tmp_path / "smollm2").mkdir()
    assert "nothing installed" in doctor.real_model(tmp_path).text  # an empty folder is no model
    (tmp_path / "smollm2" / "config.json").write_text("{}")
    line = doctor.real_model(tmp_path)
    assert line.well and "MODEL=smollm2 runs on it" in line.text
