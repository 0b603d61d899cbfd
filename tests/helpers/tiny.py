"""Tiny random language models of several classes, made in memory, for the tests of all that samples."""

from functools import cache

from bench.random_model import byte_tokenizer, random_model
from helpers.engine.local import LocalModel

BASE = {
    "vocab_size": 300,
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 8,
    "max_position_embeddings": 256,
    "bos_token_id": None,
    "eos_token_id": 2,
    "pad_token_id": 0,
    "tie_word_embeddings": False,
}
KINDS = {
    "qwen3": ("qwen3", {}),
    "qwen2": ("qwen2", {}),
    "llama": ("llama", {}),
    "granite": ("granite", {}),
    "phi3": ("phi3", {}),
    "gemma2, a short window": ("gemma2", {"sliding_window": 24}),
    "gemma3, a short window": ("gemma3_text", {"sliding_window": 24}),
    "mistral, a short window": ("mistral", {"sliding_window": 24}),
    "mixture of experts": ("qwen3_moe", {}),
}


@cache
def tiny(kind: str = "qwen3", seed: int = 0) -> LocalModel:
    """A model of 3 layers whose next tokens are neither certain nor all alike."""
    from transformers import AutoConfig

    name, options = KINDS[kind]
    model = random_model(AutoConfig.for_model(name, **(BASE | options)), seed, scale=8)
    return LocalModel(model, byte_tokenizer(), kind)


def ask(text: str, system: str = "") -> list[dict[str, str]]:
    """The messages of one question."""
    first = [{"role": "system", "content": system}] if system else []
    return [*first, {"role": "user", "content": text}]
