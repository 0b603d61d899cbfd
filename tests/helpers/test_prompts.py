"""What a prompt looks like, and what is no prompt."""

import pytest

from helpers import prompts
from helpers.prompts import (
    BOXED_FORMAT,
    FINAL_FORMAT,
    SYSTEM_BASELINE,
    SYSTEM_EXPRESSION,
    answer_format,
    make_prompt,
)


def test_a_prompt_is_a_system_and_a_user_turn():
    assert make_prompt("Be brief.", " What is 3 + 4?\n") == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "What is 3 + 4?"},
    ]


@pytest.mark.parametrize("system", ["", "  \n"])
def test_no_instruction_no_system_turn(system):
    assert make_prompt(system, "What is 3 + 4?") == [{"role": "user", "content": "What is 3 + 4?"}]


@pytest.mark.parametrize(
    ("system", "question"), [("Be brief.", 7), (None, "What is 3 + 4?"), ("", {"q": "3 + 4"})]
)
def test_what_is_not_text_is_explained(system, question):
    with pytest.raises(TypeError, match=r"needs text as (system|question), not"):
        make_prompt(system, question)


def test_no_prompt_of_the_module_is_the_solution_of_an_exercise():
    given = {name: text for name, text in vars(prompts).items() if name.isupper()}
    assert set(given) == {"SYSTEM_BASELINE", "SYSTEM_EXPRESSION", "FINAL_FORMAT", "BOXED_FORMAT"}
    assert not any("step" in text.lower() or "think" in text.lower() for text in given.values())
    assert "integer" in SYSTEM_BASELINE and "expression" in SYSTEM_EXPRESSION and "Final:" in FINAL_FORMAT


def test_a_competition_problem_is_answered_in_a_box():
    assert answer_format("math") == BOXED_FORMAT and r"\boxed{}" in BOXED_FORMAT
    assert {answer_format(kind) for kind in ("seed", "word", "multiplication", "context")} == {FINAL_FORMAT}
