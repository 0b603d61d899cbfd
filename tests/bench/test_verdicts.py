from bench.verdicts import math_verify, report, right


def test_a_verdict_is_right_where_it_says_what_the_pairs_are():
    pairs = [("1", "1.0"), ("2", "2"), ("3", "three")]
    assert right(str.__eq__, pairs, equal=True) == 1
    assert right(str.__eq__, pairs, equal=False) == 2


def test_who_calls_everything_equal_is_right_on_the_equal_pairs_alone():
    [line] = report({"credulous": lambda a, b: True})
    counts = [int(word.strip("(,")) for word in line.split() if word.strip("(,").isdigit()]
    total, of_all, equal, of_equal, apart, of_apart = counts
    assert total == equal == of_equal and apart == 0 and of_all == of_equal + of_apart > 300


def test_math_verify_reads_what_it_is_made_for():
    assert math_verify(r"\frac{1}{2}", "0.5") and not math_verify(r"\frac{1}{2}", "0.6")
