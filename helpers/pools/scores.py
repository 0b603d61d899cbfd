"""Scores of recorded samples, recorded beside them.

A score is found by the files of the model that gave it and by the conversation that was scored. So another
model, another sample or another prompt finds none, and the model scores it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from helpers.models import Message
from helpers.pools.pool import PREBUILT, file_name, shown

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
        recorded = self._recorded(self._path())
        live = self._read(_missing(recorded, conversations))
        if live:
            print(f"Live: {self.name} read {len(live):,} texts whose scores are not in {shown(self.folder)}.")
        else:
            said = f"{len(conversations):,} recorded scores of {self.name} from {shown(self.folder)}"
            print(f"Replay: {said}; no model ran.")
        known = recorded | live
        return [known[_key(conversation)] for conversation in conversations]

    def missing(self, conversations: Sequence[Conversation]) -> list[Conversation]:
        """Those of the conversations that have no recorded score, equal ones once."""
        return list(_missing(self._recorded(self._path()), conversations).values())

    def record(self, conversations: Sequence[Conversation]) -> None:
        """Leave in the folder the scores of these conversations, and none else of a model of this name."""
        from pyarrow import float32, int64, schema, table
        from pyarrow.parquet import write_table

        path = self._path()
        if path is None:
            raise ValueError(f"{self.source} is no folder with a model, so its scores cannot be recorded.")
        recorded = self._recorded(path)
        known = recorded | self._read(_missing(recorded, conversations))
        keys = sorted({_key(conversation) for conversation in conversations})
        columns = {"conversation": keys, "score": [known[key] for key in keys]}
        kinds = schema([("conversation", int64()), ("score", float32())])
        path.parent.mkdir(parents=True, exist_ok=True)
        for old in path.parent.glob(f"{file_name(self.name)}-{'[0-9a-f]' * 12}.parquet"):
            old.unlink()
        write_table(table(columns, kinds), path, use_dictionary=False, compression="zstd")

    def _path(self) -> Path | None:
        """Where the scores of this very model are, or would be; None for a hub id. Reads its files."""
        from helpers.engine.local import locate

        source = Path(locate(str(self.source))[0])
        if not (source / FILES[0]).exists():
            return None
        parts = [(source / name).read_bytes() for name in FILES if (source / name).exists()]
        digest = hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()
        return Path(self.folder) / f"{file_name(self.name)}-{digest[:12]}.parquet"

    def _recorded(self, path: Path | None) -> dict[int, float]:
        if path is None or not path.exists():
            return {}
        from pyarrow.parquet import ParquetFile

        columns = ParquetFile(path).read().to_pydict()
        return dict(zip(columns["conversation"], columns["score"], strict=True))

    def _read(self, missing: dict[int, Conversation]) -> dict[int, float]:
        """The scorer's scores of these conversations, by their keys."""
        from tqdm.auto import tqdm

        conversations, scores = list(missing.values()), []
        with tqdm(total=len(conversations), desc=self.name, disable=not conversations) as bar:
            for start in range(0, len(conversations), CHUNK):
                some = conversations[start : start + CHUNK]
                scores += self.scorer.score(some)
                bar.update(len(some))
        return dict(zip(missing, scores, strict=True))


def _missing(recorded: dict[int, float], conversations: Sequence[Conversation]) -> dict[int, Conversation]:
    distinct = {_key(conversation): conversation for conversation in conversations}
    return {key: conversation for key, conversation in distinct.items() if key not in recorded}


def _key(conversation: Conversation) -> int:
    text = json.dumps(list(conversation), ensure_ascii=False, sort_keys=True)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], signed=True)
