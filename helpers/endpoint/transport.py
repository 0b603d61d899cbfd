"""One question to an OpenAI-compatible endpoint over HTTP, asked again until it is answered or cannot be.

What a shared endpoint does now and then (429, 500, silence, a cut connection, broken JSON) is waited out, as
long as its Retry-After asks; what will not pass ends in one sentence that says what to do. The key travels in
one header and is in no message, repr or log. Any number of threads may ask at once.
"""

from __future__ import annotations

import email.utils
import random
import re
import threading
import time
from datetime import UTC
from urllib.parse import urlsplit

import httpx

from helpers.endpoint.slots import Slots
from helpers.endpoint.usage import UsageCounter

PASSING = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})  # statuses worth another try
USED_UP = re.compile("insufficient_quota|budget_exceeded")  # of OpenAI, of LiteLLM: waiting does not help
LONGEST_WAIT = 120.0  # seconds that a Retry-After may ask for before it counts as a refusal
YEAR, MOMENT = 3.2e7, 1e9  # seconds: no wait is so long; from here on they count from 1970
LONGEST_PAUSE = 20.0  # seconds between two tries where the endpoint names none


class EndpointError(RuntimeError):
    """The endpoint gave no usable answer. The message is one sentence that says what to do.

    `status`: the HTTP status, None without an answer. `detail`: the endpoint's own words. `samples`: what was
    finished before, one list for each prompt, where many were asked for.
    """

    def __init__(
        self, message: str, status: int | None = None, detail: str = "", samples: list | None = None
    ):
        super().__init__(message)
        self.status, self.detail, self.samples = status, detail, samples or []


