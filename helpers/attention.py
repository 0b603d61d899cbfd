"""Attention for many samples of shared prompts: a prompt's keys and values are kept once, whoever continues
it.

Promises: `Memory` holds what a batch of rows has read so far - one copy for each prompt and one short
continuation for each row - and answers a step's queries against both, in one softmax. All samples of a prompt
meet its keys in one matrix product (the idea of Hydragen, Juravsky et al. 2024,
https://arxiv.org/abs/2402.05099). `install` makes a transformers model use it, through the attention
interface of transformers 5, so any causal language model whose class supports that interface works unchanged,
sliding windows and soft-capped scores included.
Knows nothing of tokens, sampling or text.
"""

from __future__ import annotations

from functools import partial

NAME = "shared_prompt"
_LAYERS = {"full_attention", "sliding_attention"}


def install(model) -> None:
    """Make `model` attend through `shared_prompt` wherever a call brings `attend=`, and as before elsewhere.

    Raises ValueError, in one sentence, for an architecture whose attention cannot be taken over.
    """
    from transformers import AttentionInterface, AttentionMaskInterface
    from transformers.masking_utils import sdpa_mask

    config = model.config.get_text_config()
    plain = set(getattr(config, "layer_types", None) or _LAYERS) <= _LAYERS
    if (
        not getattr(model, "_supports_attention_backend", False)
        or getattr(model, "_is_stateful", False)
        or getattr(config, "num_kv_shared_layers", None)
        or not plain
    ):
        raise ValueError(
            f"{type(model).__name__} keeps its past in a way that is not supported here: choose a model with "
            "ordinary or sliding-window attention, such as Qwen, Llama, Granite, Mistral or Gemma 2."
        )
    AttentionInterface.register(NAME, shared_prompt_attention)
    AttentionMaskInterface.register(NAME, sdpa_mask)
    model.set_attn_implementation(NAME)


def shared_prompt_attention(module, query, key, value, attention_mask, scaling=None, attend=None, **kwargs):
    """The function that transformers calls in every layer. `attend` is `Memory.prefill` or a step of the
    engine.
    """
    scaling = query.shape[-1] ** -0.5 if scaling is None else scaling
    if attend is None:
        return _usual_attention(module, query, key, value, attention_mask, scaling, **kwargs), None
    if kwargs.get("s_aux") is not None or kwargs.get("position_bias") is not None:
        raise ValueError(
            f"{type(module).__name__} adds sinks or biases to attention, which is not supported here."
        )
    window, softcap = kwargs.get("sliding_window"), kwargs.get("softcap")
    return attend(module.layer_idx, query * scaling, key, value, window, softcap), None


def _usual_attention(module, query, key, value, mask, scaling, **kwargs):
    """Attention of a call that has nothing to do with this module, `model.generate` for one."""
    from transformers.integrations.sdpa_attention import sdpa_attention_forward

    softcap = kwargs.get("softcap")
    if softcap is None:
        return sdpa_attention_forward(module, query, key, value, mask, scaling=scaling, **kwargs)[0]
    bias = _causal(query.shape[2], key.shape[2], None, query) if mask is None else mask
    return _weigh(query * scaling, key, value, bias, softcap)


def _weigh(query, key, value, mask, softcap):
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


