import subprocess
import sys

import pytest
import torch
from tokenizers import processors
from transformers import (
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    LlamaConfig,
    Qwen3Config,
)

from bench.random_model import TEMPLATE, byte_tokenizer, random_model
from helpers.engine import fused, scoring
from helpers.engine.forward import Forward
from helpers.engine.local import LocalModel
from helpers.rewards import RewardModel, StepReward, density_ratio, free

SIZES = {
    "vocab_size": 259,
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "head_dim": 16,
    "max_position_embeddings": 512,
    "eos_token_id": 2,
    "pad_token_id": 0,
}


def talk(question: str, answer: str) -> list[dict]:
    return [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]


CONVERSATIONS = [
    talk("What is 4 x 5?", "4 * 5 = 20\nFinal: 20"),
    talk("Why?", "So."),
    talk("How many apples are left, if two of the seven are eaten?", "7 - 2 = 5\nFinal: 5"),
    talk("What is 4 x 5?", "Twenty, since five and five are ten, and ten and ten are twenty."),
    talk("Why?", "So."),
    [{"role": "system", "content": "Be brief."}, *talk("What is 4 x 5?", "20")],
]


def qwen_tokenizer():
    return byte_tokenizer()


def llama_tokenizer():
    """As Llama 3: the template writes the first special token, and so does the tokenizer."""
    tokenizer = byte_tokenizer("{{ bos_token }}" + TEMPLATE)
    tokenizer.bos_token = "<|endoftext|>"
    tokenizer.pad_token = "<|im_end|>"
    tokenizer.backend_tokenizer.post_processor = processors.TemplateProcessing(
        single="<|endoftext|> $A", special_tokens=[("<|endoftext|>", 0)]
    )
    return tokenizer


