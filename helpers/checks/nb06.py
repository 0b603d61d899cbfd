"""The checks beside the exercises of 06_self_correction: cases and hints.

Each function takes what the learner wrote and shows the feedback of `helpers.checks.core`. The graded tests
are others, on more inputs: passing here is a good sign, not the grade. Exercise 1 is in `nb06_request`.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from helpers.checks.core import Case, check
from helpers.checks.nb06_request import CUPS, DRAFTS, PENS, check_request
from helpers.checks.scripted import ScriptedModel, ScriptedReward
from helpers.models import LanguageModel, Message, Sample
from helpers.prompts import FINAL_FORMAT, make_prompt

__all__ = ["check_request", "flip_matrix", "keep_unless_better", "self_correct", "think_on"]

Run = dict[str, object]
Correct = Callable[[LanguageModel, list[str], list[Run]], list[Run]]
Flips = dict[tuple[str, str], int]
SYSTEM_COT = "Reason step by step. " + FINAL_FORMAT
BEFORE: list[Run] = [  # the runs of PENS and CUPS
    {"text": DRAFTS[PENS], "pred": "6", "tokens": 40},
    {"text": DRAFTS[CUPS], "pred": "6", "tokens": 50},
]


def self_correct(
    mine: Correct,
    request: Callable[[str, str], list[Message]],
) -> None:
    """Exercise 2. `request` is the learner's own check_request."""
    try:
        request(PENS, DRAFTS[PENS])
    except NotImplementedError:
        print("This check calls your check_request: do Exercise 1 first.")
        return

    def call(*replies: str, before: Sequence[Run] = BEFORE) -> tuple[_Model, list[Run]]:
        return _ask(mine, replies, before)

    def one(reply: str, key: str, pred: str | None = "6") -> object:
        return call(reply, before=[{**BEFORE[0], "pred": pred}])[1][0][key]

    def seen(key: str) -> object:
        return call("Final: 7", "Final: 6")[0].calls[0][key]

    def again() -> list[object]:
        before = [BEFORE[0], _run("9 - 2 = 5\nFinal: 5", "5", 30)]
        model = _Model(lambda messages, i: "no" if DRAFTS[PENS] in _text(messages) else "Final: 8")
        return [run["pred"] for run in mine(model, [PENS, PENS], [dict(run) for run in before])]

    shape = (
        "Ask with check_request(question, run['text']), read the reply with read_answer.",
        "for run, [reply] in zip(runs, model.sample(requests, …)): answer = read_answer(reply)",
        "{'text': reply.text, 'pred': answer, 'tokens': run['tokens'] + reply.tokens}",
    )
    fall = (
        "The reply says no answer. What do we still have?",
        "The run as it was: if answer is None, its text and its pred stand.",
    )
    paid = ("The reply was paid for, whatever it says.", "run['tokens'] + reply.tokens, in both cases")
    once = ("One call with all requests.", "model.sample(requests, …), outside of any loop")
    cases = [
        Case("pred, where the reply is '9 - 2 = 7 / Final: 7'", lambda: one("9 - 2 = 7\nFinal: 7", "pred"),
            "7", shape),
        Case("text, in the same case", lambda: one("9 - 2 = 7\nFinal: 7", "text"), "9 - 2 = 7\nFinal: 7",
            shape),
        Case("text, where the reply gives the same answer: 'I see: 6 / Final: 6 / '",
            lambda: one("I see: 6\nFinal: 6\n", "text"), "I see: 6\nFinal: 6\n",
            ("The reply gives an answer, so its text stands, as it is, also where the answer is the old one.",
            *shape[2:])),
        Case("pred, where the reply is 'Looks right.'", lambda: one("Looks right.", "pred"), "6", fall),
        Case("text, in the same case", lambda: one("Looks right.", "text"), DRAFTS[PENS], fall),
        Case("pred, where the reply is 'I see 2 lines.'", lambda: one("I see 2 lines.", "pred"), "6",
            ("Without `Final:` a number is not an answer.", "read_answer(reply)")),
        Case("pred, where the reply was cut off behind 'Final: 1'", lambda: one("cut Final: 1", "pred"), "6",
            ("A reply that ran into the limit states nothing.",
            "read_answer(reply), with the sample, not its text")),
        Case("pred was None, and the reply is 'Final: 7'", lambda: one("Final: 7", "pred", None), "7", shape),
        Case("pred was None, and the reply is 'Hm.'", lambda: one("Hm.", "pred", None), None, fall),
        Case("tokens, 40 before and a reply of 3", lambda: one("Final: 7", "tokens"), 43, paid),
        Case("tokens, 40 before, and 'Looks right.' (3 tokens)", lambda: one("Looks right.", "tokens"), 43,
            paid),
        Case("preds of two questions", lambda: [run["pred"] for run in call("Final: 7", "Final: 8")[1]],
            ["7", "8"], shape),
        Case("preds of the same question twice, with two runs", again, ["6", "8"],
            ("Two runs may have one question: keep them by their place, not in a dict of questions.",
            *shape[1:])),
        Case("calls of the model for two questions", lambda: len(call("Final: 7", "Final: 8")[0].calls), 1,
            once),
        Case("the messages that the model got", lambda: list(seen("prompts")[0]), request(PENS, DRAFTS[PENS]),
            shape[:2]),
        Case("the temperature", lambda: float(seen("temperature")), 0.0,
            ("Greedy is temperature 0.", "temperature=0.0")),
        Case("max_tokens", lambda: seen("max_tokens"), "128 or more",
            ("Room for a reply.", "max_tokens=MAX_TOKENS"), same=lambda yours, _: yours >= 128),
        Case("are the runs that you were given unchanged?", lambda: _untouched(mine), True,
            ("Make new dicts; the old runs are still needed.", "{**run, 'tokens': …} is a new dict"))
    ]  # fmt: skip
    check("self_correct", cases)