class Memory:
    """Keys and values of rows that advance together, one token a step.

    `lengths[p]` tokens of prompt p are kept; row r continues prompt `prompt_of[r]`. `steps` tokens of each
    row's continuation are kept; a row's next token stands at position `lengths[prompt_of[r]] + steps`.
    """

    def __init__(self, lengths, prompt_of, device):
        import numpy as np

        self.lengths, self.prompt_of = np.asarray(lengths), np.asarray(prompt_of)
        self.device, self.steps = device, 0
        self._prompt: dict[int, list] = {}  # layer -> [keys, values], each [prompts, kv heads, longest, size]
        self._own: dict[
            int, list
        ] = {}  # layer -> [keys, values], each [rows or more, kv heads, steps or more, size]
        self._forget_layout()

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
            return _weigh(query, key, value, _causal(length, length, window, query), softcap)
        rule = (
            {"is_causal": True} if window is None else {"attn_mask": _causal(length, length, window, query)}
        )
        gqa = query.shape[1] != key.shape[1]
        return scaled_dot_product_attention(query, key, value, scale=1.0, enable_gqa=gqa, **rule).transpose(
            1, 2
        )

    def attend(self, layer, query, key, value, window, softcap):
        """One step of all rows, [rows, heads, 1, size] each: remember its keys and values, answer its
        queries.
        """
        import torch

        rows, heads, _, size = query.shape
        kv, groups = key.shape[1], heads // key.shape[1]
        keys, values = self._append(layer, key, value)
        start = max(0, self.steps + 1 - window) if window else 0
        keys, values = keys[:, :, start:].flatten(0, 1), values[:, :, start:].flatten(0, 1)
        prompt_keys, prompt_values = (x.flatten(0, 1) for x in self._of_prompts(layer, key, value))
        length = prompt_keys.shape[1]
        gather, scatter, samples = self._layout(kv)

        query = query.reshape(rows * kv, groups * size)
        own = torch.bmm(query.view(rows * kv, groups, size), keys.transpose(1, 2))
        grid = query.index_select(0, gather).view(-1, samples * groups, size)
        shared = _capped(torch.bmm(grid, prompt_keys.transpose(1, 2)), softcap)
        hidden = self._hidden(window)
        if hidden is not None:
            shared.view(len(hidden), -1, length).masked_fill_(hidden, float("-inf"))
        shared = shared.view(-1, groups * length).index_select(0, scatter).view(rows * kv, groups, length)
        weights = torch.cat([shared, _capped(own, softcap)], -1)
        weights = weights.softmax(-1, dtype=torch.float32).to(value.dtype)

        grid = (
            weights[..., :length]
            .reshape(rows * kv, -1)
            .index_select(0, gather)
            .view(-1, samples * groups, length)
        )
        shared = torch.bmm(grid, prompt_values).view(gather.numel(), -1).index_select(0, scatter)
        mixed = torch.bmm(weights[..., length:], values) + shared.view(rows * kv, groups, -1)
        return mixed.view(rows, 1, heads, -1)

    def advance(self) -> None:
        """Call once after every step, when all layers have answered."""
        self.steps += 1
        self._masks = {}

    def keep(self, holes, movers, alive: int) -> None:
        """Let finished rows go: row `movers[i]` moves into `holes[i]`, then the first `alive` rows remain."""
        import numpy as np

        self.prompt_of[holes] = self.prompt_of[movers]
        self.prompt_of = self.prompt_of[:alive]
        for pair in self._own.values():
            for x in pair:
                x[holes, :, : self.steps] = x[movers, :, : self.steps]
            if alive <= pair[0].shape[0] // 2:
                pair[:] = [x[:alive].clone() for x in pair]
        left = np.unique(self.prompt_of)
        if len(left) <= len(self.lengths) // 2:
            longest = int(self.lengths[left].max(initial=0))
            for pair in self._prompt.values():
                pair[:] = [x[left, :, :longest].clone() for x in pair]
            self.lengths, self.prompt_of = self.lengths[left], np.searchsorted(left, self.prompt_of)
        self._forget_layout()

    def _of_prompts(self, layer, key, value):
        """[keys, values] of the prompts in one layer; at first zeros, of the kind of `key` and `value`."""
        if layer not in self._prompt:
            shape = (len(self.lengths), key.shape[1], int(self.lengths.max()))
            self._prompt[layer] = [x.new_zeros(*shape, x.shape[-1]) for x in (key, value)]
        return self._prompt[layer]

    def _append(self, layer, key, value):
        import torch

        rows, end = key.shape[0], self.steps + 1
        pair = self._own.setdefault(layer, [key.new_empty(*x.shape[:2], 0, x.shape[3]) for x in (key, value)])
        if end > pair[0].shape[2]:
            room = max(16, end + end // 2) - self.steps
            pair[:] = [
                torch.cat([x[:rows, :, : self.steps], x.new_empty(rows, x.shape[1], room, x.shape[3])], 2)
                for x in pair
            ]
        for x, new in zip(pair, (key, value), strict=True):
            x[:rows, :, self.steps] = new[:, :, 0]
        return (x[:rows, :, :end] for x in pair)

    def _forget_layout(self) -> None:
        self._layouts: dict[int, tuple] = {}
        self._masks: dict[int | None, object] = {}

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

    def _hidden(self, window: int | None):
        """Boolean [prompts, 1, longest] or None: prompt positions that are padding, or behind the window."""
        import numpy as np
        import torch

        if window not in self._masks:
            at, lengths = np.arange(self.lengths.max()), self.lengths[:, None]
            hidden = at >= lengths
            if window:
                hidden |= at <= lengths + self.steps - window
            self._masks[window] = torch.from_numpy(hidden[:, None]).to(self.device) if hidden.any() else None
        return self._masks[window]
