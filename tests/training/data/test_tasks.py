import random
import re
from collections import Counter, defaultdict

import pytest

from helpers.problems import context_problems, held_out, pair_held_out, seed_problems, word_problems
from training.data.tasks import (
    MIXTURE,
    MIXTURE_LATER,
    NAMED_WAYS,
    conversation,
    multiplication,
    puzzle,
    slip,
    sql_conversation,
)
from training.data.word_problems import word_problem


@pytest.fixture(scope="module")
def conversations():
    rng = random.Random(0)
    return [conversation(rng) for _ in range(8000)]


def test_a_conversation_ends_with_the_assistant_and_holds_no_empty_turn(conversations):
    for c in conversations:
        assert [m["role"] for m in c.messages][-1] == "assistant"
        assert all(m["content"].strip() for m in c.messages)
        assert c.given < len(c.messages[-1]["content"])


def test_no_test_problem_is_in_the_training_data(conversations):
    tests = defaultdict(set)
    for problem in word_problems(range(1, 9), 200) + context_problems(200) + seed_problems():
        tests[problem.question[:20]].add(problem.question)
    for c in conversations:
        text = "\n".join(m["content"] for m in c.messages)
        assert not any(q in text for start, same in tests.items() if start in text for q in same)


def test_held_out_multiplications_are_never_asked(conversations):
    asked = 0
    for c in conversations:
        user = next(m["content"] for m in c.messages if m["role"] == "user")
        if "Compute.\n" in user:
            continue  # drills are sums of numbers, not questions
        for a, b in re.findall(
            r"(?:What is|Compute|Calculate|How much is|Multiply) (\d+) (?:x|\*|times|by) (\d+)", user
        ):
            asked += 1
            assert not pair_held_out(int(a), int(b))
    assert asked > 100


def test_about_a_tenth_is_held_out():
    rng = random.Random(0)
    share = sum(held_out(word_problem(3, rng).question) for _ in range(3000)) / 3000
    assert 0.07 < share < 0.13


def test_multiplication_writes_partial_products():
    assert multiplication(347, 26).lines == ("347 * 20 = 6940", "347 * 6 = 2082", "6940 + 2082 = 9022")
    assert multiplication(7, 48).lines == ("40 * 7 = 280", "8 * 7 = 56", "280 + 56 = 336")
    assert multiplication(8, 9).answer == 72
    assert multiplication(350, 20).lines == ("350 * 20 = 7000",)


def test_a_slip_changes_one_result_and_carries_it_on():
    rng = random.Random(0)
    wrong = 0
    for _ in range(300):
        worked = word_problem(4, rng)
        lines = worked.ways[rng.choice(tuple(worked.ways))]
        text = slip(lines, rng).splitlines()
        assert len(text) == len(lines) + 1 and text[-1].startswith("Final: ")
        assert text[-2].endswith(" " + text[-1].removeprefix("Final: "))
        wrong += text[-1] != f"Final: {worked.answer}"
    assert wrong > 200


def test_a_prompt_may_ask_for_a_way_and_the_solution_follows_it(conversations):
    asked = Counter()
    for c in conversations:
        for way, wordings in NAMED_WAYS.items():
            if any(wording in m["content"] for m in c.messages[:-1] for wording in wordings):
                asked[way] += 1
                if way == "listed first":
                    assert c.messages[-1]["content"].startswith("Given: ")
    assert sum(asked.values()) > 100 and len(asked) > 8


def test_a_query_answers_its_question_and_no_held_out_table_is_asked():
    rng = random.Random(0)
    for _ in range(200):
        c = sql_conversation(rng)
        assert c.messages[-1]["content"].startswith("SELECT ")


def test_a_puzzle_solution_uses_each_number_once_and_hits_the_target():
    rng = random.Random(0)
    for _ in range(200):
        question, solution = puzzle(4, rng)
        *lines, final = solution.splitlines()
        target = final.removeprefix("Final: ")
        assert target in re.findall(r"\d+", question)
        numbers = sorted(re.findall(r"\d+", question), key=int)
        numbers.remove(target)
        for line in lines:
            a, _, b, left = re.fullmatch(r"(\d+) ([-+*/]) (\d+) = \d+ \(left: ([\d ]+)\)", line).groups()
            numbers.remove(a)
            numbers.remove(b)
            numbers = sorted([*numbers, re.search(r"= (\d+)", line).group(1)], key=int)
            assert numbers == left.split(" ")
        assert numbers == [target]


def test_every_kind_of_the_mixture_occurs(conversations):
    texts = ["\n".join(m["content"] for m in c.messages) for c in conversations[:2000]]
    signs = ("Compute.\n", "Final: ", "(left: ", "Wait, check again", "Context:", "SELECT ")
    assert all(any(sign in text for text in texts) for sign in signs)
    assert sum(MIXTURE.values()) == sum(MIXTURE_LATER.values()) == 100
