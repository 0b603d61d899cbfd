r"""Extraction and equivalence, case by case, then as properties.

The cases name what public notebooks get wrong: the first `Final:` instead of the last, `12-5` read as -5,
`1,234` read as 1, `\boxed{\frac{1}{2}}` cut at the first brace, a run-on that supplies the answer, int
compared with text.
"""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.answers import answers_match, canonical, extract_answer, to_number
from helpers.latex import MathVerify

EXTRACTIONS = {
    "the model's own format": [
        ("Gives away 5: 12 - 5 = 7\nBuys 7: 7 + 7 = 14\nFinal: 14", "14"),
        ("347 * 20 = 6940\n347 * 6 = 2082\n6940 + 2082 = 9022\nFinal: 9022", "9022"),
        ("14", "14"),
        ("12 - 5 + 7", "7"),
    ],
    "Final:": [
        ("Final: 14", "14"),
        ("final: 14", "14"),
        ("FINAL : 14", "14"),
        ("Final:14", "14"),
        ("Final = 14", "14"),
        ("Final:\n14", "14"),
        ("Final:\n\n  14 apples", "14"),
        ("Final answer: 14", "14"),
        ("Final Answer: John has 14 apples", "14"),
        ("Final count: 14", "14"),
        ("final_answer = 14", "14"),
        ("First Final: 3, but that is wrong.\nFinal: 14", "14"),
        ("Final: 14\n\nI used 3 steps.", "14"),
        ("Final: 12 - 5 + 7 = 14", "14"),
        ("Final: 14 = 7 * 2", "14"),
        ("Final: 14 (12 apples, 5 given away, 7 bought)", "14"),
        ("Final: <14>", "14"),
        ("Final: [14]", "14"),
        ("Final: 'Final: <integer>' is the format. 7 + 7 = 14", "14"),
        ("Final: <integer>", None),
        ("7 + 7 = 14\nFinal: <integer>", "14"),
        ("Final: about 14", "14"),
        ("Final: 14.", "14"),
        ("Final: ≈ 14", "14"),
        ("Semifinal: 3 teams. The other 2 left", "2"),
    ],
    "bold, code, headings": [
        ("**Final:** 1,234", "1234"),
        ("**Final**: 14", "14"),
        ("**Final: 14**", "14"),
        ("Final: **14**", "14"),
        ("Final: **14** apples", "14"),
        ("### Final Answer:\n**14**", "14"),
        ("`Final: 14`", "14"),
        ("So he has **14** apples.", "14"),
        ("*Final:* *14*", "14"),
        ("__Final:__ 14", "14"),
        ("2**3 = 8", "8"),
    ],
    "the answer is": [
        ("the answer is -7.", "-7"),
        ("The answer is: 14", "14"),
        ("The answer is 14, not 15.", "14"),
        ("The answer is not 15 but 14.", "14"),
        ("So the answer to the question is 14.", "14"),
        ("The answer is that John has 14 apples.", "14"),
        ("The answer is 12 - 5 + 7 = 14.", "14"),
        ("Answer: 14", "14"),
        ("ANSWER: 14", "14"),
        ("Answer:\n14", "14"),
        ("Answer:\n1. First add 3 and 4.\n2. That gives 7.", "7"),
        ("The final answer equals 14", "14"),
        ("The answer is 13. Wait, I forgot one: the answer is 14.", "14"),
        ("Final Answer: The final answer is $14$. I hope it is correct.", "14"),
        ("My answer isn't ready. 3 + 4 = 7", "7"),
        ("#### 14", "14"),
        ("12 - 5 = 7\n#### 1,407", "1407"),
        ("#### 2. Add them\n3 + 4 = 7", "7"),
    ],
    "boxes": [
        (r"\boxed{14}", "14"),
        (r"Thus $\boxed{14}$.", "14"),
        (r"Final: \boxed{14}", "14"),
        (r"The answer is $\boxed{\frac{1}{2}}$", "1/2"),
        (r"\boxed{\dfrac{3}{4}}", "3/4"),
        (r"\boxed{\frac{\sqrt{3}}{2}}", r"\frac{\sqrt{3}}{2}"),
        (r"First \boxed{3}, then \boxed{14}.", "14"),
        (r"\boxed{1}. No: \boxed{\text{none}}", "none"),
        (r"\fbox{14}, that is \boxed{14}", "14"),
        (r"\boxed{14 \text{ apples}}", "14"),
        (r"\boxed{1{,}234}", "1234"),
        (r"\boxed{1,\!234}", "1234"),
        (r"\boxed{\$36}", "36"),
        (r"\boxed{36\%}", "36"),
        (r"\boxed{45^\circ}", "45"),
        (r"\boxed{x = 5}", "5"),
        (r"\boxed{12 - 5 + 7 = 14}", "14"),
        (r"\boxed{(1, 2)}", "(1, 2)"),
        (r"\boxed{\left[1, \frac{3}{2}\right)}", r"\left[1, \frac{3}{2}\right)"),
        (r"\boxed{\{1,2\}}", r"\{1,2\}"),
        (r"\boxed{-\frac{7}{3}}", "-7/3"),
        (r"\fbox{14}", "14"),
        (r"\boxed{}", None),
        (r"\boxed{} and 3", "3"),
        (r"so \boxed{14", "14"),
        (r"\boxed{13} is wrong. Final: 14", "14"),
        (r"Final: 13? No: \boxed{14}", "14"),
    ],
    "several boxes are one answer where they are joined": [
        (r"We get $\boxed{3}$ and $\boxed{5}$.", "3, 5"),
        (r"x = \boxed{3} or x = \boxed{-2}", "3, -2"),
        (r"$\boxed{1}$, $\boxed{2}$, and $\boxed{3}$", "1, 2, 3"),
        (r"\boxed{14}, \boxed{14}", "14"),
        (r"\boxed{3} is a guess; I check. \boxed{5}", "5"),
        ("\\boxed{3}\n\nand then\n\n\\boxed{5}", "5"),
        (r"\boxed{}, \boxed{5}", "5"),
    ],
    "answers that are no number": [
        (r"\boxed{\text{Evelyn}}", "Evelyn"),
        ("Final: Evelyn", "Evelyn"),
        ("The answer is Evelyn.", "Evelyn"),
        ("The answer is (C).", "C"),
        ("Answer: B", "B"),
        ("Final answer: (D) because 3 + 4 = 7", "7"),
        ("Final: no solution", "no solution"),
        ("The answer is odd.", "odd"),
        ("The answer is obvious. 3 + 4 = 7", "7"),
        ("The answer is unclear", None),
        ("Final: your answer", None),
        ("Final: I do not know the answer", None),
        (r"Final Answer: The final answer is $\boxed{\text{(C)}}$.", "C"),
        ("The answer is 6:30 p.m.", "6:30"),
        ("Final: 14, 15", "14, 15"),
        ("Final: 3, 5, and 7", "3, 5, 7"),
        ("Final: 14 and 15", "14, 15"),
        (r"\boxed{2 \text{ or } 3}", "2, 3"),
        ("Final: between 3 and 5", "5"),
        (r"The answer is $[1, \infty)$.", r"[1, \infty)"),
    ],
    "typed mathematics": [
        ("Final: 3½", "7/2"),
        ("Final: ½", "1/2"),
        ("Final: √2", r"\sqrt{2}"),
        ("Final: 2√3", r"2\sqrt{3}"),
        ("Final: 3π", r"3\pi"),
        ("Final: x² + 1", "x^2 + 1"),
        ("Final: 2^10", "2^10"),
        ("Final: 3 x 10^8", r"3 \times 10^8"),
        ("Final: 1.5e3", "1500"),
        ("Final: 3 x 4 = 12", "12"),
        ("Final: 14 m", "14"),
        ("Final: y = 2x + 3", "2x + 3"),
        (r"\boxed{\mathbf{14}}", "14"),
        (r"\boxed{\boldsymbol{14}}", "14"),
        (r"\boxed{11,\! 111,\! 111,\! 100}", "11111111100"),
        (r"\boxed{45\degree}", "45"),
        (r"\boxed{45^{\text{o}}}", "45"),
        ("Final: 20 °C", "20"),
        ("Final: 12 m/s", "12"),
        (r"\boxed{0.\overline{3}}", "1/3"),
    ],
    "maths without a box": [
        (r"The answer is $\frac{1}{2}$.", "1/2"),
        (r"The answer is \(\frac{3}{4}\).", "3/4"),
        (r"Final: \[ 14 \]", "14"),
        (r"Final: \frac{2}{4}", "1/2"),
        (r"Final: 3\sqrt{2}", r"3\sqrt{2}"),
        ("Final: 1/2", "1/2"),
        ("Final: 12/4", "3"),
        ("Final: 3 1/2", "7/2"),
        ("Final: (1, 2)", "(1, 2)"),
    ],
    "ways to write a number": [
        ("14.0", "14"),
        ("14.50", "14.5"),
        ("Final: 0014", "14"),
        ("Final: .5", "0.5"),
        ("Final: -0", "0"),
        ("1,234", "1234"),
        ("1,234,567.80", "1234567.8"),
        ("the parts are 1,2,3", "3"),
        ("−5", "-5"),
        ("Final: −5", "-5"),
        ("Final: - 5", "-5"),
        ("Final: -$5", "-5"),
        ("Final: $-5", "-5"),
        ("$36", "36"),
        ("Final: $36, that is $5 more", "36"),
        ("Final: €36", "36"),
        ("Final: 36%", "36"),
        ("Final: 36 percent of 50", "36"),
        ("Final: 14 apples", "14"),
        ("Final: 14apples", "14"),
        ("He drove 60 km/h", "60"),
    ],
    "signs": [
        ("12-5", "5"),
        ("12 - 5", "5"),
        ("12 -5", "5"),
        ("(12)-5", "5"),
        ("12–5", "5"),
        ("12−5", "5"),
        ("12 * -5", "-5"),
        ("it is -5", "-5"),
        ("= -5", "-5"),
        ("(-5)", "-5"),
        ("twenty-5", "5"),
        ("- 5 apples", "5"),
    ],
    "ordinals are no answer": [
        ("14 people, on the 2nd day", "14"),
        ("14 people left on the 22nd", "14"),
    ],
    "run-ons": [
        ("Final: 14\nQuestion: What is 3 + 4?\nFinal: 7", "14"),
        ("14\n\nQuestion: A bus has 25 people", "14"),
        ("\nQuestion: What is 3 + 4?\nAnswer: 7", None),
        ("Final: 14\n\nProblem 2: Ann has 3", "14"),
        ("Final: 14\n**Question:** 3 + 4", "14"),
        ("Final: 14\n### Next question: 3 + 4", "14"),
        ("Final: 14\nUser: and 3 + 4?\nAssistant: 7", "14"),
        ("Final: 14\nHuman: 3", "14"),
        ("Final: 14\nQ: 3 + 4?\nA: 7", "14"),
        ("Final: 14<|im_end|>\n<|im_start|>user\n3 + 4", "14"),
        ("Final: 14</s>7", "14"),
        ("Final: 14 [INST] 3 + 4 [/INST] Final: 7", "14"),
        ("The question: how many? 3 + 4 = 7", "7"),
    ],
    "thinking": [
        ("<think>12 - 5 = 7, the answer is 7?</think>\nFinal: 14", "14"),
        ("it is 7, the answer is 7</think>14", "14"),
        ("<think>12 - 5 = 7", None),
        ("<think>7</think>", None),
        ("<think>Question: how many?</think>14", "14"),
        (r"<think>\boxed{3}</think>\boxed{14}<think>\boxed{5}", "14"),
        ("Final: 14\nQuestion: x\n<think>3</think>Final: 9", "14"),
    ],
    "nothing there": [("", None), ("   \n", None), ("I do not know.", None), ("fourteen", None), ("-", None)],
}

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


