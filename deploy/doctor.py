"""What works here and now, on one page:  make doctor

Every line is ok, or one sentence of what to do; a check that breaks is a line too, never a traceback. A key
is never shown. Costs one short answer of each model.
"""

from __future__ import annotations

import platform
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import config
from config import ROOT
from helpers.engine.local import INSTALLED, REAL
from helpers.models import load_model

GIB = 2**30
DISK, MEMORY = 2 * GIB, 1 * GIB  # bytes that a course needs free
PATIENCE = 30.0  # seconds for one answer of an endpoint
NBGRADER = ("validate_assignment", "assignment_list", "formgrader")  # its panels in JupyterLab
HELLO = [{"role": "user", "content": "What is 3 + 4? Answer at once."}]


@dataclass(frozen=True)
class Line:
    """One finding: what was looked at, whether it is well, what was found or what to do."""

    what: str
    well: bool
    text: str

    def __str__(self) -> str:
        return f"{'ok' if self.well else '!!'}  {self.what:<18} {self.text}"


def python(found: str = platform.python_version()) -> Line:
    """The interpreter."""
    if tuple(map(int, found.split(".")[:2])) < (3, 11):
        return Line("Python", False, f"{found} is too old: install 3.11 or newer, then run `make lab`.")
    return Line("Python", True, f"{found} in {sys.prefix}")


def packages(
    requirements: Path = ROOT / "requirements.txt", installed: Callable[[str], str] = version
) -> Line:
    """Installed versions beside the pinned ones."""
    pins = dict(re.findall(r"^([\w.-]+)(?:\[\w+\])?==(\S+)", requirements.read_text(encoding="utf-8"), re.M))
    wrong = []
    for name, pin in pins.items():
        try:
            found = installed(name).partition("+")[0]
        except PackageNotFoundError:
            found = "missing"
        if found != pin:
            wrong.append(f"{name} is {found} instead of {pin}")
    if wrong:
        more = f" and {len(wrong) - 3} more" if len(wrong) > 3 else ""
        return Line(
            "packages", False, f"{', '.join(wrong[:3])}{more}: run `pip install -r requirements.txt`."
        )
    return Line("packages", True, f"all {len(pins)} as tested")


def settings() -> Line:
    """What `.env` and the environment say. Raises ConfigError, which says what to do."""
    where = f"endpoint {config.ENDPOINT_BASE}" if config.ENDPOINT_BASE else "models on this machine"
    return Line("settings", True, f"{where}, MODEL={config.MODEL}, {'a' if config.API_KEY else 'no'} key")


def local_model(name: str) -> Line:
    """A model on this machine answers."""
    start = time.perf_counter()
    model = load_model(name)
    loaded = time.perf_counter()
    [[sample]] = model.sample([HELLO], temperature=0, max_tokens=16)
    answered = time.perf_counter() - loaded
    found = f"{model.name}, loaded in {loaded - start:.1f} s, {sample.tokens} tokens in {answered:.2f} s"
    return Line("model", True, found)


def real_model(folder: Path = INSTALLED) -> Line:
    """The real models that `make real` installed."""
    found = [name for name in REAL if (folder / name / "config.json").is_file()]
    if found:
        how = f"MODEL={found[0]} runs on it, where .env names no endpoint"
        return Line("make real", True, f"{', '.join(found)} is installed: {how}")
    text = f"nothing installed, none is needed; it would install {REAL[0]}, a real small model"
    return Line("make real", True, text)


def reward_model(name: str) -> Line:
    """The reward model on this machine scores an answer."""
    from helpers.rewards import RewardModel

    start = time.perf_counter()
    model = RewardModel.load(name)
    [score] = model.score([[*HELLO, {"role": "assistant", "content": "7"}]])
    return Line(
        "reward model", True, f"{model.name} scores {score:.2f} after {time.perf_counter() - start:.1f} s"
    )


def endpoint_model(name: str, base_url: str, key: str | None, patience: float = PATIENCE) -> Line:
    """A model of the endpoint answers; the time until its first token."""
    from helpers.endpoint import EndpointModel

    model = EndpointModel(name, base_url, key, timeout=patience, tries=2)
    start = time.perf_counter()
    model.complete({"messages": HELLO, "max_tokens": 1})
    return Line("endpoint", True, f"{name} gives its first token after {time.perf_counter() - start:.2f} s")


