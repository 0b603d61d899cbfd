"""A model that ignores every form: sentences, empty replies, fractions, boxes, false sums, no end.

It costs no time, so that a whole notebook can be tried on it.
"""

import random
from dataclasses import replace

from helpers.models import DEFAULT, Sample

REPLIES = (
    "Let's work it out. There were {a} at first, and {b} more came. So the answer is {c}.",
    "{a} + {b} = {c}\nFinal: {c}",
    "{a} + {b} = {d}\n{d} - 1 = {c}\nFinal: {c}",
    "Final: {c}",
    "",
    "\n\nThe answer: \\boxed{{{c}/2}}",
    "Final: ${c},000.50 dollars",
    "Step 1: read the question.\nStep 2: read it again.\n" * 80,
    "I cannot answer that.",
)

LONGEST = 60  # words: whoever reads the replies, such as a reward model, does cost time


class Careless:
    """Draws one of REPLIES for each sample, by seed and prompt. A token is a word."""

    def __init__(self, name: str = "stranger"):
        self.name = name

    def sample(self, prompts, n=1, decoding=DEFAULT, *, progress=False, **changes):
        decoding = replace(decoding, **changes)
        return [[self._sample(prompt, i, decoding) for i in range(n)] for prompt in prompts]

    def _sample(self, prompt, i, decoding) -> Sample:
        rng = random.Random(f"{decoding.seed} {i * (decoding.temperature > 0)} {prompt}")
        numbers = {name: rng.randint(1, 60) for name in "abcd"}
        text = rng.choice(REPLIES).format(**numbers)
        for end in decoding.stop:
            text = text.split(end)[0]
        words = text.split(" ")
        room = min(decoding.max_tokens, LONGEST)
        cut, tokens = len(words) > room, min(len(words), room)
        text = " ".join(words[:room])
        logs = tuple(-rng.random() for _ in range(tokens))
        read = sum(len(message["content"].split()) for message in prompt)
        return Sample(text, tokens, sum(logs), "length" if cut else "stop", read, logs)
