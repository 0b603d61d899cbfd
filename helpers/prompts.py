"""The system prompts that a notebook gives, and how a prompt becomes a conversation.

`make_prompt` is the only way from text to messages, so that every method asks the model in the same form. A
prompt that a learner is asked to write is not here.
"""

SYSTEM_BASELINE = "You are a solver. Answer with only the final integer."

SYSTEM_EXPRESSION = (
    "You are a solver. Write one arithmetic expression whose value is the answer. "
    "No words, no explanation, no result."
)

# To be put at the end of a system prompt, so that the answer can be found in what the model writes.
FINAL_FORMAT = "At the end output the final answer as: Final: <integer>."
BOXED_FORMAT = r"Put the final answer, without units, in \boxed{}."  # answers that are no whole numbers


def answer_format(kind: str) -> str:
    """How the answer to a problem of this kind (`Problem.kind`) is asked for: MATH-500 in a box, all else as
    `Final:`. `stated_answer` reads both.
    """
    return BOXED_FORMAT if kind == "math" else FINAL_FORMAT


def make_prompt(system: str, question: str) -> list[dict[str, str]]:
    """The conversation ({"role": ..., "content": ...} a turn) that opens with the instruction `system` and
    asks `question`.

    An empty `system` leaves the system turn out. Raises TypeError when `question` is not text.
    """
    for name, text in (("system", system), ("question", question)):
        if not isinstance(text, str):
            raise TypeError(
                f"make_prompt needs text as {name}, not {type(text).__name__}: pass problem.question."
            )
    turns = [("system", system), ("user", question)]
    return [
        {"role": role, "content": content.strip()}
        for role, content in turns
        if role == "user" or content.strip()
    ]
