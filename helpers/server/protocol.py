"""The OpenAI chat protocol, as far as the embedded endpoint speaks it: what a request says, how an answer
and a refusal are worded.

Unknown fields are ignored; what cannot be done is refused with the status, type, code and words that OpenAI's
clients know.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, ValidationError

LONGEST_ANSWER = 1024  # tokens, where a request names no limit

Text = Annotated[str, Field(min_length=1)]


class Refusal(Exception):
    """An answer other than 200, with the body that OpenAI gives it."""

    def __init__(
        self,
        status: int,
        message: str,
        kind: str = "invalid_request_error",
        param: str | None = None,
        code: str | None = None,
        headers: dict[str, str] | None = None,
    ):
        super().__init__(message)
        self.status, self.headers = status, headers or {}
        self.body = {"error": {"message": message, "type": kind, "param": param, "code": code}}


class Part(BaseModel):
    """A piece of a message's content."""

    type: Literal["text"]
    text: str


class ChatTurn(BaseModel):
    """One message."""

    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: str | list[Part] | None = None

    def plain(self) -> dict[str, str]:
        """As the models know it: a role of their templates, text as content."""
        role = {"developer": "system", "tool": "user"}.get(self.role, self.role)
        if isinstance(self.content, list):
            return {"role": role, "content": "".join(part.text for part in self.content)}
        return {"role": role, "content": self.content or ""}


class ResponseFormat(BaseModel):
    """The form that the answer must have."""

    type: Literal["text", "json_object", "json_schema"]
    json_schema: dict[str, Any] | None = None


class StreamOptions(BaseModel):
    include_usage: bool = False


class ChatRequest(BaseModel):
    """The fields of a request that matter here."""

    model_config = ConfigDict(extra="ignore")

    model: Text
    messages: list[ChatTurn] = Field(min_length=1)
    n: Annotated[int, Field(ge=1, le=128)] | None = None
    seed: Annotated[int, Field(ge=-(2**63), lt=2**63)] | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Annotated[float, Field(gt=0, le=1)] | None = None
    stop: Text | list[Text] | None = None
    max_tokens: Annotated[int, Field(ge=1)] | None = None
    max_completion_tokens: Annotated[int, Field(ge=1)] | None = None
    logprobs: StrictBool | None = None
    top_logprobs: Annotated[int, Field(ge=0, le=0)] | None = None
    response_format: ResponseFormat | None = None
    include_stop_str_in_output: bool | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None

    @property
    def choices(self) -> int:
        return self.n or 1

    @property
    def limit(self) -> int:
        """Tokens of an answer at most."""
        return self.max_completion_tokens or self.max_tokens or LONGEST_ANSWER

    @property
    def stops(self) -> tuple[str, ...]:
        return (self.stop,) if isinstance(self.stop, str) else tuple(self.stop or ())

    @property
    def schema_wanted(self) -> dict | None:
        """The JSON schema that the answer must follow."""
        form = self.response_format
        if form is None or form.type == "text":
            return None
        if form.type == "json_object":
            return {"type": "object"}
        return (form.json_schema or {}).get("schema") or {"type": "object"}


def read_request(body: bytes) -> ChatRequest:
    """The request in `body`. Raises Refusal."""
    try:
        fields = json.loads(body, parse_constant=_no_number)
        json.dumps(fields, ensure_ascii=False).encode()  # half a character (\ud800) could not be sent back
    except (ValueError, RecursionError):  # also what Python does not read: a number of 5,000 digits
        raise Refusal(400, "We could not parse the JSON body of your request.") from None
    try:
        return ChatRequest.model_validate(fields)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        param = ".".join(str(part) for part in first["loc"]) or None
        if first["type"] == "missing":
            raise Refusal(
                400, f"Missing required parameter: '{param}'.", param=param, code="missing_required_parameter"
            ) from None
        raise Refusal(
            400, f"Invalid value for '{param}': {first['msg']}.", param=param, code="invalid_value"
        ) from None


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no JSON.")


def no_key() -> Refusal:
    return Refusal(
        401,
        "You didn't provide an API key. You need to provide your API key in an Authorization header using "
        "Bearer auth (i.e. Authorization: Bearer YOUR_KEY).",
    )


