"""A causal language model as the decode loop uses it: prompts in, then one token a step for every row of a
batch.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from helpers.engine import attention, fused, kv_cache, prefill
from helpers.engine.forward import Forward
from helpers.engine.hardware import free_memory
from helpers.engine.prompt_cache import PromptCache, WholePrompts

LEAST_KNOWN, MOST_KNOWN = 128 * 2**20, 512 * 2**20  # bytes of keys and values of a model's prompts


def decoder(model) -> Decoder | FusedDecoder:
    """The fastest decoder for this model. Raises `attention.UnsupportedModel`."""
    return FusedDecoder(model) if fused.supports(model) else Decoder(model)


class _Alone:
    """What a row says when nothing else is computed beside it."""

    def _keep(self, limit: int) -> None:
        """At most so many bytes of prompts for rows that share a beginning, and as many for rows alone."""
        self.prompts, self._heads = PromptCache(limit), WholePrompts(limit)

    def alone(self, prompt: tuple[int, ...], written: list[int]):
        """Logits [1, vocabulary] after the token ids of one row, computed without any other row: the prompt
        is read by itself, once for all its rows.
        """
        head = self._heads.get(prompt[:-1], lambda tokens: self._read_one(tokens)[0])
        return self._read_one([prompt[-1], *written], head)[1]

    def _read_one(self, tokens: Sequence[int], head=None):
        """The keys and values of one row that continues `head` by `tokens`, and the logits after the last."""
        import torch

        start = 0 if head is None else head.shape[-2]
        past = torch.zeros(self.past_shape(1, start + len(tokens)))
        if start:
            past[..., :start, :] = head
        if not tokens:
            return past, None
        ids, at = np.array([tokens]), np.array([start])
        return past, self._last(ids, past, at)


class Decoder(_Alone):
    """Any model whose past is keys and values, through the forward pass of transformers.

    Made once for a model, since taking over its attention costs a forward pass. Raises
    `attention.UnsupportedModel`.
    """

    def __init__(self, model):
        import torch

        self.model, self.device, self._version = model, model.device, version(model)
        self._layers = attention.install(model)
        self.token_bytes = sum(layer.bytes for layer in self._layers)  # keys and values of one token
        self.vocabulary = model.config.get_text_config().vocab_size
        self._no_mask = torch.zeros(1, 1, 1, 1, device=self.device)  # makes transformers build none
        self.prompts = None  # or a `PromptCache`, where it cannot turn a token
        exact = self.device.type == "cpu" and model.dtype == torch.float32
        alike = len(set(self._layers)) == 1 and self._layers[0].ordinary
        if exact and alike:
            self._keep(_room(model))

    @property
    def stale(self) -> bool:
        """Whether the model's weights have changed, or moved, so that another decoder is needed."""
        return self._version != version(self.model)

    def past_shape(self, rows: int, tokens: int) -> tuple[int, ...]:
        """Of keys and values: [layers, 2, rows, kv heads, tokens, size]."""
        one = self._layers[0]
        return len(self._layers), 2, rows, one.kv_heads, tokens, one.size

    def read(self, ids, past, start):
        """Read `ids`, numpy [rows, length], padded to the right, from position `start` [rows] on; see
        `prefill.attend_to` for `past`.
        """
        self._forward(self.model.base_model, ids, start, prefill.attend_to(past, start, ids.shape[1]))

    def read_whole(self, ids, cache, first: int) -> None:
        """Read prompts, numpy [prompts, length], padded to the right, those of `cache` from `first` on."""
        self._forward(self.model.base_model, ids, 0, cache.prefiller(first))

    def step(self, token, position, caches):
        """Logits [rows, vocabulary] after one more token of every row, numpy [rows] each. The rows are those
        of `caches`, one `KVCache` after the other.
        """
        attend = kv_cache.attend(caches)
        return self._forward(self.model, token[:, None], position, attend).logits[:, -1]

    def alone(self, prompt: tuple[int, ...], written: list[int]):
        """See `_Alone`; where no prompts are kept, all is read at once."""
        import torch

        if self.prompts is not None:
            return super().alone(prompt, written)
        ids = torch.tensor([[*prompt, *written]], device=self.device)
        return self.model(input_ids=ids, use_cache=False, logits_to_keep=1).logits[:, -1]

    def _last(self, ids, past, start):
        attend = prefill.attend_to(past, start, ids.shape[1])
        return self._forward(self.model, ids, start, attend, logits_to_keep=1).logits[:, -1]

    def _forward(self, model, ids, start, attend, **options):
        """`start`: the positions of the first ids, numpy [rows], or the same for all."""
        import torch

        positions = np.add.outer(np.broadcast_to(start, len(ids)), np.arange(ids.shape[1]))
        ids, positions = (torch.as_tensor(x, device=self.device) for x in (ids, positions))
        return model(
            input_ids=ids,
            position_ids=positions,
            attention_mask=self._no_mask,
            use_cache=False,
            attend=attend,
            **options,
        )


class FusedDecoder(_Alone):
    """A model that `fused.supports`; see `Decoder`."""

    stale = Decoder.stale

    def __init__(self, model):
        self.model, self.device, self._version = model, model.device, version(model)
        self.network = fused.Network(model)
        self.forward = Forward(self.network)
        self.token_bytes = 2 * 4 * self.network.kv * self.network.size * self.network.layers
        self.vocabulary = model.config.vocab_size
        self._keep(_room(model))

    def past_shape(self, rows: int, tokens: int) -> tuple[int, ...]:
        """See `Decoder.past_shape`."""
        return self.network.past_shape(rows, tokens)

    def read(self, ids, past, start):
        """See `Decoder.read`; returns what `Forward.read` does."""
        return self.forward.read(ids, past.numpy(), start)

    def read_whole(self, ids, cache, first: int) -> None:
        """See `Decoder.read_whole`."""
        import torch

        past = torch.zeros(self.past_shape(*ids.shape))
        self.read(ids, past, np.zeros(len(ids), np.int64))
        cache.fill(range(first, first + len(ids)), past)

    def step(self, token, position, caches):
        """See `Decoder.step`."""
        import torch

        return torch.from_numpy(self.forward.step(token, position, caches))

    def _last(self, ids, past, start):
        import torch

        return torch.from_numpy(self.forward.scores(self.read(ids, past, start)[:, -1]))


def _room(model) -> int:
    """Bytes for prompts that a model has read: as much as its weights take, within limits."""
    weights = sum(weight.nbytes for weight in model.parameters())
    return min(max(LEAST_KNOWN, weights), MOST_KNOWN, free_memory() // 8)


def version(model) -> list[tuple[int, int]]:
    """Of the weights: changes with every change of the weights, in place or not."""
    return [(weight.data_ptr(), weight._version) for weight in model.parameters()]
