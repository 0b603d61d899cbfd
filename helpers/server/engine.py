"""The decode loop with what a server needs on top: rows that are given up, rows that follow a grammar, and
rows that join in groups.

Promises: a row that is given up costs nothing from the next step on; a row with a matcher draws allowed
tokens only; rows that trickle in wait for each other, a few steps at most, since rows that joined together
advance at a fraction of the cost. Everything else is `helpers.engine.loop.Engine`. Knows nothing of HTTP.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from helpers.engine.batch import Request
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
        for cohort in self._cohorts:
            for row in cohort.rows:
                if cohort._tickets[row["number"]] in given_up:
                    row["limit"] = 0

    def _admit(self) -> None:
        groups, self._since = len(self._cohorts), self._since + 1
        if groups < FEW or self._since >= PAUSE:
            super()._admit()
            self._since = 0 if len(self._cohorts) > groups else self._since

    def _forward(self, model, ids, positions, attend):
        out = super()._forward(model, ids, positions, attend)
        if self._guided and model is self.model:  # a step, not the reading of prompts
            for cohort, span in self._spans():
                for row in range(len(cohort.rows)):
                    _mask(out.logits[span.start + row, -1], cohort, row)
        return out

    def _alone(self, row: int):
        logits = super()._alone(row)
        cohort, span = next((c, s) for c, s in self._spans() if row < s.stop)
        _mask(logits[0], cohort, row - span.start)
        return logits


def _matcher(request: Request) -> Matcher | None:
    return getattr(request, "matcher", None)


def _mask(logits, cohort, row: int) -> None:
    """Set the scores of tokens that the row's matcher does not allow to minus infinity, in place."""
    import torch

    matcher = _matcher(cohort._requests[cohort.rows["number"][row]])
    if matcher is not None:
        allowed = matcher.allowed(cohort.rows["tokens"][row, : cohort.steps])
        logits[~torch.from_numpy(allowed).to(logits.device)] = float("-inf")
