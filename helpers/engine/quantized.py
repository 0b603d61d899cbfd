"""Weights in 8 or 4 bits: what to tell `from_pretrained`, and what is missing for it.

bitsandbytes does the arithmetic; for checkpoints that are stored quantised, the library that their
configuration names.
"""

from __future__ import annotations

import importlib.util

from helpers.engine.hardware import Plan

PACKAGES = ("bitsandbytes", "accelerate")
STORED = {"bitsandbytes": PACKAGES, "awq": ("autoawq",), "gptq": ("gptqmodel",), "torchao": ("torchao",)}


def stored_as(config) -> str | None:
    """ "8bit" or "4bit" for a checkpoint that is stored quantised, else None."""
    stored = _stored(config)
    if not stored:
        return None
    return "4bit" if stored.get("load_in_4bit") or stored.get("bits") == 4 else "8bit"


def load_options(plan: Plan, config) -> dict:
    """Keyword arguments of `from_pretrained`. Raises ImportError, in one sentence, for a missing package."""
    import torch

    stored = _stored(config)
    if stored:
        method = str(stored.get("quant_method", ""))
        _need(plan.model, STORED.get(method, ()))
        return {"device_map": plan.machine.device}
    if plan.numbers not in ("8bit", "4bit"):
        return {"dtype": getattr(torch, plan.numbers)}
    from transformers import BitsAndBytesConfig

    _need(plan.model, PACKAGES)
    half = getattr(torch, plan.machine.half)
    bits = (
        BitsAndBytesConfig(load_in_8bit=True)
        if plan.numbers == "8bit"
        else BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=half)
    )
    return {"quantization_config": bits, "dtype": half, "device_map": plan.machine.device}


def _need(model: str, packages: tuple[str, ...]) -> None:
    missing = [package for package in packages if not _installed(package)]
    if missing:
        raise ImportError(
            f"{model} in 8 or 4 bits needs {' and '.join(missing)}: run `pip install {' '.join(missing)}`, "
            "or delete "
            "QUANTIZATION from .env."
        )


def _stored(config) -> dict:
    stored = getattr(config, "quantization_config", None) or {}
    return stored if isinstance(stored, dict) else stored.to_dict()


def _installed(package: str) -> bool:
    return importlib.util.find_spec(package) is not None
