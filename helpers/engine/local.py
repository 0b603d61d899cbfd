"""A transformers model in this process, as a `LanguageModel`: on CPU, CUDA or MPS, through one decode loop,
which draws what is asked for and reads no sampling defaults of the model.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import RLock

from config import ROOT
from helpers.engine.stored import StoredModel, count_parameters
from helpers.models import DEFAULT, Decoding, Message, Sample

INSTALLED = ROOT / ".models"  # what `make real` installs
REAL = ("smollm2",)

# torch reads it at its first large allocation: with pages of 2 MB the keys and values cost far fewer page
# faults.
os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")


BUILDING = RLock()  # transformers builds a wrong model while another thread builds one


def built(model: StoredModel):
    """The model of transformers. Call it with `BUILDING` held."""
    with quiet("."):
        return model.built()


class LocalModel:
    """A language model, one of transformers or a `StoredModel`, and its tokenizer; `thinking`: see
    `ChatTokenizer`.
    """

    def __init__(self, model, tokenizer, name: str = "local", thinking: bool = False):
        from helpers.engine.chat_template import ChatTokenizer

        self._model = model if isinstance(model, StoredModel) else model.eval()
        self.tokenizer, self.name = tokenizer, name
        self.chat_tokenizer, self._decoder = ChatTokenizer(tokenizer, thinking), None

    @classmethod
    def load(
        cls,
        path_or_id: str | Path,
        device: str | None = None,
        dtype=None,
        quantization: str | None = None,
        thinking: bool = False,
    ) -> LocalModel:
        """Load a folder (from here, or from the root of the workshop) or a hub id.

        `device`: None takes CUDA, else MPS, else the CPU. `dtype`: None takes half precision on a GPU,
        float32 on a CPU as long as that fits. `quantization`: "8bit" or "4bit" (bitsandbytes). What was
        chosen is printed, unless the model is tiny. Raises FileNotFoundError for a folder that is missing,
        OSError for a hub id that cannot be had, MemoryError for what does not fit, ImportError for a package
        that is missing.
        """
        from transformers import AutoConfig, AutoTokenizer

        from helpers.engine import hardware, quantized

        source, name = locate(str(path_or_id))
        with quiet(source), _explained(source, name):
            config = AutoConfig.from_pretrained(source)
            tokenizer = AutoTokenizer.from_pretrained(source)
        numbers = str(dtype).removeprefix("torch.") if dtype else quantization or quantized.stored_as(config)
        place = hardware.this_machine(device)
        parameters = count_parameters(source, config) or hardware.count_parameters(config)
        plan = hardware.plan(name, parameters, place, numbers)
        options = quantized.load_options(plan, config)
        if plan.weights >= hardware.SMALL:
            print(plan)
        model = None
        if (place.device, plan.numbers) == ("cpu", "float32"):
            model = StoredModel.load(source, config)
        if model is None:
            from transformers import AutoModelForCausalLM

            with quiet(source), _explained(source, name):
                model, found = AutoModelForCausalLM.from_pretrained(
                    source, output_loading_info=True, **options
                )
            _complain(name, found["missing_keys"])
            if "device_map" not in options:
                model = model.to(place.device)
        # samples recorded under one name must be alike
        name += f" ({quantization})" * bool(quantization) + " (thinking)" * thinking
        return cls(model, tokenizer, name, thinking)

    def sample(
        self,
        prompts: Sequence[list[Message]],
        n: int = 1,
        decoding: Decoding = DEFAULT,
        *,
        progress: bool = False,
        **changes,
    ) -> list[list[Sample]]:
        """n samples for each prompt; see `LanguageModel.sample`. Equal prompts get equal samples."""
        from helpers.engine.batch import Request

        decoding = replace(decoding, **changes)
        asked = [
            (self.chat_tokenizer.encode(messages), messages[-1]["role"] == "assistant")
            for messages in prompts
        ]
        distinct = list(dict.fromkeys(asked))
        requests = [Request(ids, i, decoding, continues) for ids, continues in distinct for i in range(n)]
        done = self.engine().run(requests, progress)
        samples = {
            (ids, continues): [
                _sample(completion, len(ids), "" if continues else self.chat_tokenizer.opened(ids))
                for completion in done[i * n : (i + 1) * n]
            ]
            for i, (ids, continues) in enumerate(distinct)
        }
        return [list(samples[key]) for key in asked]

    def engine(self, **options):
        """A decode loop without work; where it cannot take over the model's past, `generate` of transformers.

        `options` are those of `helpers.engine.loop.Engine`.
        """
        from helpers.engine.attention import UnsupportedModel
        from helpers.engine.generate_fallback import GenerateEngine
        from helpers.engine.loop import Engine

        try:
            return Engine(self.decoder, self.chat_tokenizer, self.ends, self.context, **options)
        except UnsupportedModel:
            return GenerateEngine(self.model, self.chat_tokenizer, self.ends, self.context)

    @property
    def model(self):
        """The model of transformers."""
        with BUILDING:
            if isinstance(self._model, StoredModel):
                self.model = built(self._model)
            return self._model

    @model.setter
    def model(self, model):
        self._model, self._decoder = model, None

    def __getstate__(self):
        return self.__dict__ | {"_decoder": None}  # a copy makes its own

    @property
    def decoder(self):
        """The model as the decode loop uses it, made once and again when the model's weights have changed.

        Raises `helpers.engine.attention.UnsupportedModel`.
        """
        if self._decoder is None or self._decoder.stale:
            from helpers.engine import fused
            from helpers.engine.decoder import decoder

            self._decoder = decoder(self._model if fused.supports(self._model) else self.model)
        return self._decoder

    @property
    def config(self):
        """The configuration of the model, that of transformers."""
        return self._model.config.get_text_config()

    @property
    def ends(self) -> set[int]:
        """Every token that ends a text, by the generation config or by the tokenizer."""
        ends = self._model.generation_config.eos_token_id
        ends = set(ends if isinstance(ends, list) else [ends]) | {self.tokenizer.eos_token_id}
        return {end for end in ends if end is not None}

    @property
    def context(self) -> int:
        """Tokens, prompt and answer together, that the model knows positions for."""
        return getattr(self.config, "max_position_embeddings", None) or 2**20

    def logprobs(self, prompts: Sequence[list[Message]], texts: Sequence[str]) -> list[list[float]]:
        """Log-probability of each token of `texts[i]` as the answer to `prompts[i]`, under the model at
        temperature 1.

        The end of the text is not scored. Raises ValueError where prompt and text exceed the model's context.
        """
        from helpers.engine.prefix_scoring import SCORED_TOKENS

        heads = [self.chat_tokenizer.encode(messages) for messages in prompts]
        tails = [tuple(self.tokenizer(text, add_special_tokens=False)["input_ids"]) for text in texts]
        pairs = list(zip(heads, tails, strict=True))
        longest = max((len(head) + len(tail) for head, tail in pairs), default=0)
        if longest > self.context:
            raise ValueError(
                f"A prompt with its text has {longest} tokens, but the model reads {self.context}."
            )
        scores = {
            pair: _log_probabilities(logits.numpy(), *pair, start)
            for pair, start, logits in self._reader()(pairs, SCORED_TOKENS)
        }
        return [scores[pair] for pair in pairs]

    def _reader(self):
        from helpers.engine import fused
        from helpers.engine.decoder import FusedDecoder
        from helpers.engine.prefix_scoring import ForwardReader, Reader

        if fused.supports(self._model) and isinstance(self.decoder, FusedDecoder):
            return ForwardReader(self.decoder.forward)
        return Reader(self.model)


def _log_probabilities(logits, head: tuple[int, ...], tail: tuple[int, ...], start: int) -> list[float]:
    """Of each token of `tail`, by the logits [tokens, vocabulary] after those of both from `start` on."""
    import numpy as np

    from helpers.engine import compiled

    before, found = len(head) - 1 - start, np.empty(len(tail), np.float32)
    compiled.log_probability(logits[before : before + len(tail)], np.array(tail, np.int64), found)
    return found.tolist()


def _sample(completion, prompt_tokens: int, opened: str) -> Sample:
    logs = completion.logprobs
    text = opened + completion.text
    return Sample(text, len(logs), sum(logs), completion.finish_reason, prompt_tokens, logs)


def locate(wanted: str) -> tuple[str, str]:
    """What to hand to `from_pretrained`, and the model's name."""
    for folder in (Path(wanted).expanduser(), ROOT / wanted, INSTALLED / wanted):
        if folder.is_dir():
            return str(folder), folder.resolve().name
    if wanted in REAL:
        raise FileNotFoundError(f"The model {wanted} is not installed: run `make real`.")
    if wanted.startswith((".", "/", "~", "prebuilt")) or wanted.count("/") > 1 or "\\" in wanted:
        raise FileNotFoundError(
            f"The model folder {wanted} is missing: run `make model`, or clone the repository again."
        )
    return wanted, wanted


