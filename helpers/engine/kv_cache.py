"""The past of a batch of rows: a prompt's keys and values are kept once, whoever continues it.

All samples of a prompt meet its keys in one matrix product (the idea of Hydragen, Juravsky et al. 2024,
https://arxiv.org/abs/2402.05099).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from helpers.engine.attention import (
    causal,
    flash,
    flash_serves,
    merge,
    merge_flash,
    partial_attention,
    plain_attention,
)

FIRST_STEPS = 64  # of a continuation that get memory at once; twice as many whenever they are used up
MASKED = -1e30  # added to a score that must not count; finite, so that a row that sees nothing stays a number


class KVCache:
    """Keys and values of rows that advance together, one token a step.

    `lengths[p]` tokens of prompt p are kept; row r continues prompt `prompt_of[r]`. `steps` tokens of each
    row's continuation are kept; a row's next token stands at position `lengths[prompt_of[r]] + steps`.
    """

    def __init__(self, lengths, prompt_of, capacity: int, device):
        import numpy as np

        self.lengths, self.prompt_of = np.asarray(lengths), np.asarray(prompt_of)
        self.capacity, self.device, self.steps = capacity, device, 0
        self._prompt: dict[int, list] = {}  # layer -> [keys, values], each [prompts, kv heads, longest, size]
        self._own: dict[
            int, list
        ] = {}  # layer -> [keys, values], each [rows or more, kv heads, capacity, size]
        self._reset_layout()

    def prefiller(self, first: int):
        """The `attend` of a forward pass over the prompts from number `first` on, right-padded."""
        return partial(self._prefill, first)

    def _prefill(self, first, layer, query, key, value, window, softcap):
        from torch.nn.functional import scaled_dot_product_attention

        count, _, length, _ = key.shape
        for kept, new in zip(self._of_prompts(layer, key, value), (key, value), strict=True):
            kept[first : first + count, :, :length] = new
        # Padding stands to the right of every real token, so the causal rule alone hides it.
        window = window if window and window < length else None
        if softcap is not None:
            return plain_attention(query, key, value, causal(length, length, window, query), softcap)
        rule = {"is_causal": True} if window is None else {"attn_mask": causal(length, length, window, query)}
        gqa = query.shape[1] != key.shape[1]
        return scaled_dot_product_attention(query, key, value, scale=1.0, enable_gqa=gqa, **rule).transpose(
            1, 2
        )

    def fill(self, prompts: Sequence[int], past) -> None:
        """Keep `past`, [layers, 2, prompts, kv heads, tokens, size], right-padded, of the prompts of these
        numbers.
        """
        import torch

        numbers = torch.as_tensor(prompts)
        for layer, new in enumerate(past):
            for kept, part in zip(self._of_prompts(layer, *new), new, strict=True):
                width = min(part.shape[2], kept.shape[2])
                kept[numbers, :, :width] = part[:, :, :width]

    def attend(self, layer, query, key, value, window, softcap):
        """One step of all rows, [rows, heads, 1, size] each: keep its keys and values, answer its queries."""
        rows, heads, _, size = query.shape
        kv, groups = key.shape[1], heads // key.shape[1]
        query = query.reshape(rows, kv, groups, size)
        keys, values = self._append(layer, key, value, window)
        read = flash if flash_serves(query, softcap) else partial_attention
        own = read(query, keys, values, None, softcap)
        gather, scatter, samples = self._layout(kv)
        grid = query.reshape(rows * kv, -1).index_select(0, gather).view(-1, kv, samples * groups, size)
        shared = read(grid, *self._of_prompts(layer, key, value), self._mask(window), softcap)
        shared = (
            x.reshape(len(gather), -1).index_select(0, scatter).view(rows, kv, groups, -1) for x in shared
        )
        together = merge_flash if read is flash else merge
        return together(own, shared).to(value.dtype).view(rows, 1, heads, -1)

    @property
    def rows(self) -> int:
        return len(self.prompt_of)

    def arrays(self, layer: int, kv: int, size: int) -> tuple:
        """What `compiled.attend` asks of a layer, from `prompt_keys` to `last`; views, made once for as long
        as memory stays where it is.
        """
        import torch

        if layer not in self._views or self.steps >= self._own[layer][0].shape[2]:
            like = torch.empty(0, kv, 0, size)
            prompts, own = self._of_prompts(layer, like, like), self._of_rows(layer, like, like)
            seen = self.prompt_of, self.lengths[self.prompt_of]
            self._views[layer] = (*(x.numpy() for x in prompts), *seen, *(x.numpy() for x in own))
        return *self._views[layer], 0, self.steps + 1

    def advance(self) -> None:
        """Call once after every step, when all layers have answered."""
        self.steps += 1
        if self._windows:
            self._masks = {}

    def keep(self, holes, movers, alive: int) -> None:
        """Let finished rows go: row `movers[i]` moves into `holes[i]`, then the first `alive` rows remain."""
        import numpy as np

        used = self.steps
        for pair in self._own.values():
            for x in pair:
                x[holes, :, :used] = x[movers, :, :used]
            if alive <= pair[0].shape[0] // 2:  # give memory back
                pair[:] = [_copy(x, alive, used, x.shape[2]) for x in pair]
        self.prompt_of[holes] = self.prompt_of[movers]
        self.prompt_of = self.prompt_of[:alive]
        left = np.unique(self.prompt_of)
        if len(left) <= len(self.lengths) // 2:
            longest = max(1, int(self.lengths[left].max(initial=0)))
            for pair in self._prompt.values():
                pair[:] = [x[left, :, :longest].clone() for x in pair]
            self.lengths, self.prompt_of = self.lengths[left], np.searchsorted(left, self.prompt_of)
        self._reset_layout()

    def _of_prompts(self, layer, key, value):
        """[keys, values] of the prompts in one layer; at first zeros, of the kind of `key` and `value`."""
        if layer not in self._prompt:
            shape = (len(self.lengths), key.shape[1], max(1, int(self.lengths.max())))
            self._prompt[layer] = [x.new_zeros(*shape, x.shape[-1]) for x in (key, value)]
        return self._prompt[layer]

    def _of_rows(self, layer, key, value):
        """[keys, values] of the rows in one layer, with memory for the next token."""
        used, most = self.steps, self.capacity
        if layer not in self._own:
            shape = (len(self.prompt_of), key.shape[1], min(FIRST_STEPS, most))
            self._own[layer] = [key.new_empty((*shape, x.shape[-1])) for x in (key, value)]
        elif used >= self._own[layer][0].shape[2]:
            rows = len(self.prompt_of)
            self._own[layer] = [_copy(x, rows, used, min(2 * x.shape[2], most)) for x in self._own[layer]]
            self._views.pop(layer, None)
        return self._own[layer]

    def _append(self, layer, key, value, window):
        """Keep a step's keys and values; those of the rows' continuations in sight, [rows, kv heads, steps,
        size].
        """
        rows, end = key.shape[0], self.steps + 1
        start = max(0, end - window) if window else 0
        pair = self._of_rows(layer, key, value)
        for x, new in zip(pair, (key, value), strict=True):
            x[:rows, :, end - 1] = new[:, :, 0]
        return (x[:rows, :, start:end] for x in pair)

    def _reset_layout(self) -> None:
        self._layouts: dict[int, tuple] = {}
        self._masks: dict[int | str | None, object] = {}
        self._views: dict[int, tuple] = {}
        self._windows = False

    def _layout(self, kv: int):
        """Index vectors between rows and the grid [prompts, kv heads, samples of the fullest prompt]."""
        import numpy as np
        import torch

        if kv not in self._layouts:
            rows, prompts = len(self.prompt_of), len(self.lengths)
            order = np.argsort(self.prompt_of, kind="stable")
            counts = np.bincount(self.prompt_of, minlength=prompts)
            samples = int(counts.max())
            slot = np.empty(rows, dtype=np.int64)
            slot[order] = np.arange(rows) - np.repeat(np.cumsum(counts) - counts, counts)
            heads = np.arange(kv)
            scatter = ((self.prompt_of[:, None] * kv + heads) * samples + slot[:, None]).reshape(-1)
            gather = np.zeros(prompts * kv * samples, dtype=np.int64)
            gather[scatter] = np.arange(rows * kv)
            self._layouts[kv] = (*(torch.from_numpy(x).to(self.device) for x in (gather, scatter)), samples)
        return self._layouts[kv]

    def _mask(self, window: int | None):
        """What to add to scores of prompt positions that are padding or behind the window, [prompts, 1, 1,
        longest].
        """
        import numpy as np
        import torch

        self._windows |= bool(window)
        if window not in self._masks:
            at, lengths = np.arange(max(1, self.lengths.max())), self.lengths[:, None]
            masked = at >= lengths
            if window:
                masked |= at <= lengths + self.steps - window
            mask = torch.from_numpy(masked[:, None, None].astype(np.float32) * MASKED).to(self.device)
            self._masks[window] = mask if masked.any() else None
        return self._masks[window]


def attend(caches: Sequence[KVCache]):
    """The `attend` of a step of the rows of all these, one cache after the other."""
    import torch

    def of_all(layer, query, key, value, window, softcap):
        parts, start = [], 0
        for cache in caches:
            span = slice(start, start := start + cache.rows)
            parts.append(cache.attend(layer, query[span], key[span], value[span], window, softcap))
        return parts[0] if len(parts) == 1 else torch.cat(parts)

    return of_all


def _copy(x, rows: int, steps: int, capacity: int):
    """The first rows and steps of keys or values, with memory for so many steps."""
    copy = x.new_empty(rows, x.shape[1], capacity, x.shape[3])
    copy[:, :, :steps] = x[:rows, :, :steps]
    return copy
