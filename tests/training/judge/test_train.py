"""The judge's data, its report and a short run of its recipe."""

import json
import random

import pytest

from helpers.answers import answers_match, extract_answer
from helpers.checks.scripted import ScriptedModel
from helpers.judges import read_verdict
from helpers.problems import held_out
from training.judge.data import Draw, Question, candidates, collect, conversations, slip
from training.judge.documents import judge_question
from training.judge.report import as_markdown, measure, write

DRAW = Draw(questions=12, samples=3, part=6)


def generator():
    """Says a number of the document, or nothing."""

    def reply(messages, i):
        number = messages[-1]["content"].split(":")[-2].split("\n")[0].strip()
        return ("", f"Final: {number}", "Final: 3")[i]

    return ScriptedModel(reply)


def questions(tested=False, n=40):
    found = [judge_question(random.Random(i), tested) for i in range(n)]
    return [
        Question(w.question, "Read.", w.lines, str(w.answer), ("Final: 1", w.solution, "")) for w in found
    ]


@pytest.mark.parametrize("tested", [False, True])
def test_questions_are_worked_out_and_keep_their_side(tested):
    for i in range(150):
        worked = judge_question(random.Random(i), tested)
        assert held_out(worked.question) == tested
        assert eval(worked.expression) == worked.answer >= 0
        assert worked.lines[-1].split()[-1] == str(worked.answer)


def test_slips_and_candidates_are_labelled_by_the_answer():
    rng, slips = random.Random(0), 0
    for question in questions():
        text = slip(question, rng)
        slips += not question.right(text)
        right, wrong = candidates(question, rng)
        assert right and all(answers_match(extract_answer(t), question.answer) for t in right)
        assert not any(map(question.right, wrong)) and len({*right, *wrong}) == len(right) + len(wrong)
    assert slips > 30


def test_verdicts_are_right_balanced_and_readable():
    learned = conversations(questions(n=120))
    scores, best = [], []
    for c in learned:
        prompt, reply = (m["content"] for m in c.messages)
        if "score" in prompt:
            scores.append(read_verdict(reply, "score", 0, 10).value)
            continue
        shown = prompt.split("\n\nAnswer ")[1:]
        found = read_verdict(reply, "best", 0, len(shown))
        best.append((int(found.value), len(shown)))
        result = found.reasoning.split("; 1 says")[0].split()[-1]
        answers = [extract_answer(text.partition("\n")[2].partition("\n\nJSON")[0]) for text in shown]
        first = next((i for i, a in enumerate(answers, 1) if answers_match(a, result)), 0)
        assert found.value == first
    assert {0, 10} == set(scores) and 0.4 < scores.count(10) / len(scores) < 0.6
    firsts = sum(b == 1 for b, _ in best) / sum(b > 0 for b, _ in best)
    assert 0.03 < sum(b == 0 for b, _ in best) / len(best) < 0.3 and firsts < 0.65


def test_samples_are_kept_and_drawn_once(tmp_path):
    first = collect(generator(), DRAW, tmp_path)
    silent = ScriptedModel(lambda messages, i: pytest.fail("drawn again"))
    assert collect(silent, DRAW, tmp_path) == first and len(first) == 12
    assert all(len(q.samples) == 3 for q in first)


def test_a_perfect_and_a_mute_judge(tmp_path):
    tested = questions(tested=True, n=12)
    golds = {q.question: q.answer for q in tested}

    def gold(text):
        return next(a for q, a in golds.items() if q in text)

    def perfect(messages, i):
        text = messages[-1]["content"]
        if "Answer 1:" not in text:
            said = extract_answer(text.partition("\nassistant: ")[2].partition("\n\nJSON")[0])
            return json.dumps({"reasoning": "", "score": 10 if answers_match(said, gold(text)) else 0})
        shown = [part.partition("\n")[2].partition("\n\nJSON")[0] for part in text.split("\n\nAnswer ")[1:]]
        right = [answers_match(extract_answer(t), gold(text)) for t in shown]
        return json.dumps({"reasoning": "", "best": right.index(True) + 1 if any(right) else 0})

    found = measure(ScriptedModel(perfect), tested)
    row = found["chosen is right"]["all questions"]
    assert row["point-wise judge"] == row["group-wise judge"] == row["any is right"] == [1.0, 1.0, 1.0]
    assert row["one at random"][0] < 0.5 and found["unreadable"]["point-wise"][0] == 0
    assert all(share[0] == 1 for share in found["one right of three, by its place"].values())
    write(found, tmp_path)
    assert (tmp_path / "judge_report.png").stat().st_size > 10_000
    mute = measure(ScriptedModel(lambda messages, i: "no idea"), tested)
    assert mute["unreadable"]["group-wise"][0] == 1 and "1.00" in as_markdown(mute)


def test_a_short_run_learns_stops_and_goes_on(tmp_path, monkeypatch):
    import torch
    from transformers import AutoTokenizer, Qwen3Config, Qwen3ForCausalLM

    from training import finetune as module
    from training.finetune import FineTuning, finetune
    from training.lm.pretrain import save_model
    from training.lm.report import MODELS

    torch.manual_seed(0)
    tokenizer = AutoTokenizer.from_pretrained(MODELS / "course-lm")
    tiny = Qwen3ForCausalLM(
        Qwen3Config(
            vocab_size=len(tokenizer),
            hidden_size=16,
            num_hidden_layers=1,
            num_attention_heads=1,
            num_key_value_heads=1,
            head_dim=16,
            intermediate_size=16,
            max_position_embeddings=1024,
            tie_word_embeddings=True,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
            bos_token_id=None,
        )
    )
    save_model(tiny, tokenizer, tmp_path / "lm")
    learned, recipe = conversations(questions(n=10)), FineTuning(steps=4, rows=1)
    whole = finetune(learned, tmp_path / "lm", recipe, tmp_path / "whole")

    class Killed(Exception):
        pass

    def batch_of(rows, step, *rest):
        if step == 2 and not (tmp_path / "killed").exists():
            (tmp_path / "killed").touch()
            raise Killed
        return original(rows, step, *rest)

    original = module.batch_of
    monkeypatch.setattr(module, "batch_of", batch_of)
    monkeypatch.setattr(module, "CHECKPOINT_SECONDS", 0)
    with pytest.raises(Killed):
        finetune(learned, tmp_path / "lm", recipe, tmp_path / "parts")
    parts = finetune(learned, tmp_path / "lm", recipe, tmp_path / "parts")
    a, b = (Qwen3ForCausalLM.from_pretrained(folder).state_dict() for folder in (whole, parts))
    assert all(torch.equal(a[name], b[name]) for name in a)
    assert Qwen3ForCausalLM.from_pretrained(parts).generation_config.use_cache
    with pytest.raises(ValueError, match="Too few conversations"):
        finetune(learned[:1], tmp_path / "lm", FineTuning(rows=5), tmp_path / "none")
