"""The grader's side of the course: making the learners' notebooks and grading what comes back.

It wraps nbgrader, whose gradebook and notebook format it keeps.

| what | where |
| --- | --- |
| the course and its notebooks | course, release, reference, slicing, pack, calibrate |
| nbgrader's own way, one after another | kernels |
| a class: the command, Dask, the gradebook | __main__, run, merge, gradebook_cells |
| what goes back | report, items, feedback, leaderboard |
| one submission | submissions, check, review, timestamps, grading_process, grade, skip, execution |
| the sandbox | sandbox, fork_server, confine, processes, messages |
| inside: the learner's process, the tests' | learner_process, test_process, rpc, remote, values, tables |

`run` hands a `pack` and submissions to Dask workers; each holds a `grading_process`, which runs a
`learner_process` and `test_process`es, each forked from a warm `fork_server` in a sandbox; `run` merges what
comes back.
"""

import sys

# nbformat loads jsonschema, which would compile 39 grammars for a kind of address that no notebook holds:
# more than half of the seconds in which a grader starts.
sys.modules.setdefault("rfc3987_syntax", None)
