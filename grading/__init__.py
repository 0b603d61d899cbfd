"""The grader's side of the course: making the learners' notebooks and grading what comes back.

It wraps nbgrader, whose gradebook and notebook format it keeps. It knows nothing of models or lessons.
"""
