"""Attention: kernels that read a past in parts, and a way to put them under a model of transformers.

`install` works through the attention interface of transformers 5, so any causal language model whose class
supports that interface works unchanged, sliding windows and soft-capped scores included.
"""

from __future__ import annotations

from typing import NamedTuple

NAME = "shared_prompt"
SMALLEST_EXPONENT = -80.0  # exp of less than -87 is no normal float32, and 100 times slower to compute with
_LAYERS = {"full_attention", "sliding_attention"}


class UnsupportedModel(ValueError):
    """A model whose past is not only keys and values, or whose attention cannot be taken over."""


class Layer(NamedTuple):
    """What a layer keeps of one token; `ordinary`: it sees all that came before, with unbounded scores."""

    bytes: int
    kv_heads: int
    size: int
    ordinary: bool


def install(model) -> list[Layer]:
    """Make `model` attend through this module wherever a call brings `attend=`, and as before elsewhere.

    Raises UnsupportedModel, in one sentence, for an architecture whose attention cannot be taken over.
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
        layers = _probe(model)
        if len(layers) == config.num_hidden_layers:
            return layers
    raise UnsupportedModel(
        f"{type(model).__name__} keeps its past in a way that is not supported here: choose a model with "
        "ordinary or sliding-window attention, such as Qwen, Llama, Granite, Mistral or Gemma 2."
    )


def _probe(model) -> list[Layer]:
    """The layers that let themselves be taken over."""
    import torch

    layers = {}

    def attend(layer, query, key, value, window, softcap):
        ordinary = window is None and softcap is None and key.shape == value.shape
        layers[layer] = Layer(key.nbytes + value.nbytes, key.shape[1], key.shape[3], ordinary)
        return value.repeat_interleave(query.shape[1] // value.shape[1], 1).transpose(1, 2)

    with torch.inference_mode():
        one = torch.zeros(1, 1, dtype=torch.long, device=model.device)
        model.base_model(input_ids=one, position_ids=one, use_cache=False, attend=attend)
    return list(layers.values())


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
    bias = causal(query.shape[2], key.shape[2], None, query) if mask is None else mask
    return plain_attention(query * scaling, key, value, bias, softcap)


def plain_attention(query, key, value, mask, softcap):
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


def causal(queries: int, keys: int, window: int | None, like):
    """Boolean [queries, keys]: the last `queries` of `keys` positions see themselves and what came before."""
    import torch

    distance = torch.arange(keys - queries, keys, device=like.device)[:, None] - torch.arange(
        keys, device=like.device
    )
    return (distance >= 0) if window is None else (distance >= 0) & (distance < window)


def flash_serves(query, softcap) -> bool:
    import torch

    return softcap is None and query.device.type == "cpu" and query.dtype in (torch.float32, torch.bfloat16)


def flash(query, keys, values, mask, softcap):
    """Attention and the logarithm of its sum of weights, in one kernel of the CPU."""
    import torch

    mask = mask if mask is None else mask.to(query.dtype)
    kernel = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu
    return kernel(query, keys, values, attn_mask=mask, scale=1.0)


def merge_flash(one, other):
    """Attention over two sets of positions from what `flash` found in each."""
    (a, log_a), (b, log_b) = one, other
    share = (log_a - log_b.view(log_a.shape)).sigmoid_()[..., None]
    return b.lerp_(a, share.to(a.dtype))


def partial_attention(query, keys, values, mask, softcap):
    """Unfinished attention, [batch, kv heads, queries, size]: values weighted by exp(score - top), then top
    and the sum of weights.
    """
    scores = _capped((query @ keys.transpose(2, 3)).float(), softcap)
    if mask is not None:
        scores.add_(mask)
    top = scores.amax(-1, keepdim=True)
    weights = scores.sub_(top).clamp_(min=SMALLEST_EXPONENT).exp_()
    return weights.to(values.dtype) @ values, top, weights.sum(-1, keepdim=True)


def merge(one, other):
    """Attention over two sets of positions from what `partial_attention` found in each."""
    import torch

    (a, top_a, sum_a), (b, top_b, sum_b) = one, other
    top = torch.maximum(top_a, top_b)
    share_a, share_b = (top_a - top).exp_(), (top_b - top).exp_()
    total = sum_a * share_a + sum_b * share_b
    return a * (share_a / total) + b * (share_b / total)