def flip_matrix(mine: Callable[[list, list, list], Flips]) -> None:
    """Exercise 3."""
    four = {("right", "right"): 1, ("right", "wrong"): 1, ("wrong", "right"): 1, ("wrong", "wrong"): 1}
    none = dict.fromkeys(four, 0)
    three = none | {("right", "right"): 1, ("right", "wrong"): 2, ("wrong", "right"): 1}

    def case(before: list, after: list, golds: list, expected: Flips, hints: tuple[str, ...]) -> Case:
        def run() -> Flips:
            return dict(mine(list(before), list(after), list(golds)))

        return Case(f"flip_matrix({before}, {after}, {golds})", run, expected, hints)

    count = (
        "Two questions for each problem: right before? right after?",
        "answers_match(old, gold) and answers_match(new, gold) are True or False.",
        "flips[words[answers_match(old, gold)], words[answers_match(new, gold)]] += 1",
    )
    order = (
        "The first word of a key is before, the second after. All four keys are there, also those that count "
        "0.",
        *count[1:],
    )
    zero = ("All four keys, also those that count 0.", "Begin with a dict that has all four at 0.")
    match = ("14.0 is 14. Which comparison did you use?", "answers_match(answer, gold)")
    silent = ("No answer is not right.", "answers_match(None, gold) is False.")
    same = ("Wrong before, and another wrong one after: still wrong.", count[1])
    cases = [
        case(["14", "14", "14", "3"], ["14", "15", "15", "14"], ["14"] * 4, three, order),
        case(["14", "14", "3", "3"], ["14", "15", "14", "3"], ["14"] * 4, four, count),
        case(["14"], ["15"], ["14"], none | {("right", "wrong"): 1}, zero),
        case(["14"], ["14.0"], ["14"], none | {("right", "right"): 1}, match),
        case(["1,234"], ["5"], ["1234"], none | {("right", "wrong"): 1}, match),
        case([None, "14"], ["14", None], ["14", "14"], none | {("wrong", "right"): 1, ("right", "wrong"): 1},
            silent),
        case([None], [None], ["14"], none | {("wrong", "wrong"): 1}, silent),
        case(["14", "14"], ["3", "3"], ["14", "14"], none | {("right", "wrong"): 2},
            ("Each problem counts, also where two look alike: no set.", *count)),
        case(["3", "3"], ["4", "4"], ["14", "14"], none | {("wrong", "wrong"): 2}, same),
        case(["1", "2"], ["2", "2"], ["1", "2"], none | {("right", "wrong"): 1, ("right", "right"): 1}, count)
    ]  # fmt: skip
    check("flip_matrix", cases)


