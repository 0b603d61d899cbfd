import sys

import pytest

from deploy import checklist
from deploy.checklist import Press, describe, doctor, load, percentile
from helpers.checks.scripted import ScriptedModel


class Down:
    name = "down"

    def sample(self, prompts, n=1, **options):
        raise OSError("nobody there")


def test_every_learner_presses_once_and_asks_problems_of_their_own():
    opened = []

    def open_model():
        opened.append(ScriptedModel(lambda messages, i: "Final: 3"))
        return opened[-1]

    presses = load(open_model, learners=5, within=0.0)
    assert [each.learner for each in presses] == list(range(5))
    assert all(each.samples == checklist.PER_PRESS and not each.failure for each in presses)
    asked = [str(call["prompts"]) for model in opened for call in model.calls]
    assert len(asked) == len(set(asked)) == 5


def test_moments_lie_within_the_time_and_come_with_the_seed(monkeypatch):
    slept = []
    monkeypatch.setattr(checklist.time, "sleep", slept.append)
    load(lambda: ScriptedModel(lambda messages, i: "1"), learners=4, within=100.0, seed=3)
    assert all(0 <= moment <= 100 for moment in slept) and len({round(moment) for moment in slept}) == 4


def test_a_failure_is_a_line_and_no_traceback():
    presses = load(Down, learners=3, within=0.0)
    well, report = describe(presses)
    assert not well and "3 x OSError: nobody there" in report and "0 were served" in report


def test_the_report_tells_content_from_slow():
    quick = [Press(i, float(i), 1.0 + i, 8, 400) for i in range(10)]
    well, report = describe(quick, patience=20)
    assert well and "p50 5.0 s, p90 9.0 s, p99 10.0 s, longest 10.0 s" in report
    assert "4000 tokens in 19 s: 211 tokens/s" in report
    well, report = describe(quick, patience=8)
    assert not well and "2 learners waited longer than 8 s" in report
    assert describe([])[0] is False


@pytest.mark.parametrize("share, value", [(0.5, 2), (0.9, 4), (0.99, 4), (0.25, 1), (0.26, 2)])
def test_percentiles_are_of_the_nearest_rank(share, value):
    assert percentile([4, 1, 3, 2], share) == value


def test_doctor_runs_in_the_account_that_the_command_leads_to():
    assert doctor("echo as {}:", "python", "ada") == (True, "as ada: python -m deploy.doctor")
    assert doctor("false {}", "python", "ada")[0] is False
    well, text = doctor("no-such-command {}", "python", "ada")
    assert not well and "no-such-command ada" in text and "Traceback" not in text


def test_learners_without_a_way_to_their_accounts_get_one_sentence(capsys):
    with pytest.raises(SystemExit):
        checklist.main(["--learners", "ada,ben"])
    assert "--learners needs --as" in capsys.readouterr().err


def test_the_exit_status_is_that_of_the_worst_account(capsys):
    shell = f"{sys.executable} -c 'import sys; sys.exit(sys.argv[1] == \"ben\")' {{}}"
    assert checklist.main(["--learners", "ada,cem", "--as", shell]) == 0
    assert checklist.main(["--learners", "ada,ben", "--as", shell]) == 1
