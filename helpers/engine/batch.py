"""What is asked of the decode loop, what it answers, and the table of rows that are under way."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from helpers.engine.token_sampler import row_key, uniform
from helpers.models import DEFAULT, Decoding


@dataclass(frozen=True)
class Request:
    """One sample wanted after the token ids `prompt`; `index` tells samples of one prompt and seed apart."""

    prompt: tuple[int, ...]
    index: int = 0
    decoding: Decoding = DEFAULT
    continues: bool = False  # the prompt ends in the middle of a text that the sample continues

    def __post_init__(self):
        if not self.prompt:
            raise ValueError("A prompt needs at least one token.")


@dataclass(frozen=True)
class Completion:
    """A finished row. `tokens` includes the end token or the stop string; `text` ends before either."""

    text: str
    tokens: tuple[int, ...]
    logprobs: tuple[float, ...]  # natural logarithms, under the model at temperature 1 and top_p 1
    finish_reason: str  # "stop" | "length"


class Batch:
    """Rows that joined together and advance in step; `rows` is a table of those not yet finished."""

    def __init__(self, queued: Sequence[tuple[int, Request]], context: int, device):
        import numpy as np

        from helpers.engine.kv_cache import KVCache

        queued = sorted(queued, key=lambda pair: -len(pair[1].prompt))
        self._tickets, self._requests = zip(*queued, strict=True)
        self.prompts = list(dict.fromkeys(request.prompt for request in self._requests))
        self._stops = sorted({request.decoding.stop for request in self._requests})
        self.steps = 0
        limits = [
            min(request.decoding.max_tokens, context - len(request.prompt)) for request in self._requests
        ]
        # shapes as numbers: numpy parses a shape in a text with `ast`, which fails now and then when another
        # thread parses as well (Python 3.11)
        kinds = [(name, "i8") for name in ("number", "length", "limit", "stop", "token")]
        kinds += [("key", "u8"), ("temperature", "f4"), ("top_p", "f4")]
        kinds += [("tokens", "i4", (max(limits),)), ("logprobs", "f4", (max(limits),))]
        self.rows = np.zeros(len(self._requests), dtype=kinds)
        self.rows["number"], self.rows["limit"] = np.arange(len(self.rows)), limits
        for row, request in zip(self.rows, self._requests, strict=True):
            row["key"] = row_key(request.decoding.seed, request.prompt, request.index)
            row["length"], row["token"] = len(request.prompt), request.prompt[-1]
            row["temperature"], row["top_p"] = request.decoding.temperature, request.decoding.top_p
            row["stop"] = self._stops.index(request.decoding.stop)
        number = {prompt: i for i, prompt in enumerate(self.prompts)}
        kept = [len(prompt) - 1 for prompt in self.prompts]  # every row reads the last token for itself
        prompt_of = [number[request.prompt] for request in self._requests]
        self.cache = KVCache(kept, prompt_of, max(limits), device)

    @property
    def requests(self) -> list[Request]:
        """The requests of the unfinished rows."""
        return [self._requests[number] for number in self.rows["number"]]

    def next(self):
        """Numpy [rows] each: token to read, its position, temperature, top_p and random number."""
        rows = self.rows
        at = rows["length"] - 1 + self.steps
        return rows["token"], at, rows["temperature"], rows["top_p"], uniform(rows["key"], self.steps)

    def request(self, row: int) -> Request:
        """What this row answers."""
        return self._requests[self.rows["number"][row]]

    def written(self, row: int):
        """The token ids that this row has drawn so far, numpy."""
        return self.rows["tokens"][row, : self.steps]

    def give_up(self, tickets: Collection[int]) -> None:
        """Rows of these tickets end, cut short, with the next step."""
        for row in self.rows:
            if self._tickets[row["number"]] in tickets:
                row["limit"] = 0

    def record(self, tokens, logprobs, ends, chat_tokenizer) -> list[tuple[int, Completion]]:
        """Append a token to every row; rows that it ends leave and are returned, with their tickets."""
        import numpy as np

        rows = self.rows
        rows["token"] = rows["tokens"][:, self.steps] = tokens
        rows["logprobs"][:, self.steps] = logprobs
        self.steps += 1
        self.cache.advance()
        ended, full = ends[tokens], rows["limit"] <= self.steps
        texts = self._stopped(tokens, chat_tokenizer)
        done = ended | full
        done[list(texts)] = True
        leaving = np.flatnonzero(done)
        finished = []
        for row in leaving.tolist():
            request, written = self.request(row), self.written(row).tolist()
            text = (
                texts[row]
                if row in texts
                else self._text(request, written[:-1] if ended[row] else written, chat_tokenizer)
            )
            reason = "stop" if ended[row] or row in texts else "length"
            logs = tuple(rows["logprobs"][row, : self.steps].tolist())
            finished.append(
                (self._tickets[rows["number"][row]], Completion(text, tuple(written), logs, reason))
            )
        if finished:
            self._close_ranks(leaving)
        return finished

    def _text(self, request: Request, tokens: list[int], chat_tokenizer) -> str:
        return chat_tokenizer.decode(tokens, before=request.prompt[-4:] if request.continues else ())

    def _stopped(self, tokens, chat_tokenizer) -> dict[int, str]:
        """Row -> text before the stop string, for rows whose text has just come to contain one."""
        import numpy as np

        texts = {}
        for number, stop in enumerate(self._stops):
            if not stop:
                continue
            endings = chat_tokenizer.endings(stop).take(
                tokens, mode="clip"
            )  # a model may know more ids than its tokenizer
            for row in np.flatnonzero(endings & (self.rows["stop"] == number)).tolist():
                request = self.request(row)
                text = self._text(request, self.written(row).tolist(), chat_tokenizer)
                found = [at for at in map(text.find, stop) if at >= 0]
                if found:
                    texts[row] = text[: min(found)]
        return texts

    def _close_ranks(self, leaving) -> None:
        """The last unfinished rows move into the places of those that leave."""
        import numpy as np

        alive = len(self.rows) - len(leaving)
        holes = leaving[leaving < alive]
        movers = np.setdiff1d(np.arange(alive, len(self.rows)), leaving)
        self.rows[holes] = self.rows[movers]
        self.rows = self.rows[:alive]
        self.cache.keep(holes, movers, alive)
