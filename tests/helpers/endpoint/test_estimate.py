"""What work will cost: sums, and words."""

import pytest

from helpers.endpoint.estimate import estimate


def test_minutes_tokens_and_dollars_are_those_of_all_replies():
    found = estimate(1_920, 80, 160, prompt_tokens=500, prices=(0.5, 2.0))
    assert found.minutes == pytest.approx(1_920 * 80 / 160 / 60)
    assert found.dollars == pytest.approx((1_920 * 500 * 0.5 + 1_920 * 80 * 2.0) / 1e6)
    assert (
        str(found)
        == "1,920 replies of about 80 tokens: 153,600 tokens, 16 minutes at 160 tokens/s, 0.79 dollars"
    )


def test_without_prices_nothing_is_said_of_money():
    found = estimate(10, 50, 100, prompt_tokens=500)
    assert found.dollars is None
    assert str(found) == "10 replies of about 50 tokens: 500 tokens, less than a minute at 100 tokens/s"


def test_free_of_charge_is_a_price():
    assert estimate(10, 50, 100, prices=(0, 0)).dollars == 0


@pytest.mark.parametrize("wrong", [(-1, 1, 1), (1, -1, 1), (1, 1, 0), (1, 1, float("nan"))])
def test_what_cannot_be_is_refused(wrong):
    with pytest.raises(ValueError, match="a speed above 0"):
        estimate(*wrong)