def wrong_key() -> Refusal:
    return Refusal(401, "Incorrect API key provided.", code="invalid_api_key")


def no_model(name: str) -> Refusal:
    return Refusal(
        404, f"The model `{name}` does not exist or you do not have access to it.", code="model_not_found"
    )


def no_address(method: str, path: str) -> Refusal:
    return Refusal(404, f"Invalid URL ({method} {path})", code="unknown_url")


def too_long(context: int, tokens: int) -> Refusal:
    return Refusal(
        400,
        f"This model's maximum context length is {context} tokens. However, your messages resulted in "
        f"{tokens} tokens. Please reduce the length of the messages.",
        param="messages",
        code="context_length_exceeded",
    )


def too_many() -> Refusal:
    return Refusal(
        429,
        "Rate limit reached: too many requests are waiting. Please try again in 1s.",
        "requests",
        code="rate_limit_exceeded",
        headers={"Retry-After": "1"},
    )


def not_available(why: str) -> Refusal:
    return Refusal(
        503, f"{why} Please try again later.", "service_unavailable_error", headers={"Retry-After": "2"}
    )


def internal() -> Refusal:
    return Refusal(500, "The server had an error while processing your request.", "server_error")


def model_list(names: Sequence[str], created: int) -> dict:
    return {"object": "list", "data": [model_card(name, created) for name in names]}


def model_card(name: str, created: int) -> dict:
    return {"id": name, "object": "model", "created": created, "owned_by": "workshop"}


def envelope(asked: ChatRequest, streamed: bool = False) -> dict:
    """What every answer, and every chunk of one, says about itself."""
    kind = "chat.completion.chunk" if streamed else "chat.completion"
    return {
        "id": f"chatcmpl-{secrets.token_hex(12)}",
        "object": kind,
        "created": int(time.time()),
        "model": asked.model,
        "system_fingerprint": None,
    }


def choice(index: int, text: str, completion, logprobs: dict | None) -> dict:
    """One answer. `completion`: a `helpers.engine.batch.Completion`."""
    message = {"role": "assistant", "content": text, "refusal": None}
    reason = completion.finish_reason
    return {"index": index, "message": message, "logprobs": logprobs, "finish_reason": reason}


def token_logprobs(completion, text_of: Callable[[int], str]) -> dict:
    """Every generated token with its log-probability, the end token (whose text is empty) included."""
    entries = []
    for token, logprob in zip(completion.tokens, completion.logprobs, strict=True):
        text = text_of(token)
        entry = {"token": text, "logprob": logprob, "bytes": list(text.encode()), "top_logprobs": []}
        entries.append(entry)
    return {"content": entries, "refusal": None}


def usage(prompt_tokens: int, completions: Sequence) -> dict:
    written = sum(len(completion.tokens) for completion in completions)
    return {
        "prompt_tokens": prompt_tokens,
        "completion_tokens": written,
        "total_tokens": prompt_tokens + written,
    }


def with_stop(text: str, whole: str, stops: Sequence[str]) -> str:
    """`text` and the stop string that ended it, if `whole`, the text of all tokens, goes on with one."""
    return next((text + stop for stop in stops if whole.startswith(text + stop)), text)


def chunk(head: dict, choices: list[dict], usage: dict | None = None, with_usage: bool = False) -> bytes:
    """A piece of a streamed answer."""
    body = {**head, "choices": choices} | ({"usage": usage} if with_usage else {})
    return event(body)


def event(body: dict) -> bytes:
    """`body` as a server-sent event."""
    return f"data: {json.dumps(body)}\n\n".encode()


def deltas(done: dict) -> list[dict]:
    """A finished choice as the two pieces that a stream sends: its text, then why it ended."""
    index = done["index"]
    content = {"role": "assistant", "content": done["message"]["content"]}
    return [
        {"index": index, "delta": content, "logprobs": done["logprobs"], "finish_reason": None},
        {"index": index, "delta": {}, "logprobs": None, "finish_reason": done["finish_reason"]},
    ]
