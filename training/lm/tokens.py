"""The course tokenizer, its chat template, and conversations as packed rows of token ids.

Byte-level BPE, so no text is unknown; every digit is one token; `pack` wastes little and never cuts an
example.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
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
    """Packed rows of tokens, every array (rows, length): `ids`; `targets` (-100: no loss); `document`, the
    number of the example in the row (0: padding); `branch`, which of its replies (0: what all replies
    share); `position`.
    """

    ids: np.ndarray
    targets: np.ndarray
    document: np.ndarray
    branch: np.ndarray
    position: np.ndarray


@dataclass(frozen=True)
class Example:
    """Token ids of what is given, which carry no loss, and of one or more replies to it."""

    given: tuple[int, ...]
    replies: tuple[tuple[int, ...], ...]

    def __len__(self) -> int:
        """Places in a row: what is given without its last token, which begins every reply anew."""
        return len(self.given) - 1 + sum(map(len, self.replies))


def encode(conversations: Sequence[Conversation], tokenizer: PreTrainedTokenizerFast) -> list[Example]:
    """The conversations as token ids, a last message and its `others` as replies to one prompt."""
    given, replies = [], []
    for c in conversations:
        reply = c.messages[-1]["content"]
        turns = "".join(ROLES[m["role"]] + m["content"] + END for m in c.messages[:-1])
        given.append(turns + ROLES["assistant"] + reply[: c.given])
        replies += [reply[c.given :] + END, *(other + END for other in c.others)]
    first, second = (tokenizer.backend_tokenizer.encode_batch(part) for part in (given, replies))
    rest = iter(second)
    return [
        Example(tuple(a.ids), tuple(tuple(next(rest).ids) for _ in range(1 + len(c.others))))
        for a, c in zip(first, conversations, strict=True)
    ]


def _fitting(example: Example, length: int) -> Example | None:
    """The example with as many of its replies as fit a row."""
    replies = list(example.replies)
    while replies and len(example.given) - 1 + sum(map(len, replies)) > length:
        replies.pop()
    return Example(example.given, tuple(replies)) if replies else None


def pack(examples: Sequence[Example], length: int, rng: random.Random) -> Rows:
    """Examples packed into rows of `length` tokens, best fit among a window. Replies that do not fit a row
    are left out, and so is an example without any that does.
    """
    fitting = [e for e in (_fitting(example, length) for example in examples) if e]
    rng.shuffle(fitting)
    rows: list[list[Example]] = []
    open_rows: list[tuple[int, list[Example]]] = []
    for example in fitting:
        size = len(example)
        places = [(room - size, i) for i, (room, _) in enumerate(open_rows) if room >= size]
        if places:
            _, i = min(places)
            room, row = open_rows[i]
            row.append(example)
            open_rows[i] = (room - size, row)
        else:
            row = [example]
            rows.append(row)
            open_rows.append((length - size, row))
            if len(open_rows) > 24:
                open_rows.remove(min(open_rows, key=lambda r: r[0]))
    rng.shuffle(rows)
    return _lay_out(rows, length)


def _lay_out(rows: Sequence[Sequence[Example]], length: int) -> Rows:
    shape = (len(rows), length)
    made = Rows(*(np.full(shape, fill, np.int16) for fill in (0, -100, 0, 0, 0)))
    for r, row in enumerate(rows):
        at = 0
        for number, example in enumerate(row, 1):
            prompt = len(example.given) - 1
            parts = [(example.given[:-1], None)]
            parts += [((example.given[-1], *reply[:-1]), reply) for reply in example.replies]
            for branch, (ids, targets) in enumerate(parts):
                span = slice(at, at + len(ids))
                made.ids[r, span] = ids
                made.document[r, span] = number
                made.branch[r, span] = branch
                made.position[r, span] = np.arange(len(ids)) + (prompt if branch else 0)
                if targets:
                    made.targets[r, span] = targets
                at += len(ids)
    return made