def keep_unless_better(mine: Callable[[object, list[str], list[Run], list[Run]], list[Run]]) -> None:
    """Exercise 4."""
    before = [_run("9 - 2 = 6", "6", 40), _run("3 + 3 = 6", "6", 50)]
    after = [_run("9 - 2 = 7", "7", 85), _run("3 + 3 = 9", "9", 95)]

    def reward(*scores: float) -> ScriptedReward:
        texts = [run["text"] for pair in zip(before, after, strict=True) for run in pair]
        table = dict(zip(texts, scores, strict=True))
        return ScriptedReward(lambda talk: table.get(talk[-1]["content"], 0.0))

    def call(*scores: float) -> tuple[ScriptedReward, list[Run]]:
        table = reward(*scores)
        given = [dict(run) for run in before], [dict(run) for run in after]
        return table, mine(table, [PENS, CUPS], *given)

    def untouched() -> bool:
        given = [dict(run) for run in before], [dict(run) for run in after]
        mine(reward(0, 1, 2, 0), [PENS, CUPS], *given)
        return given == (before, after)

    def column(key: str, *scores: float) -> list[object]:
        return [run[key] for run in call(*scores)[1]]

    def talks() -> list[list[str]]:
        return sorted([m["content"] for m in talk] for call_ in call(0, 1, 1, 0)[0].calls for talk in call_)

    def same_text() -> list[object]:
        scorer = ScriptedReward(
            lambda talk: 1.0 if (talk[0]["content"] == PENS) == talk[-1]["content"].endswith("7") else 0.0
        )
        given = [_run("x = 5", "5", 40)] * 2, [_run("x = 7", "7", 85)] * 2
        return [run["pred"] for run in mine(scorer, [PENS, CUPS], *given)]

    shape = (
        "Two scores for each question; the run with the higher one stands.",
        "talks = [make_prompt('', q) + [{'role': 'assistant', 'content': run['text']}] for …]",
        "scores = reward.score(talks): first all old ones, then all new ones, so scores[len(questions):] are "
        "the new ones",
    )
    tie = ("Equal scores: nobody prefers the new one.", "new_score > old_score")
    paid = ("The check was paid for, taken or not.", "{**chosen, 'tokens': after[i]['tokens']}")
    own = (
        "The whole text of each run is scored, behind its own question.",
        "make_prompt('', question) + [{'role': 'assistant', 'content': run['text']}], for question, run in "
        "zip(questions, runs)",
    )
    expected = sorted([[PENS, "9 - 2 = 6"], [PENS, "9 - 2 = 7"], [CUPS, "3 + 3 = 6"], [CUPS, "3 + 3 = 9"]])
    cases = [
        Case("what was scored", talks, expected, own),
        Case("calls of reward.score", lambda: len(call(0, 1, 1, 0)[0].calls), 1,
            ("One call with all conversations, of both lists of runs.", shape[1])),
        Case("preds; scores: 6 -1.0, 7 2.0 | 6 3.0, 9 0.5", lambda: column("pred", -1.0, 2.0, 3.0, 0.5),
            ["7", "6"], shape),
        Case("texts, in the same case", lambda: column("text", -1.0, 2.0, 3.0, 0.5),
            ["9 - 2 = 7", "3 + 3 = 6"], shape),
        Case("preds; scores: 6 2.0, 7 3.0 | 6 1.0, 9 1.5", lambda: column("pred", 2.0, 3.0, 1.0, 1.5),
            ["7", "9"], shape),
        Case("preds, where all scores are 1.0", lambda: column("pred", 1.0, 1.0, 1.0, 1.0), ["6", "6"], tie),
        Case("tokens", lambda: column("tokens", -1.0, 2.0, 3.0, 0.5), [85, 95], paid),
        Case("preds; two questions with the same two texts, 7 is better for the first alone", same_text,
            ["7", "5"], ("The same text has another score behind another question: no dict of texts.",
            *own[1:])),
        Case("are the runs that you were given unchanged?", untouched, True,
            ("Make new dicts; the old runs are still needed.", "{**run, 'tokens': …} is a new dict")),
        Case("the roles of each conversation",
            lambda: sorted({" ".join(m["role"] for m in t) for t in call(0, 1, 1, 0)[0].calls[0]}),
            ["user assistant"], own)
    ]  # fmt: skip
    check("keep_unless_better", cases)


