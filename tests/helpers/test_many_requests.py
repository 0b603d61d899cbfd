"""Many requests through an endpoint with faults, into a pool, with a failure half-way: nothing is lost,
nothing is asked for again, nothing is there twice.
"""

import threading
import zlib

import pytest
from pyarrow.parquet import ParquetFile

from helpers.endpoint import EndpointError, EndpointModel, Usage, UsageCounter
from helpers.pools import Pool
from tests.helpers.faulty import FaultyEndpoint, completion, cut, error, reply


class Moody:
    """Answers most requests; 6 % meet a fault.

    After `patience` answers it refuses the key until `forgiven`.
    """

    def __init__(self, patience: int):
        self.patience, self.forgiven = patience, False
        self.lock, self.answered, self.faults = threading.Lock(), {}, 0

    def __call__(self, handler):
        said = handler.body["messages"][-1]["content"]
        with self.lock:
            tries = self.answered.setdefault(said, [0, 0])
            tries[0] += 1
            fault = zlib.crc32(f"{said} {tries[0]}".encode()) % 100
            refused = not self.forgiven and sum(had for _, had in self.answered.values()) >= self.patience
            healthy = fault >= 6 and not refused
            tries[1] += healthy
            self.faults += not healthy and not refused
        if refused:
            error(401)(handler)
        elif healthy:
            reply(completion(f"{said}!"))(handler)
        else:
            [
                error(500),
                error(503, Retry_After="0"),
                error(429, Retry_After="0"),
                error(502),
                cut,
                reply("{oops"),
            ][fault](handler)


def everything_arrives_once(count: int, folder) -> None:
    prompts = [[{"role": "user", "content": f"question {i}"}] for i in range(count)]
    pool, moody = Pool(folder), Moody(patience=count * 2 // 5)
    with FaultyEndpoint(default=moody) as server:
        model = EndpointModel("m", server.url, "sk-of-the-test", in_flight=16, pause=0.001, tries=8)
        with pytest.raises(EndpointError, match="refuses the API key"):
            pool.sample(model, prompts, live=True)
        kept = sum(ParquetFile(part).metadata.num_rows for part in folder.rglob("part-*.parquet"))
        assert kept == moody.patience == model.usage.requests  # what was answered is on disk
        moody.forgiven = True
        found = pool.sample(model, prompts, live=True)
    assert [[sample.text for sample in samples] for samples in found] == [
        [f"question {i}!"] for i in range(count)
    ]
    assert all(had == 1 for _, had in moody.answered.values()) and len(moody.answered) == count
    rows = [row for part in folder.rglob("part-*.parquet") for row in ParquetFile(part).read().to_pylist()]
    assert len(rows) == len({(row["prompt"], row["index"]) for row in rows}) == count
    usage = model.usage
    assert (usage.requests, usage.prompt_tokens, usage.output_tokens) == (count, 7 * count, 3 * count)
    assert (
        moody.faults - 16 <= usage.repeats <= moody.faults
    )  # tries that the failure interrupted are not repeated
    assert moody.faults > count // 50


def test_three_hundred_requests_with_faults_and_a_failure_arrive_once(tmp_path):
    everything_arrives_once(300, tmp_path)


@pytest.mark.slow
def test_ten_thousand_requests_with_faults_and_a_failure_arrive_once(tmp_path):
    everything_arrives_once(10_000, tmp_path)


def test_the_meter_adds_up_and_tells_what_was_not_counted():
    meter = UsageCounter()
    meter.answered(completion("a", "b"))
    before = meter.usage
    meter.answered(completion("a", usage=False))
    meter.repeated()
    assert meter.usage - before == Usage(requests=1, repeats=1, uncounted=1)
    assert before.cost(prompt=1.0, output=2.0) == pytest.approx((7 + 12) / 1e6)
    assert str(before) == "1 requests (0 repeated), 7 prompt tokens, 6 output tokens"
    assert str(meter.usage).endswith("; 1 answers came without a count")
