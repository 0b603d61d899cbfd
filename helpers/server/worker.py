"""The one thread that draws samples for all requests of a server.

Requests that arrive within a few milliseconds begin together, later ones join at the next step; a failure of
the model fails the rows that were under way, not the server.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import lru_cache

from helpers.engine.batch import Completion, Request
from helpers.search.side_by_side import settle
from helpers.server.engine import ServingEngine
from helpers.server.grammar import Grammars

WINDOW = 0.004  # seconds that an idle worker waits for company after the first request


class Busy(RuntimeError):
    """More is waiting than the server takes on."""


class Stopping(RuntimeError):
    """The server is about to stop."""


@dataclass
class Job:
    """The rows of one HTTP request: a future `Completion` for each, done in any order."""

    model: str
    futures: list[Future[Completion]]
    tickets: list[int] = field(default_factory=list)  # empty until the worker has taken the job
    given_up: bool = False


class Worker:
    """Draws samples from `models` (name -> helpers.engine.local.LocalModel). `most`: rows that may wait or
    run at once.
    """

    def __init__(self, models: Mapping, most: int = 2048):
        self.models, self.most = dict(models), most
        self.grammars = {name: _grammars(model) for name, model in self.models.items()}
        self._engines = {name: _engine(model) for name, model in self.models.items()}
        self.pieces = {name: _pieces(model) for name, model in self.models.items()}
        self._rows: dict[tuple[str, int], Future] = {}
        self._inbox: queue.SimpleQueue = queue.SimpleQueue()
        self._count, self._lock, self._stopping = 0, threading.Lock(), False
        self._abandoned = False
        self._thread = threading.Thread(target=self._run, name="sampling", daemon=True)
        self._thread.start()

    def submit(self, model: str, requests: Sequence[Request]) -> Job:
        """Queue the rows of one request. Raises Busy or Stopping."""
        job = Job(model, [Future() for _ in requests])
        with self._lock:
            if self._stopping:
                raise Stopping
            if self._count + len(requests) > self.most:
                raise Busy
            self._count += len(requests)
        for future in job.futures:
            future.add_done_callback(self._leave)
        self._inbox.put((job, requests))
        return job

    def context(self, model: str) -> int:
        """Tokens, prompt and answer together, that the model knows positions for."""
        return self._engines[model].context

    def give_up(self, job: Job) -> None:
        """Nobody waits for this job any more: it costs nothing from the next step on."""
        job.given_up = True
        self._inbox.put((job, None))

    def close(self, timeout: float = 30.0) -> None:
        """Take nothing new, finish what is under way within `timeout` seconds, give up the rest, end the
        thread.
        """
        with self._lock:
            self._stopping = True
        self._inbox.put(None)
        self._thread.join(timeout)
        self._abandoned = True
        self._inbox.put(None)

    @property
    def rows(self) -> int:
        """Rows that wait or run."""
        return self._count

    def _leave(self, _future) -> None:
        with self._lock:
            self._count -= 1

    def _run(self) -> None:
        while not (self._stopping and self._count == 0) and not self._abandoned:
            self._receive(wait=all(engine.idle for engine in self._engines.values()))
            for name, engine in list(self._engines.items()):
                if not engine.idle:
                    self._step(name)
        for future in self._rows.values():
            future.cancel()

    def _step(self, name: str) -> None:
        try:
            finished = self._engines[name].step()
        except Exception as error:
            self._engines[name] = _engine(self.models[name])
            for key in [key for key in self._rows if key[0] == name]:
                settle(self._rows.pop(key), error)
            return
        for ticket, completion in finished:
            if (name, ticket) in self._rows:  # else it was given up
                settle(self._rows.pop((name, ticket)), completion)

    def _receive(self, wait: bool) -> None:
        """Take what has come in; with nothing to do, wait for the first and a moment for its company."""
        until = 0.0
        if wait:
            self._take(self._inbox.get())
            until = time.monotonic() + WINDOW
        while True:
            try:
                item = self._inbox.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                return
            self._take(item)

    def _take(self, item) -> None:
        if item is None:
            return
        job, requests = item
        engine = self._engines[job.model]
        if requests is None:
            engine.give_up(job.tickets)
            for ticket in job.tickets:
                self._rows.pop((job.model, ticket), Future()).cancel()
            return
        if job.given_up:
            for future in job.futures:
                future.cancel()
            return
        try:
            job.tickets = engine.add(requests)
            self._rows.update(zip(((job.model, ticket) for ticket in job.tickets), job.futures, strict=True))
        except Exception as error:
            for future in job.futures:
                settle(future, error)


def _pieces(model) -> Callable[[int], str]:
    """The text of a single token."""
    return lru_cache(maxsize=2**16)(lambda token: model.chat_tokenizer.decode([token]))


def _engine(model) -> ServingEngine:
    return ServingEngine(model.decoder, model.chat_tokenizer, model.ends, model.context)


def _grammars(model) -> Grammars:
    return Grammars(model.tokenizer, sorted(model.ends), model.config.vocab_size)
