"""Questions on small tables: held out, and answerable."""

import pytest

from helpers.problems import held_out, table_questions


def test_the_same_seed_gives_the_same_questions():
    assert table_questions(5, seed=1) == table_questions(5, seed=1) != table_questions(5, seed=2)


def test_every_question_is_held_out_and_its_table_stands_in_it():
    for asked in table_questions(200):
        assert held_out(asked.question)
        assert all(str(row[0]) in asked.question for row in asked.rows)


def test_each_database_is_new():
    [asked] = table_questions(1)
    first = asked.database()
    first.execute(f"DELETE FROM {asked.table}")
    rows = asked.database().execute(f"SELECT * FROM {asked.table}").fetchall()
    assert rows == list(asked.rows)


def test_more_than_there_are():
    with pytest.raises(ValueError, match="ask for fewer"):
        table_questions(10_000)
