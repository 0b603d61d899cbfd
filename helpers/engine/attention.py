"""Attention for many samples of shared prompts: a prompt's keys and values are kept once, whoever continues it.

All samples of a prompt meet its keys in one matrix product (the idea of Hydragen, Juravsky et al. 2024,
https://arxiv.org/abs/2402.05099). `install` makes a transformers model use it, through the attention interface of
transformers 5, so any causal language model whose class supports that interface works unchanged, sliding windows
and soft-capped scores included.
"""

from __future__ import annotations

from functools import partial

NAME = "shared_prompt"
FIRST_STEPS = 64  # of a continuation that get memory at once; twice as many whenever they are used up
MASKED = -1e30  # added to a score that must not count; finite, so that a row that sees nothing stays a number
SMALLEST_EXPONENT = -80.0  # exp of less than -87 is no normal float32, and 100 times slower to compute with
_LAYERS = {"full_attention", "sliding_attention"}


class UnsupportedModel(ValueError):
    """A model whose past is not only keys and values, or whose attention cannot be taken over."""


def install(model) -> int:
    """Make `model` attend through this module wherever a call brings `attend=`, and as before elsewhere.

    Returns the bytes of one token's keys and values. Raises UnsupportedModel, in one sentence, for an
    architecture whose attention cannot be taken over.
    """
    from transformers import AttentionInterface, AttentionMaskInterface
    from transformers.masking_utils import sdpa_mask

    config = model.config.get_text_config()
    kinds = set(getattr(config, "layer_types", None) or _LAYERS)
    stateful = getattr(model, "_is_stateful", False) or getattr(config, "num_kv_shared_layers", None)
    if getattr(model, "_supports_attention_backend", False) and kinds <= _LAYERS and not stateful:
        AttentionInterface.register(NAME, shared_prompt_attention)
        AttentionMaskInterface.register(NAME, sdpa_mask)
        if config._attn_implementation != NAME:
            model.set_attn_implementation(NAME)
        sizes = _probe(model)
        if len(sizes) == config.num_hidden_layers:
            return sum(sizes.values())
    raise UnsupportedModel(
        f"{type(model).__name__} keeps its past in a way that is not supported here: choose a model with "
        "ordinary or sliding-window attention, such as Qwen, Llama, Granite, Mistral or Gemma 2."
    )


