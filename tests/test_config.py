"""config.py: where values come from, what is refused and how, and that no key leaks."""

import os
import pickle
import re
import subprocess
import sys
import threading
import traceback

import pytest

import config
from config import ROOT, ConfigError, Secret, Settings, load_settings, masked

KEY = "sk-1234567890abcdefghijklmnop"
PAIR = f"API_KEY={KEY}\nENDPOINT_BASE=https://models.example/v1\n"


@pytest.fixture
def load(tmp_path):
    def load(text: str | bytes | None = None, **environment: str) -> Settings:
        file = tmp_path / ".env"
        if text is not None:
            file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return load_settings(environment, file)

    return load


def test_nothing_set_is_the_embedded_models(load):
    for text in (None, "", "# API_KEY=x\n\n", "API_KEY=\nENDPOINT_BASE=\n", "OTHER=1"):
        assert load(text) == Settings()
    assert Settings().model == "prebuilt/models/course-lm"
    assert Settings().api_key is Settings().endpoint_base is None


def test_two_lines_switch_to_the_endpoint(load):
    settings = load(PAIR)
    assert (settings.api_key, settings.endpoint_base) == (KEY, "https://models.example/v1")
    assert (settings.model, settings.judge_model) == ("granite-3-2-8b-instruct", "qwen3-14b")
    assert settings.reward_model == "prebuilt/models/course-rm"


def test_models_are_chosen_with_and_without_an_endpoint(load):
    assert load("MODEL=Qwen/Qwen3-0.6B").model == "Qwen/Qwen3-0.6B"
    assert load("MODEL=my models/one").model == "my models/one"
    settings = load(PAIR + "MODEL=a\nJUDGE_MODEL=b\nREWARD_MODEL=c")
    assert (settings.model, settings.judge_model, settings.reward_model) == ("a", "b", "c")


def test_the_environment_wins(load):
    assert load("MODEL=a", MODEL="b").model == "b"
    assert load(PAIR, API_KEY="", ENDPOINT_BASE="") == Settings()
    assert (
        load("API_KEY=none", ENDPOINT_BASE="http://127.0.0.1:8000/v1/").endpoint_base
        == "http://127.0.0.1:8000/v1"
    )


@pytest.mark.parametrize("mode", ["autograde", "validate"])
def test_grading_uses_the_embedded_models_whatever_is_set(load, mode):
    assert load(PAIR + "MODEL=a", NBGRADER_EXECUTION=mode, MODEL="b") == Settings()
    assert load(f'API_KEY = "{KEY}', NBGRADER_EXECUTION=mode) == Settings()


