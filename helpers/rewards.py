"""Rewards: how good an answer is, by a trained reward model, by two language models, or step by step.

Every scorer has `score(conversations)`: a conversation is messages with a question among them and the answer
to be scored at its end. A score does not depend on what else is scored with it, but for rounding in half
precision.
"""

from __future__ import annotations

import gc
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from helpers.engine.scoring import Pair, Scorer, load_scorer, split_pair
from helpers.engine.stored import SEQUENCE, TOKEN
from helpers.models import Message


class _Trained:
    """A model with a scoring head, until it is freed."""

    def __init__(self, model, tokenizer, name: str):
        self._scorer, self.tokenizer, self.name = Scorer(model), tokenizer, name

    @property
    def model(self):
        """The model of transformers; None when it was freed."""
        return self._scorer and self._scorer.model

    def free(self) -> None:
        """Give the memory of the weights back, on a GPU too."""
        if self._scorer is not None:
            self._scorer.free()
        self._scorer = None
        free(None)

    def _held(self) -> Scorer:
        if self._scorer is None:
            raise RuntimeError(f"{self.name} was freed: load it again to score with it.")
        return self._scorer


class RewardModel(_Trained):
    """An outcome reward model: a sequence classifier with one output, such as Skywork-Reward-V2."""

    def __init__(self, model, tokenizer, name: str = "local"):
        if model.config.num_labels != 1:
            raise ValueError(
                f"{name} gives {model.config.num_labels} scores where a reward model gives one: "
                "choose another model."
            )
        super().__init__(model, tokenizer, name)

    @classmethod
    def load(cls, path_or_id: str | Path, device: str | None = None) -> RewardModel:
        """Load a folder (from here, or from the root of the workshop) or a hub id.

        bfloat16 on a GPU, float32 on a CPU. Raises FileNotFoundError for a folder that is missing, OSError
        for a hub id that cannot be had, ValueError for a model of another kind, whose scores would be random.
        """
        return cls(*load_scorer(SEQUENCE, path_or_id, device))

    def score(self, conversations: Sequence[Sequence[Message]]) -> list[float]:
        """One score for each conversation; higher is better, and only scores of one question compare.

        Raises ValueError for a conversation without a user's turn or without an answer at its end, and for
        one that is longer than the model reads.
        """
        _check(conversations)
        heads: dict[str, tuple[int, ...]] = {}
        pairs = []
        for conversation in conversations:
            question = str(conversation[:-1])
            if question not in heads:
                heads[question] = self._encode(conversation[:-1])
            pairs.append(split_pair(self._encode(conversation), heads[question]))
        return self._held().score_pairs(pairs, lambda logits, pair, start: float(logits[0]))

    def _encode(self, conversation: Sequence[Message]) -> tuple[int, ...]:
        text = self.tokenizer.apply_chat_template(list(conversation), tokenize=False)
        # The tokenizer puts the first special token back where the model has one (Skywork's model card).
        text = text.removeprefix(self.tokenizer.bos_token or "")
        return tuple(self.tokenizer(text)["input_ids"])


class StepReward(_Trained):
    """A process reward model: a token classifier, read where each step ends.

    A step is a line that is not blank; its score, in [0, 1], is read at the newline behind it (Lightman et
    al. 2023, arXiv 2305.20050; models trained with TRL's PRMTrainer and its default separator are read in the
    same way). One label is a logit; of two labels the second means "right".
    """

    def __init__(self, model, tokenizer, name: str = "local"):
        from helpers.engine.chat_template import ChatTokenizer

        if model.config.num_labels > 2:
            raise ValueError(
                f"{name} gives {model.config.num_labels} scores a token where a process reward model gives "
                "one or "
                "two: choose another model."
            )
        super().__init__(model, tokenizer, name)
        self.chat_tokenizer = ChatTokenizer(tokenizer)

    @classmethod
    def load(cls, path_or_id: str | Path, device: str | None = None) -> StepReward:
        """Load a folder or a hub id; see `RewardModel.load`."""
        return cls(*load_scorer(TOKEN, path_or_id, device))

    def score(self, conversations: Sequence[Sequence[Message]]) -> list[list[float]]:
        """For each conversation a score for each step of the answer at its end, which may be unfinished.

        Raises ValueError as `RewardModel.score` does.
        """
        _check(conversations)
        encoded = [self.encode(conversation) for conversation in conversations]
        ends = dict(encoded)

        def steps(logits, pair, start):
            return self.right(logits[[len(pair[0]) + end - start for end in ends[pair]]])

        return [list(scores) for scores in self._held().score_pairs([pair for pair, _ in encoded], steps)]

    def right(self, logits) -> list[float]:
        """How probable each row of logits says that all is right."""
        logits = logits.float()
        return (logits[:, 0].sigmoid() if logits.shape[1] == 1 else logits.softmax(1)[:, 1]).tolist()

    def encode(self, conversation: Sequence[Message]) -> tuple[Pair, tuple[int, ...]]:
        """Token ids of question and answer, and the place in the answer of the last token of each step."""
        ids, ends = [], []
        for line in conversation[-1]["content"].rstrip("\n").split("\n"):
            ids += self.tokenizer(line + "\n", add_special_tokens=False)["input_ids"]
            if line.strip():
                ends.append(len(ids) - 1)
        return (tuple(self.chat_tokenizer.encode(conversation[:-1])), tuple(ids)), tuple(ends)


