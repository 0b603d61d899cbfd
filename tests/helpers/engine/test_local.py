import math

import pytest
import torch

from bench.random_model import TEMPLATE, byte_tokenizer
from helpers.engine.batch import Request
from helpers.engine.chat_template import ChatTokenizer
from helpers.engine.local import LocalModel
from helpers.models import Decoding, Sample
from tests.helpers.tiny import ask, tiny

SYSTEMLESS = (
    "{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('System role not supported') }}"
    "{% endif %}[{{ m.role }}]{{ m.content }}{% endfor %}{% if add_generation_prompt %}[assistant]{% endif %}"
)
FORGETFUL = SYSTEMLESS.replace("{{ raise_exception('System role not supported') }}", "{% else %}").replace(
    "[{{ m.role }}]{{ m.content }}{% endfor %}", "[{{ m.role }}]{{ m.content }}{% endif %}{% endfor %}"
).replace("{% else %}{% endif %}", "{% else %}")  # fmt: skip
THINKING = TEMPLATE.replace(
    "assistant\n{% endif", "assistant\n{% if enable_thinking is false %}<no>{% endif %}{% endif"
)


@pytest.fixture
def folder(tmp_path):
    model = tiny()
    model.model.save_pretrained(tmp_path / "tiny-lm")
    model.tokenizer.save_pretrained(tmp_path / "tiny-lm")
    return tmp_path / "tiny-lm"


def read(template, messages):
    tokenizer = ChatTokenizer(byte_tokenizer(template))
    return tokenizer.tokenizer.decode(tokenizer.encode(messages))


def test_a_folder_loads_silently_and_gives_itself_its_name(folder, capfd):
    capfd.readouterr()
    model = LocalModel.load(folder, device="cpu")
    samples = model.sample([ask("How many?"), ask("Why?")], 3, max_tokens=5, seed=1)
    assert capfd.readouterr() == ("", "")
    assert model.name == "tiny-lm" and model.model.dtype == torch.float32 and not model.model.training
    assert samples == tiny().sample([ask("How many?"), ask("Why?")], 3, max_tokens=5, seed=1)
    assert LocalModel.load(folder, device="cpu", dtype=torch.bfloat16).model.dtype == torch.bfloat16


def test_half_precision_samples_too(folder):
    model = LocalModel.load(folder, device="cpu", dtype=torch.bfloat16)
    [[one, two]] = model.sample([ask("How many?")], 2, max_tokens=10)
    assert one.text != two.text and math.isfinite(one.logprob)


@pytest.mark.parametrize("missing", ["prebuilt/models/nowhere", "./nowhere", "/no/where", "a/b/c"])
def test_a_missing_folder_is_one_sentence(missing):
    with pytest.raises(FileNotFoundError) as caught:
        LocalModel.load(missing)
    assert str(caught.value) == (
        f"The model folder {missing} is missing: run `make model`, or clone the repository again."
    )


def test_a_hub_id_that_cannot_be_had_is_one_sentence(monkeypatch):
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(
        OSError, match=r"^The model nobody/nothing could not be fetched .*which needs no network\.$"
    ):
        LocalModel.load("nobody/nothing")


def test_a_sample_tells_what_it_cost():
    model = tiny()
    [[sample]] = model.sample([ask("How many?")], 1, max_tokens=8, temperature=0.5)
    assert isinstance(sample, Sample) and sample.tokens == len(sample.token_logprobs) == 8
    assert sample.prompt_tokens == len(model.chat_tokenizer.encode(ask("How many?")))
    assert sample.logprob == pytest.approx(sum(sample.token_logprobs))


def test_equal_prompts_get_equal_samples_and_no_prompts_none():
    model = tiny()
    first, _, again = model.sample([ask("a"), ask("b"), ask("a")], 2, max_tokens=9)
    assert first == again and first is not again
    assert model.sample([], 3) == []


def test_an_open_assistant_message_is_continued():
    model = tiny()
    opened = [*ask("Why?"), {"role": "assistant", "content": "So, "}]
    [[rest]] = model.sample([opened], max_tokens=20, seed=2)
    ids = model.chat_tokenizer.encode(ask("Why?")) + tuple(model.tokenizer("So, ")["input_ids"])
    [completion] = model.engine().run([Request(ids, decoding=Decoding(max_tokens=20, seed=2))])
    assert rest.token_logprobs == completion.logprobs and rest.text == model.tokenizer.decode(
        completion.tokens
    )
    closed = model.sample([ask("Why?")], max_tokens=20, seed=2)[0][0]
    assert model.sample([[*ask("Why?"), {"role": "assistant", "content": ""}]], max_tokens=20, seed=2) == [
        [closed]
    ]