@pytest.mark.parametrize(
    ("text", "answer"),
    [case for cases in EXTRACTIONS.values() for case in cases],
    ids=lambda value: repr(value)[:60],
)
def test_extracts(text, answer):
    assert extract_answer(text) == answer


@pytest.mark.parametrize(("a", "b"), SAME, ids=lambda value: repr(value)[:40])
def test_same(a, b):
    assert answers_match(a, b)
    assert answers_match(b, a)


@pytest.mark.parametrize(("a", "b"), DIFFERENT, ids=lambda value: repr(value)[:40])
def test_different(a, b):
    assert not answers_match(a, b)
    assert not answers_match(b, a)


def test_the_tables_are_as_large_as_they_claim():
    assert sum(map(len, EXTRACTIONS.values())) >= 150
    assert len(SAME) + len(DIFFERENT) >= 150
    assert not {tuple(map(str, pair)) for pair in SAME} & {tuple(map(str, pair)) for pair in DIFFERENT}


def test_a_sample_instead_of_its_text_is_explained():
    with pytest.raises(TypeError, match=r"pass sample\.text"):
        extract_answer(14)


# Properties

whole = st.integers(-(10**12), 10**12)
text = st.text(
    alphabet=st.sampled_from(
        "0123456789.,-−+*/=^ ()[]{}<>$\\%:#\nabxFinal answer is boxed frac think Question"
    )
)


