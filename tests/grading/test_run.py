"""A class on Dask workers: the same call here and by a scheduler's address, resumed, regraded, complete."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
import tracemalloc
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from distributed import Client, LocalCluster

from grading.merge import Book
from grading.run import Course, WorkersGone, _done, grade_class, local_workers, prepare, workers
from grading.submissions import ATTENTION
from tests.grading.class_course import ASSIGNMENT, FULL, PLACE, notebook, points, submit, write_course

WRONG = {
    "double": "def double(x): return x",
    "solve": "def solve(q): return ''",
    "scaled": "def scaled(x): return x",
}


def partly_right(number: int):
    """A notebook whose exercises are right where `number` has a bit; and the points of its tests."""
    nb, expected = notebook(), dict(FULL)
    for place, (cell, wrong) in enumerate(WRONG.items()):
        if not number >> place & 1:
            nb.cells[PLACE[cell]].source = wrong
            expected[f"test-{cell}"] = 0.0
    return nb, expected


def one_submission(tmp_path: Path, pack) -> Course:
    """A course in which s0 has handed in the solution, and whose pack is remembered."""
    root = write_course(tmp_path)
    submit(root, "s0", notebook())
    course = Course.open(root)
    course.book.keep_pack(pack)
    return course


@pytest.fixture(scope="module")
def cluster():
    """A Dask cluster of one worker on this machine, known by its address alone."""
    with local_workers(1) as made:
        yield made


def test_a_class_by_scheduler_address_is_resumed_and_regraded_only_where_it_changed(cluster, tmp_path):
    root = write_course(tmp_path)
    for number in range(4):
        submit(root, f"s{number}", partly_right(number)[0])
    submit(root, "t9", b"{ not JSON")
    course = Course.open(root)
    with workers(scheduler=cluster.scheduler_address) as client:
        pack, notes = prepare(course, ASSIGNMENT, client)
        assert notes == []
        first, left = next(grade_class(course, pack, client, "s*"))  # and then the grader is gone
        assert left == 3 and points(first) == partly_right(int(first.student[1]))[1]
        rest = {result.student: result for result, _ in grade_class(course, pack, client)}
        assert set(rest) == {"s0", "s1", "s2", "s3", "t9"} - {first.student}
        for student, result in rest.items():
            assert student == "t9" or points(result) == partly_right(int(student[1]))[1]
        assert "not JSON" in rest["t9"].reason
        assert list(grade_class(course, pack, client)) == []
        submit(root, "s0", notebook())
        (regraded,) = grade_class(course, pack, client)
        assert (regraded[0].student, points(regraded[0])) == ("s0", FULL)
        known, nothing_new = prepare(course, ASSIGNMENT, client)  # remembered, not tried again
        assert known.to_bytes() == pack.to_bytes() and nothing_new == []


@pytest.mark.slow
def test_workers_die_at_any_moment_and_all_at_once(cluster, pack, tmp_path):
    root = write_course(tmp_path)
    for number in range(4):
        submit(root, f"s{number}", partly_right(number)[0])
    course, results = Course.open(root), {}
    course.book.keep_pack(pack)
    with workers(scheduler=cluster.scheduler_address) as client:
        kill_workers(cluster)  # when they are asked for their first submission
        for result, left in grade_class(course, pack, client):
            results[result.student] = result
            if left == 2:
                kill_workers(cluster)  # while it grades, and holds the only copy of the pack
    for number in range(4):
        assert points(results[f"s{number}"]) == partly_right(number)[1], results[f"s{number}"].reason


@pytest.mark.slow
def test_a_submission_whose_workers_kept_dying_is_graded_by_the_next_run(cluster, pack, tmp_path):
    course = one_submission(tmp_path, pack)
    with workers(scheduler=cluster.scheduler_address) as client:
        cluster.scheduler.allowed_failures, usual = 0, cluster.scheduler.allowed_failures
        threading.Thread(target=kill_when_busy, args=[cluster]).start()
        ((lost, _),) = grade_class(course, pack, client)
        cluster.scheduler.allowed_failures = usual
        assert lost.status == ATTENTION and "worker failed: KilledWorker" in lost.reason
        assert course.book.results(ASSIGNMENT)["s0"].unsettled
        ((found, _),) = grade_class(course, pack, client)
        assert points(found) == FULL


@pytest.mark.slow
def test_a_worker_that_its_nanny_gave_up_is_replaced(cluster, pack, tmp_path):
    course = one_submission(tmp_path, pack)
    with workers(scheduler=cluster.scheduler_address) as client:
        give_up_workers(cluster)
        ((result, _),) = grade_class(course, pack, client)
    assert points(result) == FULL


def test_a_run_whose_workers_stay_away_ends_with_a_sentence_and_keeps_the_rest(pack, tmp_path, monkeypatch):
    monkeypatch.setattr("grading.run.LOOK", 1)
    monkeypatch.setattr("grading.run.ABSENCE", 2)
    course = one_submission(tmp_path, pack)
    with (
        LocalCluster(
            n_workers=1, threads_per_worker=1, dashboard_address=":0", silence_logs=50, memory_limit=0
        ) as cluster,
        workers(scheduler=cluster.scheduler_address) as client,
    ):
        give_up_workers(cluster)
        with pytest.raises(WorkersGone, match="1 submissions wait"):
            next(grade_class(course, pack, client))
    assert "s0" not in course.book.results(ASSIGNMENT)


def test_waiting_for_a_large_class_takes_little_memory():
    with Client(processes=False, n_workers=1, threads_per_worker=1, dashboard_address=":0") as client:
        waiting = {client.submit(time.sleep, 0.003, pure=False): number for number in range(400)}
        tracemalloc.start()
        assert sorted(number for _, number in _done(client, waiting)) == list(range(400)) and not waiting
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 30 << 20


@pytest.mark.parametrize("student", ["ana [b] 1", "[a-z]", "s[0]", "a]b[c", "Жанна [李]", "two  blanks"])
def test_a_student_whose_id_looks_like_a_pattern_is_named_by_it(tmp_path, student):
    root = write_course(tmp_path)
    for each in (student, "b", "s0"):
        submit(root, each, notebook())
    course = Course.open(root)
    assert student in course.handed_in(ASSIGNMENT, student)
    assert course.handed_in(ASSIGNMENT) == sorted([student, "b", "s0"])
    course.book.close()


def test_an_address_without_a_scheduler_and_one_without_workers_get_a_sentence(monkeypatch):
    monkeypatch.setattr("grading.run.PATIENCE", 1)
    with pytest.raises(ValueError, match="no Dask scheduler answers"), workers(scheduler="tcp://127.0.0.1:9"):
        pass
    empty = LocalCluster(n_workers=0, dashboard_address=":0", silence_logs=50)
    with (
        empty,
        pytest.raises(ValueError, match="no worker has joined"),
        workers(scheduler=empty.scheduler_address),
    ):
        pass


def kill_workers(cluster: LocalCluster) -> None:
    """Kill -9 of every worker process; the nannies start others."""
    for nanny in cluster.workers.values():
        if nanny.pid:
            os.kill(nanny.pid, signal.SIGKILL)


def give_up_workers(cluster: LocalCluster) -> None:
    """Closes the nannies, as they do themselves when a restart fails."""
    for nanny in list(cluster.workers.values()):
        cluster.sync(nanny.close)


def kill_when_busy(cluster: LocalCluster) -> None:
    """Kills the workers once one of them grades."""
    while not any(
        "grade_on_worker" in task.key
        for each in cluster.scheduler.workers.values()
        for task in each.processing
    ):
        time.sleep(0.01)
    kill_workers(cluster)


def test_a_worker_with_other_code_is_refused(cluster, pack, tmp_path):
    from dataclasses import replace

    course = one_submission(tmp_path, pack)
    with workers(scheduler=cluster.scheduler_address) as client:
        ((result, _),) = grade_class(course, replace(pack, code="another"), client)
    assert result.status == "needs attention" and "another version" in result.reason


@pytest.mark.slow
def test_two_hundred_submissions_and_ten_kills(tmp_path):
    """Kill -9 at random points: every grade is there once, and right; nothing is left running."""
    root, dice = write_course(tmp_path), random.Random(7)
    count = int(os.environ.get("GRADING_CRASH_SUBMISSIONS", "200"))
    for number in range(count):
        submit(root, f"s{number:03}", partly_right(number % 8)[0])
    command = [
        sys.executable,
        "-c",
        f"from pathlib import Path; from grading.__main__ import main; main(['grade'], Path({str(root)!r}))",
    ]
    database = f"sqlite:///{root}/gradebook.db"
    for kill in range(10):
        grader = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=Path(__file__).parents[2]
        )
        family = wait_until(grader, root, dice, target=count * (kill + dice.random()) / 11)
        grader.kill()
        grader.wait()
        _, alive = psutil.wait_procs(family, timeout=60)
        assert not alive, [each.cmdline() for each in alive if each.is_running()]
    subprocess.run(command, check=True, cwd=Path(__file__).parents[2])
    book = Book(database)
    results = book.results(ASSIGNMENT)
    book.close()
    assert len(results) == count
    assert len(list(root.glob(f"feedback/*/{ASSIGNMENT}/{ASSIGNMENT}.html"))) == count
    for student, result in results.items():
        assert points(result) == partly_right(int(student[1:]) % 8)[1]
    from nbgrader.api import Gradebook

    with Gradebook(database) as gradebook:
        entries = gradebook.assignment_submissions(ASSIGNMENT)
        assert sorted(each.student_id for each in entries) == sorted(results)
        for each in entries:
            assert each.score == sum(partly_right(int(each.student_id[1:]) % 8)[1].values())
            assert len(each.notebooks) == 1 and len(each.notebooks[0].grades) == 5


def wait_until(
    grader: subprocess.Popen, root: Path, dice: random.Random, target: float
) -> list[psutil.Process]:
    """Waits until the grader has entered `target` grades and a moment more; returns the processes it has
    then.
    """
    graded = root / "autograded"
    while grader.poll() is None and len(list(graded.glob("*"))) < target:
        time.sleep(0.1)
    time.sleep(dice.random())
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(grader.pid).children(recursive=True)
    return []
