"""Keys and values of prompts that a model has read, so that what a later prompt begins with is not read
again.

They are kept in blocks of a few tokens. A block is found by its tokens and by the block before it, so equal
beginnings share memory (the idea of vLLM's prefix cache, Kwon et al. 2023, https://arxiv.org/abs/2309.06180).
The last digit of a log-probability may depend on what was known before; a text does not.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

BLOCK = 16  # tokens

Key = tuple[int, tuple[int, ...]]  # the number of the block before (0: none), and the block's tokens


class PromptCache:
    """Blocks of at most `limit` bytes together; those that were used longest ago make room."""

    def __init__(self, limit: int):
        self.limit, self.held, self._made = limit, 0, 0
        self._blocks: OrderedDict[Key, tuple[int, object]] = OrderedDict()

    def find(self, tokens: tuple[int, ...]) -> tuple[list, Key | None]:
        """The blocks that `tokens` begin with, and the key of the next one, which is missing.

        A block is a tensor [layers, 2, kv heads, BLOCK, size]. The key is None where too few tokens are left
        for another block.
        """
        before, found, used, missing = 0, [], [], None
        for _, part in _parts(tokens):
            key = before, part
            if key not in self._blocks:
                missing = key
                break
            before, block = self._blocks[key]
            used.append(key)
            found.append(block)
        self._touch(used)
        return found, missing

    def keep(self, tokens: tuple[int, ...], past) -> None:
        """Keep the keys and values of `tokens`, a tensor [layers, 2, kv heads, tokens or more, size]."""
        before, used = 0, []
        for at, part in _parts(tokens):
            key = before, part
            if key not in self._blocks:
                self._made += 1
                block = past[..., at : at + BLOCK, :].clone()
                self._blocks[key] = self._made, block
                self.held += block.nbytes
            before, _ = self._blocks[key]
            used.append(key)
        self._touch(used)
        while self.held > self.limit:
            _, (_, block) = self._blocks.popitem(last=False)
            self.held -= block.nbytes

    def _touch(self, keys: list[Key]) -> None:
        """The last block counts as the oldest: without the blocks before it, it is never found."""
        for key in reversed(keys):
            self._blocks.move_to_end(key)


class WholePrompts:
    """Keys and values of whole prompts, each read by itself, so that they depend on nothing else. At most
    `limit` bytes, and the last one in any case.
    """

    def __init__(self, limit: int):
        self._limit, self._kept = limit, OrderedDict()

    def get(self, tokens: tuple[int, ...], read: Callable[[tuple[int, ...]], Tensor]) -> Tensor:
        """What `read` made of `tokens`, now or earlier."""
        if tokens not in self._kept:
            self._kept[tokens] = read(tokens)
            while len(self._kept) > 1 and sum(past.nbytes for past in self._kept.values()) > self._limit:
                self._kept.popitem(last=False)
        self._kept.move_to_end(tokens)
        return self._kept[tokens]


def _parts(tokens: tuple[int, ...]) -> Iterator[tuple[int, tuple[int, ...]]]:
    for at in range(0, len(tokens) - BLOCK + 1, BLOCK):
        yield at, tokens[at : at + BLOCK]
