"""Scores of recorded samples, recorded beside them.

A score is found by the files of the model that gave it and by the conversation that was scored. So another
model, another sample or another prompt finds none, and the model scores it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from config import ROOT
from helpers.models import Message
from helpers.pools.pool import PREBUILT

SCORES = PREBUILT / "scores"
CHUNK = 384  # conversations scored between two steps of the bar
FILES = ("model.safetensors", "config.json", "tokenizer.json", "chat_template.jinja")  # a score depends on

Conversation = Sequence[Message]


class Scorer(Protocol):
    """A reward model, or what else gives a number for a conversation; see `helpers.rewards`."""

    name: str

    def score(self, conversations: Sequence[Conversation]) -> list[float]:
        """One number for each conversation."""
        ...


@dataclass(frozen=True)
class RecordedScores:
    """`scorer`, which is asked for nothing that is recorded in `folder`.

    `source` is the folder or hub id that its model was loaded from. A hub id has no recorded scores.
    """

    scorer: Scorer
    source: str | Path
    folder: str | Path = SCORES

    @property
    def name(self) -> str:
        """The scorer's name."""
        return self.scorer.name

    def score(self, conversations: Sequence[Conversation]) -> list[float]:
        """One score for each conversation. A line is printed that says which were recorded."""
        known, missing = self._recorded(), self.missing(conversations)
        for key, score in zip(map(_key, missing), self._asked(missing), strict=True):
            known[key] = score
        place = Path(self.folder).resolve()
        shown = place.relative_to(ROOT) if place.is_relative_to(ROOT) else place
        if missing:
            print(f"Live: {self.name} read {len(missing):,} texts whose scores are not in {shown}.")
        else:
            print(
                f"Replay: {len(conversations):,} recorded scores of {self.name} from {shown}; no model ran."
            )
        return [known[_key(conversation)] for conversation in conversations]

    def missing(self, conversations: Sequence[Conversation]) -> list[Conversation]:
        """Those of the conversations that have no recorded score, equal ones once."""
        known, distinct = self._recorded(), {_key(each): each for each in conversations}
        return [each for key, each in distinct.items() if key not in known]

    def record(self, conversations: Sequence[Conversation]) -> None:
        """Leave in the folder the scores of these conversations, and none else of a model of this name."""
        from pyarrow import float32, int64, schema, table
        from pyarrow.parquet import write_table

        path, known, missing = self._path, self._recorded(), self.missing(conversations)
        if path is None:
            raise ValueError(f"{self.source} is no folder with a model, so its scores cannot be recorded.")
        for key, score in zip(map(_key, missing), self._asked(missing), strict=True):
            known[key] = score
        keys = sorted({_key(conversation) for conversation in conversations})
        columns = {"conversation": keys, "score": [known[key] for key in keys]}
        kinds = schema([("conversation", int64()), ("score", float32())])
        path.parent.mkdir(parents=True, exist_ok=True)
        for old in path.parent.glob(f"{_clean(self.name)}-{'[0-9a-f]' * 12}.parquet"):
            old.unlink()
        write_table(table(columns, kinds), path, use_dictionary=False, compression="zstd")

    @property
    def _path(self) -> Path | None:
        """Where the scores of this very model are, or would be; None for a hub id."""
        from helpers.engine.local import locate

        source = Path(locate(str(self.source))[0])
        if not (source / FILES[0]).exists():
            return None
        parts = [(source / name).read_bytes() for name in FILES if (source / name).exists()]
        digest = hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()
        return Path(self.folder) / f"{_clean(self.name)}-{digest[:12]}.parquet"

    def _recorded(self) -> dict[int, float]:
        path = self._path
        if path is None or not path.exists():
            return {}
        from pyarrow.parquet import ParquetFile

        columns = ParquetFile(path).read().to_pydict()
        return dict(zip(columns["conversation"], columns["score"], strict=True))

    def _asked(self, conversations: Sequence[Conversation]) -> list[float]:
        from tqdm.auto import tqdm

        scores: list[float] = []
        with tqdm(total=len(conversations), desc=self.name, disable=not conversations) as bar:
            for start in range(0, len(conversations), CHUNK):
                some = conversations[start : start + CHUNK]
                scores += self.scorer.score(some)
                bar.update(len(some))
        return scores


def _key(conversation: Conversation) -> int:
    text = json.dumps(list(conversation), ensure_ascii=False, sort_keys=True)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], signed=True)


def _clean(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9.]+", "-", name).strip("-")
