"""The part of a reply in which a model speaks to its reader: neither thinking nor a run-on."""

import re

from helpers.answers.canonical import DASHES, joined_thousands

BOLD = re.compile(r"(?<![\w)])\*\*|\*\*(?![\w(])")  # 2**3 keeps its stars
RUN_ON = re.compile(
    r"<\|(?:im_end|im_start|eot_id|endoftext|end|return|call|user|start_header_id)\|>|</s>|\[INST\]"
    r"|^[ \t#>*_]*(?:(?:next|new|another)\s+)?(?:question|problem|user|human|q)\s*[0-9]*[*_]*\s*:",
    re.IGNORECASE | re.MULTILINE,
)
CHANNEL = re.compile(
    r"(?:<\|channel\|>\s*(\w+)[^<]*(?:<\|constrain\|>[^<]*)?|(?<=<\|start\|>assistant))<\|message\|>"
)
BARE_CHANNELS = re.compile(r"\Aanalysis.*?assistantfinal", re.DOTALL)  # where the special tokens were dropped
THINKING = re.compile(
    r"(<(?:think|thinking|thought|reasoning)>|\[THINK\])|(</(?:think|thinking|thought|reasoning)>|\[/THINK\])"
)


def own_words(text: str) -> str:
    """The same, up to a run-on, without bold print, dashes as minus signs, thousands joined."""
    if not isinstance(text, str):
        raise TypeError("An answer is read from text: pass sample.text, not the sample.")
    text = without_thinking(text)
    run_on = RUN_ON.search(text)
    return joined_thousands(BOLD.sub("", text[: run_on.start() if run_on else None].translate(DASHES)))


def without_thinking(text: str) -> str:
    """What a model says to its reader: not what stands in <think> … </think> or in a channel but the final
    one.
    """
    if channels := list(CHANNEL.finditer(text)):
        ends = [*(channel.start() for channel in channels), len(text)][1:]
        said = [
            ((c[1] or "final").lower(), text[c.end() : end]) for c, end in zip(channels, ends, strict=True)
        ]
        opening = text[: channels[0].start()].replace("<|start|>assistant", "")
        finals = [words for name, words in said if name == "final"]
        text = finals[-1] if finals else opening
    text = BARE_CHANNELS.sub("", text)
    kept, place, inside = [], 0, False
    for tag in THINKING.finditer(text):
        if tag[1]:
            if not inside:
                kept.append(text[place : tag.start()])
            inside = True
        elif inside:
            inside = False
        else:  # the opening tag stood in the prompt
            kept = []
        place = tag.end()
    return "".join(kept) + ("" if inside else text[place:])
