import subprocess
import sys
from types import SimpleNamespace

import pytest

from config import ROOT
from helpers import models
from helpers.engine import local
from helpers.models import Decoding, Sample, load_model

HEAVY = ("torch", "transformers", "its_hub", "datasets", "matplotlib", "latex2sympy2_extended", "sympy")


@pytest.fixture
def settings(monkeypatch):
    """What `.env` says: nothing."""
    config = SimpleNamespace(
        API_KEY=None,
        ENDPOINT_BASE=None,
        MODEL="prebuilt/models/course-lm",
        QUANTIZATION=None,
        THINKING=None,
    )
    monkeypatch.setattr(models, "config", config)
    monkeypatch.setattr(local.LocalModel, "load", classmethod(lambda cls, name, **_: ("local", name)))
    endpoint = SimpleNamespace(EndpointModel=lambda name, base, key, **_: ("endpoint", name, base, key))
    monkeypatch.setitem(sys.modules, "helpers.endpoint", endpoint)
    return config


def test_the_door_without_settings_opens_the_embedded_model(settings):
    assert load_model() == ("local", "prebuilt/models/course-lm")
    assert load_model("Qwen/Qwen3-0.6B") == ("local", "Qwen/Qwen3-0.6B")


def test_the_door_with_an_endpoint_opens_its_models_but_folders_stay_local(settings, tmp_path, monkeypatch):
    settings.ENDPOINT_BASE, settings.API_KEY, settings.MODEL = "http://there/v1", "key", "granite"
    assert load_model() == ("endpoint", "granite", "http://there/v1", "key")
    assert load_model("qwen3-14b") == ("endpoint", "qwen3-14b", "http://there/v1", "key")
    assert load_model(str(tmp_path)) == ("local", str(tmp_path))
    (tmp_path / "prebuilt" / "mine").mkdir(parents=True)
    monkeypatch.setattr(models, "ROOT", tmp_path)  # from a notebook's folder, paths count from the root too
    assert load_model("prebuilt/mine") == ("local", "prebuilt/mine")


def test_thinking_and_quantisation_come_from_the_settings(settings, monkeypatch):
    monkeypatch.setattr(local.LocalModel, "load", classmethod(lambda cls, name, **options: options))
    assert load_model() == {"quantization": None, "thinking": False}
    settings.QUANTIZATION, settings.THINKING = "4bit", True
    assert load_model() == {"quantization": "4bit", "thinking": True}


def test_a_sample_is_a_plain_value():
    assert Sample("14", 2, -0.5, "stop") == Sample("14", 2, -0.5, "stop", 0, ())
    with pytest.raises(AttributeError):
        Sample("14", 2, -0.5, "stop").text = "15"


def test_importing_helpers_loads_nothing_heavy():
    """`helpers`, and all that a notebook imports: its modules and rooms, without `engine` and `server`."""
    tops = sorted(path.stem for path in (ROOT / "helpers").iterdir() if path.stem[0] not in "._")
    rooms = [f"checks.{path.stem}" for path in (ROOT / "helpers/checks").glob("nb*.py")]
    names = [f"helpers.{name}" for name in [*tops, *rooms] if name not in ("engine", "server")]
    code = f"import sys, helpers, {', '.join(names)}; print(*sorted(set({HEAVY}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert len(names) > 10 and done.stdout.strip() == ""


def test_a_decoding_is_a_plain_value_whose_stop_strings_may_come_as_one():
    assert Decoding(stop="x") == Decoding(stop=["x"]) == Decoding(1.0, 1.0, 256, ("x",), 0)
    with pytest.raises(ValueError, match="temperature"):
        Decoding(temperature=-1)
