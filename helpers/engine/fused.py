"""The forward pass of a small Qwen or Llama model written out, with merged projections.

At a few million parameters the calls cost more than the arithmetic. transformers makes about 200 of them a
layer; here it is 20. A step of few rows goes through `few_rows`, which reads the weights twice as fast as
torch does, at 100 million parameters too.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from helpers.engine.hardware import free_memory

CLASSES = {"Qwen3Model", "Qwen2Model", "LlamaModel"}
LARGEST = 200_000_000  # parameters
COPIES = 3  # of the weights that must fit into free memory: the one that is kept, and what it is made of
FIRST_POSITIONS = 4096  # whose rotations are computed at once


class Layer(NamedTuple):
    """Weights of one layer, [out, in]; those of a norm are multiplied into the projection behind it."""

    qkv: Any
    qkv_bias: Any
    head_norm: Any  # [heads + kv heads, size], or None
    out: Any
    gate_up: Any
    down: Any


MATRICES = ("qkv", "out", "gate_up", "down")


def supports(model) -> bool:
    """Whether the forward pass below is this model's: float32 on a CPU, small, nothing unusual in its
    layers, and memory for a copy of its weights.
    """
    import torch

    inner, config = model.base_model, model.config
    if type(inner).__name__ not in CLASSES or model.device.type != "cpu" or model.dtype != torch.float32:
        return False
    linear = [module for name, module in inner.named_modules() if name.endswith("_proj")]
    with_bias = ("q_proj", "k_proj", "v_proj")
    return (
        config.hidden_act == "silu"
        and set(getattr(config, "layer_types", None) or ["full_attention"]) == {"full_attention"}
        and (getattr(config, "rope_parameters", None) or {}).get("rope_type", "default") == "default"
        and all(type(module) is torch.nn.Linear for module in linear)
        and all(
            m.bias is None
            for n, m in inner.named_modules()
            if n.endswith("_proj") and not n.endswith(with_bias)
        )
        and sum(weight.numel() for weight in model.parameters()) <= LARGEST
        and COPIES * sum(weight.nbytes for weight in model.parameters()) <= free_memory()
    )


class Network:
    """The weights of `model`, copied, and a forward pass over them. `head`, tensor [vocabulary, width], makes
    scores of what `hidden` returns.
    """

    def __init__(self, model):
        import torch

        config, inner = model.config, model.base_model
        self.model = model
        self.heads, self.kv = config.num_attention_heads, config.num_key_value_heads
        self.size = getattr(config, "head_dim", None) or config.hidden_size // self.heads
        self.width, self.layers = config.hidden_size, config.num_hidden_layers
        self.small = self.width * config.rms_norm_eps, self.size * config.rms_norm_eps
        self._cos = self._sin = torch.empty(0, self.size)
        with torch.no_grad():
            self.embedding = inner.embed_tokens.weight.detach()
            head = model.get_output_embeddings().weight * (inner.norm.weight * self.width**0.5)
            layers = [self._layer(layer) for layer in inner.layers]
            pieces = [getattr(layer, name) for layer in layers for name in MATRICES]
            self.parameters = sum(piece.numel() for piece in pieces)
            *pieces, self.head = _side_by_side([*pieces, head])
        copies = iter(pieces)
        self.weights = [layer._replace(**{name: next(copies) for name in MATRICES}) for layer in layers]

    def hidden(self, ids, positions, attend):
        """Tensor [tokens, width]: the last hidden states, divided by their root sum of squares.

        `ids`, `positions`: numpy [tokens]. `attend(layer, query, key, value)` gets [tokens, heads, size]
        each, the query scaled, and returns [tokens, heads x size].
        """
        import torch
        from torch.nn.functional import silu

        cos, sin = (x[torch.from_numpy(positions), None] for x in self.rotations(positions))
        x = self.embedding[torch.from_numpy(ids)]
        rows, heads, all_heads = len(x), self.heads, self.heads + self.kv
        split, inner = all_heads * self.size, self.weights[0].down.shape[1]
        for number, layer in enumerate(self.weights):
            qkv = _unit(x, self.small[0]) @ layer.qkv.T
            if layer.qkv_bias is not None:
                qkv += layer.qkv_bias
            qk = qkv[:, :split].reshape(rows, all_heads, self.size)
            if layer.head_norm is not None:
                qk = _unit(qk, self.small[1])
                qk *= layer.head_norm
            swapped = qk.reshape(rows, all_heads, 2, -1).flip(2).reshape(qk.shape)
            swapped *= sin
            qk = qk * cos
            qk += swapped
            value = qkv[:, split:].reshape(rows, self.kv, self.size)
            x = x + attend(number, qk[:, :heads], qk[:, heads:], value) @ layer.out.T
            gate_up = _unit(x, self.small[0]) @ layer.gate_up.T
            gate = silu(gate_up[:, :inner])
            gate *= gate_up[:, inner:]
            x += gate @ layer.down.T
        return _unit(x, self.small[0])

    def _layer(self, layer) -> Layer:
        import torch

        attention, mlp, scale = layer.self_attn, layer.mlp, self.size**-0.5
        root = self.width**0.5
        projections = attention.q_proj, attention.k_proj, attention.v_proj
        qkv = torch.cat([p.weight for p in projections]) * (layer.input_layernorm.weight * root)
        bias = head_norm = None
        if attention.q_proj.bias is not None:
            bias = torch.cat([p.bias for p in projections])
        if hasattr(attention, "q_norm"):
            head_norm = torch.cat(
                [
                    (attention.q_norm.weight * scale).expand(self.heads, -1),
                    attention.k_norm.weight.expand(self.kv, -1),
                ]
            )
            head_norm = head_norm * self.size**0.5
        else:
            qkv[: self.heads * self.size] *= scale
            if bias is not None:
                bias[: self.heads * self.size] *= scale
        gate_up = torch.cat([mlp.gate_proj.weight, mlp.up_proj.weight])
        gate_up = gate_up * (layer.post_attention_layernorm.weight * root)
        return Layer(
            qkv, bias, head_norm, attention.o_proj.weight.detach(), gate_up, mlp.down_proj.weight.detach()
        )

    def rotations(self, positions):
        """Cosines and sines [all positions, size]; the sines of the first half are negative."""
        import torch

        longest = int(positions.max(initial=0)) + 1
        if longest > len(self._cos):
            at = torch.arange(max(FIRST_POSITIONS, 2 * longest))[None]
            with torch.no_grad():
                cos, sin = self.model.base_model.rotary_emb(self.embedding[None], at)
            self._cos, self._sin = cos[0], sin[0]
            self._sin[:, : self.size // 2] *= -1
        return self._cos, self._sin


def _side_by_side(tensors) -> list:
    """Copies in one piece of memory, made by numpy: it takes large pages for a piece of some megabytes, and a
    step, which reads every weight once, is up to twice as fast.
    """
    import torch

    memory = np.concatenate([tensor.detach().numpy().ravel() for tensor in tensors])
    pieces = torch.from_numpy(memory).split([tensor.numel() for tensor in tensors])
    return [piece.view(tensor.shape) for piece, tensor in zip(pieces, tensors, strict=True)]


def _unit(x, small):
    import torch

    return x / torch.linalg.vector_norm(x, dim=-1, keepdim=True).square_().add_(small).sqrt_()
