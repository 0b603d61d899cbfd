"""A small Qwen or Llama model as its folder holds it. Sampling needs its numbers alone, and the import of the
classes of transformers takes longer than reading them.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

FAMILIES = {"qwen3": "Qwen3", "qwen2": "Qwen2", "llama": "Llama"}
CAUSAL, SEQUENCE, TOKEN = "ForCausalLM", "ForSequenceClassification", "ForTokenClassification"
HEADS = {CAUSAL: "lm_head.weight", SEQUENCE: "score.weight", TOKEN: "score.weight"}


@dataclass(frozen=True)
class StoredModel:
    """Float32 weights on the CPU by their names in the checkpoint, with the methods that `fused` asks of a
    model; `kind` is one of `HEADS`, `generation_config` None but for a causal language model.
    """

    config: Any
    generation_config: Any
    weights: dict[str, Any]
    kind: str = CAUSAL

    @classmethod
    def load(cls, folder: str, config, kind: str = CAUSAL) -> StoredModel | None:
        """None where the folder holds anything else: transformers knows what to do or to say."""
        import torch
        from safetensors.torch import load_file
        from transformers import GenerationConfig

        if not count_parameters(folder, config, kind):
            return None
        with torch.inference_mode(False):
            weights = {name: weight.float() for name, weight in load_file(_file(folder), "cpu").items()}
        if kind != CAUSAL:
            return cls(config, None, weights, kind)
        try:
            generation = GenerationConfig.from_pretrained(folder)
        except OSError:  # none, or none that can be read
            generation = GenerationConfig.from_model_config(config)
        return cls(config, generation, weights)

    @property
    def device(self):
        """Where the weights are."""
        return next(self.parameters()).device

    @property
    def frequencies(self):
        """Of the rotations of a head, tensor [size / 2]."""
        import torch

        size, theta = head_size(self.config), self.config.rope_parameters["rope_theta"]
        return 1.0 / theta ** (torch.arange(0, size, 2).float() / size)

    def state_dict(self) -> dict[str, Any]:
        """The weights by name."""
        return self.weights

    def parameters(self):
        """The weights."""
        return iter(self.weights.values())

    def built(self):
        """The same model as one of transformers, with these weights, whatever the folder holds now."""
        import torch
        import transformers

        made = getattr(transformers, FAMILIES[self.config.model_type] + self.kind)
        options = {"config": self.config, "state_dict": dict(self.weights), "dtype": torch.float32}
        with torch.inference_mode(False):
            model = made.from_pretrained(None, **options)
        if self.kind == CAUSAL:
            model.generation_config = self.generation_config
        return model.eval()


def kind_of(model) -> str | None:
    """Of `HEADS`; None for a model of another family."""
    if isinstance(model, StoredModel):
        return model.kind
    name = type(model).__name__
    return next((kind for family in FAMILIES.values() for kind in HEADS if name == family + kind), None)


def head_size(config) -> int:
    """Numbers in a key of one head."""
    return getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads


def shapes(config, kind: str = CAUSAL) -> dict[str, tuple[int, ...]] | None:
    """Name and shape of every weight of a model of this configuration, a tied one once. None for a model with
    anything unusual in its layers.
    """
    rotations = getattr(config, "rope_parameters", None) or {}
    usual = (
        config.model_type in FAMILIES
        and config.hidden_act == "silu"
        and not getattr(config, "attention_bias", False)
        and not getattr(config, "mlp_bias", False)
        and set(getattr(config, "layer_types", None) or ["full_attention"]) == {"full_attention"}
        and rotations.get("rope_type", "default") == "default"
        and rotations.get("partial_rotary_factor", 1) == 1
        and "rope_theta" in rotations
    )
    if not usual:
        return None
    width, inner = config.hidden_size, config.intermediate_size
    size = head_size(config)
    query, pair = config.num_attention_heads * size, config.num_key_value_heads * size
    layer = {
        "self_attn.q_proj.weight": (query, width),
        "self_attn.k_proj.weight": (pair, width),
        "self_attn.v_proj.weight": (pair, width),
        "self_attn.o_proj.weight": (width, query),
        "mlp.gate_proj.weight": (inner, width),
        "mlp.up_proj.weight": (inner, width),
        "mlp.down_proj.weight": (width, inner),
        "input_layernorm.weight": (width,),
        "post_attention_layernorm.weight": (width,),
    }
    if config.model_type == "qwen2":
        layer |= {f"self_attn.{name}_proj.bias": layer[f"self_attn.{name}_proj.weight"][:1] for name in "qkv"}
    if config.model_type == "qwen3":
        layer |= {"self_attn.q_norm.weight": (size,), "self_attn.k_norm.weight": (size,)}
    found = {"model.embed_tokens.weight": (config.vocab_size, width), "model.norm.weight": (width,)}
    if kind != CAUSAL:
        found[HEADS[kind]] = (config.num_labels, width)
        if kind == TOKEN:
            found["score.bias"] = (config.num_labels,)
    elif not config.tie_word_embeddings:
        found[HEADS[kind]] = (config.vocab_size, width)
    for number in range(config.num_hidden_layers):
        found |= {f"model.layers.{number}.{name}": shape for name, shape in layer.items()}
    return found


def count_parameters(folder: str, config, kind: str = CAUSAL) -> int | None:
    """From the names and shapes in the folder; None if they are not those of `shapes`."""
    from safetensors import SafetensorError, safe_open

    if getattr(config, "quantization_config", None):
        return None
    try:
        with safe_open(_file(folder), "pt") as stored:
            found = {name: tuple(stored.get_slice(name).get_shape()) for name in stored.keys()}  # noqa: SIM118
    except (OSError, SafetensorError):
        return None
    return sum(map(prod, found.values())) if found == shapes(config, kind) else None


def _file(folder: str) -> str:
    return str(Path(folder) / "model.safetensors")
