"""`python -m bench.verdicts`: how often pairs of answers are told apart rightly, here and by math-verify.

The pairs are those of the tests. They grew out of what users of such software reported as wrong, so they are
harder than most answers, and `answers_match` was mended on them: the comparison is not fair to math-verify
(https://github.com/huggingface/Math-Verify, of requirements-dev.txt).
"""

from collections.abc import Callable, Iterator

from helpers.answers import answers_match
from tests.helpers.answers.reported import REPORTED_DIFFERENT, REPORTED_SAME

Same = Callable[[str, str], bool]


def math_verify(gold: str, answer: str) -> bool:
    """Its verdict, in the form that its guide asks for: LaTeX between dollars, the reference answer first."""
    from math_verify import parse, verify

    return verify(parse(f"${gold}$"), parse(f"${answer}$"))


def right(same: Same, pairs: list[tuple[str, str]], equal: bool) -> int:
    """How many of `pairs`, which are all equal or all different, `same` gives that verdict."""
    return sum(same(a, b) == equal for a, b in pairs)


def report(readers: dict[str, Same]) -> Iterator[str]:
    """One line for each reader."""
    of_same, of_different = len(REPORTED_SAME), len(REPORTED_DIFFERENT)
    for name, same in readers.items():
        equal, apart = right(same, REPORTED_SAME, True), right(same, REPORTED_DIFFERENT, False)
        yield (
            f"{name}: right on {equal + apart} of {of_same + of_different} pairs "
            f"({equal} of {of_same} that are equal, {apart} of {of_different} that differ)"
        )


def main() -> None:
    """Print the comparison."""
    import logging

    logging.disable(logging.CRITICAL)  # math-verify warns of each text that it cannot read
    for line in report({"answers_match": answers_match, "math-verify": math_verify}):
        print(line, flush=True)


if __name__ == "__main__":
    main()
