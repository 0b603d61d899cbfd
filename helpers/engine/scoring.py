"""Models with a head that scores: loading them, and reading their scores in few forward passes."""

from __future__ import annotations

from collections.abc import Callable
from itertools import takewhile
from pathlib import Path

from helpers.engine import fused
from helpers.engine.decoder import version
from helpers.engine.forward import Forward
from helpers.engine.hardware import count_parameters, plan, this_machine
from helpers.engine.local import BUILDING, built, locate, quiet
from helpers.engine.prefix_scoring import SCORED_TOKENS, ForwardReader, Pair, Reader
from helpers.engine.stored import SEQUENCE, StoredModel, kind_of
from helpers.engine.stored import count_parameters as count_stored

INSTEAD = "REWARD_MODEL=prebuilt/models/course-rm"  # of a reward model that cannot be had


def load_scorer(kind: str, path_or_id: str | Path, device: str | None):
    """Model, tokenizer and name of a folder or a hub id; see `helpers.rewards.RewardModel.load`.

    The checkpoint must have been saved as a model whose name ends in `kind`: another head would be made at
    random.
    """
    import torch
    import transformers
    from transformers import AutoConfig, AutoTokenizer

    source, name = locate(str(path_or_id))
    machine = this_machine(device)
    try:
        with quiet(source):
            config = AutoConfig.from_pretrained(source)
            made = config.architectures or ["unknown"]
            if not made[0].endswith(kind):
                example = "course-rm" if kind == SEQUENCE else "course-prm"
                raise ValueError(
                    f"{name} is a {made[0]}, not a model that ends in {kind}, so its scores would be random: "
                    f"choose a reward model, for example prebuilt/models/{example}."
                )
            tokenizer = AutoTokenizer.from_pretrained(source)
            parameters = count_stored(source, config, kind) or count_parameters(config, kind)
            held = plan(name, parameters, machine, instead=INSTEAD)
            model = None
            if (machine.device, held.numbers) == ("cpu", "float32"):
                model = StoredModel.load(source, config, kind)
            if model is None:
                made = getattr(transformers, "AutoModel" + kind)
                model = made.from_pretrained(source, dtype=getattr(torch, held.numbers)).to(machine.device)
    except OSError as error:
        if Path(source).is_dir():
            raise
        raise OSError(
            f"The reward model {name} could not be fetched from the model hub (no network, no such model, or "
            f"no access to it): check the name, or set {INSTEAD}, which needs no network."
        ) from error
    return model, tokenizer, name


def split_pair(ids: tuple[int, ...], before: tuple[int, ...]) -> Pair:
    """`ids` as head and tail: the head is what they share with the conversation `before` the answer."""
    shared = sum(1 for _ in takewhile(lambda two: two[0] == two[1], zip(ids[:-1], before, strict=False)))
    return ids[:shared], ids[shared:]


class Scorer:
    """A model with a head that scores, one of transformers or a `StoredModel`."""

    def __init__(self, model):
        self._model = model if isinstance(model, StoredModel) else model.eval()
        self._reader = self._version = None

    @property
    def config(self):
        """The configuration of the model."""
        return self._model.config

    @property
    def model(self):
        """The model of transformers."""
        with BUILDING:
            if isinstance(self._model, StoredModel):
                self._model = built(self._model)
            return self._model

    def free(self) -> None:
        """The weights are given up, whoever else holds the model of transformers."""
        if not isinstance(self._model, StoredModel):
            self._model.to("meta")

    def score_pairs(self, pairs: list[Pair], read: Callable) -> list:
        """`read(logits, pair, start)` for each head and tail, in order; `start`: the place of the first row
        of logits.

        Raises ValueError for a pair that is longer than the model reads.
        """
        longest = max((len(head) + len(tail) for head, tail in pairs), default=0)
        context = getattr(self.config.get_text_config(), "max_position_embeddings", None) or 2**20
        if longest > context:
            raise ValueError(
                f"A conversation has {longest} tokens, but the reward model reads {context}: shorten it."
            )
        found = {
            pair: read(logits, pair, start)
            for pair, start, logits in self._current_reader()(pairs, SCORED_TOKENS)
        }
        return [found[pair] for pair in pairs]

    def _current_reader(self):
        """Made once, and again when the model's weights have changed."""
        if self._version != version(self._model):
            self._version = version(self._model)
            if fused.supports(self._model):
                bias = self._model.state_dict().get("score.bias")
                at_ends = kind_of(self._model) == SEQUENCE
                self._reader = ForwardReader(Forward(fused.Network(self._model)), bias, at_ends)
            else:
                self._reader = Reader(self.model)
        return self._reader
