"""Samples recorded on disk: every method at every k is measured on the same ones, and none is drawn twice.

A `Pool` is a folder of Parquet files, a subfolder for each model with its decoding settings. Files are only
ever added, each under its final name once it is complete: a run that was killed loses the chunk it was
drawing, one whose endpoint failed keeps what had been answered, and both go on with the rest; several
processes may record at once. `datasets.load_dataset("parquet", data_dir=...)` reads a pool as well. A pool
knows a model by its name: after training, record into an empty folder.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import time
import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import groupby
from pathlib import Path

from config import ROOT
from helpers.models import DEFAULT, Decoding, LanguageModel, Message, Sample

PREBUILT = ROOT / "prebuilt" / "pools"
DIGITS = 4  # decimals kept of a token's log-probability: a quarter of the bytes, and no method notices


def own_pool(chunk: int = 128) -> Pool:
    """The pool of what you draw live, in your cache folder: an interrupted draw goes on where it stopped.

    An interrupt costs the `chunk` samples that were under way.
    """
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Pool(cache / "inference-scaling" / "pools", chunk)


class NotRecorded(LookupError):
    """A replay asked for samples that the pool does not hold."""


@dataclass(frozen=True)
class Pool:
    """Recorded samples in `folder`; live samples are written `chunk` at a time."""

    folder: str | Path = PREBUILT
    chunk: int = 512

    def sample(
        self,
        model: LanguageModel | str,
        prompts: Sequence[list[Message]],
        n: int = 1,
        decoding: Decoding = DEFAULT,
        *,
        live: bool,
        progress: bool = False,
        **changes,
    ) -> list[list[Sample]]:
        """`model.sample`, through the pool: n samples for each prompt, in the order of `prompts`.

        live=True draws and records what the pool does not hold yet. live=False replays: no model runs, so its
        name is enough; raises NotRecorded when something is missing. A line is printed that says which.
        """
        name = model if isinstance(model, str) else model.name
        settings = {"model": name, **_plain(replace(decoding, **changes))}
        keys = [json.dumps(prompt, ensure_ascii=False, sort_keys=True) for prompt in prompts]
        known = self._recorded(settings, set(keys))
        missing = sum(max(0, n - len(known.get(key, ()))) for key in set(keys))
        asked = n * len(set(keys))
        if not live:
            self._complain(settings, keys, known, n)
            print(f"Replay: {asked:,} recorded samples of {name} from {shown(self.folder)}; no model ran.")
        else:
            if missing and isinstance(model, str):
                raise TypeError("A name can only be replayed: pass the model itself to draw live samples.")
            for row in self._draw(model, dict.fromkeys(keys), known, n, settings, progress):
                known.setdefault(row["prompt"], []).append(_sample(row))
            there = f"{asked - missing:,} were in {shown(self.folder)} already"
            print(f"Live: {name} drew {missing:,} samples; {there}.")
        return [known[key][:n] for key in keys]

    def compact(self) -> None:
        """Put the files of each model and setting into one, which is smaller. Safe while others record."""
        for place in sorted(path for path in Path(self.folder).glob("*") if path.is_dir()):
            parts = _parts(place)
            rows = {
                (row["prompt"], row["index"]): row for row in reversed(_rows(parts))
            }  # the first one wins
            if len(parts) > 1:
                _write(parts[0], [rows[key] for key in sorted(rows)])
                for part in parts[1:]:
                    part.unlink(missing_ok=True)

    def _place(self, settings: dict) -> Path:
        digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:12]
        return Path(self.folder) / f"{file_name(settings['model'])}-{digest}"

    def _recorded(self, settings: dict, keys: Collection[str]) -> dict[str, list[Sample]]:
        """Prompt to samples, in their order, for these prompts. A sample that two processes drew is there
        once.
        """
        place = self._place(settings)
        while True:
            try:
                rows = _rows(_parts(place), keys)
                break
            except FileNotFoundError:  # another process has just compacted the parts
                continue
        found: dict[str, dict[int, Sample]] = {}
        for row in rows:
            found.setdefault(row["prompt"], {}).setdefault(row["index"], _sample(row))
        return {prompt: [samples[i] for i in sorted(samples)] for prompt, samples in found.items()}

    def _draw(
        self,
        model: LanguageModel,
        keys: Iterable[str],
        known: dict[str, list[Sample]],
        n: int,
        settings: dict,
        progress: bool,
    ) -> Iterable[dict]:
        """Draw and record what is missing, a chunk at a time: together the prompts with equally many samples.

        The seed of further samples depends on how many there are, so none repeats those before it.
        """
        from tqdm.auto import tqdm

        decoding = {name: value for name, value in settings.items() if name not in ("model", "seed")}
        have = {key: len(known.get(key, ())) for key in keys}
        todo = sorted((key for key in have if have[key] < n), key=have.get)
        with tqdm(total=sum(n - have[key] for key in todo), unit="sample", disable=not progress) as bar:
            for start, group in groupby(todo, have.get):
                group, size = list(group), max(1, self.chunk // (n - start))
                for block in (group[i : i + size] for i in range(0, len(group), size)):
                    seed = _further(settings["seed"], start)
                    prompts = [json.loads(key) for key in block]
                    try:
                        drawn, failure = model.sample(prompts, n - start, seed=seed, **decoding), None
                    except Exception as error:  # an endpoint's exception brings what was finished
                        drawn, failure = getattr(error, "samples", None) or [[] for _ in block], error
                    rows = [
                        {**settings, "prompt": key, "index": start + i, **_columns(sample)}
                        for key, samples in zip(block, drawn, strict=True)
                        for i, sample in enumerate(samples)
                    ]
                    if rows:
                        part = f"part-{time.time_ns():020d}-{uuid.uuid4().hex[:8]}.parquet"
                        _write(self._place(settings) / part, rows)
                    if failure:
                        raise failure
                    bar.update(len(rows))
                    yield from rows

    def _complain(self, settings: dict, keys: list[str], known: dict[str, list[Sample]], n: int) -> None:
        short = [key for key in set(keys) if len(known.get(key, ())) < n]
        if not short:
            return
        wanted = ", ".join(f"{name} {value}" for name, value in settings.items())
        others = [
            _rows(_parts(place)[:1])[0] for place in sorted(Path(self.folder).glob("*")) if _parts(place)
        ]
        there = (
            "; ".join(", ".join(f"{name} {row[name]}" for name in settings) for row in others) or "nothing"
        )
        raise NotRecorded(
            f"{shown(self.folder)} has fewer than {n} samples for {len(short)} of {len(set(keys))} prompts "
            f"({wanted}): "
            f"pass live=True to draw them, or ask for what is recorded ({there})."
        )


def shown(folder: str | Path) -> str:
    """The folder as it is told to a reader: from the repository on, where it lies in it."""
    folder = Path(folder).resolve()
    return str(folder.relative_to(ROOT)) if folder.is_relative_to(ROOT) else str(folder)


def file_name(model: str) -> str:
    """A model's name as the beginning of a file's or a folder's."""
    return re.sub(r"[^A-Za-z0-9.]+", "-", model).strip("-")


