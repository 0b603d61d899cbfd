"""The course tokenizer, its chat template, and conversations as packed rows of token ids.

Byte-level BPE, so no text is unknown; every digit is one token; `pack` wastes little and never cuts an
example.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

from training.data.tasks import Conversation

VOCABULARY = 1536
CONTEXT = 2048
END = "<|end|>"
PAD = "<|pad|>"
ROLES = {role: f"<|{role}|>" for role in ("system", "user", "assistant")}
# an operator between spaces is one piece when a digit follows; a word takes its leading space along
PIECES = r" [-+*/=x] (?=\d)|: (?=\d)|\d| ?\p{L}+|\n| ?[^\s\p{L}\d]+|\s+"
TEMPLATE = (
    "{% for m in messages %}{{ '<|' + m['role'] + '|>' + m['content'] }}"
    "{% if not (loop.last and continue_final_message is defined and continue_final_message) %}{{ '<|end|>' "
    "}}{% endif %}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)


def train_tokenizer(texts: Iterable[str]) -> PreTrainedTokenizerFast:
    """A byte-level BPE of `VOCABULARY` tokens with single digits and the chat template of the course
    models.
    """
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(PIECES), "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
    ])  # fmt: skip
    bpe.decoder = decoders.ByteLevel()
    bpe.train_from_iterator(
        texts,
        trainers.BpeTrainer(
            vocab_size=VOCABULARY,
            special_tokens=[PAD, END, *ROLES.values()],
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        ),
    )
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=bpe,
        eos_token=END,
        pad_token=PAD,
        model_max_length=CONTEXT,
        clean_up_tokenization_spaces=False,
    )
    tokenizer.add_special_tokens({"additional_special_tokens": list(ROLES.values())})
    tokenizer.chat_template = TEMPLATE
    return tokenizer


@dataclass(frozen=True)
class Rows:
    """Packed rows: `ids`, `targets` (-100: no loss), `document` (its number in the row, 0 is padding),
    `position`.
    """

    ids: np.ndarray
    targets: np.ndarray
    document: np.ndarray
    position: np.ndarray


def encode(
    conversations: list[Conversation], tokenizer: PreTrainedTokenizerFast
) -> list[tuple[list[int], int]]:
    """Token ids of each conversation and how many of them are given (carry no loss)."""
    prompts, replies = [], []
    for c in conversations:
        reply = c.messages[-1]["content"]
        turns = "".join(ROLES[m["role"]] + m["content"] + END for m in c.messages[:-1])
        prompts.append(turns + ROLES["assistant"] + reply[: c.given])
        replies.append(reply[c.given :] + END)
    first, second = (tokenizer.backend_tokenizer.encode_batch(part) for part in (prompts, replies))
    return [(a.ids + b.ids, len(a.ids)) for a, b in zip(first, second, strict=True)]


def pack(encoded: list[tuple[list[int], int]], length: int, rng: random.Random) -> Rows:
    """Whole examples packed into rows of `length` tokens, best fit among a window; longer examples are left
    out.
    """
    encoded = [e for e in encoded if len(e[0]) <= length + 1]
    rng.shuffle(encoded)
    rows: list[list[tuple[list[int], int]]] = []
    open_rows: list[tuple[int, list]] = []
    for example in encoded:
        size = len(example[0]) - 1
        fitting = [(room - size, i) for i, (room, _) in enumerate(open_rows) if room >= size]
        if fitting:
            _, i = min(fitting)
            room, row = open_rows[i]
            row.append(example)
            open_rows[i] = (room - size, row)
        else:
            row = [example]
            rows.append(row)
            open_rows.append((length - size, row))
            if len(open_rows) > 24:
                open_rows.remove(min(open_rows, key=lambda r: r[0]))
    shape = (len(rows), length)
    ids, targets = np.zeros(shape, np.int16), np.full(shape, -100, np.int16)
    document, position = np.zeros(shape, np.int16), np.zeros(shape, np.int16)
    for r, row in enumerate(rows):
        at = 0
        for d, (tokens, given) in enumerate(row, 1):
            n = len(tokens) - 1
            ids[r, at : at + n] = tokens[:-1]
            targets[r, at + given - 1 : at + n] = tokens[given:]
            document[r, at : at + n] = d
            position[r, at : at + n] = range(n)
            at += n
    order = list(range(len(rows)))
    rng.shuffle(order)
    return Rows(ids[order], targets[order], document[order], position[order])
