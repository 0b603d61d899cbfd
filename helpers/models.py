"""The language model as the lessons see it: messages in, samples out; and one door that opens any of them.

Promises: `load_model()` answers with what `.env` asks for, and without `.env` with the model that ships with
the workshop; whatever answers is used in the same way. Knows nothing of problems, and of how a model runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

ROOT = Path(__file__).resolve().parent.parent
Message = dict[str, str]  # {"role": "system" | "user" | "assistant", "content": ...}


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
        *,
        temperature: float = 1.0,
        top_p: float = 1.0,
        max_tokens: int = 256,
        stop: Sequence[str] = (),
        seed: int = 0,
        progress: bool = False,
    ) -> list[list[Sample]]:
        """One list of n samples for each prompt, in the order of `prompts`.

        Temperature 0 is greedy. The same seed and prompt give the same texts, whatever else is in the batch.
        A text ends before the first stop string. A prompt whose last message is the assistant's is continued:
        the text returned is the continuation alone.
        """
        ...


def load_model(name: str | None = None) -> LanguageModel:
    """The model called `name`: a folder, a model of the endpoint in `.env`, or a hub id. None: what `.env`
    says.

    Without an endpoint and a MODEL in `.env` that is the embedded model, `prebuilt/models/course-lm`.
    Raises FileNotFoundError or OSError, in one sentence that says what to do, when there is no such model.
    """
    import config

    name = name or config.MODEL
    if config.ENDPOINT_BASE and not any((root / name).is_dir() for root in (Path.cwd(), ROOT)):
        from helpers.endpoint import EndpointModel

        return EndpointModel(name, config.ENDPOINT_BASE, config.API_KEY, thinking=config.THINKING)
    from helpers.engine.local import LocalModel

    return LocalModel.load(name, quantization=config.QUANTIZATION, thinking=bool(config.THINKING))
