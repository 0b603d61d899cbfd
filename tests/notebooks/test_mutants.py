"""The hidden tests notice every small fault in the reference solutions; what they let pass does what the text asks."""

import nbformat
import pytest

from tests.grading.small_course import small_notebook
from tests.notebooks.mutants import mutants, survivors
from tests.notebooks.reading import SOLUTIONS

PATHS = [path for path in SOLUTIONS if path.stem[:2] in ("01", "02", "03", "04", "05", "06")]
ROOM = "sample's own max_tokens is MAX_TOKENS"
WARM = "sample's own temperature is 1"
EQUAL = "as many runs as problems, as many scores as candidates"
SHIFT = "the same for each answer"
# What survives and may, since it does what the text asks: by exercise, the statement as it was changed, and why.
EQUIVALENT = {
    "ex1_run_baseline": {"samples = model.sample(prompts, temperature=0.0)": ROOM},
    "ex4_run_cot": {"samples = model.sample(prompts, temperature=0.0)": ROOM},
    "ex5_evaluate": {
        "interval = wilson(right, len(runs))": EQUAL,
        "tokens = sum((run['tokens'] for run in runs)) / len(problems)": EQUAL,
        "return {'accuracy': interval.mean, 'low': interval.low, 'high': interval.high, 'n': len(runs), "
        "'tokens': tokens, 'unparsed': unparsed}": EQUAL,
    },
    "ex1_draw": {"return model.sample(prompts, n, temperature=temperature)": ROOM},
    "ex5_weighted_vote": {
        "total[answer] = total.get(answer, 1) + weight": SHIFT,
        "total[answer] = total.get(answer, -1) + weight": SHIFT,
    },
    "ex6_decided": {"rivals = {*answers, ''} - {None}": "nobody answers with an empty text, so it is new"},
    "ex2_expression_vote": {
        "for samples in model.sample(prompts, k, temperature=TEMPERATURE):": ROOM,
    },
    "ex3_expand": {"drawn = model.sample(conversations, k, max_tokens=MAX_LINE, stop=['\\n'])": WARM},
    "ex6_tree_search": {"continue": "nothing is unfinished later either"},
    "ex2_best_of_n": {"return candidates[max(range(len(scores)), key=lambda i: scores[i])]": EQUAL},
    "ex3_weighted_vote": {
        "total[answer] = total.get(answer, 1) + sigmoid(score)": SHIFT,
        "total[answer] = total.get(answer, -1) + sigmoid(score)": SHIFT,
    },
    "ex7_best_by_both": {
        f"return candidates[max(range(len({names})), key=lambda i: logprobs[i] + log_sigmoid(scores[i]))]": EQUAL
        for names in ("logprobs", "scores")
    },
    "ex2_self_correct": {
        "for run, [reply] in zip(runs, model.sample(requests, temperature=0.0), strict=True):": ROOM
    },
    "ex4_keep_unless_better": {
        f"old, new = (scores[:len({first})], scores[len({second}):])": EQUAL
        for first, second in (
            ("before", "questions"),
            ("after", "questions"),
            ("questions", "before"),
            ("questions", "after"),
        )
    },
    "ex5_think_on": {"drawn = model.sample(conversations, temperature=0.0)": ROOM},
    "ex5_simulate": {"correct = rng.random() <= p": "equal once in 2 ** 53 draws"},
}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_every_mutant_is_noticed_or_does_what_the_text_asks(path):
    outcomes = [(name, mutant.what, outcome) for name, mutant, outcome in survivors(path)]
    assert len(outcomes) > 50
    survived = [(name, what.partition(" → ")[2]) for name, what, outcome in outcomes if outcome == "survived"]
    assert [each for each in survived if each[1] not in EQUIVALENT.get(each[0], {})] == []


SOURCE = """def over(xs, limit):
    \"\"\"The first above the limit.\"\"\"
    ### BEGIN SOLUTION
    for x in xs:
        if x > limit and x:
            return max(x, 3)
    return None
    ### END SOLUTION"""


def test_one_change_each_and_none_outside_of_the_solution():
    found = [mutant.what.partition(" → ")[2] for mutant in mutants(SOURCE)]
    assert len(found) == 17 and len({mutant.code for mutant in mutants(SOURCE)}) == 17
    for changed in (
        "if x >= limit and x:",
        "if x > limit or x:",
        "if True:",
        "return max(limit, 3)",
        "return max(x, 4)",
        "return max(x)",
        "return None",
        "pass",
    ):
        assert changed in found, found
    assert all(mutant.code.startswith("def over(xs, limit):") for mutant in mutants(SOURCE))


def test_what_a_weak_test_lets_pass_is_named(tmp_path):
    notebook = small_notebook()
    notebook.cells[
        1
    ].source = "def double(x):\n    ### BEGIN SOLUTION\n    return x > 3\n    ### END SOLUTION"
    notebook.cells[2].source = "assert double(5) and not double(1)"
    del notebook.cells[3:]
    path = tmp_path / "weak.ipynb"
    nbformat.write(notebook, path)
    found = {(name, mutant.what.partition(" → ")[2]): outcome for name, mutant, outcome in survivors(path)}
    survived = {what for (_, what), outcome in found.items() if outcome == "survived"}
    assert survived == {"return x >= 3", "return x > 4", "return x > 2"}
    assert found["double", "return None"] == "noticed" and found["double", "return x <= 3"] == "noticed"
