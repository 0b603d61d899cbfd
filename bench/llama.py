"""llama.cpp as a peer: a model of the course, or that of `make real`, in float32 in its file format, and what
its server draws from it.

`make real` installs what this needs, the server (xllamacpp) and gguf. llama.cpp does not know how the
tokenizer of the course splits a text, so prompts are sent as token ids, and token ids come back.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import httpx

from deploy.llama import running
from deploy.real import NAME, gguf_file

ARCHITECTURE = "qwen3"  # of all models of the course
SLOTS, CONTEXT = 64, 768  # texts at once; tokens of each, prompt and all
CONNECTIONS = 960  # at once; the server drops thousands, and one that it has answered before
WAIT = 600.0  # seconds for one request


def installed() -> bool:
    return all(find_spec(name) is not None for name in ("xllamacpp", "gguf"))


def convert(model, file: Path) -> None:
    """Write a `LocalModel` of the course to `file`, in float32, as llama.cpp reads it."""
    gguf = import_module("gguf")  # no requirement of the course
    config, weights = model.model.config, model.model.state_dict()
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.QWEN3, config.num_hidden_layers)
    writer = gguf.GGUFWriter(file, ARCHITECTURE)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_key_length(config.head_dim)
    writer.add_value_length(config.head_dim)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    vocabulary = model.tokenizer.get_vocab()
    tokens = sorted(vocabulary, key=vocabulary.get)
    special = set(model.tokenizer.all_special_tokens)
    kinds = [gguf.TokenType.CONTROL if token in special else gguf.TokenType.NORMAL for token in tokens]
    writer.add_tokenizer_model("gpt2")  # byte-level pairs
    writer.add_tokenizer_pre("default")
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    rules = json.loads(model.tokenizer.backend_tokenizer.to_str())["model"]["merges"]
    writer.add_token_merges([" ".join(pair) for pair in rules])
    writer.add_eos_token_id(model.tokenizer.eos_token_id)
    writer.add_add_bos_token(False)
    for name, weight in weights.items():
        if name != "lm_head.weight":  # that of the embedding
            written = names.get_name(name, try_suffixes=(".weight",))
            writer.add_tensor(written, weight.float().cpu().numpy())
    _write(writer)


def _write(writer) -> None:
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def unpack(source: Path, file: Path) -> None:
    """Write the weights of `source` to `file` in float32, rounded as `make real` rounds them."""
    import torch

    gguf, quants = import_module("gguf"), import_module("gguf.quants")
    reader = gguf.GGUFReader(source)
    kept = {name: field for name, field in reader.fields.items() if not name.startswith("GGUF.")}
    writer = gguf.GGUFWriter(file, kept.pop("general.architecture").contents())
    kept.pop("general.file_type", None)
    for name, field in kept.items():
        kind, items = field.types[0], field.types[-1]
        is_list = kind == gguf.GGUFValueType.ARRAY
        writer.add_key_value(name, field.contents(), kind, sub_type=items if is_list else None)
    for tensor in reader.tensors:
        weight = torch.tensor(quants.dequantize(tensor.data, tensor.tensor_type))
        writer.add_tensor(tensor.name, weight.bfloat16().float().numpy())
    _write(writer)


def known(model) -> bool:
    """Whether `serving` can serve this `LocalModel`."""
    return installed() and (model.name == NAME or model.model.config.model_type == ARCHITECTURE)


@contextmanager
def serving(model, threads: int, slots: int = SLOTS) -> Iterator[str]:
    """llama.cpp's server with the weights of `model`: its address, which ends in /v1."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "model.gguf"
        unpack(gguf_file(), file) if model.name == NAME else convert(model, file)
        with running(threads, slots, file=file, name=model.name, context=CONTEXT) as url:
            yield url


def completions(url: str) -> str:
    """Where the server takes token ids."""
    return f"{url.removesuffix('/v1')}/completion"


def completion(ids: Sequence[int], max_tokens: int, temperature: float, seed: int) -> dict:
    """The body of a request for plain sampling, as ours is, without the filters that llama.cpp sets."""
    return {
        "prompt": list(ids),
        "n_predict": max_tokens,
        "temperature": temperature,
        "samplers": ["temperature"],
        "seed": seed,
        "return_tokens": True,
    }


def draw(
    url: str, prompts: Sequence[Sequence[int]], n: int, max_tokens: int, temperature: float = 1.0
) -> list[list[list[int]]]:
    """Token ids of n texts for each prompt, `max_tokens` of them at most; CONNECTIONS texts are asked for
    at once.
    """

    async def ask(client: httpx.AsyncClient, ids: Sequence[int], seed: int) -> list[int]:
        body = completion(ids, max_tokens, temperature, seed)
        reply = await client.post(completions(url), json=body)
        reply.raise_for_status()
        return reply.json()["tokens"]

    async def all_of_them() -> list[list[int]]:
        limits = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=0)
        timeout = httpx.Timeout(WAIT, pool=None)
        async with httpx.AsyncClient(timeout=timeout, limits=limits, verify=False) as client:
            return await asyncio.gather(*[ask(client, ids, seed) for ids in prompts for seed in range(n)])

    drawn = asyncio.run(all_of_them())
    return [drawn[i * n : (i + 1) * n] for i in range(len(prompts))]
