"""Every way ends in the right answer, by true sums, and there are several of them."""

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.data.documents import report_question
from training.data.sql import table_question
from training.data.tasks import EQUATION, multiplication
from training.data.ways import Change, ledger_ways, product_ways, round_part
from training.data.word_problems import word_problem
from training.data.worked import compute, large_sizes, mixed_sizes, small_sizes
from training.judge.documents import judge_question


def holds(line):
    found = EQUATION.fullmatch(line)
    return not found or compute(int(found[2]), found[3], int(found[4])) == int(found[5])


def problems(n):
    rng = random.Random(0)
    for i in range(n):
        sizes = (small_sizes, mixed_sizes, large_sizes)[i % 3]
        yield word_problem(1 + i % 8, rng, sizes)
        yield multiplication(rng.randint(2, 999), rng.randint(2, 99))
        yield report_question(rng)
        yield judge_question(rng)


def test_every_way_ends_in_the_answer_by_true_sums():
    for worked in problems(400):
        for way, lines in worked.ways.items():
            assert all(map(holds, lines)), (way, lines)
            assert lines[-1].rsplit(" ", 1)[1] == str(worked.answer), (worked, way)
        assert len(set(worked.ways.values())) == len(worked.ways)


def test_most_problems_can_be_worked_out_in_several_ways():
    rng = random.Random(1)
    ways = [len(word_problem(steps, rng, large_sizes).ways) for steps in range(3, 9) for _ in range(50)]
    assert sum(n >= 3 for n in ways) / len(ways) > 0.8
    names = Counter(way for worked in problems(300) for way in worked.ways)
    assert len(names) >= 12


@given(
    st.integers(0, 500),
    st.lists(st.tuples(st.sampled_from("+-"), st.integers(1, 300)), min_size=1, max_size=6),
)
def test_no_way_passes_below_zero_and_all_agree(start, drawn):
    value, changes = start, []
    for op, n in drawn:
        if op == "-" and n > value:
            op = "+"
        changes.append(Change(f"Step {n}", op, n))
        value = compute(value, op, n)
    for _, lines in ledger_ways(start, changes):
        assert all(map(holds, lines))
        assert lines[-1].endswith(f"= {value}")
        assert all(int(EQUATION.fullmatch(line)[5]) >= 0 for line in lines if EQUATION.fullmatch(line))


@given(st.integers(2, 9999), st.integers(2, 99))
def test_every_way_of_a_product_is_its_product(a, b):
    for lines in product_ways(a, b).values():
        assert all(map(holds, lines))
        assert lines[-1].endswith(f"= {a * b}")


@pytest.mark.parametrize(("n", "big"), [(347, 300), (90, 90), (5, 5), (1024, 1000)])
def test_the_round_part_has_one_digit_that_counts(n, big):
    assert round_part(n) == big


def test_all_queries_of_a_question_give_the_same_answer():
    rng, shapes = random.Random(0), set()
    for _ in range(300):
        asked = table_question(rng)
        base = asked.database()
        assert {str(base.execute(query).fetchone()[0]) for query in asked.queries} == {asked.answer}
        base.close()
        shapes.add(asked.queries[0].split("(")[0])
        assert len(asked.queries) >= 2 and all(asked.table in query for query in asked.queries)
    assert len(shapes) > 5