def think_on(mine: Correct) -> None:
    """Exercise 5."""

    def call(*parts: str) -> tuple[_Model, list[Run]]:
        return _ask(mine, parts)

    def one(part: str, key: str) -> object:
        return call(part)[1][0][key]

    def seen(key: str) -> object:
        return call(", no.\nFinal: 7")[0].calls[0][key]

    def again() -> list[object]:
        twice = [dict(BEFORE[0]), _run("9 - 2 = 5\nFinal: 5", "5", 30)]
        model = _Model(lambda messages, i: " hm" if DRAFTS[PENS] in _text(messages) else ", no.\nFinal: 8")
        return [run["pred"] for run in mine(model, [PENS, PENS], twice)]

    wait = (
        "The assistant's message is the run's text, a new line, and the word Wait.",
        "make_prompt(SYSTEM_COT, question) + [{'role': 'assistant', 'content': run['text'] + '\\nWait'}]",
    )
    shape = ("The sample is the continuation alone.", "answer = read_answer(sample)")
    whole = ("The whole chain: what was there, Wait, and what came.", "run['text'] + '\\nWait' + sample.text")
    fall = (
        "The continuation says no answer: the run stands.",
        "if answer is None: text and pred as they were",
    )
    paid = ("It was paid for, whatever it says.", "run['tokens'] + sample.tokens")
    begun = [*make_prompt(SYSTEM_COT, PENS), {"role": "assistant", "content": DRAFTS[PENS] + "\nWait"}]
    cases = [
        Case("the messages that the model got", lambda: list(seen("prompts")[0]), begun, wait),
        Case("pred, where the model goes on with ', no. / Final: 7'", lambda: one(", no.\nFinal: 7", "pred"),
            "7", shape),
        Case("text, in the same case", lambda: one(", no.\nFinal: 7", "text"),
            DRAFTS[PENS] + "\nWait, no.\nFinal: 7", whole),
        Case("text, where the answer is the old one: ', yes. / Final: 6 / '",
            lambda: one(", yes.\nFinal: 6\n", "text"), DRAFTS[PENS] + "\nWait, yes.\nFinal: 6\n",
            ("It gives an answer, so the whole chain stands, as it is, also where the answer is the old one.",
            *whole[1:])),
        Case("pred, where it goes on with ' a moment.'", lambda: one(" a moment.", "pred"), "6", fall),
        Case("text, in the same case", lambda: one(" a moment.", "text"), DRAFTS[PENS], fall),
        Case("pred, where it was cut off behind 'Final: 1'", lambda: one("cut Final: 1", "pred"), "6",
            ("A sample that ran into the limit states nothing.",
            "read_answer(sample), with the sample, not a text")),
        Case("tokens, 40 before and 5 more", lambda: one(", no.\nFinal: 7", "tokens"), 45, paid),
        Case("tokens, 40 before, and ' a moment.' (3 tokens)", lambda: one(" a moment.", "tokens"), 43, paid),
        Case("preds of two questions", lambda: [run["pred"] for run in call("Final: 7", "Final: 8")[1]],
            ["7", "8"], shape),
        Case("preds of the same question twice, with two runs", again, ["6", "8"],
            ("Two runs may have one question: keep them by their place, not in a dict of questions.",
            *shape)),
        Case("calls of the model for two questions", lambda: len(call("Final: 7", "Final: 8")[0].calls), 1,
            ("One call with all conversations.", "model.sample(conversations, …), outside of any loop")),
        Case("the temperature", lambda: float(seen("temperature")), 0.0,
            ("Greedy is temperature 0.", "temperature=0.0")),
        Case("max_tokens", lambda: seen("max_tokens"), "128 or more",
            ("Room for a reply.", "max_tokens=MAX_TOKENS"), same=lambda yours, _: yours >= 128),
        Case("are the runs that you were given unchanged?", lambda: _untouched(mine), True,
            ("Make new dicts; the old runs are still needed.", "{**run, 'tokens': …} is a new dict"))
    ]  # fmt: skip
    check("think_on", cases)


class _Model(ScriptedModel):
    """A scripted model whose replies that hold the word "cut" ran into the token limit."""

    def sample(self, *arguments, **options) -> list[list[Sample]]:
        rows = super().sample(*arguments, **options)
        return [[replace(s, finish_reason="length") if "cut" in s.text else s for s in row] for row in rows]


def _run(text: str, pred: str | None, tokens: int) -> Run:
    return {"text": text, "pred": pred, "tokens": tokens}


def _ask(mine: Correct, replies: Sequence[str], before: Sequence[Run] = BEFORE) -> tuple[_Model, list[Run]]:
    """A model that gives these replies about PENS and CUPS, and what `mine` makes of them."""
    model = _Model(lambda messages, i: replies[0 if PENS in _text(messages) else -1])
    return model, mine(model, [PENS, CUPS][: len(replies)], [dict(run) for run in before[: len(replies)]])


def _untouched(mine: Correct) -> bool:
    before = [dict(BEFORE[0])]
    mine(_Model(lambda messages, i: "Final: 7"), [PENS], before)
    return before == [BEFORE[0]]


def _text(messages: Sequence[Message]) -> str:
    return "\n".join(message["content"] for message in messages)