def _further(seed: int, start: int) -> int:
    """The seed of the samples from number `start` on; the first have `seed` itself, as without a pool."""
    return int.from_bytes(hashlib.sha256(f"{seed}/{start}".encode()).digest()[:4]) if start else seed


def _plain(decoding: Decoding) -> dict:
    """The fields in an order and with types that never change: a digest of them names the folder."""
    kinds = {"temperature": float, "top_p": float, "max_tokens": int, "stop": list, "seed": int}
    return {name: kind(getattr(decoding, name)) for name, kind in kinds.items()}


def _columns(sample: Sample) -> dict:
    return asdict(sample) | {"token_logprobs": [round(value, DIGITS) for value in sample.token_logprobs]}


def _sample(row: dict) -> Sample:
    known = {name: row[name] for name in Sample.__dataclass_fields__}
    return Sample(**known | {"token_logprobs": tuple(row["token_logprobs"])})


def _parts(place: Path) -> list[Path]:
    return sorted(place.glob("part-*.parquet"))


def _rows(parts: Sequence[Path], keys: Collection[str] | None = None) -> list[dict]:
    """What is recorded; for `keys`, what belongs to the samples of these prompts."""
    # not load_dataset, which would first copy every part into a cache
    from pyarrow import array, compute
    from pyarrow.parquet import ParquetFile

    rows, columns = [], None if keys is None else ["prompt", "index", *Sample.__dataclass_fields__]
    for part in parts:
        table = ParquetFile(part).read(columns)
        if keys is not None:
            table = table.filter(compute.is_in(table["prompt"], array(keys, "string")))
        logs = _lists(table["token_logprobs"].combine_chunks())
        some = table.drop_columns("token_logprobs").to_pylist()
        rows += [row | {"token_logprobs": own} for row, own in zip(some, logs, strict=True)]
    return rows


def _lists(column) -> list[list[float]]:
    """Of float32, with the decimals that were recorded."""
    values = column.flatten().to_numpy().astype(float).round(DIGITS).tolist()
    ends = column.value_lengths().to_numpy().cumsum().tolist()
    return [values[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def _write(part: Path, rows: list[dict]) -> None:
    """Write a part beside its place and move it there: others see all of it or nothing."""
    import datasets

    kinds = dict.fromkeys(("model", "prompt", "text", "finish_reason"), "string")
    kinds |= dict.fromkeys(("temperature", "top_p", "logprob"), "float64")
    kinds |= dict.fromkeys(("max_tokens", "seed", "index", "tokens", "prompt_tokens"), "int64")
    features = {name: datasets.Value(kind) for name, kind in kinds.items()}
    features |= {
        "stop": datasets.List(datasets.Value("string")),
        "token_logprobs": datasets.List(datasets.Value("float32")),
    }
    part.parent.mkdir(parents=True, exist_ok=True)
    unfinished = part.with_name(f".{uuid.uuid4().hex}")
    shown = not datasets.are_progress_bars_disabled()
    datasets.disable_progress_bars()  # they would be written for every part
    try:
        columns = {name: [row[name] for row in rows] for name in features}
        datasets.Dataset.from_dict(columns, features=datasets.Features(features)).to_parquet(unfinished)
        os.replace(unfinished, part)
    finally:
        unfinished.unlink(missing_ok=True)
        if shown:
            datasets.enable_progress_bars()
