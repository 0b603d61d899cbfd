"""Where a model will run and whether it fits there: device, kind of number, memory, all decided before its
weights are read.

Half precision is the one that the GPU computes with; memory is what is free here and now, a container's
limit included; a model that does not fit is refused in one sentence that names what would.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

GIB = 2**30
SHARE = 1.25  # memory for weights, and a quarter more for keys, values and scores
RESERVE = GIB // 2  # bytes for the library itself and whatever else runs
SMALL = 64 * 2**20  # bytes of weights below which nothing needs to be said
# Parameters of models to fall back on, largest first; tests/helpers/test_machine.py counts them.
KNOWN = {
    "Qwen/Qwen3-14B": 14_768_307_200,
    "Qwen/Qwen3-8B": 8_190_735_360,
    "Qwen/Qwen3-4B": 4_022_468_096,
    "Qwen/Qwen3-1.7B": 1_720_574_976,
    "Qwen/Qwen2.5-1.5B-Instruct": 1_543_714_304,
    "Qwen/Qwen3-0.6B": 596_049_920,
}
BITS = {"float32": 32, "bfloat16": 16, "float16": 16, "8bit": 8, "4bit": 4.5}  # 4bit: with its scales
CGROUPS = (  # limit and use of a container, version 2 and 1
    ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
    ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes"),
)


@dataclass(frozen=True)
class Machine:
    """One device: "cuda", "mps" or "cpu", its name, its free memory in bytes, its kind of half precision."""

    device: str
    name: str
    free: int
    half: str = "bfloat16"


@dataclass(frozen=True)
class Plan:
    """How a model will be held: `numbers` is a kind of number ("bfloat16", …) or of quantisation ("4bit")."""

    model: str
    machine: Machine
    numbers: str
    parameters: int

    @property
    def weights(self) -> int:
        """Bytes of the weights."""
        return weight_bytes(self.parameters, self.numbers)

    def __str__(self) -> str:
        return (
            f"{self.model}: {self.parameters / 1e6:,.0f} million parameters as {self.numbers} on "
            f"{self.machine.device} ({self.machine.name}), {self.weights / GIB:.1f} GiB of "
            f"{self.machine.free / GIB:.1f} GiB free."
        )


def this_machine(device: str | None = None) -> Machine:
    """The best device here, or `device`: CUDA, else MPS, else the CPU."""
    import torch

    if device is None:
        device = "mps" if torch.backends.mps.is_available() else "cpu"
        device = "cuda" if torch.cuda.is_available() else device
    kind = device.partition(":")[0]
    if kind == "cuda":
        modern = torch.cuda.is_bf16_supported(including_emulation=False)
        half = "bfloat16" if modern else "float16"
        return Machine(device, torch.cuda.get_device_name(device), torch.cuda.mem_get_info(device)[0], half)
    return Machine(
        device, "Apple GPU" if kind == "mps" else f"{torch.get_num_threads()} threads", free_memory()
    )


def free_memory(cgroups=CGROUPS) -> int:
    """Bytes of main memory that a new program could have: what the system has, or what is left of the
    container's limit.
    """
    import psutil

    free = psutil.virtual_memory().available
    for limit, used in cgroups:
        try:
            taken = int(Path(used).read_text()) - _cached(Path(used).with_name("memory.stat"))
            free = min(free, max(0, int(Path(limit).read_text()) - taken))
        except (OSError, ValueError):  # no such file, or "max": no limit
            continue
    return free


def _cached(stat: Path) -> int:
    """Bytes of files that the system would forget at once, which count as used."""
    found = re.search(r"^(?:total_)?inactive_file (\d+)$", stat.read_text(), re.MULTILINE)
    return int(found[1]) if found else 0


def plan(
    model: str, parameters: int, machine: Machine, numbers: str | None = None, instead: str | None = None
) -> Plan:
    """How to hold `parameters` on `machine`. `numbers` None: half precision on a GPU; on a CPU float32, or
    bfloat16 where only that fits.

    Raises MemoryError, in one sentence, where it does not fit; `instead`: the setting that it proposes, None
    for a language model that fits.
    """
    choice = numbers or ("float32" if machine.device == "cpu" else machine.half)
    if numbers is None and choice == "float32" and not fits(parameters, choice, machine.free):
        choice = machine.half
    if fits(parameters, choice, machine.free):
        return Plan(model, machine, choice, parameters)
    needed = needed_bytes(parameters, choice) / GIB
    quantised = ""
    if instead is None:
        other = [name for name, count in KNOWN.items() if fits(count, machine.half, machine.free)]
        instead = f"MODEL={other[0]}" if other else "MODEL=prebuilt/models/course-lm"
        smaller = [
            b for b in ("8bit", "4bit") if BITS[b] < BITS[choice] and fits(parameters, b, machine.free)
        ]
        quantised = f", or QUANTIZATION={smaller[0]}" if smaller else ""
    raise MemoryError(
        f"{model} needs about {needed:.1f} GiB as {choice}, and {machine.device} ({machine.name}) has "
        f"{machine.free / GIB:.1f} GiB free: set {instead}{quantised} in .env, or close what else holds "
        "memory."
    )


def fits(parameters: int, numbers: str, free: int) -> bool:
    """Whether a model may be loaded into `free` bytes. A model of some megabytes always may."""
    return weight_bytes(parameters, numbers) < SMALL or needed_bytes(parameters, numbers) <= free


def weight_bytes(parameters: int, numbers: str) -> int:
    """Bytes of the weights alone."""
    return round(parameters * BITS[numbers] / 8)


def needed_bytes(parameters: int, numbers: str) -> int:
    """Bytes that a model should find free."""
    return round(weight_bytes(parameters, numbers) * SHARE) + RESERVE


def count_parameters(config, kind: str = "ForCausalLM") -> int:
    """Parameters of a model of this configuration, tied ones once; no weight is read. `kind`: how the name of
    its class ends.
    """
    import torch
    import transformers

    with torch.device("meta"):
        model = getattr(transformers, "AutoModel" + kind).from_config(config)
    return sum(weight.numel() for weight in model.parameters())
