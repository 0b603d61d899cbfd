"""The process that compares: its time limit, from threads, and after it was killed."""

import threading

import pytest

from helpers.answers.process import Algebra

HANGS = ["9^{9^9}", r"\sum_{k=1}^{10^{12}} \frac{\sin k}{k^2 + 7}"]


@pytest.mark.parametrize("latex", HANGS)
def test_a_computation_without_end_is_cut_off_and_the_next_answer_is_right(latex):
    verifier = Algebra(seconds=1.5)
    assert not verifier.same(latex, "2^{3}")
    assert verifier.same("2^{3}", "8")
    verifier.close()


def test_the_limit_holds_in_threads():
    verifier = Algebra(seconds=1.5)
    verdicts = {}

    def ask(a, b):
        verdicts[a] = verifier.same(a, b)

    threads = [
        threading.Thread(target=ask, args=pair) for pair in [("9^{9^9}", "1"), ("x+1", "1+x"), ("2^{3}", "9")]
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert verdicts == {"9^{9^9}": False, "x+1": True, "2^{3}": False}
    verifier.close()


def test_a_process_that_was_killed_is_replaced():
    verifier = Algebra()
    assert verifier.same("x+1", "1+x")
    verifier._process.kill()
    verifier._process.wait()
    assert verifier.same("x+2", "2+x")
    verifier.close()
