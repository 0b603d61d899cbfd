"""Tiny checkpoints of the model classes that a workshop meets, each with the features of its real template:
what it says when nobody sets a system text, its switch for thinking, its end tokens, its sampling defaults.
"""

from pathlib import Path

from bench.random_model import byte_tokenizer, random_model
from tests.helpers.tiny import BASE

QWEN2 = (
    "{% if messages[0]['role'] != 'system' %}<|im_start|>system\nYou are Qwen.<|im_end|>\n{% endif %}"
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
QWEN3 = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n"
    "{% if enable_thinking is defined and enable_thinking is false %}<think>\n\n</think>\n\n{% endif %}{% "
    "endif %}"
)
ALWAYS_THINKING = QWEN3.replace(
    "{% if enable_thinking is defined and enable_thinking is false %}<think>\n\n</think>\n\n{% endif %}",
    "<think>\n",
)
LLAMA = (
    "{{ bos_token }}{% for m in messages %}<|start_header_id|>{{ m.role }}<|end_header_id|>\n\n"
    "{{ m.content | trim }}<|eot_id|>{% endfor %}"
    "{% if add_generation_prompt %}<|start_header_id|>assistant<|end_header_id|>\n\n{% endif %}"
)
GRANITE = (
    "{% if messages[0]['role'] == 'system' %}{% set system = messages[0].content %}{% set rest = "
    "messages[1:] %}"
    "{% else %}{% set system = 'You are Granite.' %}{% set rest = messages %}"
    "{% if thinking %}{% set system = system + ' Think first.' %}{% endif %}{% endif %}"
    "<|start_of_role|>system<|end_of_role|>{{ system }}<|end_of_text|>\n"
    "{% for m in rest %}<|start_of_role|>{{ m.role }}<|end_of_role|>{{ m.content }}<|end_of_text|>\n{% "
    "endfor %}"
    "{% if add_generation_prompt %}<|start_of_role|>assistant<|end_of_role|>{% endif %}"
)
MISTRAL = (
    "{{ bos_token }}{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('Only user and "
    "assistant "
    "roles are supported!') }}{% endif %}{% if m.role == 'user' %}[INST] {{ m.content }} [/INST]"
    "{% else %} {{ m.content }}{{ eos_token }}{% endif %}{% endfor %}"
)

DEFAULTS = {"do_sample": True, "repetition_penalty": 1.5, "temperature": 0.7, "top_p": 0.8, "top_k": 2}
LLAMA_TOKENS = ["<|begin_of_text|>", "<|end_of_text|>", "<|eom_id|>", "<|eot_id|>", "<|start_header_id|>",
                "<|end_header_id|>"]  # fmt: skip
GRANITE_TOKENS = ["<|end_of_text|>", "<|start_of_role|>", "<|end_of_role|>"]
GRANITE_SCALES = {"embedding_multiplier": 12.0, "attention_multiplier": 0.3, "residual_multiplier": 0.22,
                  "logits_scaling": 0.5}  # fmt: skip

# model type, template, special tokens, ends, settings of the configuration
CLASSES = {
    "qwen2": ("qwen2", QWEN2, [], ["<|im_end|>", "<|endoftext|>"], {}),
    "qwen3": ("qwen3", QWEN3, [], ["<|im_end|>", "<|endoftext|>"], {}),
    "qwen3 always thinking": ("qwen3", ALWAYS_THINKING, [], ["<|im_end|>", "<|endoftext|>"], {}),
    "llama": ("llama", LLAMA, LLAMA_TOKENS, LLAMA_TOKENS[1:4], {}),
    "granite": ("granite", GRANITE, GRANITE_TOKENS, GRANITE_TOKENS[:1], GRANITE_SCALES),
    "mistral": ("mistral", MISTRAL, [], ["<|im_end|>"], {}),
}


def checkpoint(folder: Path, kind: str, **generation) -> Path:
    """Write the tiny checkpoint `kind` to `folder`; `generation` overrides its generation_config."""
    from transformers import AutoConfig

    name, template, special, ends, more = CLASSES[kind]
    tokenizer = byte_tokenizer(template)
    tokenizer.add_special_tokens({"additional_special_tokens": [*special, "<s>"]})
    tokenizer.add_tokens(["<think>", "</think>"])  # ordinary tokens, as in Qwen3: decoding keeps them
    tokenizer.bos_token, tokenizer.eos_token = (special or ["<s>"])[0], ends[0]
    ids = tokenizer.convert_tokens_to_ids(ends)
    config = AutoConfig.for_model(name, **(BASE | {"eos_token_id": ids[0]} | more))
    model = random_model(config, scale=8)
    for key, value in (DEFAULTS | {"eos_token_id": ids} | generation).items():
        setattr(model.generation_config, key, value)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
