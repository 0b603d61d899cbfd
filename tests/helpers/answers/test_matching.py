r"""Equivalence and votes, case by case, then as properties."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.answers import answers_match, to_number, vote_key
from tests.helpers.answers.reported import APART, ONE_VOTE, REPORTED_DIFFERENT, REPORTED_SAME

SAME = [
    ("14", "14"),
    ("14", "14.0"),
    ("14", 14),
    ("1,234", "1234"),
    ("-5", "−5"),
    ("$36", "36"),
    ("36%", "36"),
    (r"36\%", "36"),
    ("14 apples", "14"),
    (r"14\text{ cm}", "14"),
    (r"14\text{ cm}^2", "14"),
    (r"90^\circ", "90"),
    (r"90^{\circ}", "90"),
    ("90°", "90"),
    ("007", "7"),
    ("+7", "7"),
    ("-0", "0"),
    (".5", "0.5"),
    ("0.5", "1/2"),
    ("2/4", "1/2"),
    (r"\frac{1}{2}", "0.5"),
    (r"\frac12", "1/2"),
    (r"\dfrac{3}{4}", r"\tfrac34"),
    (r"-\frac{1}{2}", "-0.5"),
    (r"\frac{-1}{2}", r"-\frac{1}{2}"),
    ("3 1/2", "3.5"),
    (r"3\frac{1}{2}", r"\frac{7}{2}"),
    ("0.333333", "1/3"),
    ("0.666667", r"\frac{2}{3}"),
    ("14.0000000001", "14"),
    ("123456789012", "123456789012.0"),
    (r"1{,}000", "1000"),
    ("x = 5", "5"),
    ("x=5", "x = 5"),
    ("12 - 5 = 7", "7"),
    ("12-5", "7"),
    ("2 \\cdot 7", "14"),
    ("10^6", "1000000"),
    (r"3 \times 10^8", "300000000"),
    (r"\sqrt{16}", "4"),
    (r"\sqrt{2}/2", r"\frac{1}{\sqrt{2}}"),
    (r"2\sqrt{3}", r"\sqrt{12}"),
    (r"11\sqrt2", r"11\sqrt{2}"),
    (r"2\pi", r"\pi \cdot 2"),
    (r"\frac{\pi}{4}", r"\frac14\pi"),
    ("x+1", "1+x"),
    ("2xy", "2yx"),
    ("x^2+2x+1", "(x+1)^2"),
    (r"\cos x", r"\cos(x)"),
    ("y = 2x + 3", "y=3+2x"),
    ("(1,2)", "(1, 2)"),
    (r"(3,\frac{\pi}{2})", r"(3, \pi/2)"),
    ("[1,2)", "[1, 2)"),
    (r"\left[1,2\right)", "[1,2)"),
    (r"x \in [1,2]", "[1,2]"),
    (r"\{1,2\}", r"\{2,1\}"),
    ("1,2", "2, 1"),
    (r"1 \pm \sqrt{2}", r"1+\sqrt{2}, 1-\sqrt{2}"),
    (r"\begin{pmatrix}1\\2\end{pmatrix}", r"\begin{pmatrix} 1 \\ 2 \end{pmatrix}"),
    (r"\infty", r"\infty"),
    (r"\text{east}", "East"),
    (r"\text{(C)}", "C"),
    (r"\textbf{yes}", "yes"),
    ("p - q", "-q + p"),
    (r"\log_2 8", "3"),
    (r"\binom{5}{2}", "10"),
    ("5!", "120"),
    ("2^{10}", "1024"),
    (r"|{-3}|", "3"),
    (r"e^{0}", "1"),
    (r"\frac{x+1}{2}", r"\frac{1}{2}(x+1)"),
    ("3,4,5", "5,4,3"),
    (r"(-\infty, 2)", r"(-\infty,2)"),
    (r"(-\infty, 1) \cup (2, \infty)", r"(2,\infty)\cup(-\infty,1)"),
    ("**14**", "14"),
    ("14.", "14"),
    (r"\$1,\!000", "1000"),
    (r"\frac{3}{6}", "50/100"),
    (r"\sqrt[3]{27}", "3"),
    ("7x - 3", "-3 + 7x"),
    (r"\frac{a}{b}", "a/b"),
    # mixed numbers, repeating decimals, powers of ten
    ("3½", r"3\frac12"),
    ("1 1/2", r"1\frac{1}{2}"),
    ("-1 1/2", "-1.5"),
    (r"14\frac{2}{3}", "44/3"),
    (r"0.\overline{3}", r"\frac13"),
    (r"0.5\overline{3}", r"\frac{8}{15}"),
    (r"-2.\overline{27}", r"-\frac{25}{11}"),
    ("1.5e3", "1500"),
    ("2e-3", "0.002"),
    ("3 x 10^8", r"3 \times 10^8"),
    ("1,000,000", "10^6"),
    # degrees, percent, units
    (r"45\degree", "45"),
    ("45 degrees", r"45^\circ"),
    (r"35^\circ C", "35"),
    (r"50\text{\%}", "50"),
    ("50 percent", r"50\%"),
    ("12 m/s", r"12\text{ m/s}"),
    ("5.4 cents", r"5.4 \text{ cents}"),
    ("15 cm^2", r"15\mbox{ cm}^2"),
    (r"5~\text{km}", "5"),
    (r"2\pi \text{ cm}", r"2\pi"),
    (r"6\sqrt{3}\text{ inches}", r"6\sqrt3"),
    (r"\frac{1}{2}\text{ hour}", "0.5"),
    (r"\$18.90", "18.9 dollars"),
    # bold and typed
    (r"\boldsymbol{14}", "14"),
    (r"\mathbf{14}", "**14**"),
    ("√2", r"\sqrt{2}"),
    ("2√3", r"2\sqrt{3}"),
    ("π/4", r"\frac{\pi}{4}"),
    ("x² + 1", "1 + x^2"),
    ("∞", r"\infty"),
    (r"11,\! 111,\! 111,\! 100", "11111111100"),
    # text
    (r"\textbf{(B)}", "B"),
    ("(B)", "B."),
    (r"\text{no solution}", "No solution"),
    (r"\text{Evelyn}", "evelyn"),
    (r"\emptyset", r"\varnothing"),
    # intervals, tuples, several values
    ("[1, oo)", r"[1,\infty)"),
    ("(1,3) ∪ (5,7)", r"(5,7) \cup (1,3)"),
    (r"\left( 3, \frac{\pi}{2} \right)", r"(3,\pi/2)"),
    (r"\{1\pm\sqrt{5},-2\}", r"1\pm\sqrt{5},-2"),
    ("3, 5", "5 and 3"),
    (r"x=1 \text{ or } x=2", "1, 2"),
    (r"\pm 3", "3, -3"),
    ("3 > x", "x<3"),
    # the rest
    ("6 - 5i", "-5i+6"),
    ("52_8", "52_{8}"),
    ("3:5", "3 : 5"),
    (r"\frac{\sqrt{21}}{5}", r"\sqrt{21}/5"),
    (r"2\sin x\cos x", r"\sin 2x"),
    (r"f(x) = 2x", "2x"),
    (r"2^{2023}", r"2 \cdot 2^{2022}"),
]

DIFFERENT = [
    (None, None),
    (None, "14"),
    ("14", ""),
    ("", ""),
    ("14", "15"),
    ("14", "-14"),
    ("14", "1"),
    ("14", "41"),
    ("14", "14.5"),
    ("1234", "1,235"),
    ("1.234", "1234"),
    ("36%", "0.36"),
    ("123456789012", "123456789013"),
    ("123456789012345", "123456789012346"),
    ("0.33", "1/3"),
    ("3.14", "22/7"),
    ("0.0000001", "0.0000002"),
    ("0.0000001", "0"),
    ("1/2", "2"),
    ("1/2", "1/3"),
    ("1/0", "1/0x"),
    ("1/0", "0"),
    ("3 1/2", "31/2"),
    (r"\frac{1}{2}", r"\frac{2}{1}"),
    (r"-\frac{1}{2}", r"\frac{1}{2}"),
    (r"\sqrt{2}", "1.41"),
    (r"\sqrt{2}", "2"),
    (r"2\pi", "6.28"),
    (r"2\pi", "2"),
    ("pi", "3"),
    ("x", "y"),
    ("x+1", "x-1"),
    ("5x", "5"),
    ("2xy", "2"),
    ("p - q", "q - p"),
    ("x^2", "x^3"),
    ("y = 2x + 3", "y = 2x - 3"),
    ("x^2 + y^2 = 25", "25"),
    ("(1,2)", "(2,1)"),
    ("(1,2)", "[1,2]"),
    ("[1,2)", "(1,2]"),
    ("(1,2,3)", "(1,2)"),
    ("(1,234)", "1234"),
    (r"\{1,2\}", r"\{1,3\}"),
    ("2,3,4", "2,3"),
    (r"\infty", r"-\infty"),
    (r"\begin{pmatrix}1\\2\end{pmatrix}", r"\begin{pmatrix}2\\1\end{pmatrix}"),
    ("east", "west"),
    ("yes", "no"),
    ("none", "14"),
    (r"\text{(A)}", r"\text{(B)}"),
    ("12-5", "-5"),
    ("12-5", "12"),
    ("10^6", "106"),
    (r"3 \times 10^8", "38"),
    (r"\log_2 8", "8"),
    ("5!", "5"),
    ("2^{10}", "20"),
    ("2^{10}", "210"),
    (r"(-\infty, 2)", r"(-\infty, 2]"),
    (r"\frac{x+1}{2}", r"\frac{x-1}{2}"),
    (r"\cos x", r"\sin x"),
    (r"{", "14"),
    (r"\frac{1}", "1"),
    ("\\", "14"),
    ("1" * 400, "1" * 399 + "2"),
    ("(" * 2000, "1"),
    (r"1 \pm \sqrt{2}", r"1+\sqrt{2}"),
    ("14 or 15", "14"),
    ("A", "B"),
    ("1e5", "100001"),
    (r"\text{east}", "14"),
    (r"\sqrt[3]{27}", "9"),
    (r"\frac{a}{b}", "b/a"),
    ("7x - 3", "3 - 7x"),
    ("3½", "3"),
    ("3½", "1/2"),
    (r"0.\overline{3}", "0.3"),
    ("1.5e3", "1.5"),
    ("3, 5", "5"),
    ("3, 5", "3, 5, 7"),
    ("12, 34", "1234"),
    ("√2", "2"),
    ("x²", "x2"),
    ("6:30", "6"),
    ("6 - 5i", "6 + 5i"),
    ("no solution", "0"),
    ("Evelyn", "Evelyn and Bob"),
    (r"[0, 1] \cup [2,3]", r"(0,1) \cup (2,3)"),
    (r"[1,\infty)", r"(1,\infty)"),
    ("x<3", "x>3"),
    ("2 hours 30 minutes", "2"),
    ("5 feet 6 inches", "5"),
    (r"7 \text{ R } 2", "7"),
    (r"\pm 3", "3"),
    (r"\frac{\pi}{4}", "45"),
]


@pytest.mark.parametrize(("a", "b"), [*SAME, *REPORTED_SAME], ids=lambda value: repr(value)[:40])
def test_same(a, b):
    assert answers_match(a, b)
    assert answers_match(b, a)


@pytest.mark.parametrize(("a", "b"), [*DIFFERENT, *REPORTED_DIFFERENT], ids=lambda value: repr(value)[:40])
def test_different(a, b):
    assert not answers_match(a, b)
    assert not answers_match(b, a)


def test_no_pair_is_both():
    same, different = (
        {tuple(map(str, pair)) for pair in pairs}
        for pairs in (SAME + REPORTED_SAME, DIFFERENT + REPORTED_DIFFERENT)
    )
    assert len(same) + len(different) >= 300 and not same & different


@pytest.mark.parametrize(("a", "b"), ONE_VOTE, ids=lambda value: repr(value)[:40])
def test_one_vote(a, b):
    assert vote_key(a) == vote_key(b) and answers_match(a, b)


@pytest.mark.parametrize(("a", "b"), APART, ids=lambda value: repr(value)[:40])
def test_two_votes(a, b):
    assert vote_key(a) != vote_key(b)


def test_silence_is_no_vote():
    assert vote_key(None) is None and vote_key("") is None


@given(st.fractions(max_denominator=10**4))
def test_the_vote_of_a_number_is_its_value(value):
    ways = [str(value), rf"\frac{{{value.numerator}}}{{{value.denominator}}}", f"x = {value}"]
    assert {vote_key(way) for way in ways} == {str(value)}


whole = st.integers(-(10**12), 10**12)


@given(whole, whole)
def test_whole_numbers_match_exactly_when_equal(a, b):
    assert answers_match(str(a), f"{b:,}") == (a == b)
    assert not answers_match(str(a), str(a + 1))


@given(st.fractions(max_denominator=10**6))
def test_a_fraction_matches_its_latex(value):
    sign = "-" if value < 0 else ""
    latex = rf"{sign}\frac{{{abs(value.numerator)}}}{{{value.denominator}}}"
    assert to_number(latex) == value
    assert answers_match(latex, str(value))
