"""Samples out of a chat completion, as the endpoints that call themselves OpenAI-compatible write it.

Nothing that an endpoint sends raises: what cannot be read is left out, so that finished samples are never
lost.
"""

from __future__ import annotations

import math
import re

from helpers.endpoint.usage import counted_tokens
from helpers.models import Message, Sample

CUT = re.compile(r"length|max_(?:\w+_)?tokens|token_limit|context_window|incomplete|truncated")


def read_samples(
    answer: dict, count: int, stop: tuple[str, ...] = (), thinking: bool | None = None
) -> list[Sample]:
    """The first `count` choices of a chat completion."""
    choices = answer["choices"][:count]
    texts = [_text(choice, thinking) for choice in choices]
    prompt_tokens, output_tokens = counted_tokens(answer)
    shares = _shares(texts, output_tokens if len(answer["choices"]) <= count else None)
    samples = []
    for choice, text, share in zip(choices, texts, shares, strict=True):
        logs = _logprobs(choice.get("logprobs"))
        for end in stop:  # some endpoints leave it in
            text = text.split(end)[0]
        counted = output_tokens is not None and len(choices) == 1
        tokens = len(logs) if logs and not counted else share
        total = sum(logs) if logs else math.nan
        reason = "length" if was_cut(choice) else "stop"
        samples.append(Sample(text, tokens, total, reason, prompt_tokens or 0, logs))
    return samples


def without_beginning(answer: dict, messages: list[Message]) -> dict:
    """`answer` to `messages`; if these end with an unfinished one of the assistant, as llama.cpp's server
    repeats it, without that.
    """
    begun = content_of(messages[-1]) if messages and messages[-1]["role"] == "assistant" else ""
    if not begun:
        return answer
    choices = []
    for choice in answer["choices"]:
        text = content_of(choice["message"])
        if text.startswith(begun):
            message = {**choice["message"], "content": text.removeprefix(begun)}
            choice = {**choice, "message": message}
        choices.append(choice)
    return {**answer, "choices": choices}


def was_cut(choice: dict) -> bool:
    """Whether the choice ended at its limit of tokens: length, MAX_TOKENS, FinishReason.MaxTokens, …"""
    reason = choice.get("finish_reason") or choice.get("finishReason")
    words = re.sub(r"[- ]|(?<=[a-z])(?=[A-Z])", "_", reason) if isinstance(reason, str) else ""
    return bool(CUT.search(words.lower()))


def content_of(message: dict) -> str:
    """The text of a message; "" where it has none."""
    content = message.get("content")
    content = [content] if isinstance(content, dict) else content
    if isinstance(content, list):
        texts = [part.get("text") if isinstance(part, dict) else part for part in content]
        return "".join(text for text in texts if isinstance(text, str))
    return content if isinstance(content, str) else ""


def _text(choice: dict, thinking: bool | None) -> str:
    """The answer of a choice. Where all of it is in `reasoning_content`, as vLLM's parsers put it for a model
    that does not think, that is the answer; of a model that was cut off while thinking it is the thought.
    """
    message = choice["message"]
    text = content_of(message)
    thought = message.get("reasoning_content") or message.get("reasoning")
    if text.strip() or message.get("tool_calls") or not isinstance(thought, str) or not thought:
        return text
    unfinished = thinking or (thinking is None and was_cut(choice))
    return f"<think>{thought}" if unfinished else thought


def _logprobs(logprobs: object) -> tuple[float, ...]:
    """One log-probability for each token; () where an endpoint gives none, or something else."""
    if not isinstance(logprobs, dict):
        return ()
    entries = logprobs.get("content") or logprobs.get("token_logprobs") or []
    entries = entries if isinstance(entries, list) else []
    found = [entry.get("logprob") if isinstance(entry, dict) else entry for entry in entries]
    found = [value for value in found if value is not None]
    if any(isinstance(v, bool) or not isinstance(v, int | float) or not abs(v) < 1e9 for v in found):
        return ()
    return tuple(float(value) for value in found)


def _shares(texts: list[str], total: int | None) -> list[int]:
    """`total` tokens dealt out by the length of the texts; None: estimated, at four characters a token."""
    weights = [len(text) / 4 + 1 for text in texts]
    if total is None:
        return [round(weight) for weight in weights]
    ends = [round(total * sum(weights[: i + 1]) / sum(weights)) for i in range(len(weights))]
    return [end - start for start, end in zip([0, *ends], ends, strict=False)]
