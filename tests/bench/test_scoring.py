"""The bench of scoring: every way reads every answer, and its table is whole."""

from bench import scoring
from tests.helpers.tiny import tiny


def test_rows_are_read_in_passes_of_so_many():
    read = []

    def model(input_ids, attention_mask, use_cache):
        read.append((tuple(input_ids.shape), int(attention_mask.sum())))
        return tiny().model(input_ids=input_ids, attention_mask=attention_mask, use_cache=use_cache)

    assert scoring.padded(model, [[5, 6, 7], [8], [9, 10]], size=2) == 3
    assert read == [((2, 3), 4), ((1, 2), 2)]


def test_the_table_has_a_rate_for_every_way(monkeypatch):
    monkeypatch.setattr(scoring, "QUESTIONS", 1)
    monkeypatch.setattr(scoring, "ANSWERS", 2)
    found = scoring.rows(rounds=1)
    assert [len(cells) for cells in found] == [len(scoring.HEAD)] * 2
    assert all(float(rate.replace(",", "")) > 0 for cells in found for rate in cells[1:])
