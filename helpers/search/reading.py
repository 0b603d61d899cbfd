"""A process reward model that reads each line of a search once.

A search asks for the score of every new line. Reading the whole solution again each time costs as much as all
else; here the keys and values of what was read before are kept, a line's for itself, and only the new lines
go through the model.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from helpers.models import Message

if TYPE_CHECKING:
    from helpers.rewards import StepReward

Ids = tuple[int, ...]
MEMORY = 512 * 2**20  # bytes of keys and values, after which all are forgotten
ROWS = 64  # that are read in one pass


def last_lines(reward: StepReward):
    """The score of the last line of each conversation, as a function that remembers what it has read.

    Models with another kind of past than keys and values of all tokens read all again, as `reward.score`
    does; so does whatever else has a `score`.
    """
    config = getattr(getattr(reward, "model", None), "config", None)
    kinds = set(getattr(config, "layer_types", None) or ())
    if kinds == {"full_attention"}:
        return LineReader(reward).score
    return lambda conversations: [(row or [0.0])[-1] for row in reward.score(conversations)]


class LineReader:
    """Scores of last lines by `reward`, whose model's layers all see everything that came before."""

    def __init__(self, reward: StepReward):
        self._reward, self._bytes = reward, 0
        self._pieces: dict[Ids, tuple[int, object]] = {}  # a text -> where its last piece begins, its past

    def score(self, conversations: Sequence[Sequence[Message]]) -> list[float]:
        """For each conversation one score; 0 where nothing was said yet, and for a solution that is longer
        than the model reads: of a writer that does not keep to short lines, a search goes on with the others.
        """
        if self._bytes > MEMORY:
            self._pieces, self._bytes = {}, 0
        texts = [self._beginnings(conversation) for conversation in conversations]
        context = self._reward.model.config.max_position_embeddings
        short = [lines for lines in texts if len(lines[-1]) <= context]
        self._read({question: () for question, *_ in short if question not in self._pieces})
        new = {
            lines[-1]: max((text for text in lines[:-1] if text in self._pieces), key=len)
            for lines in short
            if len(lines) > 1
        }
        scores = self._read(new)
        return [scores.get(lines[-1], 0.0) for lines in texts]

    def _beginnings(self, conversation: Sequence[Message]) -> list[Ids]:
        """Token ids of the question, of it and the first line, and so on."""
        (question, answer), ends = self._reward.encode(conversation)
        return [question, *(question + answer[: end + 1] for end in ends)]

    def _read(self, new: dict[Ids, Ids]) -> dict[Ids, float]:
        """Read each text from where its known beginning ends; the score at its last token."""
        scores, waiting = {}, sorted(new.items(), key=lambda pair: (len(pair[0]) - len(pair[1]), pair))
        for first in range(0, len(waiting), ROWS):
            scores |= self._pass(waiting[first : first + ROWS])
        return scores

    def _pass(self, rows: list[tuple[Ids, Ids]]) -> dict[Ids, float]:
        import torch
        from transformers import DynamicCache

        model = self._reward.model
        known = [len(before) for _, before in rows]
        widths = [len(text) - len(before) for text, before in rows]
        start, width = max(known), max(widths)
        ids, seen = torch.zeros(len(rows), width, dtype=int), torch.zeros(len(rows), start + width)
        for row, (text, before) in enumerate(rows):
            ids[row, : widths[row]] = torch.tensor(text[len(before) :])
            seen[row, start - known[row] : start + widths[row]] = 1
        cache = DynamicCache(config=model.config)
        for layer, (keys, values) in enumerate(self._past([before for _, before in rows], start)):
            cache.update(keys, values, layer)
        inputs = {
            "input_ids": ids,
            "position_ids": torch.tensor(known)[:, None] + torch.arange(width),
            "attention_mask": seen,
        }
        with torch.inference_mode():
            inputs = {name: value.to(model.device) for name, value in inputs.items()}
            logits = model(**inputs, past_key_values=cache, use_cache=True).logits.cpu()
        new = torch.stack([torch.stack([at.keys, at.values])[..., start:, :] for at in cache.layers])
        for row, (text, before) in enumerate(rows):
            piece = new[:, :, row, :, : widths[row]].clone()
            self._pieces[text] = len(before), piece
            self._bytes += piece.numel() * piece.element_size()
        ends = logits[torch.arange(len(rows)), torch.tensor(widths) - 1]
        return dict(zip((text for text, _ in rows), self._reward.right(ends), strict=True))

    def _past(self, texts: list[Ids], longest: int):
        """Keys and values of these texts, [layers, 2, texts, kv heads, longest, size], padded on the left;
        no layers where there is no text.
        """
        import torch

        if not longest:
            return ()
        whole = []
        for text in texts:
            pieces = []
            while text:
                start, piece = self._pieces[text]
                pieces.append(piece)
                text = text[:start]
            whole.append(torch.cat(pieces[::-1], dim=3))
        layers, two, heads, _, size = whole[0].shape
        past = whole[0].new_zeros(layers, two, len(texts), heads, longest, size)
        for row, piece in enumerate(whole):
            past[:, :, row, :, longest - piece.shape[3] :] = piece
        return past
