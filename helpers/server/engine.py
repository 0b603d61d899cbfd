"""The decode loop with what a server needs on top: rows that are given up, rows that follow a grammar, and
rows that join in groups.

Rows that trickle in wait for each other, a few steps at most, since rows that joined together advance at a
fraction of the cost.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from helpers.engine.batch import Batch, Request
from helpers.engine.loop import Engine
from helpers.server.grammar import Matcher

FEW = 4  # groups that may run before a new one has to wait
PAUSE = 12  # steps that it waits at most


@dataclass(frozen=True)
class GuidedRequest(Request):
    """A request whose text follows `matcher`, which no other request may share."""

    matcher: Matcher | None = None


class ServingEngine(Engine):
    """See `helpers.engine.loop.Engine`."""

    _guided = False  # whether a row may have a matcher
    _since = 0  # steps since the last group joined

    def add(self, requests: Sequence[Request]) -> list[int]:
        """Queue requests, with or without a matcher; see `Engine.add`."""
        tickets = super().add(requests)
        self._guided |= any(_matcher(request) is not None for request in requests)
        return tickets

    def give_up(self, tickets: Collection[int]) -> None:
        """Forget waiting rows; running ones end, cut short, with the next step."""
        given_up = set(tickets)
        for prompt, group in list(self._waiting.items()):
            kept = [pair for pair in group if pair[0] not in given_up]
            if kept:
                self._waiting[prompt] = kept
            else:
                del self._waiting[prompt]
        for batch in self._batches:
            batch.give_up(given_up)

    def _admit(self) -> None:
        groups, self._since = len(self._batches), self._since + 1
        if groups < FEW or self._since >= PAUSE:
            super()._admit()
            self._since = 0 if len(self._batches) > groups else self._since

    def _allow(self, logits):
        if self._guided:
            for batch, span in self._spans():
                for row in range(len(batch.rows)):
                    _mask(logits[span.start + row], batch, row)
        return logits

    def _alone(self, row: int):
        logits = super()._alone(row)
        batch, span = next((batch, span) for batch, span in self._spans() if row < span.stop)
        _mask(logits[0], batch, row - span.start)
        return logits


def _matcher(request: Request) -> Matcher | None:
    return getattr(request, "matcher", None)


def _mask(logits, batch: Batch, row: int) -> None:
    """Set the scores of tokens that the row's matcher does not allow to minus infinity, in place."""
    import torch

    matcher = _matcher(batch.request(row))
    if matcher is not None:
        allowed = matcher.allowed(batch.written(row))
        logits[~torch.from_numpy(allowed).to(logits.device)] = float("-inf")
