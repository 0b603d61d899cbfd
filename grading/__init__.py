"""The grader's side of the course: making the learners' notebooks and grading what comes back.

It wraps nbgrader, whose gradebook and notebook format it keeps. It knows nothing of models or lessons.

| what | where |
| --- | --- |
| the course and its notebooks | course, release, reference, slicing, pack, calibrate |
| a class: the command, Dask, the gradebook | __main__, run, merge, gradebook_cells |
| what goes back | report, items, handback, feedback |
| one submission | submissions, check, desk, worker, execute, control, client, integrity |
| the sandbox | sandbox, zygote, confine, processes, frames |
| inside of it: the learner's kernel, and the examiner that calls it | kernel, probe, decoy, examiner, peer, remote, wire, tables |

`run` hands a `pack` and submissions to Dask workers; each holds a `desk`, which forks a `worker`, which drives a
kernel and an examiner, each forked from a warm `zygote` in a sandbox; `run` merges what comes back.
"""
