"""What the texts of 01 and 02 say of their figures holds on the models that come with the course.

Sentences that may turn out either way are written by the cells themselves, from what was measured. Here stand the
conditions of those that are fixed: each notebook is run once, and each condition is asked of its variables.
"""

import ast
import shutil
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from config import ROOT
from grading.kernels import LocalKernelManager

pytestmark = pytest.mark.slow

CLAIMS = {
    "01_cot_vs_baseline": {
        "reasoning spends more tokens where the problem is longer": (
            "chain.sort_values('steps')['tokens'].is_monotonic_increasing"
        ),
        "answering at once spends the same few tokens on everything": (
            "by_steps[by_steps['method'] == 'at once']['tokens'].max() < 8"
        ),
        "reasoning first buys accuracy": "gain.low > 0",
        "leaving out what was cut off flatters the model": "len(mistakes) > 0",
        "seconds need not grow like tokens": "waiting < ratio",
        "a number is never equal to a string": "readings['number against string'].mean == 0",
        "the model's slips leave something to win": "slow < 0.95",
    },
    "02_majority_vote": {
        "k = 2 buys next to nothing": (
            "all(abs(bootstrap(at_k[n, 2]).mean - bootstrap(at_k[n, 1]).mean) < 0.03 for n in data)"
        ),
        "at k = 1 the vote lies below the greedy line": (
            "all(bootstrap(at_k[n, 1]).mean < part['greedy'].mean() for n, part in table.groupby('data'))"
        ),
        "there is a rescued problem and a lost one": "len(rescued) == 1 and len(lost) == 1",
        "the rescued one leads strictly": "rescued[0].lead > 0",
        "drawn and counted elections agree": "abs(sum(drawn) / len(drawn) - sum(exact) / len(exact)) < 0.01",
        "coverage lies above the vote": (
            "all(sum(coverage((n, 1.0), 32)) > sum(maj((n, 1.0), 32)) for n in data)"
        ),
        "weights per token hardly matter": "abs(changes['weight: per token'].mean) < 0.03",
        "stopping a decided vote changes nothing": (
            "all(len(set(row['same outcome'].split(' of '))) == 1 and row['saved'] > 0 for row in early)"
        ),
        "many samples at a time cost less time than one after the other": "seconds[32] < 32 * seconds[1]",
    },
}


def broken(name: str, folder: Path) -> list[str]:
    """Runs the notebook in `folder`; its claims that do not hold."""
    shutil.copytree(ROOT / "solutions" / name, folder)
    notebook = nbformat.read(folder / f"{name}.ipynb", as_version=4)
    question = f"[claim for claim, code in {CLAIMS[name]!r}.items() if not eval(code)]"
    notebook.cells.append(nbformat.v4.new_code_cell(question))
    place = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, timeout=600, resources=place, kernel_manager_class=LocalKernelManager).execute()
    return ast.literal_eval(notebook.cells[-1].outputs[0]["data"]["text/plain"])


@pytest.mark.parametrize("name", CLAIMS)
def test_what_the_text_says_holds(name, tmp_path):
    assert broken(name, tmp_path / name) == []
