"""Which models answer, and where: `from config import API_KEY, ENDPOINT_BASE, MODEL, JUDGE_MODEL,
REWARD_MODEL`; how a model of one's own is held: `QUANTIZATION`, `THINKING`; what its tokens cost: `PRICES`.

The values come from environment variables and, where those say nothing, from the file `.env` beside this one,
so every notebook finds the same settings. Nothing set means the embedded models, which need no key and no
network. Settings are read when the first of them is asked for; a file that is set half or wrong then raises
ConfigError, in one sentence that says what to do. `ROOT`, the folder of the repository, can be had whatever
is set.

While nbgrader grades or validates (NBGRADER_EXECUTION is set) the embedded models are used whatever `.env`
says: grading costs no tokens. No message shows a key; `masked(API_KEY)` and `repr(API_KEY)` show its first
characters.

Kept by hand: pydantic-settings fills the dataclass, a dozen lines here; the checks and their sentences would
stay.
"""

import io
import os
import re
import select
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from dotenv import dotenv_values

ROOT = Path(__file__).resolve().parent
ENV_FILE = ROOT / ".env"
NAMES = ("API_KEY", "ENDPOINT_BASE", "MODEL", "JUDGE_MODEL", "REWARD_MODEL", "QUANTIZATION", "THINKING")
NAMES += ("PRICES",)
CHOICES = {"QUANTIZATION": ("8bit", "4bit"), "THINKING": ("on", "off")}
LINE = re.compile(r"\s*(?:export\s+)?(?P<name>\w+)(?P<before>\s*)=(?P<after>[^\S\n]*)(?P<value>.*)")
PRICES_FORM = re.compile(r"[0-9]+(\.[0-9]+)?/[0-9]+(\.[0-9]+)?")
PIPE_PATIENCE = 30.0  # seconds: a person may have to allow the access
QUOTES = "\"'`“”‘’"
PLACEHOLDER = re.compile(r"<.*>|.*[-_ ]here|your[-_ ].*|change[-_ ]?me|x{3,}|.*(?:\.\.\.|…).*", re.IGNORECASE)


class ConfigError(ValueError):
    """Settings that cannot be used. The message is one sentence that says what to do, without any value."""


class Secret(str):
    """Text whose repr, which a notebook or a debugger shows unasked, is masked."""

    def __repr__(self) -> str:
        return f"'{masked(self)}'"


@dataclass(frozen=True)
class Settings:
    """What the notebooks need to know.

    The defaults are the embedded models, named from the workshop's root.
    """

    api_key: Secret | None = None
    endpoint_base: str | None = None
    model: str = "prebuilt/models/course-lm"
    judge_model: str = "prebuilt/models/course-judge"
    reward_model: str = "prebuilt/models/course-rm"
    quantization: str | None = None  # "8bit" or "4bit"
    thinking: str | None = None  # "on" or "off"
    prices: str | None = None  # "0.15/0.60": dollars for a million prompt tokens and a million output tokens


# The generator and the judge of the workshop's shared endpoint, so that two lines in .env are enough.
ENDPOINT_MODELS = {"model": "granite-3-2-8b-instruct", "judge_model": "qwen3-14b"}


def masked(key: str | None) -> str:
    """A key as it may be shown: its first 8 characters, fewer when it is short."""
    return f"{key[: min(8, len(key) // 3)]}..." if key else "not set"


def load_settings(environment: Mapping[str, str] = os.environ, file: Path = ENV_FILE) -> Settings:
    """The settings that `environment` and `file` (which may be missing) make together.

    The environment wins, also with an empty value. Raises ConfigError for settings that cannot work.
    """
    if environment.get("NBGRADER_EXECUTION"):
        return Settings()
    found = {name: (value, file.name) for name, value in _read(file).items()}
    found |= {name: (environment[name], "The environment") for name in NAMES if name in environment}
    values = {
        name: _checked(name, value.strip(), source)
        for name, (value, source) in found.items()
        if value.strip()
    }
    if "API_KEY" in values and "ENDPOINT_BASE" not in values:
        raise ConfigError(
            "API_KEY is set but ENDPOINT_BASE is not: add the line ENDPOINT_BASE=https://<address>/v1 to "
            f"{file.name}, or delete API_KEY to use the embedded model."
        )
    if "ENDPOINT_BASE" in values and "API_KEY" not in values:
        raise ConfigError(
            f"ENDPOINT_BASE is set but API_KEY is not: add the line API_KEY=<your key> to {file.name} "
            "(API_KEY=none if the endpoint asks for no key), or delete ENDPOINT_BASE to use the embedded "
            "model."
        )
    if "API_KEY" in values:
        values["API_KEY"] = Secret(values["API_KEY"])
        values["ENDPOINT_BASE"] = values["ENDPOINT_BASE"].rstrip("/")
    defaults = ENDPOINT_MODELS if "ENDPOINT_BASE" in values else {}
    return Settings(**(defaults | {name.lower(): value for name, value in values.items()}))


