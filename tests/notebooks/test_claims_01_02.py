"""What the texts of 01 and 02 say of their figures holds on the models that come with the course.

Sentences that may turn out either way are written by the cells themselves, from what was measured. Here stand the
conditions of those that are fixed: each notebook is run once, and each condition is asked of its variables.
"""

import shutil

import pytest

from config import ROOT
from tests.notebooks.reading import read
from tests.notebooks.whole import untrue

pytestmark = pytest.mark.slow

CLAIMS = {
    "01_cot_vs_baseline": {
        "reasoning spends more tokens where the problem is longer": (
            "chain.sort_values('steps')['tokens'].is_monotonic_increasing"
        ),
        "answering at once spends the same few tokens on everything": (
            "by_steps[by_steps['method'] == 'at once']['tokens'].max() < 8"
        ),
        "reasoning first buys accuracy, with small numbers and with large ones": (
            "gain.low > 0 and all(part('step by step', s)['low'] > part('at once', s)['high'] for s in sets)"
        ),
        "one calculation with small numbers is hard at once and easy step by step": (
            "part('at once', SMALL, [1])['accuracy'] < 0.5 < 0.8 < part('step by step', SMALL, [1])['accuracy']"
        ),
        "a further calculation and larger numbers are further chances for a slip": (
            "part('step by step', SMALL)['accuracy'] > part('step by step', LARGE, [1, 2, 3])['accuracy']"
            " > part('step by step', LARGE, [5, 6, 7])['accuracy']"
        ),
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
        "the rescued one leads strictly although most samples are wrong": (
            "rescued[0].lead >= N / 8 and table.loc[rescued[0].Index, 'one sample'] < 0.5"
        ),
        "many samples of the lost one make the same mistake": "lost[0].answers.count(lost[0].vote) > N / 3",
        "the samples do not go the same way": (
            "all(len({*sum((sums(s)[:1] for s in pools[r.data, TEMPERATURE][data[r.data].index(r.problem)]), [])}) > 1"
            " for r in rescued)"
        ),
        "a vote buys something": (
            "paired_difference([v for n in data for v in at_k[n, 32]], table['greedy']).low > 0"
            " and paired_difference(at_k['word problems', 8], table[table['data'] == 'word problems']['greedy']).low > 0"
        ),
        "at T = 0.7 the first sample is better and the samples are more alike": (
            "all(sum(maj((n, 0.7), 1)) > sum(maj((n, 1.0), 1)) for n in data)"
            " and all(sum(len({*r}) for r in answers[n, 0.7]) < sum(len({*r}) for r in answers[n, 1.0]) for n in data)"
        ),
        "most voters of the lost one share a false sum": "count > len(voters) / 2",
        "what one right answer costs rises with the votes": (
            "bought['tokens for one right answer'].is_monotonic_increasing"
        ),
        "drawn and counted elections agree": "abs(sum(drawn) / len(drawn) - sum(exact) / len(exact)) < 0.01",
        "coverage lies above the vote": (
            "all(sum(coverage((n, 0.7), 32)) > sum(maj((n, 0.7), 32)) for n in data)"
        ),
        "weights per token decide close elections, not the others": "0 < changes['weight: per token'].mean < 0.06",
        "the whole probability comes close to the most probable sample alone": (
            "abs(changes['weight: whole probability'].mean - changes['most probable sample alone'].mean) < 0.03"
        ),
        "stopping a decided vote changes nothing": (
            "all(len(set(row['same outcome'].split(' of '))) == 1 and row['saved'] > 0 for row in early)"
        ),
        "many samples at a time cost less time than one after the other": (
            "bought['seconds']['vote of 32'] < 32 * bought['seconds']['one sample']"
        ),
    },
}


@pytest.mark.parametrize("name", CLAIMS)
def test_what_the_text_says_holds(name, tmp_path):
    path = shutil.copytree(ROOT / "solutions" / name, tmp_path / name) / f"{name}.ipynb"
    assert untrue(read(path), CLAIMS[name], path.parent, seconds=600) == []