@given(whole)
def test_every_way_to_state_an_integer_gives_the_same_answer(n):
    ways = [
        f"{n}",
        f"{n:,}",
        f"{n}.0",
        f"Final: {n}",
        f"**Final:** {n:,}",
        f"The answer is {n}.",
        f"#### {n}",
    ]
    ways += [rf"\boxed{{{n}}}", rf"$\boxed{{{n:,}}}$", f"Final: {n} apples", f"Final: {n}".replace("-", "−")]
    ways += [f"3 + 4 = 7\nFinal: {n}\n", f"Final: 5\nno\nFinal: {n}\n\nQuestion: What is 1 + 1?\nFinal: 2"]
    assert {extract_answer(way) for way in ways} == {str(n)}


@given(st.integers(0, 999), st.integers(0, 999), st.sampled_from(["-", " - ", "−", " −", "+", " * "]))
def test_an_operator_is_never_a_sign(a, b, operator):
    assert extract_answer(f"{a}{operator}{b}") == str(b)


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


@given(text)
def test_any_text_gives_one_canonical_answer_or_none(text):
    answer = extract_answer(text)
    assert answer is None or answer == answer.strip() != ""
    if answer is not None:
        assert canonical(answer) == answer
        assert answers_match(answer, answer)


@given(text, st.integers(0, 10**6))
def test_what_follows_a_run_on_changes_nothing(text, n):
    assert extract_answer(f"{text}\nQuestion: {n}?\nFinal: {n}") == extract_answer(text)


