"""`python -m bench.scoring`: answers a second that reward models and log-probabilities read.

  one by one   a forward pass for each answer, as the model cards show it
  batched      answers of all questions, padded, so many in a pass
  ours         `score`: what the answers to one question share is read once

The ways take turns on answers of their own, drawn by the course model, so that a machine whose speed drifts
favours none.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from functools import partial

from bench.sampling import MODEL, README, heading, line, machine, prompts, timed
from training import marks

QUESTIONS, ANSWERS = 8, 16
BATCH = 16  # answers in a padded pass
REWARD = "prebuilt/models/course-rm"
WAYS = ("one by one", "batched", "ours")
HEAD = ("scores", *WAYS, *(f"ours / {way}" for way in WAYS[:-1]))


def padded(model, rows: Sequence[Sequence[int]], size: int) -> int:
    """Forward passes over token ids, `size` rows in each; of a language model the log-probabilities too."""
    import torch

    for first in range(0, len(rows), size):
        some = rows[first : first + size]
        width = max(map(len, some))
        ids = torch.tensor([[*row, *[0] * (width - len(row))] for row in some])
        mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in some])
        with torch.inference_mode():
            logits = model(input_ids=ids, attention_mask=mask, use_cache=False).logits
            if logits.dim() == 3:
                logits[:, :-1].log_softmax(-1).gather(2, ids[:, 1:, None])
    return len(rows)


def measure(language_model, scorer, model, encode, rounds: int) -> dict[str, float]:
    """Answers a second of each way. `encode` makes the token ids of a conversation for `model`."""
    spent = dict.fromkeys(WAYS, 0.0)
    for turn in range(rounds):
        asked = prompts(QUESTIONS, f"Turn {turn}. ")
        drawn = language_model.sample(asked, ANSWERS, temperature=1.0, seed=turn)
        talks = [
            [*question, {"role": "assistant", "content": sample.text}]
            for question, samples in zip(asked, drawn, strict=True)
            for sample in samples
        ]
        rows = [encode(talk) for talk in talks]
        ways = {
            "one by one": partial(padded, model, rows, 1),
            "batched": partial(padded, model, rows, BATCH),
            "ours": lambda talks=talks: len(scorer.score(talks)),
        }
        for name, way in ways.items():
            spent[name] += timed(way, language_model)[1]
    return {name: rounds * QUESTIONS * ANSWERS / seconds for name, seconds in spent.items()}


def rows(rounds: int) -> list[list[str]]:
    """The table's cells."""
    from helpers.engine.local import LocalModel
    from helpers.rewards import LogProbability, RewardModel

    model, reward = LocalModel.load(MODEL), RewardModel.load(REWARD)

    def talk_ids(talk) -> list[int]:
        return reward.tokenizer(reward.tokenizer.apply_chat_template(talk, tokenize=False))["input_ids"]

    kinds = [
        ("course-rm", reward, reward.model, talk_ids),
        ("log-probability, course-lm", LogProbability(model), model.model, model.chat_tokenizer.encode),
    ]
    found = []
    for name, scorer, network, encode in kinds:
        rates = measure(model, scorer, network, encode, rounds)
        ratios = [rates["ours"] / rates[way] for way in WAYS[:-1]]
        found.append([name, *(f"{rates[way]:,.0f}" for way in WAYS), *(f"{ratio:.1f}" for ratio in ratios)])
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print a table in Markdown, and with `--write` put it into the README."""
    parser = argparse.ArgumentParser(prog="python -m bench.scoring", description="Speed of scoring.")
    parser.add_argument("--rounds", type=int, default=3, help="turns of each way")
    parser.add_argument("--write", action="store_true", help="the table into the README")
    args = parser.parse_args(arguments)
    lines = [*heading(HEAD), *map(line, rows(args.rounds))]
    said = f"Answers a second, {ANSWERS} to each of {QUESTIONS} questions, float32; {machine()}."
    print(*lines, "", said, sep="\n")
    if args.write:
        marks.write(README, "scoring", "\n".join([*lines, "", said, ""]))


if __name__ == "__main__":
    main()
