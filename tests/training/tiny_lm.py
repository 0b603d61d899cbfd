"""An untrained language model of the course models' class, with the course tokenizer."""

import random
from pathlib import Path

import torch
from transformers import Qwen3Config, Qwen3ForCausalLM

from training.data.tasks import conversation
from training.lm.tokens import train_tokenizer


def save_tiny_lm(folder: Path, **changes) -> Path:
    """Saves it in `folder`, which is returned; `changes` are those to its configuration."""
    rng = random.Random(0)
    tokenizer = train_tokenizer(m["content"] for _ in range(150) for m in conversation(rng).messages)
    torch.manual_seed(1)
    config = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}
    config |= {"num_key_value_heads": 1, "head_dim": 16, "max_position_embeddings": 512}
    config |= {"eos_token_id": 1, "pad_token_id": 0, "bos_token_id": None, "tie_word_embeddings": True}
    model = Qwen3ForCausalLM(Qwen3Config(vocab_size=len(tokenizer), **config | changes))
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
