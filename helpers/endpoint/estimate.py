"""What long work will cost, said before it begins: replies, tokens, minutes, dollars where prices are set.

print(estimate(replies=60 * 32, tokens=80, speed=184))
1,920 replies of about 80 tokens: 153,600 tokens, 14 minutes at 184 tokens/s
"""

from __future__ import annotations

from dataclasses import dataclass

from helpers.endpoint.usage import Usage


@dataclass(frozen=True)
class Estimate:
    """`tokens` of output for a reply, `speed` in output tokens a second over all replies in flight, `dollars`
    for everything; None where no prices are set.
    """

    replies: int
    tokens: float
    speed: float
    dollars: float | None = None

    @property
    def minutes(self) -> float:
        """How long all of it takes."""
        return self.replies * self.tokens / self.speed / 60

    def __str__(self) -> str:
        each = f"{self.replies:,} replies of about {self.tokens:,.0f} tokens"
        total = f"{each}: {self.replies * self.tokens:,.0f} tokens"
        whole = f"{self.minutes:,.0f} minute"
        took = "less than a minute" if self.minutes < 1 else whole + "s" * (whole != "1 minute")
        money = "" if self.dollars is None else f", {self.dollars:,.2f} dollars"
        return f"{total}, {took} at {self.speed:,.0f} tokens/s{money}"


def estimate(
    replies: int,
    tokens: float,
    speed: float,
    *,
    prompt_tokens: float = 0,
    prices: tuple[float, float] | None = None,
) -> Estimate:
    """The cost of `replies` replies with `tokens` output tokens each, at `speed` output tokens a second.

    `prices`: dollars for a million prompt tokens and a million output tokens; each reply is billed for its
    `prompt_tokens`. Raises ValueError for what cannot be.
    """
    if replies < 0 or tokens < 0 or prompt_tokens < 0 or not speed > 0:
        raise ValueError("An estimate needs counts of 0 or more and a speed above 0, in tokens a second.")
    used = Usage(prompt_tokens=replies * prompt_tokens, output_tokens=replies * tokens)
    return Estimate(replies, tokens, speed, used.cost(*prices) if prices else None)
