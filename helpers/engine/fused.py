"""The weights of a small Qwen or Llama model, with merged projections, as `forward` computes with them: at a
few million parameters the calls cost more than the arithmetic, and transformers makes about 200 a layer.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from helpers.engine.hardware import free_memory
from helpers.engine.stored import CAUSAL, HEADS, StoredModel, head_size, kind_of, shapes

EMBEDDING = "model.embed_tokens.weight"
LARGEST = 200_000_000  # parameters
COPIES = 3  # of the weights that must fit into free memory: the one that is kept, and what it is made of
FIRST_POSITIONS = 4096  # whose rotations are computed at once


class Layer(NamedTuple):
    """Weights of one layer; matrices are [out, in]."""

    norm: Any  # [width], times the root of the width
    qkv: Any
    qkv_bias: Any
    head_norm: Any  # [heads + kv heads, size], or None
    out: Any
    second_norm: Any
    gate_up: Any
    down: Any


MATRICES = ("qkv", "out", "gate_up", "down")


def supports(model) -> bool:
    """Whether `forward` computes what this model does: float32 on a CPU, small, nothing unusual in its
    layers, and memory for a copy of its weights.
    """
    import torch

    kind = kind_of(model)
    if kind is None or model.device.type != "cpu":
        return False
    expected, weights, own = shapes(model.config, kind), _weights(model), list(model.parameters())
    if kind == CAUSAL and expected is not None:
        expected |= {HEADS[kind]: expected[EMBEDDING]}
    return (
        expected is not None
        and {name: tuple(weight.shape) for name, weight in weights.items()} == expected
        and all(weight.dtype == torch.float32 for weight in own)
        and (isinstance(model, StoredModel) or _linear(model))
        and sum(weight.numel() for weight in own) <= LARGEST
        and COPIES * sum(weight.nbytes for weight in own) <= free_memory()
    )


def _linear(model) -> bool:
    """Whether the projections of a model of transformers are what they were, products with their weights."""
    import torch

    return all(
        type(module) is torch.nn.Linear
        for name, module in model.named_modules()
        if name.endswith(("_proj", "lm_head", "score"))
    )


class Network:
    """`weights` of every layer; `head`, tensor [vocabulary, width]; `compact`: numpy, the matrices of all
    layers and the head again, see `_compact`.
    """

    def __init__(self, model):
        import torch

        config, weights = model.config, _weights(model)
        self.heads, self.kv = config.num_attention_heads, config.num_key_value_heads
        self.size = head_size(config)
        self.width, self.layers = config.hidden_size, config.num_hidden_layers
        self.small = self.width * config.rms_norm_eps, self.size * config.rms_norm_eps
        stored = isinstance(model, StoredModel)
        self._frequencies = model.frequencies if stored else model.base_model.rotary_emb.inv_freq
        self._waves = (torch.empty(0, self.size),) * 2
        with torch.no_grad():
            self.embedding = weights[EMBEDDING].detach()
            self.norm = weights["model.norm.weight"] * self.width**0.5
            layers = [self._layer(weights, f"model.layers.{number}.") for number in range(self.layers)]
            matrices = [getattr(layer, name) for layer in layers for name in MATRICES]
            self.parameters = sum(matrix.numel() for matrix in matrices)
            self.compact = _compact([*matrices, weights[HEADS[kind_of(model)]].detach()])
        if self.compact[0].dtype == np.float32:
            *matrices, self.head = map(torch.from_numpy, self.compact)
        else:
            self.head = weights[HEADS[kind_of(model)]].detach()
        copies = iter(matrices)
        self.weights = [layer._replace(**{name: next(copies) for name in MATRICES}) for layer in layers]

    def _layer(self, weights: dict, prefix: str) -> Layer:
        import torch

        def get(name, kind="weight"):
            return weights.get(f"{prefix}{name}.{kind}")

        root, scale, names = self.width**0.5, self.size**-0.5, [f"self_attn.{name}_proj" for name in "qkv"]
        qkv = torch.cat([get(name) for name in names])
        bias = norm = None
        if get(names[0], "bias") is not None:
            bias = torch.cat([get(name, "bias") for name in names])
        if get("self_attn.q_norm") is not None:
            parts = (get("self_attn.q_norm") * scale, self.heads), (get("self_attn.k_norm"), self.kv)
            norm = torch.cat([part.expand(times, -1) for part, times in parts]) * self.size**0.5
        else:
            qkv[: self.heads * self.size] *= scale
            if bias is not None:
                bias[: self.heads * self.size] *= scale
        return Layer(
            get("input_layernorm") * root,
            qkv,
            bias,
            norm,
            get("self_attn.o_proj").detach(),
            get("post_attention_layernorm") * root,
            torch.cat([get("mlp.gate_proj"), get("mlp.up_proj")]),
            get("mlp.down_proj").detach(),
        )

    def past_shape(self, rows: int, tokens: int) -> tuple[int, ...]:
        """Of keys and values: [layers, 2, rows, kv heads, tokens, size]."""
        return self.layers, 2, rows, self.kv, tokens, self.size

    def rotations(self, positions):
        """Cosines and sines [all positions, size]; the sines of the first half are negative."""
        import torch

        longest = int(positions.max(initial=0)) + 1
        if longest > len(self._waves[0]):
            at = torch.arange(max(FIRST_POSITIONS, 2 * longest)).float()
            turns = at[:, None] * self._frequencies
            cos, sin = turns.cos(), turns.sin()
            self._waves = cos.repeat(1, 2), torch.cat([-sin, sin], 1)
        return self._waves


def _weights(model) -> dict[str, Any]:
    """By name; the head of a tied model is its embedding."""
    weights, head = model.state_dict(), HEADS[kind_of(model)]
    return weights if head in weights else weights | {head: weights[EMBEDDING]}


def _compact(matrices) -> list:
    """Copies, numpy, in one piece of memory: two bytes a number where that loses nothing, as of weights that
    were stored so; a step of few rows takes as long as reading them takes.

    Made by numpy: it takes large pages for a piece of some megabytes, and reading is up to twice as fast.
    int16 are the bits of float16, uint16 those of bfloat16.
    """
    import torch

    def kept_by(kind) -> bool:
        return all(matrix.to(kind).float().equal(matrix) for matrix in matrices)

    kinds = (torch.float16, np.int16), (torch.bfloat16, np.uint16), (torch.float32, np.float32)
    kind, bits = next(pair for pair in kinds if pair[0] == torch.float32 or kept_by(pair[0]))
    of_size = torch.float32 if kind == torch.float32 else torch.int16  # numpy knows no bfloat16
    matrices = [matrix.to(kind).view(of_size) for matrix in matrices]
    memory = np.concatenate([matrix.numpy().view(bits).ravel() for matrix in matrices])
    pieces = np.split(memory, np.cumsum([matrix.numel() for matrix in matrices])[:-1])
    return [piece.reshape(matrix.shape) for piece, matrix in zip(pieces, matrices, strict=True)]