def _read(file: Path) -> dict[str, str]:
    """The variables of the file that concern us. Spaces and quotes are refused, for other readers of such a
    file (docker, make) take them as part of the value.
    """
    if file.is_dir() or not file.exists():
        return {}
    try:
        text = (_piped(file) if file.is_fifo() else file.read_bytes()).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigError(f"{file.name} is not plain text: save it again with the encoding UTF-8.") from None
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        part = LINE.fullmatch(line)
        if part is None:
            raise ConfigError(
                f"{file.name}, line {number} is not of the form NAME=value: correct or delete it."
            )
        if part["name"] not in NAMES:
            continue
        if part["before"] or (part["after"] and part["value"]):
            raise ConfigError(
                f"{file.name}, line {number}: delete the spaces around the = after {part['name']}."
            )
        if part["value"][:1] and part["value"][0] in QUOTES:
            raise ConfigError(
                f"{file.name}, line {number}: delete the quotes around the value of {part['name']}."
            )
    values = dotenv_values(stream=io.StringIO(text), interpolate=False)
    return {name: values[name] or "" for name in NAMES if name in values}


def _piped(file: Path) -> bytes:
    """What a secret manager writes into a named pipe once somebody reads it."""
    pipe, pieces = os.open(file, os.O_RDONLY | os.O_NONBLOCK), []
    try:
        poll = select.poll()
        poll.register(pipe, select.POLLIN)
        while True:
            if not poll.poll(PIPE_PATIENCE * 1000):
                raise ConfigError(
                    f"{file.name} is a named pipe into which nothing was written for {PIPE_PATIENCE:g} s: "
                    "start the "
                    "program that fills it, or delete the pipe."
                )
            piece = os.read(pipe, 1 << 16)
            if not piece:
                return b"".join(pieces)
            pieces.append(piece)
    finally:
        os.close(pipe)


def _checked(name: str, value: str, source: str) -> str:
    if PLACEHOLDER.fullmatch(value):
        raise ConfigError(
            f"{source} still has a placeholder for {name}: put your own value there, or delete it to use the "
            "embedded model."
        )
    if value[-1] in ";,":
        raise ConfigError(f"{source} has a {value[-1]} at the end of the value of {name}: delete it.")
    if any(quote in value for quote in QUOTES):
        raise ConfigError(f"{source} has quotes in the value of {name}: delete them.")
    if name in CHOICES and value not in CHOICES[name]:
        raise ConfigError(f"{source} has a {name} that is unknown: it is {' or '.join(CHOICES[name])}.")
    if name == "PRICES" and not PRICES_FORM.fullmatch(value):
        raise ConfigError(
            f"{source} has PRICES that are unknown: write dollars for a million prompt tokens and a million "
            "output tokens, as in PRICES=0.15/0.60."
        )
    if name in ("API_KEY", "ENDPOINT_BASE") and re.search(r"\s", value):
        raise ConfigError(
            f"{source} has a space in the value of {name}: copy the value again, without spaces."
        )
    if name == "ENDPOINT_BASE" and not re.match(r"https?://[^/]", value):
        raise ConfigError(
            f"{source} has an ENDPOINT_BASE that is no address: it starts with https:// or http://."
        )
    if name == "ENDPOINT_BASE" and re.search(r"/(?:chat/)?completions/?$", value):
        raise ConfigError(f"{source} has an ENDPOINT_BASE that is too long: end it before /chat/completions.")
    return value


@cache
def _settings() -> Settings:
    return load_settings()


def __getattr__(name: str) -> Secret | str | bool | tuple[float, ...] | None:
    if name not in NAMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(_settings(), name.lower())
    if name == "PRICES" and value:
        return tuple(map(float, value.split("/")))
    return value if name != "THINKING" or value is None else value == "on"
