"""Where the reward models begin: the layers of the language model, and two on top that notice its surprise.

A language model knows how probable a token was one place before it, and only behind its last layer. Its own
layers, fine-tuned, cannot look that up, and a few million tokens do not teach it to fresh ones: they learn
the training problems by heart (measured: 0.59 of held-out pairs in order, where the language model's own
log-probability has 0.84). So the two new layers are not random. They start as a small circuit that works from
the first step on:

- the *comparing* layer looks one token back (an induction head's first half: Olsson et al. 2022, arXiv
  2209.11895) and reads there what the language model expected; its feed-forward part compares that with the
  token that came. It is not trained.
- the *last* layer takes the mean of these surprises over the solution, and their maximum. It learns the rest.

The class is that of the language model, with `EXTRA` more channels and two more layers; what the lower layers
make of a text is what they made of it before, up to rounding.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import torch

NEW = 2
EXTRA = 48  # channels
# Where slips show; Ġ and Ċ: space and newline.
WATCHED = (*"0123456789", "Ġ+Ġ", "Ġ-Ġ", "Ġ*Ġ", "Ġ/Ġ", "Final", "Ċ")
MARK = 0.1  # size of a mark in the embeddings, small beside them: the lower layers hardly see it
TYPICAL = 10.0  # root mean square of a state behind the language model's last layer
SHARP = 3.0  # how abruptly a surprise of 0 nats begins
SEEN_BACK = 5  # rotary frequencies that single out the distance of one token
FAR = 40.0  # nats; a surprise at a token that was not read counts this much less


@dataclass(frozen=True)
class Channels:
    """Where the circuit keeps what it knows of a token; the first `first` channels are the language model's.

    `watched`: ids of the tokens that it compares.
    """

    first: int
    watched: tuple[int, ...]

    @property
    def one(self) -> int:
        """The same for every token."""
        return self.first

    @property
    def read(self) -> range:
        """Which watched token it is."""
        return range(self.first + 1, self.first + 1 + len(self.watched))

    @property
    def expected(self) -> range:
        """The language model's logits of the watched tokens, one place before, less their mean; in units of
        10.
        """
        return range(self.read.stop, self.read.stop + len(self.watched))

    @property
    def surprise(self) -> int:
        """How many nats other watched tokens were ahead of the one that was read."""
        return self.expected.stop

    @property
    def mean(self) -> int:
        """The mean surprise up to here."""
        return self.surprise + 1

    @property
    def most(self) -> int:
        """The largest surprise up to here."""
        return self.surprise + 2

    @property
    def turn(self) -> int:
        """Marks the token that opens the assistant's turn."""
        return self.surprise + 3

    @property
    def answering(self) -> int:
        """Whether the assistant's turn has begun."""
        return self.surprise + 4


def begin(lm: Path, tokenizer, seed: int = 0):
    """The layers to train (a model without head), and the channels of the circuit.

    Needs a language model of the Qwen3 class with at least 2 attention heads; `tokenizer` is its own.
    """
    from transformers import AutoModel, Qwen3Config, Qwen3Model

    below = AutoModel.from_pretrained(lm, dtype=torch.float32)
    told = below.config.to_dict()
    layers = below.config.num_hidden_layers + NEW
    told |= {"hidden_size": below.config.hidden_size + EXTRA, "num_hidden_layers": layers}
    told |= {"layer_types": told["layer_types"][:1] * layers, "tie_word_embeddings": False}
    known = tokenizer.get_vocab()
    watched = tuple(known[token] for token in WATCHED if token in known)
    model, at = Qwen3Model(Qwen3Config.from_dict(told)), Channels(below.config.hidden_size, watched)
    noise = torch.Generator().manual_seed(seed)
    scale = math.sqrt(at.first / model.config.hidden_size)  # undoes a norm over more channels, most of them 0
    with torch.no_grad():
        _copy(below, model, scale)
        _mark(model.embed_tokens.weight, at, known["<|assistant|>"])
        for layer in model.layers[-NEW:]:
            _blank(layer, scale, noise)
        logits = below.embed_tokens.weight[list(watched)] * below.norm.weight
        _look_back(model.layers[-2].self_attn, at, logits - logits.mean(0))
        _compare(model.layers[-2].mlp, at)
        _sum_up(model.layers[-1].self_attn, at)
        model.norm.weight.fill_(scale)
    return model, at


def freeze(model) -> None:
    """Leaves only the last layer's matrices to be trained: scales and the circuit would drift apart."""
    model.requires_grad_(False)
    for weight in model.layers[-1].parameters():
        weight.requires_grad_(weight.ndim == 2)


def _copy(below, model, scale: float) -> None:
    """The language model in the first channels and layers."""
    wide = model.state_dict()
    for name, weight in below.state_dict().items():
        if name == "norm.weight":
            continue
        own = name.endswith(("input_layernorm.weight", "post_attention_layernorm.weight"))
        target = wide[name]
        target.zero_()
        target[tuple(map(slice, weight.shape))] = weight * scale if own else weight


