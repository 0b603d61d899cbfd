"""The check beside exercise 1 of 06_self_correction: cases and hints for the words of a check request.

The graded test takes its rules on wording from here, so that what passes here passes there.
"""

import re
from collections.abc import Callable

from helpers.checks.core import Case, check
from helpers.models import Message
from helpers.prompts import FINAL_FORMAT

PENS, CUPS = "How many pens are left of 9, if 2 are lost?", "How many cups are 3 and 3?"
DRAFTS = {PENS: "9 - 2 = 6\nFinal: 6", CUPS: "3 + 3 = 6\nFinal: 6"}
WRONG = r"(wrong|incorrect|false|mistaken|not (quite |at all )?(right|correct|true))"
ASKS = (
    r"check|verif|review|mistake|error|correct|sure|inspect|examin|assess|evaluat|critiq|compar"
    r"|go (over|through)|re-?(read|do|comput|calculat|consider|think)|double|valid|audit|prove|proof"
    r"|refute|scrutin|(look|work|think|go|read)\b.*\bagain|is it (right|true)"
)
HURRIES = (
    r"(only|just|nothing but|solely|directly|immediately) (give|reply|answer|output|write|state|with"
    r"|the (final )?(answer|number|result|integer))|nothing else|(answer|reply) (in|with) one (word|number)"
    r"|(no|without) (any )?(explanation|explaining|working|steps|reasoning|words)"
)
NOT_SO = rf"(\bnot|n't|\bnever) ((reply|answer|respond|give|write|output|state) (with )?)?({HURRIES})"
OPEN = (
    r"\b(if|whether|unless|in case|may|might|could|perhaps|possibly|any|assume|or not|wherever"
    r"|where (it|they))\b"
)
OPEN_PART = rf"\b(what|whatever|which|where|\w+ that) (is|are|was|were) {WRONG}"
TELLS = (
    rf"\b(is|are|was|were|isn't|aren't|it's) (\w+ )?({WRONG}|a (mistake|slip|error))"
    r"|\b(isn't|aren't|wasn't) (\w+ )?(right|correct|true)|\byou made\b"
    r"|\b(contains|has|have|there is|there are|went) (a|an|one|some|two)? ?(wrong|mistake|error|slip)"
)
ORDERS = (
    r"^\W*(please )?((now|then|check it|and) )?(find|correct|fix|spot|name|repair) (the|your|its|a) "
    r"(mistake|error|slip|wrong)"
)
QUESTION = r"^\W*(do|does|did|is|are|was|were|has|have|can)\b.*\?$"


def own_words(request: str, question: str, solution: str) -> str:
    """The learner's own words in a check request, in small letters: without question, solution and
    FINAL_FORMAT.
    """
    for known in (FINAL_FORMAT, question, solution):
        request = request.replace(known, " ")
    return request.lower()


def wording(own: str) -> list[str]:
    """What is wrong with the words of a check request; an empty list where nothing is. The graded test goes
    by the same rules.
    """
    faults = {
        "asks for no check": not re.search(ASKS, own),
        "leaves no room": bool(re.search(HURRIES, re.sub(NOT_SO, " ", own))),
        "tells the outcome": _tells(own),
    }
    return [fault for fault, found in faults.items() if found]


def _tells(own: str) -> bool:
    """Whether a sentence says that something is wrong, outside of a question and before any *if*."""
    for sentence in re.findall(r"[^.!?\n;]+[.!?\n;]?", re.sub(OPEN_PART, " ", own)):
        if re.search(QUESTION, sentence.strip()):
            continue
        left_open = re.search(OPEN, sentence)
        for part in [sentence[: left_open.start()]] if left_open else re.split(r",|:| and ", sentence):
            if re.search(TELLS, part) or (not left_open and re.search(ORDERS, part.strip())):
                return True
    return False


def check_request(mine: Callable[[str, str], list[Message]]) -> None:
    """Exercise 1."""

    def messages() -> list[Message]:
        return list(mine(PENS, DRAFTS[PENS]))

    def everything() -> str:
        return "\n".join(message["content"] for message in messages())

    def own(question: str = PENS) -> str:
        return own_words(mine(question, DRAFTS[question])[-1]["content"], question, DRAFTS[question])

    def forms() -> str:
        roles = [message["role"] for message in messages() if message["role"] != "system"]
        return " ".join(roles)

    def assistant() -> str:
        said = [message["content"] for message in messages() if message["role"] == "assistant"]
        return "whole" if all(text == DRAFTS[PENS] for text in said) else str(said)

    def asker() -> str:
        return next((each["role"] for each in messages() if PENS in each["content"]), "nobody")

    def edges() -> int:
        solution = f"  {DRAFTS[PENS]}\n\n"
        return "\n".join(message["content"] for message in mine(PENS, solution)).count(solution)

    shape = (
        "A conversation is a list of messages: {'role': …, 'content': …}.",
        "make_prompt(SYSTEM_COT, question) + [{'role': 'assistant', …}, {'role': 'user', …}]",
    )
    whole = (
        "The model can only check what it sees. Is the whole text there, line by line?",
        "{'role': 'assistant', 'content': solution}",
    )
    asks = ("Which words ask for a check?", "'Check your solution', 'verify', 'look for a mistake', …")
    final = ("A program reads the reply. How can it find the answer?", "request = '… ' + FINAL_FORMAT")
    room = (
        "With no room to work the model guesses. Leave out words like 'only the answer'.",
        "Ask for a check 'step by step'.",
    )
    open_end = (
        "You cannot know whether the solution is wrong, and a model believes what it is told.",
        "'Keep what is right and correct what is wrong.' leaves it open.",
    )
    either = "user, or: user assistant user"
    cases = [
        Case("the type of the result", lambda: type(mine(PENS, DRAFTS[PENS])).__name__, "list", shape),
        Case("who speaks, the system aside", forms, either, shape, same=lambda yours,
            _: yours in ("user", "user assistant user")),
        Case("how often the question is in it", lambda: everything().count(PENS), 1,
            ("The question belongs into it, once.", "make_prompt(SYSTEM_COT, question)")),
        Case("who asks the question", asker, "user",
            ("The system prompt says how to work; the question is the user's.", shape[1])),
        Case("how often the whole solution is in it", lambda: everything().count(DRAFTS[PENS]), 1, whole),
        Case("a solution with blanks around it: how often it is in it, unchanged", edges, 1,
            ("Unchanged: no strip.", *whole)),
        Case("the question before the solution?",
            lambda: everything().find(PENS) < everything().find(DRAFTS[PENS]), True,
            ("In which order does one read them?", shape[1])),
        Case("what the assistant said, if it speaks", assistant, "whole", whole),
        Case('"Final:" in the last message?',
            lambda: "Final:" in mine(PENS, DRAFTS[PENS])[-1]["content"].replace(DRAFTS[PENS], ""), True,
            final),
        Case("does the last message ask for a check?", lambda: "asks for no check" not in wording(own()),
            True, asks),
        Case("does it leave room to work?", lambda: "leaves no room" not in wording(own()), True, room),
        Case("does it leave the outcome open?", lambda: "tells the outcome" not in wording(own()), True,
            open_end),
        Case("the same words for another problem?", lambda: own().split() == own(CUPS).split(), True,
            ("The request must not depend on the problem.", "The words are fixed; only question and solution "
            "change."))
    ]  # fmt: skip
    check("check_request", cases)
