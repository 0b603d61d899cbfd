"""JSON by construction: which tokens a JSON schema allows next.

What is drawn from the allowed tokens, up to the end token, is JSON that the schema accepts. Strings, lists
and numbers without a limit get one, so that no model writes for ever. The work is llguidance's
(https://github.com/guidance-ai/llguidance).
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from functools import lru_cache

LONGEST_STRING = 600  # characters, where the schema sets no limit
LONGEST_LIST = 32  # items, likewise
NUMBER_TOO_LONG = re.compile(r"(?:^|[:\[,])\s*[-+.eE\d]{16,}$")
IN_NUMBERS = re.compile(r"[-+.eE\d]+")


class Grammars:
    """Grammars over the tokens of one transformers tokenizer. `ends`: token ids that end a text;
    `vocabulary`: how many scores the model gives.
    """

    def __init__(self, tokenizer, ends: Collection[int], vocabulary: int):
        self._tokenizer, self._ends, self._vocabulary = tokenizer, list(ends), vocabulary
        self._compiled = lru_cache(maxsize=32)(self._compile)

    def matcher(self, schema: dict) -> Matcher:
        """A fresh matcher at the beginning of a text. Raises ValueError for a schema that cannot be
        followed.
        """
        return Matcher(self._compiled(json.dumps(schema)).deep_copy(), self._words(), self._in_numbers())

    def _compile(self, schema: str):
        from llguidance import LLMatcher

        options = {"whitespace_flexible": False}
        grammar = LLMatcher.grammar_from_json_schema(limited(json.loads(schema)), defaults=options)
        matcher = LLMatcher(self._words(), grammar, log_level=0)
        if matcher.is_error():
            raise ValueError(f"The JSON schema cannot be followed: {_first_line(matcher.get_error())}")
        return matcher

    @lru_cache(maxsize=1)  # noqa: B019 - one tokenizer lives as long as its model
    def _words(self):
        from llguidance import LLTokenizer

        text = self._tokenizer.backend_tokenizer.to_str()
        return LLTokenizer(text, n_vocab=self._vocabulary, eos_token=self._ends)

    @lru_cache(maxsize=1)  # noqa: B019
    def _in_numbers(self):
        """Boolean numpy [vocabulary]: the tokens that a number is written with."""
        import numpy as np

        words = self._words()
        return np.array(
            [IN_NUMBERS.fullmatch(words.decode_str([i])) is not None for i in range(self._vocabulary)]
        )


class Matcher:
    """Where one text stands in its grammar."""

    def __init__(self, inner, words, in_numbers):
        self._inner, self._words, self._in_numbers, self._read = inner, words, in_numbers, 0

    def allowed(self, tokens):
        """Boolean numpy [vocabulary]: the tokens that may follow the generated `tokens`, of which earlier
        calls have read the beginning.
        """
        import numpy as np

        for token in tokens[self._read :]:
            self._inner.consume_token(int(token))
        self._read = len(tokens)
        if self._inner.is_error():
            raise RuntimeError(f"The grammar lost its way: {_first_line(self._inner.get_error())}")
        allowed = np.frombuffer(self._inner.compute_logit_bias(), dtype=np.uint8) > 0
        if NUMBER_TOO_LONG.search(self._words.decode_str([int(token) for token in tokens[-24:]])):
            shorter = allowed & ~self._in_numbers
            return shorter if shorter.any() else allowed
        return allowed


def limited(schema):
    """`schema` with a limit on every string and list that has none."""
    if isinstance(schema, list):
        return [limited(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    schema = {name: part if name in ("enum", "const") else limited(part) for name, part in schema.items()}
    kinds = schema.get("type")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    if "string" in kinds and not {"maxLength", "enum", "const", "pattern", "format"} & set(schema):
        schema["maxLength"] = LONGEST_STRING
    if "array" in kinds and "maxItems" not in schema:
        schema["maxItems"] = LONGEST_LIST
    return schema


def _first_line(text: str) -> str:
    return text.strip().split("\n")[0][:200]