def _probe(model) -> dict[int, int]:
    """Bytes of one token's keys and values in every layer that lets itself be taken over."""
    import torch

    sizes = {}

    def attend(layer, query, key, value, window, softcap):
        sizes[layer] = key.nbytes + value.nbytes
        return value.repeat_interleave(query.shape[1] // value.shape[1], 1).transpose(1, 2)

    with torch.inference_mode():
        one = torch.zeros(1, 1, dtype=torch.long, device=model.device)
        model.base_model(input_ids=one, position_ids=one, use_cache=False, attend=attend)
    return sizes


def shared_prompt_attention(module, query, key, value, attention_mask, scaling=None, attend=None, **kwargs):
    """The function that transformers calls in every layer. `attend` is `KVCache.prefiller` or a step of the
    engine.
    """
    scaling = query.shape[-1] ** -0.5 if scaling is None else scaling
    if attend is None:
        return _own_attention(module, query, key, value, attention_mask, scaling, **kwargs), None
    if kwargs.get("s_aux") is not None or kwargs.get("position_bias") is not None:
        raise ValueError(
            f"{type(module).__name__} adds sinks or biases to attention, which is not supported here."
        )
    window, softcap = kwargs.get("sliding_window"), kwargs.get("softcap")
    return attend(module.layer_idx, query * scaling, key, value, window, softcap), None


def _own_attention(module, query, key, value, mask, scaling, **kwargs):
    """Attention of a call that has nothing to do with this module, `model.generate` for one."""
    from transformers.integrations.sdpa_attention import sdpa_attention_forward

    softcap = kwargs.get("softcap")
    if softcap is None:
        return sdpa_attention_forward(module, query, key, value, mask, scaling=scaling, **kwargs)[0]
    bias = _causal(query.shape[2], key.shape[2], None, query) if mask is None else mask
    return _attention(query * scaling, key, value, bias, softcap)


def _attention(query, key, value, mask, softcap):
    """Attention written out, [batch, heads, length, size] -> [batch, length, heads, size]; boolean mask: True
    is seen.
    """
    import torch

    groups = query.shape[1] // key.shape[1]
    scores = _capped(query @ key.repeat_interleave(groups, 1).transpose(2, 3), softcap)
    scores = scores.masked_fill(~mask, float("-inf")) if mask.dtype == torch.bool else scores + mask
    weights = scores.float().softmax(-1).to(value.dtype)
    return (weights @ value.repeat_interleave(groups, 1)).transpose(1, 2)


def _capped(scores, softcap):
    return scores if softcap is None else (scores / softcap).tanh_().mul_(softcap)


def _causal(queries: int, keys: int, window: int | None, like):
    """Boolean [queries, keys]: the last `queries` of `keys` positions see themselves and what came before."""
    import torch

    distance = torch.arange(keys - queries, keys, device=like.device)[:, None] - torch.arange(
        keys, device=like.device
    )
    return (distance >= 0) if window is None else (distance >= 0) & (distance < window)


class KVCache:
    """Keys and values of rows that advance together, one token a step.

    `lengths[p]` tokens of prompt p are kept; row r continues prompt `prompt_of[r]`. `steps` tokens of each
    row's continuation are kept; a row's next token stands at position `lengths[prompt_of[r]] + steps`.
    `ordinary`: no call will bring a window or a softcap.
    """

    def __init__(self, lengths, prompt_of, capacity: int, device, ordinary: bool = False):
        import numpy as np

        self.lengths, self.prompt_of = np.asarray(lengths), np.asarray(prompt_of)
        self.capacity, self.device, self.steps = capacity, device, 0
        # One row a prompt: its keys stand before those of its continuation, in one piece.
        self._joined = ordinary and np.array_equal(self.prompt_of, np.arange(len(self.lengths)))
        self._before = max(1, int(self.lengths.max(initial=0))) if self._joined else 0
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
        pair = (self._of_rows if self._joined else self._of_prompts)(layer, key, value)
        for kept, new in zip(pair, (key, value), strict=True):
            kept[first : first + count, :, :length] = new
        # Padding stands to the right of every real token, so the causal rule alone hides it.
        window = window if window and window < length else None
        if softcap is not None:
            return _attention(query, key, value, _causal(length, length, window, query), softcap)
        rule = (
            {"is_causal": True} if window is None else {"attn_mask": _causal(length, length, window, query)}
        )
        gqa = query.shape[1] != key.shape[1]
        return scaled_dot_product_attention(query, key, value, scale=1.0, enable_gqa=gqa, **rule).transpose(
            1, 2
        )

    def attend(self, layer, query, key, value, window, softcap):
        """One step of all rows, [rows, heads, 1, size] each: keep its keys and values, answer its queries."""
        rows, heads, _, size = query.shape
        kv, groups = key.shape[1], heads // key.shape[1]
        query = query.reshape(rows, kv, groups, size)
        keys, values = self._append(layer, key, value, window)
        if self._joined:
            return _dense(query, keys, values, self._row_mask()).view(rows, 1, heads, -1)
        partial_attention = _flash if _flash_serves(query, softcap) else _partial_attention
        own = partial_attention(query, keys, values, None, softcap)
        gather, scatter, samples = self._layout(kv)
        grid = query.reshape(rows * kv, -1).index_select(0, gather).view(-1, kv, samples * groups, size)
        shared = partial_attention(grid, *self._of_prompts(layer, key, value), self._mask(window), softcap)
        shared = (
            x.reshape(len(gather), -1).index_select(0, scatter).view(rows, kv, groups, -1) for x in shared
        )
        merge = _merge_flash if partial_attention is _flash else _merge
        return merge(own, shared).to(value.dtype).view(rows, 1, heads, -1)

    def advance(self) -> None:
        """Call once after every step, when all layers have answered."""
        self.steps += 1
        if self._windows:
            self._masks = {}

    def keep(self, holes, movers, alive: int) -> None:
        """Let finished rows go: row `movers[i]` moves into `holes[i]`, then the first `alive` rows remain."""
        import numpy as np

        used = self._before + self.steps
        for pair in self._own.values():
            for x in pair:
                x[holes, :, :used] = x[movers, :, :used]
            if alive <= pair[0].shape[0] // 2:  # give memory back
                pair[:] = [_copy(x, alive, used, x.shape[2]) for x in pair]
        self.prompt_of[holes] = self.prompt_of[movers]
        self.prompt_of = self.prompt_of[:alive]
        left = np.unique(self.prompt_of)
        if self._joined:
            self.lengths, self.prompt_of = self.lengths[self.prompt_of], np.arange(alive)
        elif len(left) <= len(self.lengths) // 2:
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
        used, most = self._before + self.steps, self._before + self.capacity
        if layer not in self._own:
            shape = (len(self.prompt_of), key.shape[1], min(self._before + FIRST_STEPS, most))
            new = key.new_zeros if self._joined else key.new_empty
            self._own[layer] = [new((*shape, x.shape[-1])) for x in (key, value)]
        elif used >= self._own[layer][0].shape[2]:
            rows = len(self.prompt_of)
            self._own[layer] = [_copy(x, rows, used, min(2 * x.shape[2], most)) for x in self._own[layer]]
        return self._own[layer]

    def _append(self, layer, key, value, window):
        """Keep a step's keys and values; those of the rows' continuations in sight, [rows, kv heads, steps, size]."""
        rows, end = key.shape[0], self._before + self.steps + 1
        start = max(0, end - window) if window else 0
        pair = self._of_rows(layer, key, value)
        for x, new in zip(pair, (key, value), strict=True):
            x[:rows, :, end - 1] = new[:, :, 0]
        return (x[:rows, :, start:end] for x in pair)

    def _reset_layout(self) -> None:
        self._layouts: dict[int, tuple] = {}
        self._masks: dict[int | str | None, object] = {}
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
        """What to add to scores of prompt positions that are padding or behind the window, [prompts, 1, 1, longest]."""
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

    def _row_mask(self):
        """The same for the whole past of rows that stand in one piece."""
        import torch

        if "rows" not in self._masks:
            mask = None
            if (self.lengths < self._before).any():
                mask = torch.zeros(len(self.lengths), 1, 1, self._before + self.capacity, device=self.device)
                at = torch.arange(self._before, device=self.device)
                lengths = torch.as_tensor(self.lengths, device=self.device)[:, None]
                mask[:, 0, 0, : self._before] = (at >= lengths) * MASKED
            self._masks["rows"] = mask
        mask = self._masks["rows"]
        return mask if mask is None else mask[..., : self._before + self.steps + 1]


def _dense(query, keys, values, mask):
    """Attention of [rows, kv heads, queries, size] to all of [rows, kv heads, past, size]."""
    from torch.nn.functional import scaled_dot_product_attention

    mask = mask if mask is None else mask.to(query.dtype).expand(-1, query.shape[1], query.shape[2], -1)
    return scaled_dot_product_attention(query, keys, values, mask, scale=1.0)


def _flash_serves(query, softcap) -> bool:
    import torch

    return softcap is None and query.device.type == "cpu" and query.dtype in (torch.float32, torch.bfloat16)


def _flash(query, keys, values, mask, softcap):
    """Attention and the logarithm of its sum of weights, in one kernel of the CPU."""
    import torch

    mask = mask if mask is None else mask.to(query.dtype)
    kernel = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu
    return kernel(query, keys, values, attn_mask=mask, scale=1.0)


def _merge_flash(one, other):
    """Attention over two sets of positions from what `_flash` found in each."""
    (a, log_a), (b, log_b) = one, other
    share = (log_a - log_b.view(log_a.shape)).sigmoid_()[..., None]
    return b.lerp_(a, share.to(a.dtype))


def _partial_attention(query, keys, values, mask, softcap):
    """Unfinished attention, [batch, kv heads, queries, size]: values weighted by exp(score - top), then top and the
    sum of weights.
    """
    scores = _capped((query @ keys.transpose(2, 3)).float(), softcap)
    if mask is not None:
        scores.add_(mask)
    top = scores.amax(-1, keepdim=True)
    weights = scores.sub_(top).clamp_(min=SMALLEST_EXPONENT).exp_()
    return weights.to(values.dtype) @ values, top, weights.sum(-1, keepdim=True)


def _merge(one, other):
    """Attention over two sets of positions from what `_partial_attention` found in each."""
    import torch

    (a, top_a, sum_a), (b, top_b, sum_b) = one, other
    top = torch.maximum(top_a, top_b)
    share_a, share_b = (top_a - top).exp_(), (top_b - top).exp_()
    total = sum_a * share_a + sum_b * share_b
    return a * (share_a / total) + b * (share_b / total)


def _copy(x, rows: int, steps: int, capacity: int):
    """The first rows and steps of keys or values, with memory for so many steps."""
    copy = x.new_empty(rows, x.shape[1], capacity, x.shape[3])
    copy[:, :, :steps] = x[:rows, :, :steps]
    return copy