@dataclass(frozen=True)
class LogProbability:
    """How probable a language model finds an answer: `model` has `logprobs`, as `LocalModel` does."""

    model: object

    @property
    def name(self) -> str:
        """The model's name."""
        return self.model.name

    def score(self, conversations: Sequence[Sequence[Message]]) -> list[float]:
        """log p(answer | question) in nats for each conversation: the sum over the answer's tokens."""
        _check(conversations)
        prompts = [list(conversation[:-1]) for conversation in conversations]
        answers = [conversation[-1]["content"] for conversation in conversations]
        return [sum(tokens) for tokens in self.model.logprobs(prompts, answers)]


@dataclass(frozen=True)
class DensityRatio:
    """How much more likely a strong language model finds an answer than a weak one. See `density_ratio`."""

    strong: object
    weak: object

    @property
    def name(self) -> str:
        """Both models' names."""
        return f"{self.strong.name} over {self.weak.name}"

    def score(self, conversations: Sequence[Sequence[Message]]) -> list[float]:
        """log p_strong(answer | question) - log p_weak(answer | question), in nats, for each conversation."""
        strong, weak = (LogProbability(model).score(conversations) for model in (self.strong, self.weak))
        return [s - w for s, w in zip(strong, weak, strict=True)]


def density_ratio(strong, weak) -> DensityRatio:
    """A reward nobody trained, from two local models: Dr. SoW (Xu et al. 2024, arXiv 2411.02481).

    The ratio is summed over the answer's tokens, as in the paper's equation (log of a ratio of two
    probabilities of the whole answer); a mean would be the reward of a typical token, and favour long
    answers. Raises ValueError when the tokenizers differ, TypeError for a model behind an endpoint, which
    cannot score a given text.
    """
    for model in (strong, weak):
        if not hasattr(model, "logprobs"):
            raise TypeError(
                f"{getattr(model, 'name', model)} cannot score a given text: Dr. SoW needs two local models, "
                "for example load_model('prebuilt/models/course-lm')."
            )
    if strong.tokenizer.get_vocab() != weak.tokenizer.get_vocab():
        raise ValueError(
            f"{strong.name} and {weak.name} have different tokenizers, so their probabilities of a text do "
            "not "
            "compare: take two models of one family."
        )
    return DensityRatio(strong, weak)


def free(model) -> None:
    """Give the memory of a model of torch back, whoever else still holds it; it cannot be used again.

    Dropping a variable frees nothing while a pipeline or a notebook's output still refers to the model;
    moving the weights to the device `meta` does.
    """
    import torch

    if model is not None:
        model.to("meta")
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def _check(conversations: Sequence[Sequence[Message]]) -> None:
    for conversation in conversations:
        if isinstance(conversation, (str, dict)):
            raise TypeError(
                "score takes a list of conversations, each a list of messages: put this one into a list."
            )
        roles = [message["role"] for message in conversation]
        if "user" not in roles:
            raise ValueError(
                "A conversation without the user's question cannot be scored: an answer is good or bad only "
                "for "
                "its question, so put the question before it."
            )
        if roles[-1] != "assistant":
            raise ValueError(
                "A conversation to be scored ends with the assistant's answer: put the candidate at its end."
            )
