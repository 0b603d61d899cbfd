"""Models with a head that scores: loading them, and reading their scores in few forward passes."""

from __future__ import annotations

from collections.abc import Callable
from itertools import takewhile
from pathlib import Path

from helpers.engine.hardware import count_parameters, plan, this_machine
from helpers.engine.local import locate, quiet
from helpers.engine.prefix_scoring import SCORED_TOKENS, Pair, passes

INSTEAD = "REWARD_MODEL=prebuilt/models/course-rm"  # of a reward model that cannot be had


def load_scorer(auto_class, head: str, path_or_id: str | Path, device: str | None):
    """Model, tokenizer and name of a folder or a hub id; see `helpers.rewards.RewardModel.load`.

    The checkpoint must have been saved with a head whose name ends in `head`: another would be made at
    random.
    """
    import torch
    from transformers import AutoConfig, AutoTokenizer

    source, name = locate(str(path_or_id))
    machine = this_machine(device)
    try:
        with quiet(source):
            config = AutoConfig.from_pretrained(source)
            made = config.architectures or ["unknown"]
            if not made[0].endswith(head):
                example = "course-prm" if "Token" in head else "course-rm"
                raise ValueError(
                    f"{name} is a {made[0]}, not a model that ends in {head}, so its scores would be random: "
                    f"choose a reward model, for example prebuilt/models/{example}."
                )
            tokenizer = AutoTokenizer.from_pretrained(source)
            held = plan(name, count_parameters(config, auto_class), machine, instead=INSTEAD)
            model = auto_class.from_pretrained(source, dtype=getattr(torch, held.numbers))
    except OSError as error:
        if Path(source).is_dir():
            raise
        raise OSError(
            f"The reward model {name} could not be fetched from the model hub (no network, no such model, or "
            f"no access to it): check the name, or set {INSTEAD}, which needs no network."
        ) from error
    return model.to(machine.device), tokenizer, name


def split_pair(ids: tuple[int, ...], before: tuple[int, ...]) -> Pair:
    """`ids` as head and tail: the head is what they share with the conversation `before` the answer."""
    shared = sum(1 for _ in takewhile(lambda two: two[0] == two[1], zip(ids[:-1], before, strict=False)))
    return ids[:shared], ids[shared:]


def score_pairs(model, pairs: list[Pair], read: Callable) -> list:
    """`read(logits, pair, start)` for each head and tail, in order; `start`: the place of the first row of
    logits.

    Raises ValueError for a pair that is longer than the model reads.
    """
    import torch

    longest = max((len(head) + len(tail) for head, tail in pairs), default=0)
    config = model.config.get_text_config()
    context = getattr(config, "max_position_embeddings", None) or 2**20
    if longest > context:
        raise ValueError(
            f"A conversation has {longest} tokens, but the reward model reads {context}: shorten it."
        )
    found = {}
    for each in passes(model, pairs, SCORED_TOKENS, config.pad_token_id):
        with torch.inference_mode():
            logits = model(**each.inputs).logits.float().cpu()
        found |= {pair: read(part, pair, each.start) for pair, part in zip(each.pairs, logits, strict=True)}
    return [found[pair] for pair in pairs]