def saved(folder, config, tokenizer, auto, seed: int = 0):
    torch.manual_seed(seed)
    auto.from_config(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module", params=["qwen", "llama", "llama without padding token"])
def folder(request, tmp_path_factory):
    place = tmp_path_factory.mktemp("reward") / "tiny-rm"
    if request.param == "qwen":
        config, tokenizer = Qwen3Config(**SIZES, num_labels=1), qwen_tokenizer()
    else:
        pad = 2 if request.param == "llama" else None
        config = LlamaConfig(**{**SIZES, "pad_token_id": pad}, bos_token_id=0, num_labels=1)
        tokenizer = llama_tokenizer()
    return saved(place, config, tokenizer, AutoModelForSequenceClassification)


@pytest.fixture(scope="module")
def steps(tmp_path_factory):
    place = tmp_path_factory.mktemp("step") / "tiny-prm"
    config = Qwen3Config(**SIZES, num_labels=1)
    return StepReward.load(saved(place, config, qwen_tokenizer(), AutoModelForTokenClassification), "cpu")


def by_the_model_card(model, tokenizer, conversation) -> float:
    text = tokenizer.apply_chat_template(conversation, tokenize=False)
    if tokenizer.bos_token is not None and text.startswith(tokenizer.bos_token):
        text = text[len(tokenizer.bos_token) :]
    with torch.no_grad():
        return model(**tokenizer(text, return_tensors="pt")).logits[0][0].item()


def test_a_batch_is_scored_as_the_model_card_scores_one(folder, monkeypatch):
    reward = RewardModel.load(folder, "cpu")
    found = reward.score(CONVERSATIONS)
    assert reward.name == "tiny-rm" and reward.model.dtype == torch.float32
    expected = [by_the_model_card(reward.model, reward.tokenizer, c) for c in CONVERSATIONS]
    assert found == pytest.approx(expected, abs=1e-5)
    assert reward.score(CONVERSATIONS) == found
    monkeypatch.setattr(fused, "supports", lambda model: False)
    by_transformers = RewardModel(reward.model, reward.tokenizer)
    assert by_transformers.score(CONVERSATIONS) == pytest.approx(expected, abs=1e-5)
    assert len({round(score, 4) for score in expected}) == 5  # one conversation stands there twice


def test_a_score_does_not_depend_on_company_or_order(folder, monkeypatch):
    reward = RewardModel.load(folder, "cpu")
    alone = [reward.score([conversation])[0] for conversation in CONVERSATIONS]
    assert reward.score(CONVERSATIONS[::-1]) == pytest.approx(alone[::-1], abs=1e-5)
    monkeypatch.setattr(scoring, "SCORED_TOKENS", 150)
    assert reward.score(CONVERSATIONS) == pytest.approx(alone, abs=1e-5)
    assert reward.score([]) == []


def test_the_first_special_token_is_read_once():
    tokenizer = llama_tokenizer()
    torch.manual_seed(0)
    config = LlamaConfig(**SIZES, bos_token_id=0, num_labels=1)
    reward = RewardModel(AutoModelForSequenceClassification.from_config(config), tokenizer)
    ids = reward._encode(CONVERSATIONS[0])
    assert ids[0] == 0 and ids.count(0) == 1


@pytest.mark.parametrize("written_out", [True, False])
def test_a_pass_stays_within_the_bound_and_reads_nothing_twice(folder, monkeypatch, written_out):
    reward, shapes = RewardModel.load(folder, "cpu"), []
    if not written_out:
        monkeypatch.setattr(fused, "supports", lambda model: False)
    made = Forward if written_out else reward.model.base_model
    name = "read" if written_out else "forward"
    computed = getattr(made, name)

    def spy(*given, **options):
        ids = given[1] if written_out else [*given, *options.values()][0]
        shapes.append(tuple(ids.shape))
        return computed(*given, **options)

    monkeypatch.setattr(made, name, spy)
    monkeypatch.setattr(scoring, "SCORED_TOKENS", 200)
    reward.score(CONVERSATIONS * 3)
    assert sum(rows for rows, _ in shapes) == 5 + 1  # and the one question that has two answers
    assert all(rows == 1 or rows * length <= 200 for rows, length in shapes)


@pytest.mark.parametrize(
    ("conversation", "said"),
    [
        ([{"role": "assistant", "content": "20"}], "question"),
        ([{"role": "user", "content": "What is 4 x 5?"}], "ends with the assistant's answer"),
        (talk("Why?", "so " * 400), "512"),
    ],
)
def test_what_cannot_be_scored_is_refused_in_one_sentence(folder, steps, conversation, said):
    for scorer in (RewardModel.load(folder, "cpu"), steps):
        with pytest.raises(ValueError, match=said) as refused:
            scorer.score([CONVERSATIONS[0], conversation])
        assert str(refused.value).count(". ") == 0


def test_a_model_that_does_not_fit_is_refused_before_its_weights_are_read(folder, steps, monkeypatch):
    monkeypatch.setattr(scoring, "count_stored", lambda *_: 10**12)
    for kind in (RewardModel, StepReward):
        with pytest.raises(MemoryError, match=r"set REWARD_MODEL=prebuilt/models/course-rm in \.env"):
            kind.load(folder if kind is RewardModel else "prebuilt/models/course-prm", "cpu")


def test_one_conversation_must_be_put_into_a_list(steps):
    with pytest.raises(TypeError, match="list of conversations"):
        steps.score(CONVERSATIONS[0])


def test_a_model_of_another_kind_is_refused(tmp_path):
    tokenizer = qwen_tokenizer()
    random_model(Qwen3Config(**SIZES)).save_pretrained(tmp_path / "lm")
    tokenizer.save_pretrained(tmp_path / "lm")
    with pytest.raises(ValueError, match=r"Qwen3ForCausalLM.*course-rm"):
        RewardModel.load(tmp_path / "lm")
    with pytest.raises(ValueError, match=r"Qwen3ForCausalLM.*course-prm"):
        StepReward.load(tmp_path / "lm")
    three = Qwen3Config(**SIZES, num_labels=3)
    saved(tmp_path / "three", three, tokenizer, AutoModelForSequenceClassification)
    with pytest.raises(ValueError, match="3 scores"):
        RewardModel.load(tmp_path / "three", "cpu")
    with pytest.raises(FileNotFoundError, match="missing"):
        RewardModel.load("prebuilt/models/no-such-model")


def test_every_step_has_a_score_and_blank_lines_have_none(steps):
    scores = steps.score([
        talk("q", "a = 1\n\nb = 2\nFinal: 3"), talk("q", "a = 1"), talk("q", ""), talk("q", "a = 1\n"),
    ])  # fmt: skip
    assert [len(s) for s in scores] == [3, 1, 0, 1]
    assert all(0 <= x <= 1 for s in scores for x in s)
    assert scores[1] == scores[3]


def test_the_score_of_a_step_knows_only_what_stands_before(steps):
    long, short, other = steps.score([
        talk("q", "a = 1\nb = 2\nFinal: 3"), talk("q", "a = 1\nb = 2"), talk("q", "a = 1\nc = 2"),
    ])  # fmt: skip
    assert long[:2] == pytest.approx(short, abs=1e-5)
    assert short[0] == pytest.approx(other[0], abs=1e-5) and abs(short[1] - other[1]) > 1e-4


def test_steps_are_read_at_the_newline(steps):
    tokenizer = steps.tokenizer
    prompt = tokenizer.apply_chat_template(
        [{"role": "user", "content": "q"}], tokenize=False, add_generation_prompt=True
    )
    ids = tokenizer(prompt + "a = 1\nFinal: 3\n", add_special_tokens=False)["input_ids"]
    newline = tokenizer("\n", add_special_tokens=False)["input_ids"][0]
    at = [i for i, token in enumerate(ids) if token == newline][-2:]
    with torch.no_grad():
        logits = steps.model(torch.tensor([ids])).logits[0, at, 0]
    assert steps.score([talk("q", "a = 1\nFinal: 3")])[0] == pytest.approx(
        logits.sigmoid().tolist(), abs=1e-5
    )


def test_of_two_labels_the_second_means_right(tmp_path):
    config = Qwen3Config(**SIZES, num_labels=2)
    scorer = StepReward.load(saved(tmp_path, config, qwen_tokenizer(), AutoModelForTokenClassification))
    before = scorer.score([CONVERSATIONS[0]])[0]
    with torch.no_grad():
        scorer.model.score.bias += torch.tensor([0.0, 3.0])
    assert all(a > b for a, b in zip(scorer.score([CONVERSATIONS[0]])[0], before, strict=True))


def test_a_freed_model_holds_no_memory_even_if_someone_still_refers_to_it(folder):
    reward = RewardModel.load(folder, "cpu")
    held = reward.model
    reward.free()
    assert all(weight.device.type == "meta" for weight in [*held.parameters(), *held.buffers()])
    with pytest.raises(RuntimeError, match="load it again"):
        reward.score(CONVERSATIONS)
    reward.free()  # a second time does no harm


def lm(seed: int, name: str, tokenizer=None) -> LocalModel:
    return LocalModel(random_model(Qwen3Config(**SIZES), seed, 4.0), tokenizer or qwen_tokenizer(), name)


def test_the_density_ratio_is_the_difference_of_two_log_likelihoods():
    strong, weak = lm(0, "strong"), lm(1, "weak")
    ratio = density_ratio(strong, weak)
    expected = []
    for *prompt, answer in CONVERSATIONS:
        (s,), (w,) = (m.logprobs([prompt], [answer["content"]]) for m in (strong, weak))
        expected.append(sum(s) - sum(w))
    assert ratio.score(CONVERSATIONS) == pytest.approx(expected, abs=1e-4)
    back = density_ratio(weak, strong).score(CONVERSATIONS)
    assert back == pytest.approx([-x for x in expected], abs=1e-4)
    assert density_ratio(strong, strong).score(CONVERSATIONS) == [0.0] * len(CONVERSATIONS)
    assert ratio.name == "strong over weak"
    with pytest.raises(ValueError, match="question"):
        ratio.score([[{"role": "assistant", "content": "20"}]])


def test_models_with_different_tokenizers_do_not_compare():
    other = byte_tokenizer()
    other.add_tokens(["<|more|>"])
    with pytest.raises(ValueError, match="a and b have different tokenizers"):
        density_ratio(lm(0, "a"), lm(1, "b", other))

    class Endpoint:
        name = "far-away"

    with pytest.raises(TypeError, match="far-away cannot score"):
        density_ratio(lm(0, "a"), Endpoint())


def test_a_language_model_can_be_freed_as_well():
    model = lm(0, "strong")
    free(model.model)
    assert {weight.device.type for weight in model.model.parameters()} == {"meta"}


def test_the_module_is_imported_without_torch():
    code = (
        "import sys, helpers.rewards; sys.exit(bool({'torch', 'transformers', 'its_hub'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
