"""The endpoint's table: every request is answered and counted."""

import asyncio

from bench import server
from bench.random_model import byte_tokenizer, course_config, random_model
from helpers.engine.local import LocalModel
from helpers.server.app import serve


def test_a_round_counts_requests_waits_and_tokens():
    model = LocalModel(random_model(course_config(259)), byte_tokenizer(), "random")
    with serve(model) as running:
        url = f"{running.url}/chat/completions"
        done = asyncio.run(server.measure(url, server.chat("random", 4), in_flight=3, requests=7))
    assert len(done.waits) == 7 and 7 <= done.tokens <= 7 * 4
    assert max(done.waits) <= done.seconds <= sum(done.waits)
    cells = done.cells("ours")
    assert len(cells) == len(server.HEAD) and cells[:2] == ["ours", "3"]
    assert float(cells[4]) <= float(cells[5])
