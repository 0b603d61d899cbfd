"""An OpenAI-compatible endpoint as a `LanguageModel`: many requests in flight, never more than allowed.

n samples come by one call where the endpoint honours n, by n calls where it does not. What an endpoint does
not know (logprobs, seed, max_tokens) is left out or renamed. It can be called from plain code and from a
notebook cell. When the endpoint fails for good, the samples that were finished are in the exception.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections import deque
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace

from helpers.endpoint.replies import read_samples, without_beginning
from helpers.endpoint.transport import EndpointError, Transport
from helpers.endpoint.usage import Usage
from helpers.models import DEFAULT, Decoding, Message, Sample

LARGEST_N = 32  # samples asked for in one call
DISPENSABLE = ("logprobs", "seed", "n", "max_tokens", "response_format", "chat_template_kwargs", "stop")
SAID = {"max_tokens": ("max_tokens", "max_completion_tokens"), "n": ("n(_cmpl)?",)}  # all, in a refusal
NEUTRAL = {"top_p": 1.0, "temperature": 1.0}  # left out where refused, as long as they change nothing


@dataclass(frozen=True)
class SampleRange:
    """Samples `first` … `first + count - 1` of prompt number `prompt`."""

    prompt: int
    first: int
    count: int


class EndpointModel:
    """The model `name` at `base_url` (up to and with /v1).

    `timeout`: seconds of silence before a request is given up. `in_flight`: requests under way at once, fewer
    where the endpoint proves too slow for them.
    `tries` and `pause`: see `Transport`. `thinking`: whether a model that can think before it
    answers does; None leaves that to the endpoint. `self.name` says which, since those samples differ.
    """

    def __init__(
        self,
        name: str,
        base_url: str,
        api_key: str | None = None,
        *,
        timeout: float = 120.0,
        in_flight: int = 16,
        tries: int = 5,
        pause: float = 0.5,
        thinking: bool | None = None,
    ):
        self.model, self.in_flight, self.thinking = name, in_flight, thinking
        self.name = name + {None: "", True: " (thinking)", False: " (not thinking)"}[thinking]
        options = {"timeout": timeout, "tries": tries, "pause": pause, "at_once": in_flight}
        self.transport = Transport(base_url, api_key, **options)
        self._unknown: set[str] = set()  # fields that this endpoint has refused

    def __repr__(self) -> str:
        return f"EndpointModel({self.name!r} at {self.transport.host})"

    @property
    def usage(self) -> Usage:
        """What this model was asked for so far; `print(model.usage)`, `model.usage.cost(0.15, 0.60)`."""
        return self.transport.meter.usage

    def sample(
        self,
        prompts: Sequence[list[Message]],
        n: int = 1,
        decoding: Decoding = DEFAULT,
        *,
        progress: bool = False,
        **changes,
    ) -> list[list[Sample]]:
        """n samples for each prompt; see `LanguageModel.sample`. Equal prompts are asked once.

        The same seed gives the same texts as far as the endpoint honours seeds. Where it gives no
        log-probabilities, `token_logprobs` is empty and `logprob` is nan; where it counts no tokens, they are
        estimated from the length of the text. Raises EndpointError, whose `samples` hold what was finished.
        """
        decoding = replace(decoding, **changes)
        keys = [json.dumps(messages) for messages in prompts]
        distinct = list(dict(zip(keys, prompts, strict=True)).items())
        options = {name: getattr(decoding, name) for name in ("temperature", "top_p", "max_tokens")}
        options |= {"stop": list(decoding.stop)} if decoding.stop else {}
        bodies = [{"messages": messages, **options} for _, messages in distinct]
        found, error = self._collect(bodies, n, decoding.seed, progress)
        samples = {key: found[i] for i, (key, _) in enumerate(distinct)}
        result = [list(samples[key]) for key in keys]
        if error is None:
            return result
        done = f"{sum(map(len, found))} of {n * len(distinct)} samples were finished"
        raise EndpointError(
            f"{error} {done} and are kept: see its `samples`.", error.status, error.detail, result
        ) from None

    def complete(self, body: dict, stop: threading.Event | None = None) -> dict:
        """The endpoint's answer to one request of the protocol; `body` lacks only the model. A last message
        of the assistant is continued: a choice holds what follows it, though some endpoints repeat it first.

        Fields that the endpoint refuses are left out from then on. Raises EndpointError.
        """
        body = body | _continued(body["messages"]) | _switched(self.thinking)
        while True:
            unknown = frozenset(self._unknown)
            try:
                answer = self.transport.post({"model": self.model, **_known(body, unknown)}, stop)
                return without_beginning(answer, body["messages"])
            except EndpointError as error:
                refused = _refused_field(error, body, unknown)
                if refused is None:
                    raise
                self._unknown.add(refused)

    def _collect(self, bodies, n, seed, progress) -> tuple[list[list[Sample]], EndpointError | None]:
        """What could be had, by prompt, and the first error. After an error nothing new is begun, and what is
        under way is waited for.
        """
        from tqdm.auto import tqdm

        jobs = deque(
            SampleRange(i, first, min(LARGEST_N, n - first))
            for i in range(len(bodies))
            for first in range(0, n, LARGEST_N)
        )
        found: list[dict[int, Sample]] = [{} for _ in bodies]
        error, running, halt = None, {}, threading.Event()
        pool = ThreadPoolExecutor(self.in_flight, thread_name_prefix="endpoint")
        try:
            with tqdm(total=n * len(bodies), unit="sample", disable=not progress) as bar:
                while running or (jobs and error is None):
                    while jobs and error is None and len(running) < self.in_flight:
                        job, *rest = self._split(jobs.popleft())
                        jobs.extendleft(reversed(rest))
                        running[pool.submit(self._ask, bodies[job.prompt], job, seed, halt)] = job
                    done, _ = wait(running, return_when=FIRST_COMPLETED)
                    for future in done:
                        job = running.pop(future)
                        try:
                            some = future.result()
                        except EndpointError as problem:
                            error = error or problem
                            continue
                        found[job.prompt] |= dict(enumerate(some, job.first))
                        bar.update(len(some))
                        if len(some) < job.count:
                            self._unknown.add("n")
                            jobs.append(SampleRange(job.prompt, job.first + len(some), job.count - len(some)))
        finally:  # also after an interrupt: nothing new starts, and nobody waits for the rest
            halt.set()
            pool.shutdown(wait=False, cancel_futures=True)
        return [[samples[i] for i in sorted(samples)] for samples in found], error

    def _split(self, job: SampleRange) -> list[SampleRange]:
        if "n" not in self._unknown:
            return [job]
        return [SampleRange(job.prompt, job.first + i, 1) for i in range(job.count)]

    def _ask(self, body: dict, job: SampleRange, seed: int, halt: threading.Event) -> list[Sample]:
        asked = {**body, "n": job.count, "seed": spread(seed, job.first), "logprobs": True}
        answer = self.complete(asked, halt)
        return read_samples(answer, job.count, tuple(body.get("stop", ())), self.thinking)


def spread(seed: int, index: int) -> int:
    """A seed of 31 bits for sample `index`: neighbouring seeds share no samples, whatever an endpoint adds
    to them.
    """
    return int.from_bytes(hashlib.blake2b(f"{seed} {index}".encode(), digest_size=4).digest(), "little") >> 1


def _continued(messages: list[Message]) -> dict:
    """What vLLM and the embedded endpoint want to be told when the last message is to be continued."""
    if messages and messages[-1]["role"] == "assistant":
        return {"continue_final_message": True, "add_generation_prompt": False}
    return {}


def _switched(thinking: bool | None) -> dict:
    """What vLLM hands to the model's template; Granite's has another name for it."""
    if thinking is None:
        return {}
    return {"chat_template_kwargs": {"enable_thinking": thinking, "thinking": thinking}}


def _known(body: dict, unknown: frozenset[str]) -> dict:
    """`body` without the fields that the endpoint does not know."""
    known = {
        name: value
        for name, value in body.items()
        if name not in unknown or name == "max_tokens" or value != NEUTRAL.get(name, value)
    }
    if "max_tokens" in unknown and "max_tokens" in known:
        known["max_completion_tokens"] = known.pop("max_tokens")
    return known


def _refused_field(error: EndpointError, body: dict, unknown: frozenset[str]) -> str | None:
    """The field of `body` that a 400 or 422 complains about, if it can be done without and was sent.

    Gateways name fields as they like: Logprobs, `responseLogprobs`, topP, top-p, n_cmpl.
    """
    if error.status not in (400, 422):
        return None
    said = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", error.detail) + " " + error.detail
    for field in (*DISPENSABLE, *NEUTRAL):
        forms = [form.replace("_", "[-_ ]?") for form in SAID.get(field, (field,))]
        named = all(re.search(rf"\b{form}\b", said, re.IGNORECASE) for form in forms)
        droppable = body.get(field) == NEUTRAL.get(field, body.get(field))
        if field in body and field not in unknown and droppable and named:
            return field
    return None
