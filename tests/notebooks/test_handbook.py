"""What 04 does with `DOCUMENTS = "handbook"`: the same exercises on answers in words."""

import ast
import asyncio
import inspect
import re
from collections import Counter
from types import SimpleNamespace

import pytest

from config import ROOT
from helpers import endpoint, its, models
from helpers.checks.scripted import ScriptedModel
from helpers.problems import handbook_problems
from helpers.server import app
from tests.notebooks.reading import is_test, read

NAME = "04_best_of_n_judge"
SILENT = "The passages do not say."


def reader():
    """Answers: of each question's, in the order in which they are drawn, the second, fifth, ... are right; to
    every other question none is.
    """
    drawn = Counter()

    def answer(messages, i):
        text = messages[-1]["content"]
        for number, problem in enumerate(handbook_problems()):
            if problem.question in text:
                drawn[number] += 1
                right = number % 2 == 0 and drawn[number] % 3 == 2
                return problem.answer if right else f"{SILENT} ({drawn[number]})"
        return "Final: 20"  # a question that measures the speed

    return answer


def judged(messages, i):
    """A judge that knows the handbook: a class, the number of a candidate, or a score."""
    text = messages[-1]["content"]
    if "Expected answer: " in text:
        said = text.partition("\nAnswer: ")[2].partition("\n\n")[0]
        return f"Verdict: {'not in context' if said.startswith(SILENT) else 'pass'}"
    if "and best:" in text:
        shown = re.findall(r"^Answer (\d+):\n(.*)$", text, re.MULTILINE)
        best = next((number for number, said in shown if not said.startswith(SILENT)), 0)
        return f'{{"reasoning": "read", "best": {best}}}'
    return f'{{"reasoning": "read", "score": {0 if SILENT in text else 9}}}'


def run(cells, monkeypatch, model="reader", judge="judge"):
    """The variables after these cells with DOCUMENTS = "handbook" and two scripted models."""
    scripted = {model: ScriptedModel(reader(), model), judge: ScriptedModel(judged, judge)}
    assert its.EndpointModel is endpoint.EndpointModel  # imported before it is replaced for the notebook
    monkeypatch.setattr(endpoint, "EndpointModel", lambda name, *_, **__: scripted[name])
    server = SimpleNamespace(url="nowhere", models=[model, judge], stop=lambda: None)
    monkeypatch.setattr(models, "load_model", lambda name: scripted[name])
    monkeypatch.setattr(app, "serve", lambda opened: server)
    names = {"display": print}

    async def all_cells():
        for source in cells:
            if "JUDGE_MODEL, MODEL, ROOT" in source:
                source = source.replace('DOCUMENTS = "reports"', 'DOCUMENTS = "handbook"')
                exec(source, names)
                names.update(MODEL=model, JUDGE_MODEL=judge, ENDPOINT_BASE=None)
                continue
            code = compile(source, NAME, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
            if inspect.iscoroutine(waiting := eval(code, names)):
                await waiting

    asyncio.run(all_cells())
    return names


@pytest.fixture(scope="module")
def cells():
    """The code of the notebook with the reference solution; the tests of its exercises know the reports alone."""
    notebook = read(ROOT / "solutions" / NAME / f"{NAME}.ipynb")
    return [cell.source for cell in notebook.cells if cell.cell_type == "code" and not is_test(cell)]


@pytest.fixture(autouse=True)
def plain(monkeypatch):
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)


def test_every_cell_runs_and_the_exercises_see_right_and_wrong(cells, monkeypatch, capsys):
    names = run(cells, monkeypatch)
    shown = capsys.readouterr().out
    assert names["labels"] == names["with_more"] == ["cured", "knowledge failure"] * 5
    assert list(names["changes"]["change"]) == ["gain", "still wrong"] * 5
    assert names["chosen"] == 5 and names["passed"] == 0 and names["group_chosen"] == 5
    assert names["by_type"]["best of 5"] == ["right", "not in context"] * 5
    assert set(names["ways"]) == {"any is right", "judge", "the longest", "one at random"}
    assert names["few"]["judge"] == pytest.approx(0.5 * (1 - 70 / 495))  # 4 of 12 are right, 4 are drawn
    assert names["few"]["one at random"] == pytest.approx(0.5 * 4 / 12)
    assert len(names["trials"]) == 6 * 5
    assert "No vote: 105 of 120 texts differ" in shown
    assert not re.search(r"^✗ (?!score)", shown, re.MULTILINE)  # no check complains


def test_the_judge_is_measured_on_the_labels_before_the_questions_are_asked(cells, monkeypatch, capsys):
    until = next(i for i, source in enumerate(cells) if "handbook.trust(judging)" in source)
    run(cells[: until + 1], monkeypatch)
    shown = capsys.readouterr().out
    assert "judge, shown the expected answers, beside 40 answers labelled by hand" in shown
    assert "of four classes" in shown and "labels (" in shown


def test_the_models_of_the_course_are_refused_before_anything_is_asked(cells, monkeypatch):
    with pytest.raises(ValueError, match="course-lm cannot read the handbook"):
        run(cells, monkeypatch, model="prebuilt/models/course-lm")
