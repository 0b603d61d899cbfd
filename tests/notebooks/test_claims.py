"""What the texts of a notebook say about its figures is true on the models that ship: the notebook runs, and conditions
are read in its kernel. A sentence that goes away takes its condition with it."""

import pytest

from config import ROOT
from tests.notebooks.reading import read
from tests.notebooks.whole import untrue

CLAIMS = {
    "03_tree_of_thought": [
        ("one line is cheap", "fmean(budget) / K < fmean(length)"),
        ("The difference is who does the sums", "paired_difference(by_expressions, by_vote).low > 0"),
        (
            "it tells you **how far to trust it**",
            "fmean(marks[i] for i in groups['all agree']) > fmean(marks[i] for i in groups['half or fewer'])",
        ),
        (
            "It costs no tokens",
            "all(paired_difference(checked[8], rival).low > 0 for rival in (plain[8], greedy))",
        ),
        ("Where a good step is grey", "any(won) and not all(won)"),
        ("roll-outs cost a lot", "fmean(tokens['by roll-outs']) > fmean(tokens['by probability'])"),
        ("Compare its tree with one greedy chain", "paired_difference(calculated, greedy).low > 0"),
        ("The calculator** knows something that the model does not", "sum(calculated) > sum(probable)"),
        (
            "a chain whose sums all hold is mostly right",
            "fmean(answers_match(a, p.answer) for row, p in zip(held, problems) for a in row if a is not None) > 0.6",
        ),
        ("so many checked chains are hard to beat", "fmean(checked[N]) > max(map(fmean, right.values()))"),
        ("A claim costs a model nothing", "fmean(claims) > fmean(map(fmean, solved))"),
        ("Where the tree lies above the checked chains", "paired_difference(hits, chains_hit).low > 0"),
    ],
    "04_best_of_n_judge": [
        (
            "until right *and* wrong candidates come",
            "len({is_right(shown, r) for r in result.responses}) == 2",
        ),
        ("in exchange for being right more often", "chosen >= passed + 2 and gain.low > 0"),
        ("Only mixed rows test the judge", "mixed >= 3"),
        ("There the judge says: none of these is right", "1 <= len(refused) <= 3"),
        ("worth more than a confident mistake", "sure >= 0.85 * len(believed) and len(believed) >= 6"),
        ("Which type of failure went away?", "len(set(by_type['one answer'])) >= 3"),
        ("**cured**: leave the weights alone", "'cured' in labels"),
        ("**judge failure**: the knowledge is there", "'judge failure' in labels + with_more"),
        ("**knowledge failure**: with a good document at hand", "'knowledge failure' in labels"),
        ("All lines use the same candidates", "all(last[w] <= last['any is right'] for w in CHOOSERS)"),
        (
            "only someone who *checks* can find it",
            "fmean(reached['judge', 4]) > fmean(reached['vote', 4])"
            " and paired_difference(reached['judge', M], at_random).low > 0",
        ),
        (
            "A vote of two is a vote of one",
            "abs(fmean(reached['vote', 2]) - fmean(reached['vote', 1])) < 0.03",
        ),
        (
            "how many wrong ones it lets pass",
            "fmean(p for ok, _, p in pairs if not ok) > 0.1 + fmean(s >= 5 for ok, s, _ in pairs if not ok)",
        ),
        (
            "a judge that looks at the final answer misses",
            "any(ok and s >= 5 and not p for ok, s, p in pairs)",
        ),
        ("looks at nothing that matters", "last['the longest'] < min(last[w] for w in CHOOSERS)"),
        ("no right candidate among many", "'knowledge failure' in with_more"),
        ("Labels can also get worse", "labels != with_more"),
        (
            "This is the measurement that answers it",
            "everything['point-wise - majority'][1] > 0"
            " and everything['point-wise judge'][0] > max(everything[w][0] for w in NAMED[:3])",
        ),
        (
            "a good judge passes most right candidates",
            "report['scored 5 or more']['right candidates'][0] > 0.75",
        ),
        ("and few wrong ones", "report['scored 5 or more']['wrong candidates'][0] < 0.15"),
        ("see whether it gets to a verdict at all", "silent > calls / 2 and own_chosen < chosen"),
        ("`course-judge` needs fewer", "price['judge'][2] / price['judge'][0] < 128"),
        (
            "On the 300 questions of part E `course-judge` was the weaker one when it compared",
            "everything['group-wise judge'][0] < everything['point-wise judge'][0]"
            " and report['unreadable']['group-wise'][0] > report['unreadable']['point-wise'][0]",
        ),
        ("Only questions with one right and two different wrong", "len(trials) >= 6"),
        ("The line under the picture says it by numbers", "worth == 'yes' and fmean(judged) > fmean(once)"),
        (
            "compare the judge's five with the vote of twelve",
            "tokens(*price.values()) < tokens(price_of_pool['generator']) and fmean(judged) > last['vote']",
        ),
        ("the judge at k = 4 with the vote at k = 12", "few['judge'] >= last['vote']"),
    ],
    "05_best_of_n_reward_model": [
        ("it lies **below** the greedy line", "fmean(both('oracle', 1)) < fmean(chain)"),
        ("a vote buys next to nothing", "abs(fmean(both('majority vote', 2)) - fmean(both('majority vote', 1))) < 0.02"),
        ("A score can already choose between two", "paired_difference(both('best of N', 2), both('majority vote', 2)).low > 0"),
        ("one that is loved by mistake has a weight of at most 1", "fmean(both('weighted vote', 32)) > max(fmean(both(way, 32)) for way in ('best of N', 'majority vote'))"),
        ("says how probable it finds it. Nobody trained it to judge", "paired_difference(best_of(ALONE), chain).low > 0 and fmean(best_of(ALONE)) > fmean(voted)"),
        ("choice of 32 is right less often than its choice of 8", "fmean(best_of('Dr. SoW', 32)) < fmean(best_of('Dr. SoW', 8)) and all(in_order(right[d], by['Dr. SoW'][d]).mean > 0.75 for d in data)"),
        ("and it costs no model", "paired_difference(both('vote, sums checked', 32), both('majority vote', 32)).low > 0"),
        ("answers for each method, with its interval", "all(paired_difference(both(m, 32), chain).low > 0 for m in methods if m != 'best of N')"),
        ("best of N **is** the oracle", "all(abs(reached['skill 4', 'best of N', k] - reached['skill 4', 'oracle', k]) < 0.02 for k in ks)"),
        ("The vote is lost, whatever the scorer", "reached['skill 4', 'majority vote', 32] < reached['skill 4', 'majority vote', 1]"),
        ("Best of N rises, if more slowly", "[reached[[*SCORERS][1], 'best of N', k] for k in ks] == sorted(reached[[*SCORERS][1], 'best of N', k] for k in ks)"),
        ("how far the real scorer of the same pair accuracy stays behind", "reached[[*SCORERS][1], 'best of N', 32] > end['best of N']"),
        ("so with few samples there is often none and the score helps", "reached[[*SCORERS][2], 'best of N', 4] > reached[[*SCORERS][2], 'best of N', 1]"),
        ("with many there always is one, and best of N takes it", "reached[[*SCORERS][2], 'best of N', 32] < reached[[*SCORERS][2], 'best of N', 1]"),
        ("The weighted vote is hurt less", "reached[[*SCORERS][2], 'weighted vote', 32] > reached[[*SCORERS][2], 'best of N', 32]"),
        ("In the simulation best of N also beats the weighted vote", "reached[middle, 'best of N', 32] > reached[middle, 'weighted vote', 32] and fmean(both('best of N', 32)) < fmean(both('weighted vote', 32))"),
        ("the right answer often is the most frequent one", "fmean(both('majority vote', 32)) > 0.5 > reached[middle, 'majority vote', 32]"),
        ("on word problems more than half of its pairs are in order", "in_order(right[first], by['length'][first]).low > 0.5"),
        ("the longest of 32 is right less often than the longest of 8", "fmean(chosen[first, 'length', 32]) < fmean(chosen[first, 'length', 8])"),
        ("Where the choice is right more often and lists no more often", "paired_difference(solved['before both'], solved['no wish']).low > 0 and fmean(listing['before both']) <= fmean(listing['no wish'])"),
        ("what is worth its tokens on word problems need not be so on products", "paired_difference(curve[first, 'majority vote', 32], greedy[first]).low > 0 > fmean(curve[second[0].kind, 'majority vote', 32]) - fmean(greedy[second[0].kind])"),
        ("a method that wins on one may lose on the other", "fmean(chosen[first, 'Dr. SoW', 32]) > fmean(greedy[first]) and fmean(chosen[second[0].kind, 'Dr. SoW', 32]) < fmean(greedy[second[0].kind])"),
        ("their scores by the models that ship are recorded beside the samples", "not any(RecordedScores(reward, REWARD_MODEL).missing([[*make_prompt('', p.question), {'role': 'assistant', 'content': s.text}] for s in row]) for d in data for p, row in zip(data[d], pools[d])) and max(gaps) < 0.01 and off < 0.01"),
        ("the highest ratio belongs to a sample that the weak model finds very improbable", "paired_difference(ratio_votes, best_of('Dr. SoW')).low > 0"),
        ("Where that opinion is a good one", "all(in_order(right[d], by['own probability'][d]).low > 0.5 for d in data)"),
        ("it wants a **vote**, not the one highest ratio", "paired_difference(ratio_votes, voted).low > 0"),
        ("a wish **cancels** as far as both follow it", "fmean(listing['before the strong one alone']) > max(fmean(listing['no wish']), fmean(listing['before both']))"),
        ("If it may be asked to read, it may be asked to write", "paired_difference(truth, chain).low > 0"),
        ("so the score of its choice rises with *k*", "all(fmean(best_of_k([sigmoid(x) for x in s], s, 32) for s in scores[d]) > fmean(best_of_k([sigmoid(x) for x in s], s, 1) for s in scores[d]) for d in data)"),
        ("Reading is cheap for each token", "scoring < sampling"),
    ],
    "06_self_correction": [
        ("A model that sees its own solution may write it again", "copied >= 10"),
        ("the plain check and *Wait* broke more than they mended", "all(flips(r)['right', 'wrong'] > flips(r)['wrong', 'right'] for r in (checked, longer[1], longer[2]))"),
        ("makes a check nearly harmless", "all(flips(r)['right', 'wrong'] <= 0.1 * sum(marks(first)) for r in (guarded, calculated, guarded_trained, calculated_trained)) and paired_difference(marks(guarded), marks(checked)).low > 0"),
        ("can mend more", "flips(trained)['wrong', 'right'] > flips(checked)['wrong', 'right']"),
        ("Only the two together ended above the first solution", "[n for n, r in ends.items() if paired_difference(marks(r), marks(first)).low > 0] == [f'{corrector.name}, stop rule'] and sum(marks(ends[f'{corrector.name}, stop rule'])) == max(sum(marks(r)) for r in worth.values())"),
        ("A second *Wait* it has never seen", "flips(longer[2])['right', 'right'] < flips(longer[1])['right', 'right']"),
        ("A good rule empties the first", "all(flips(runs)['right', 'wrong'] < flips(checked)['right', 'wrong'] for runs in (guarded, calculated))"),
        ("so they begin with one *sampled* chain, which is right less often", "all((part[part['k'] == 1].set_index('method')['accuracy'][['majority vote', 'chain of thought']].diff().iloc[1]) > 0 for _, part in table[table['notebook'].isin(['01', '02'])].groupby('data'))"),
        ("Sixteen problems are few", "len(some) == 16 and list(live) == list(METHODS)"),
    ],
    "07_verifier_search": [
        ("it reads where roll-outs write", "sum(steps.written) > sum(steps.read)"),
        ("a search stops after each line to ask its verifier", "all(sum(own.read) > sum(map(len, finals[name])) for name, own in guided.items())"),
        ("The gap between *any is right* and the best rule", "all(sum(hits) <= sum(sql['any is right']) for rule, hits in sql.items() if rule != 'greedy')"),
        ("Where hardly any query fails there is nothing to remove", "fails < 0.05 and won.low <= 0"),
        ("its interval, from so few problems, is wide", "agreed.high - agreed.low > 0.1"),
        ("so a width of 8 mostly ends with fewer than 8 finals", "2 * sum(len(g) < WIDTH for g in finals['beam']) > len(finals['beam'])"),
        ("a line that was drawn twice fills both of the two places", "all(len({s.lines for s in g}) < len(g) for g in finals['beam'] if len(g) > 1)"),
        ("recorded** on more held-out problems", "words['problem'].nunique() > len(problems)"),
        ("Here nearly all roll-outs would end at 0", "len(progress[-1][1]) < 0.2 * sum(visits.get((), 0) for _, visits, _ in trees)"),
        ("so it may read fewer lines than eight chains have", "any(sum(own.read) < sum(line_counts.values()) for own in guided.values())"),
        ("A few problems settle nothing: look at the intervals", "all(gap.low <= 0 <= gap.high for gap in live.values())"),
        ("on two problems, one of them longer. So few problems settle nothing", "[problems[i].steps for i in few] == [5, 7] and point([0] * len(few))['high'] > point([1] * len(few))['low']"),
        ("Plans are made on every second problem", "len(train) in (len(agree) // 2, (len(agree) + 1) // 2)"),
    ],
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", CLAIMS)
def test_what_the_text_says_of_the_figures_is_true(name):
    path = ROOT / "solutions" / name / f"{name}.ipynb"
    assert untrue(read(path), dict(CLAIMS[name]), path.parent) == []


@pytest.mark.parametrize("name", CLAIMS)
def test_each_claim_is_a_sentence_of_the_notebook(name):
    text = "\n".join(cell.source for cell in read(ROOT / "solutions" / name / f"{name}.ipynb").cells)
    assert [sentence for sentence, _ in CLAIMS[name] if sentence not in text] == []