def gpu() -> Line:
    """The device that a model of one's own would run on, and its memory."""
    from helpers.engine.hardware import KNOWN, fits, this_machine

    here = this_machine()
    numbers = "float32" if here.device == "cpu" else here.half
    best = next(
        (name for name, count in KNOWN.items() if fits(count, numbers, here.free)), "the embedded models"
    )
    none = "no GPU, none is needed; " if here.device == "cpu" else ""
    return Line(
        "device",
        True,
        f"{none}{here.device} ({here.name}), {here.free / GIB:.1f} GiB free: enough for {best}",
    )


def memory() -> Line:
    """Main memory, a container's limit included."""
    from helpers.engine.hardware import free_memory

    free = free_memory()
    if free < MEMORY:
        return Line(
            "memory",
            False,
            f"{free / GIB:.1f} GiB free: close other notebooks, or ask for {MEMORY / GIB:.0f} GiB more.",
        )
    return Line("memory", True, f"{free / GIB:.1f} GiB free")


def disk(folder: Path = ROOT) -> Line:
    """Room for notebooks, recorded samples and downloads."""
    free = shutil.disk_usage(folder).free
    if free < DISK:
        return Line(
            "disk", False, f"{free / GIB:.1f} GiB free in {folder}: make room for {DISK / GIB:.0f} GiB."
        )
    return Line("disk", True, f"{free / GIB:.1f} GiB free")


def jupyter(run: Callable[[str], str] | None = None) -> Line:
    """nbgrader's panels in JupyterLab are enabled and can be imported."""
    run = run or _jupyter
    lab, server = run("labextension"), run("server extension")
    missing = [] if re.search(r"@jupyter/nbgrader\b.*\benabled\b.*\bOK\b", lab) else ["@jupyter/nbgrader"]
    missing += [name for name in NBGRADER if not re.search(rf"nbgrader\.\S*{name}\s+.*\bOK\b", server)]
    if missing:
        return Line(
            "nbgrader",
            False,
            f"{', '.join(missing)} of JupyterLab does not answer: run `jupyter labextension enable "
            "@jupyter/nbgrader` and `jupyter server extension enable --sys-prefix --py nbgrader`.",
        )
    return Line("nbgrader", True, f"JupyterLab panel and {', '.join(NBGRADER)}")


def latex() -> Line:
    """The process that compares LaTeX answers starts and answers."""
    from helpers.answers import answers_match

    if not answers_match(r"\frac{1}{2}x", "x/2"):
        return Line(
            "LaTeX answers", False, "x/2 is said not to be x/2: run `pip install -r requirements.txt` again."
        )
    return Line("LaTeX answers", True, "are compared")


def checks() -> Iterator[tuple[str, Callable[[], Line]]]:
    """Every check with the name of its line; an endpoint is asked for each of its models."""
    yield from (("Python", python), ("packages", packages), ("settings", settings))
    try:
        config.MODEL  # noqa: B018 - reads the settings
    except config.ConfigError:  # the line before has said so
        pass
    else:
        if config.ENDPOINT_BASE:
            for name in dict.fromkeys((config.MODEL, config.JUDGE_MODEL)):
                yield "endpoint", lambda name=name: endpoint_model(name, config.ENDPOINT_BASE, config.API_KEY)
            yield "model", lambda: local_model(str(ROOT / "prebuilt/models/course-lm"))
        else:
            for name in dict.fromkeys((config.MODEL, config.JUDGE_MODEL)):
                yield "model", lambda name=name: local_model(name)
        yield "reward model", lambda: reward_model(config.REWARD_MODEL)
    yield from (
        ("make real", real_model),
        ("LaTeX answers", latex),
        ("device", gpu),
        ("memory", memory),
        ("disk", disk),
        ("nbgrader", jupyter),
    )


def looked_at(what: str, check: Callable[[], Line]) -> Line:
    """The check's line; what it raises is a line too, without a key."""
    try:
        return check()
    except Exception as error:
        text = " ".join(str(error).split()) or type(error).__name__
        return Line(what, False, _scrubbed(text))


def _scrubbed(text: str) -> str:
    try:
        key = config.API_KEY
    except config.ConfigError:
        return text
    return text.replace(key, "[key]") if key else text


def _jupyter(what: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "jupyter", *what.split(), "list"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return re.sub(r"\x1b\[[0-9;]*m", "", done.stdout + done.stderr)


def main() -> int:
    """Print the page; 1 when a line needs attention."""
    lines = []
    for what, check in checks():
        lines.append(looked_at(what, check))
        print(lines[-1], flush=True)
    bad = sum(not line.well for line in lines)
    print(f"\n{bad} of {len(lines)} lines need attention." if bad else f"\nAll {len(lines)} lines are well.")
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())