class Transport:
    """POSTs chat completions to `base_url`/chat/completions.

    `timeout`: seconds of silence before a try is given up; an endpoint that is silent towards all gets a
    second try, any other fault `tries` in all. `pause`: seconds before the second try, doubled before each
    that follows. `at_once`: requests under way; where the endpoint was silent or busy (429), a quarter of
    them from then on.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str | None = None,
        *,
        timeout: float = 120.0,
        tries: int = 5,
        pause: float = 0.5,
        at_once: int = 16,
    ):
        address = urlsplit(base_url)
        if address.scheme not in ("http", "https") or not address.hostname:
            raise ValueError(
                "The endpoint's address must start with http:// or https://: check ENDPOINT_BASE."
            )
        if api_key and not all(" " < character <= "~" for character in api_key):
            raise ValueError("The API key holds a space or a character that no key has: copy API_KEY again.")
        self.meter = UsageCounter()
        self.host = address.hostname + (f":{address.port}" if address.port else "")
        self._key = api_key or ""
        self._timeout, self._tries, self._pause = timeout, tries, pause
        self._slots = Slots(at_once)
        self._client = httpx.Client(
            base_url=base_url.rstrip("/") + "/",
            headers={"Authorization": f"Bearer {api_key}"} if api_key else {},
            timeout=httpx.Timeout(timeout, connect=min(timeout, 10.0), pool=None),
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=64),
            verify=address.scheme == "https",  # reading the certificates takes time, and http uses none
            trust_env=address.hostname
            not in ("127.0.0.1", "localhost", "::1"),  # no proxy on the way to oneself
        )

    def __repr__(self) -> str:
        return f"Transport({self.host!r})"

    def post(self, body: dict, stop: threading.Event | None = None) -> dict:
        """The endpoint's answer to `body`, parsed, with a non-empty list `choices` of dicts with a `message`.

        Once `stop` is set nothing more is sent, and no waiting goes on. Raises EndpointError.
        """
        stop, attempt = stop or threading.Event(), 0
        while True:
            attempt += 1
            try:
                with self._slots.one(stop) as at_once:
                    if stop.is_set():
                        raise self._fatal(f"{self.host} was not asked: nobody waits for the answer any more.")
                    answered = self.meter.usage.requests
                    answer = self._once(body, attempt)
                self.meter.answered(answer)
                return answer
            except _Passing as fault:
                tries = fault.tries
                if fault.crowded:
                    self._slots.were_too_many(at_once)
                    if self.meter.usage.requests > answered:
                        tries = self._tries  # it is slow, not dead
                wait = fault.wait if fault.wait is not None else self._backoff(attempt)
                if attempt >= tries or wait > LONGEST_WAIT or stop.wait(wait):
                    raise fault.error from None
                self.meter.repeated()

    def close(self) -> None:
        """Close the connections; tries under way fail."""
        self._client.close()

    def _once(self, body: dict, attempt: int) -> dict:
        """One try. Raises _Passing for a fault that may pass, EndpointError for one that will not."""
        times = "" if attempt == 1 else f", {attempt} times in a row"
        try:
            answer = self._client.post("chat/completions", json=body)
        except (httpx.ConnectTimeout, httpx.ConnectError):
            raise self._passing(
                f"{self.host} cannot be reached: check ENDPOINT_BASE and the network."
            ) from None
        except httpx.TimeoutException:
            said = f"{self.host} was silent for {self._timeout:g} s{times}"
            text = f"{said}: try again later, or ask for fewer tokens."
            raise self._passing(text, tries=2, crowded=True) from None
        except (httpx.TransportError, httpx.DecodingError):
            raise self._passing(f"{self.host} cut the connection{times}: try again later.") from None
        try:
            parsed = answer.json()
        except (ValueError, RecursionError):
            parsed = None
        if answer.status_code != 200:
            raise self._refusal(answer.status_code, parsed, answer, times, str(body.get("model")))
        if _is_completion(parsed):
            return parsed
        message, code = error_in(parsed)
        if message:  # some gateways answer 200 and mean something else
            status = int(code) if re.fullmatch("[45][0-9][0-9]", code) else 500
            raise self._refusal(status, parsed, answer, times, str(body.get("model")))
        raise self._passing(
            f"{self.host} answered something that is no chat completion{times}: check that ENDPOINT_BASE is "
            "the address of an OpenAI-compatible API (most end in /v1), or try again later."
        )

    def _refusal(self, status: int, parsed, answer: httpx.Response, times: str, model: str) -> Exception:
        """What an error means. `parsed`: the body of the answer, None where it is no JSON."""
        message, _ = error_in(parsed)
        detail = self._scrubbed(" ".join(message.split()))[:300]
        said = f" It says: {detail.rstrip('.')}." if detail else ""
        if status in (401, 403):
            return self._fatal(
                f"{self.host} refuses the API key ({status}): put a valid API_KEY into .env, one that may "
                f"use {model}.",
                status,
            )
        if status == 404 or 300 <= status < 400:
            return self._fatal(
                f"{self.host} knows no model {model}, or ENDPOINT_BASE is not the address of its API "
                f"({status}): check MODEL and ENDPOINT_BASE.",
                status,
                detail,
            )
        if status in (400, 429) and USED_UP.search(str(parsed)):
            return self._fatal(
                f"{self.host} reports that the quota of this API key is used up ({status}): ask for more.",
                status,
            )
        if status not in PASSING:
            return self._fatal(
                f"{self.host} refuses the request ({status}): change what is asked, or check MODEL.{said}",
                status,
                detail,
            )
        wait = retry_after(answer.headers.get("Retry-After"))
        if wait is not None and wait > LONGEST_WAIT:
            text = f"{self.host} asks to be left alone for {wait:.0f} s ({status}): try again after that."
        elif status == 429:
            text = (
                f"{self.host} is too busy (429{times}): try again in a few minutes, with fewer at once.{said}"
            )
        else:
            text = f"{self.host} has a fault of its own ({status}{times}): try again later.{said}"
        return self._passing(text, status, detail, wait=wait, crowded=status == 429)

    def _scrubbed(self, text: str) -> str:
        return text.replace(self._key, "[key]") if self._key else text

    def _fatal(self, text: str, status: int | None = None, detail: str = "") -> EndpointError:
        return EndpointError(self._scrubbed(text), status, detail)

    def _passing(self, text: str, status=None, detail="", *, wait=None, tries=None, crowded=False):
        tries = min(tries or self._tries, self._tries)
        return _Passing(self._fatal(text, status, detail), wait, tries, crowded)

    def _backoff(self, attempt: int) -> float:
        """Exponential, with jitter so that many threads do not come back at the same moment."""
        return min(LONGEST_PAUSE, self._pause * 2 ** (attempt - 1)) * (0.5 + random.random() / 2)


class _Passing(Exception):
    """A fault that may pass: what to raise if it does not, the wait the endpoint asks for, the tries it
    deserves, and whether fewer requests at once may help.
    """

    def __init__(self, error: EndpointError, wait: float | None, tries: int, crowded: bool):
        super().__init__(str(error))
        self.error, self.wait, self.tries, self.crowded = error, wait, tries, crowded


def _is_completion(parsed: object) -> bool:
    """Whether there is a choice with a message, and none of the choices is an error."""
    choices = parsed.get("choices") if isinstance(parsed, dict) else None
    return (
        isinstance(choices, list)
        and bool(choices)
        and all(isinstance(each, dict) and isinstance(each.get("message"), dict) for each in choices)
        and not any(each.get("error") for each in choices)
    )


def error_in(parsed: object) -> tuple[str, str]:
    """The message and the code of an error as OpenAI, Gemini (a list), FastAPI (`detail`, which may be a
    list) and others word it; empty where there is none.
    """
    if isinstance(parsed, list):
        return next((error for each in parsed if (error := error_in(each))[0]), ("", ""))
    if not isinstance(parsed, dict):
        return parsed if isinstance(parsed, str) else "", ""
    error = parsed.get("error") or parsed.get("errors")
    for choice in parsed.get("choices") if isinstance(parsed.get("choices"), list) else []:
        error = error or (choice.get("error") if isinstance(choice, dict) else None)
    if isinstance(error, str):
        return error, str(parsed.get("code") or "")
    if isinstance(error, dict | list):
        found = error_in(error)
        return found if found[0] else (str(error), found[1])
    message = parsed.get("message") or parsed.get("detail") or parsed.get("msg") or ""
    if isinstance(message, list):
        message = "; ".join(str(error_in(each)[0] or each) for each in message)
    where = parsed.get("loc")  # FastAPI: which field
    place = ".".join(map(str, where)) + ": " if isinstance(where, list) else ""
    param = f" ({parsed['param']})" if message and isinstance(parsed.get("param"), str) else ""
    return place + str(message) + param, str(parsed.get("code") or parsed.get("type") or "")


def retry_after(value: str | None) -> float | None:
    """Seconds to wait for a Retry-After header, which holds seconds or a date (RFC 9110, 10.2.3). None where
    it says nothing that can be waited for: a time that is over or more than a year away, no number. Some
    endpoints send the moment, in seconds since 1970.
    """
    value = (value or "").strip().removesuffix("s")
    try:
        seconds = float(value)
        moment = seconds >= MOMENT
    except ValueError:
        try:
            at = email.utils.parsedate_to_datetime(value)
            seconds, moment = (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp(), True
        except (ValueError, TypeError, OverflowError, OSError, IndexError):
            return None
    seconds -= time.time() if moment else 0
    return seconds if 0 <= seconds <= YEAR else None