WRONG = {
    "key alone": (f"API_KEY={KEY}", "ENDPOINT_BASE is not"),
    "endpoint alone": ("ENDPOINT_BASE=https://models.example/v1", "API_KEY is not.*API_KEY=none"),
    "quotes": (PAIR.replace(KEY, f'"{KEY}"'), "line 1: delete the quotes"),
    "single quotes": (PAIR.replace(KEY, f"'{KEY}'"), "line 1: delete the quotes"),
    "typographic quotes": (PAIR.replace(KEY, f"“{KEY}”"), "line 1: delete the quotes"),
    "one quote": (PAIR.replace(KEY, f'"{KEY}'), "line 1: delete the quotes"),
    "closing quote": (PAIR.replace(KEY, f'{KEY}"'), "quotes in the value of API_KEY"),
    "space before =": (PAIR.replace("API_KEY=", "API_KEY ="), "line 1: delete the spaces"),
    "space after =": (PAIR.replace("ENDPOINT_BASE=", "ENDPOINT_BASE= "), "line 2: delete the spaces"),
    "space in the key": (PAIR.replace(KEY, f"{KEY[:9]} {KEY[9:]}"), "space in the value of API_KEY"),
    "placeholder of the lab": (PAIR.replace(KEY, "your-api-key-here"), "placeholder for API_KEY"),
    "placeholder endpoint": (f"API_KEY={KEY}\nENDPOINT_BASE=endpoint-here", "placeholder for ENDPOINT_BASE"),
    "placeholder in brackets": (PAIR.replace(KEY, "<your key>"), "placeholder for API_KEY"),
    "masked key": (PAIR.replace(KEY, "sk-12345..."), "placeholder for API_KEY"),
    "no address": (PAIR.replace("https://", ""), "starts with https://"),
    "whole address": (PAIR.replace("/v1", "/v1/chat/completions"), "before /chat/completions"),
    "colon": (f"API_KEY: {KEY}", "line 1 is not of the form"),
    "bare key": (f"# my key\n{KEY}", "line 2 is not of the form"),
    "semicolon after the key": (PAIR.replace(KEY, KEY + ";"), "a ; at the end of the value of API_KEY"),
    "semicolon after the address": (
        PAIR.replace("/v1", "/v1;"),
        "a ; at the end of the value of ENDPOINT_BASE",
    ),
    "semicolon and a blank": (PAIR.replace(KEY, KEY + "; "), "a ; at the end of the value of API_KEY"),
    "semicolon after a model": (PAIR + "MODEL=granite;", "a ; at the end of the value of MODEL"),
    "comma": (PAIR.replace(KEY, KEY + ","), "a , at the end of the value of API_KEY"),
    "semicolon after quotes": (PAIR.replace(KEY, f'"{KEY}";'), "line 1: delete the quotes"),
    "UTF-16": (PAIR.encode("utf-16"), "UTF-8"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_work_gets_one_sentence_without_the_key(load, case):
    text, sentence = WRONG[case]
    with pytest.raises(ConfigError) as raised:
        load(text)
    message = str(raised.value)
    assert re.search(sentence, message)
    assert message.endswith(".") and "\n" not in message and ". " not in message
    assert KEY[:9] not in "".join(traceback.format_exception(raised.value))


def test_the_same_is_said_of_environment_variables(load):
    with pytest.raises(ConfigError, match="The environment has quotes"):
        load(None, API_KEY=f'"{KEY}"', ENDPOINT_BASE="https://models.example/v1")


@pytest.mark.parametrize(
    "text", ["\ufeff" + PAIR, PAIR.replace("\n", "\r\n"), "export " + PAIR, PAIR + "A = 'b c'"]
)
def test_other_harmless_habits_are_understood(load, text):
    assert load(text).api_key == KEY


PIPED = {
    "two lines": (PAIR, ("https://models.example/v1", "granite-3-2-8b-instruct")),
    "with a mark of byte order": ("\ufeff" + PAIR, ("https://models.example/v1", "granite-3-2-8b-instruct")),
    "a model alone": ("MODEL=Qwen/Qwen3-0.6B\n", (None, "Qwen/Qwen3-0.6B")),
    "no end of line": (PAIR + "MODEL=a", ("https://models.example/v1", "a")),
    "nothing": ("", (None, "prebuilt/models/course-lm")),
    "long": ("# " + "x" * 200_000 + "\n" + PAIR, ("https://models.example/v1", "granite-3-2-8b-instruct")),
}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
@pytest.mark.parametrize("case", PIPED)
def test_a_named_pipe_is_read_as_a_file_is(tmp_path, case):
    text, expected = PIPED[case]
    pipe = tmp_path / ".env"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(text.encode(),))  # waits for a reader
    writer.start()
    settings = load_settings({}, pipe)
    writer.join()
    assert (settings.endpoint_base, settings.model) == expected


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_into_which_nobody_writes_does_not_wait_for_ever(tmp_path, monkeypatch):
    os.mkfifo(tmp_path / ".env")
    monkeypatch.setattr("config.PIPE_PATIENCE", 0.05)
    with pytest.raises(ConfigError, match="named pipe into which nothing was written"):
        load_settings({}, tmp_path / ".env")


def test_a_folder_called_env_says_nothing(tmp_path):
    (tmp_path / ".env").mkdir()
    assert load_settings({}, tmp_path / ".env") == Settings()


def test_a_dollar_or_a_hash_in_a_key_is_kept(load):
    assert load(PAIR.replace(KEY, "sk-$HOME#1234567")).api_key == "sk-$HOME#1234567"


def test_a_key_is_masked_wherever_it_shows_unasked(load):
    settings = load(PAIR)
    assert masked(settings.api_key) == KEY[:8] + "..."
    for shown in (repr(settings.api_key), repr(settings), f"{settings}", repr({"key": settings.api_key})):
        assert KEY[:9] not in shown and KEY[:8] in shown
    assert masked("short") == "s..." and masked(None) == masked("") == "not set"
    assert f"Bearer {settings.api_key}" == f"Bearer {KEY}"
    assert isinstance(pickle.loads(pickle.dumps(settings.api_key)), Secret)


def test_the_example_is_harmless_as_it_is_and_names_every_variable(load):
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert load(example) == Settings()
    uncommented = re.sub(r"^# (?=[A-Z_]+=)", "", example, flags=re.MULTILINE)
    assert set(re.findall(r"^([A-Z_]+)=", uncommented, re.MULTILINE)) == {
        "API_KEY", "ENDPOINT_BASE", "MODEL", "JUDGE_MODEL", "REWARD_MODEL", "QUANTIZATION",
        "THINKING", "PRICES",
    }  # fmt: skip
    with pytest.raises(ConfigError, match="placeholder"):
        load(uncommented)


def test_a_notebook_in_any_folder_imports_the_names(tmp_path):
    names = "API_KEY, ENDPOINT_BASE, MODEL, JUDGE_MODEL, REWARD_MODEL"
    code = f"from config import {names}; print(MODEL, ENDPOINT_BASE)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "MODEL": "my-model", "API_KEY": "", "ENDPOINT_BASE": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == ("my-model None\n", "")


def test_prices_are_two_numbers(load, monkeypatch):
    assert load("PRICES=0.15/0.60").prices == "0.15/0.60" and load("").prices is None
    for wrong in ("0.15", "0.15,0.60", "-1/2", "a/b", "1/2/3"):
        with pytest.raises(ConfigError, match=r"as in PRICES=0\.15/0\.60"):
            load(f"PRICES={wrong}")
    monkeypatch.setattr(config, "_settings", lambda: Settings(prices="0.15/2"))
    assert config.PRICES == (0.15, 2.0)
    monkeypatch.setattr(config, "_settings", Settings)
    assert config.PRICES is None


def test_quantisation_and_thinking_are_one_of_two_words(load):
    settings = load("QUANTIZATION=4bit\nTHINKING=off")
    assert (settings.quantization, settings.thinking) == ("4bit", "off")
    with pytest.raises(ConfigError, match=r"THINKING that is unknown: it is on or off\."):
        load("THINKING=yes")
    with pytest.raises(ConfigError, match="8bit or 4bit"):
        load("QUANTIZATION=int4")