def test_the_text_of_a_continuation_keeps_its_leading_space():
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    words = {"<end>": 0, "▁a": 1, "▁b": 2, "b": 3, "?": 4}
    inner = Tokenizer(models.WordLevel(words, unk_token="?"))
    inner.pre_tokenizer, inner.decoder = pre_tokenizers.Metaspace(), decoders.Metaspace()
    tokenizer = ChatTokenizer(PreTrainedTokenizerFast(tokenizer_object=inner, eos_token="<end>"))
    assert (
        tokenizer.decode([2]) == "b"
        and tokenizer.decode([2], before=[1]) == " b"
        and tokenizer.decode([3], before=[1]) == "b"
    )
    assert tokenizer.endings(("a b", "?b")).tolist() == [False, False, True, True, False]
    assert tokenizer.endings((" ",)).tolist() == [False, True, True, False, False]


def test_the_template_is_asked_not_to_think_where_it_knows_how():
    assert read(THINKING, ask("Hi")).endswith("<|im_start|>assistant\n<no>")
    assert read(TEMPLATE, ask("Hi")).endswith("Hi<|im_end|>\n<|im_start|>assistant\n")
    opened = [*ask("Hi"), {"role": "assistant", "content": "Well,\n"}]
    assert read(THINKING, opened).endswith("<|im_start|>assistant\n<no>Well,\n")


@pytest.mark.parametrize("template", [SYSTEMLESS, FORGETFUL])
def test_a_template_without_a_system_turn_still_hears_the_system(template):
    assert read(template, ask("How many?", system="Be brief.")) == "[user]Be brief.\n\nHow many?[assistant]"
    assert read(template, ask("How many?")) == "[user]How many?[assistant]"


def test_a_tokenizer_without_a_template_gets_paragraphs():
    assert read(None, ask("How many?", system="Be brief.")) == "Be brief.\n\nHow many?\n\n"


def test_nobody_to_answer_is_refused():
    with pytest.raises(ValueError, match="at least one message"):
        tiny().sample([[{"role": "assistant", "content": "So"}]])


def test_given_texts_are_scored_as_if_they_had_been_drawn():
    model = tiny()
    prompts = [ask("How many?"), ask("x" * 30)]
    texts = ["Final: 14", "é and more", ""]
    scores = model.logprobs([*prompts, prompts[0]], texts)
    for messages, text, found in zip([*prompts, prompts[0]], texts, scores, strict=True):
        head, tail = model.chat_tokenizer.encode(messages), model.tokenizer(text)["input_ids"]
        with torch.inference_mode():
            logs = model.model(torch.tensor([[*head, *tail]])).logits[0].log_softmax(-1)
        expected = [logs[len(head) - 1 + i, token].item() for i, token in enumerate(tail)]
        assert found == pytest.approx(expected, abs=1e-4)
    with pytest.raises(ValueError, match="256"):
        model.logprobs(prompts[:1], ["x" * 300])
    assert model.logprobs([], []) == []


def test_a_decoding_and_keywords_ask_for_the_same():
    model, decoding = tiny(), Decoding(0.7, 0.9, 12, seed=4)
    model.sample([ask("a")], max_tokens=1)  # from now on the prompt is known: see PromptCache
    expected = model.sample([ask("a")], 2, temperature=0.7, top_p=0.9, max_tokens=12, seed=4)
    assert model.sample([ask("a")], 2, decoding) == expected
    assert model.sample([ask("a")], 2, Decoding(0.7, 0.9, 30), seed=4, max_tokens=12) == expected
    with pytest.raises(TypeError, match="temprature"):
        model.sample([ask("a")], temprature=0.5)


def test_a_model_is_taken_over_once(monkeypatch):
    from helpers.engine import decoder

    calls, make = [], decoder.decoder
    monkeypatch.setattr(decoder, "decoder", lambda model: calls.append(model) or make(model))
    model = LocalModel(tiny().model, tiny().tokenizer)
    model.sample([ask("a")], max_tokens=2), model.sample([ask("b")], max_tokens=2)
    assert len(calls) == 1
