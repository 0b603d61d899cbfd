"""What a judge is asked, and the form in which it must answer.

The embedded judge is trained on these words (`training.judge.data`), a large one understands them as well.
Reasoning comes before the verdict, so that the verdict can rest on it. Pure functions; knows nothing of models.
"""

from __future__ import annotations

from collections.abc import Sequence

CRITERIA = {
    "correctness": "It must follow from the context.",
    "overall_quality": "It must be right, complete and clear.",
}
POINTWISE = """Is the answer right? {criterion} Score it from 0 (wrong) to 10 (right).

{conversation}

JSON with reasoning and score:"""
GROUPWISE = """Which answer is right? {criterion} Give its number, or 0 if none is.

{conversation}

JSON with reasoning and best:"""


def _form(name: str, field: str, kind: str) -> dict:
    """A response format of the OpenAI protocol."""
    properties = {"reasoning": {"type": "string"}, field: {"type": kind}}
    schema = {"type": "object", "properties": properties, "required": ["reasoning", field],
              "additionalProperties": False}  # fmt: skip
    return {"type": "json_schema", "json_schema": {"name": name, "strict": True, "schema": schema}}


SCORE_FORM = _form("judge_score", "score", "number")
BEST_FORM = _form("judge_best", "best", "integer")


def criterion_text(criterion: str) -> str:
    """The wording of a criterion of `CRITERIA`; any other text is taken as it is."""
    return CRITERIA.get(criterion, criterion)


def pointwise_prompt(criterion: str) -> str:
    """The prompt of a point-wise judge as its_hub's `LLMJudge` wants it: {conversation} is to be filled in,
    and every other brace is doubled.
    """
    return POINTWISE.replace("{criterion}", criterion_text(criterion).replace("{", "{{").replace("}", "}}"))


def groupwise_prompt(criterion: str, question: str, candidates: Sequence[str]) -> str:
    """The prompt of a comparison. `question`: the conversation so far, as text."""
    shown = "\n\n".join(f"Answer {i}:\n{text.strip()}" for i, text in enumerate(candidates, 1))
    return GROUPWISE.format(criterion=criterion_text(criterion), conversation=f"{question}\n\n{shown}")


def as_text(messages: Sequence) -> str:
    """Messages (dicts, or its_hub's) as its_hub's `LLMJudge` shows a conversation: `role: content`.

    Instructions to the model that answered (the system turn) are left out: a judge has its own.
    """
    turns = [m if isinstance(m, dict) else m.to_dict() for m in messages]
    turns = [turn for turn in turns if turn["role"] != "system"]
    return "\n".join(f"{turn['role']}: {turn.get('content') or ''}" for turn in turns)