def _mark(embeddings, at: Channels, turn: int) -> None:
    embeddings[:, at.one] = MARK
    embeddings[list(at.watched), list(at.read)] = MARK
    embeddings[turn, at.turn] = 3 * MARK


def _blank(layer, scale: float, noise: torch.Generator) -> None:
    """A layer that reads at random and writes nothing."""
    attention, mlp = layer.self_attn, layer.mlp
    for part in (attention.q_proj, attention.k_proj, attention.v_proj, mlp.gate_proj, mlp.up_proj):
        part.weight.normal_(std=0.08, generator=noise)
    for part in (attention.o_proj, mlp.down_proj):
        part.weight.zero_()
    for norm in (layer.input_layernorm, layer.post_attention_layernorm):
        norm.weight.fill_(scale)
    for norm in (attention.q_norm, attention.k_norm):
        norm.weight.fill_(1.0)


def _look_back(attention, at: Channels, logits: torch.Tensor) -> None:
    """Head 0 sees the token before and copies `logits` of it; the second key-value head sees the assistant's
    turn.

    Rotary positions turn a query and a key by an angle for each place, so a key turned by one place more
    matches the query of its successor best.
    """
    size, half = attention.head_dim, attention.head_dim // 2
    query, key, value, out = (
        getattr(attention, name).weight for name in ("q_proj", "k_proj", "v_proj", "o_proj")
    )
    base = attention.config.rope_parameters["rope_theta"]
    angle = base ** (-torch.arange(SEEN_BACK) / half)
    back = slice(half, half + SEEN_BACK)
    query[:size], key[:size] = 0, 0
    query[:SEEN_BACK, at.one] = TYPICAL / MARK
    key[:SEEN_BACK, at.one] = angle.cos() * TYPICAL / MARK
    key[back, at.one] = angle.sin() * TYPICAL / MARK
    for norm in (attention.q_norm, attention.k_norm):
        norm.weight[:SEEN_BACK] = norm.weight[back] = 3.5
    value[: len(logits)] = 0
    value[: len(logits), : at.first] = logits
    out[list(at.expected), range(len(logits))] = TYPICAL / 10

    _pick(attention, at, at.turn, strength=TYPICAL / MARK, rest=0.1, sharp=6.0)
    value[size, at.turn] = TYPICAL / MARK / 3
    out[at.answering, _second(attention)] = TYPICAL


def _pick(attention, at: Channels, marked: int, strength: float, rest: float, sharp: float) -> None:
    """The second key-value head sees the tokens that are marked in a channel, and where there are none, all
    alike.

    `strength` times the mark stands against `rest`; a head by itself copies nothing.
    """
    size, slow = attention.head_dim, attention.head_dim // 2 - 1  # the rotary frequency that hardly turns
    query, key, value = (getattr(attention, name).weight for name in ("q_proj", "k_proj", "v_proj"))
    head = _second(attention)
    query[head : head + size], key[size : 2 * size], value[size] = 0, 0, 0
    query[head + slow, at.one] = TYPICAL / MARK
    key[size + slow, marked], key[size + slow - 1, at.one] = strength, rest * TYPICAL / MARK
    attention.q_norm.weight[slow] = sharp


def _second(attention) -> int:
    """Where the first head begins that uses the second key-value head."""
    return attention.config.num_attention_heads // attention.config.num_key_value_heads * attention.head_dim


def _compare(mlp, at: Channels) -> None:
    """One unit for each pair of watched tokens: how far the second was ahead when the first one came."""
    pairs = [(i, j) for i in range(len(at.watched)) for j in range(len(at.watched)) if i != j]
    gate, up, down = mlp.gate_proj.weight, mlp.up_proj.weight, mlp.down_proj.weight
    off = SHARP * FAR * TYPICAL / MARK
    gate[: len(pairs)], up[: len(pairs)] = 0, 0
    for unit, (came, other) in enumerate(pairs):
        gate[unit, at.expected[other]], gate[unit, at.expected[came]] = 10 * SHARP, -10 * SHARP
        gate[unit, at.read[came]], gate[unit, at.one] = off, -off
    up[: len(pairs), at.answering] = 1
    down[at.surprise, : len(pairs)] = TYPICAL / SHARP / 10


def _sum_up(attention, at: Channels) -> None:
    """Head 0 sees all tokens nearly alike, the second key-value head the most surprising ones."""
    value, out = attention.v_proj.weight, attention.o_proj.weight
    attention.q_norm.weight.fill_(0.3)
    value[0], value[0, at.surprise] = 0, 200
    out[at.mean, 0] = 2.5 * TYPICAL
    _pick(attention, at, at.surprise, strength=1.0, rest=0.3, sharp=3.0)
    value[attention.head_dim, at.surprise] = 1
    out[at.most, _second(attention)] = TYPICAL