@pytest.mark.parametrize(
    "part", ["<think>", "</think>", "\\boxed{", "\\text{a}", " \\%", "Final: ", "\n", "1,", "1-1"]
)
def test_long_monotonous_text_is_answered_at_once(part):
    extract_answer(part * 30_000)
    extract_answer("\\boxed{1" + part * 30_000 + "!}")


# The time limit

HANGS = ["9^{9^9}", r"\sum_{k=1}^{10^{12}} \frac{\sin k}{k^2 + 7}"]


@pytest.mark.parametrize("latex", HANGS)
def test_a_computation_without_end_is_cut_off_and_the_next_answer_is_right(latex):
    verifier = MathVerify(seconds=1.5)
    assert not verifier.equal(latex, "2^{3}")
    assert verifier.equal("2^{3}", "8")
    verifier.close()


def test_the_limit_holds_in_threads():
    verifier = MathVerify(seconds=1.5)
    verdicts = {}

    def ask(a, b):
        verdicts[a] = verifier.equal(a, b)

    threads = [
        threading.Thread(target=ask, args=pair) for pair in [("9^{9^9}", "1"), ("x+1", "1+x"), ("2^{3}", "9")]
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert verdicts == {"9^{9^9}": False, "x+1": True, "2^{3}": False}
    verifier.close()


def test_a_process_that_was_killed_is_replaced():
    verifier = MathVerify()
    assert verifier.equal("x+1", "1+x")
    verifier._process.kill()
    verifier._process.wait()
    assert verifier.equal("x+2", "2+x")
    verifier.close()