def _complain(name: str, missing: Collection[str]) -> None:
    """Raise OSError for weights that are not in the checkpoint and would be random."""
    if missing:
        raise OSError(
            f"{name} is no complete language model: {min(missing)} is not in it, and would be random. Choose "
            "another MODEL, for example prebuilt/models/course-lm; a reward model belongs in REWARD_MODEL."
        )


@contextmanager
def _explained(source: str, name: str):
    """What transformers says about a model that cannot be had, in one sentence."""
    from safetensors import SafetensorError

    folder = Path(source)
    incomplete = OSError(
        f"The folder {source} holds no complete model (config.json, weights and tokenizer): download it "
        "again, "
        "or set MODEL=prebuilt/models/course-lm."
    )
    if folder.is_dir() and not (folder / "config.json").is_file():
        raise incomplete
    try:
        yield
    except ValueError as error:
        raise ValueError(
            f"The model {name} is of a kind that this version of transformers does not know, or brings code "
            "of its "
            "own: choose another MODEL, such as Qwen, Llama or Granite."
        ) from error
    except SafetensorError as error:  # cut off, or the pointer to a large file that was not fetched
        raise incomplete from error
    except OSError as error:
        if folder.is_dir():
            raise incomplete from error
        raise OSError(
            f"The model {name} could not be fetched from the model hub (no network, no such model, or no "
            "access to it): check the name, or set MODEL=prebuilt/models/course-lm, which needs no network."
        ) from error


@contextmanager
def quiet(source: str):
    """No progress bar on stderr for reading a folder, a matter of milliseconds; a download keeps its own."""
    from transformers.utils import logging

    hidden = Path(source).is_dir() and logging.is_progress_bar_enabled()
    if hidden:
        logging.disable_progress_bar()
    try:
        yield
    finally:
        if hidden:
            logging.enable_progress_bar()
