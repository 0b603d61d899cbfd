"""The language model as the lessons see it: messages in, samples out; and one door that opens any of them.

`load_model()` answers with what `.env` asks for, and without `.env` with the model that ships with the
workshop.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import config
from config import ROOT

Message = dict[str, str]  # {"role": "system" | "user" | "assistant", "content": ...}


@dataclass(frozen=True)
class Decoding:
    """How tokens are drawn: `temperature` 0 is greedy; `top_p` below 1 is nucleus sampling (Holtzman et al.
    2020); a text ends before the first of the strings in `stop`, or with `max_tokens`.
    """

    temperature: float = 1.0
    top_p: float = 1.0
    max_tokens: int = 256
    stop: tuple[str, ...] = ()
    seed: int = 0

    def __post_init__(self):
        stop = (self.stop,) if isinstance(self.stop, str) else tuple(self.stop)
        object.__setattr__(self, "stop", stop)
        if self.temperature < 0:
            raise ValueError(f"temperature must be 0 (greedy) or more, not {self.temperature}.")
        if not 0 < self.top_p <= 1:
            raise ValueError(f"top_p must lie above 0 and at most at 1, not {self.top_p}.")
        if self.max_tokens < 1:
            raise ValueError(f"max_tokens must be at least 1, not {self.max_tokens}.")
        if not all(stop):
            raise ValueError("A stop string must not be empty.")


DEFAULT = Decoding()


@dataclass(frozen=True)
class Sample:
    """One answer of a model.

    `tokens` counts what was generated, the end token or stop string included; `logprob` is the sum of
    `token_logprobs`: natural logarithms under the model itself, at temperature 1 and top_p 1, whatever the
    sample was drawn with. `finish_reason` is "stop" (the model ended, or a stop string came) or "length"
    (max_tokens reached).
    """

    text: str
    tokens: int
    logprob: float
    finish_reason: str
    prompt_tokens: int = 0
    token_logprobs: tuple[float, ...] = ()


class LanguageModel(Protocol):
    """What the lessons ask of a model."""

    name: str

    def sample(
        self,
        prompts: Sequence[list[Message]],
        n: int = 1,
        decoding: Decoding = DEFAULT,
        *,
        progress: bool = False,
        **changes,
    ) -> list[list[Sample]]:
        """One list of n samples for each prompt, in the order of `prompts`.

        `changes` are fields of `decoding`: `sample(prompts, 8, temperature=0.7, max_tokens=100, seed=1)`. The
        same seed and prompt give the same texts, whatever else is in the batch. A prompt whose last message
        is the assistant's is continued: the text returned is the continuation alone.
        """
        ...


def load_model(name: str | None = None) -> LanguageModel:
    """The model called `name`: a folder, a model of the endpoint in `.env`, or a hub id. None: what `.env`
    says.

    Without an endpoint and a MODEL in `.env` that is the embedded model, `prebuilt/models/course-lm`.
    Raises FileNotFoundError or OSError, in one sentence that says what to do, when there is no such model.
    """
    name = name or config.MODEL
    if config.ENDPOINT_BASE and not any((root / name).is_dir() for root in (Path.cwd(), ROOT)):
        from helpers.endpoint import EndpointModel

        return EndpointModel(name, config.ENDPOINT_BASE, config.API_KEY, thinking=config.THINKING)
    from helpers.engine.local import LocalModel

    return LocalModel.load(name, quantization=config.QUANTIZATION, thinking=bool(config.THINKING))
