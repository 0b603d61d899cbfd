r"""Extraction, case by case, then as properties.

The cases name what public notebooks get wrong: the first `Final:` instead of the last, `12-5` read as -5,
`1,234` read as 1, `\boxed{\frac{1}{2}}` cut at the first brace, a run-on that supplies the answer.
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.answers import answers_match, canonical, extract_answer, vote_key
from tests.helpers.answers.reported import EXTRACTED, STATED

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


@pytest.mark.parametrize(
    ("text", "answer"),
    [case for cases in EXTRACTIONS.values() for case in cases],
    ids=lambda value: repr(value)[:60],
)
def test_extracts(text, answer):
    assert extract_answer(text) == answer


def test_a_sample_instead_of_its_text_is_explained():
    with pytest.raises(TypeError, match=r"pass sample\.text"):
        extract_answer(14)


@pytest.mark.parametrize(("text", "answer"), EXTRACTED, ids=lambda value: repr(value)[:60])
def test_what_users_of_other_readers_reported(text, answer):
    assert extract_answer(text) == answer


@pytest.mark.parametrize(("text", "same", "other"), STATED, ids=lambda value: repr(value)[:60])
def test_a_statement_in_mathematics_is_read_whole(text, same, other):
    answer = extract_answer(text)
    assert answers_match(answer, same) and answers_match(same, answer)
    assert not answers_match(answer, other)


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


PARTS = [
    "<think>",
    "</think>",
    "\\boxed{",
    "\\text{a}",
    " \\%",
    "Final: ",
    "\n",
    "1,",
    "1-1",
    "\\boxed ",
    "sqrt(",
    "(",
]
PARTS += [
    "<|channel|>final<|message|>",
    "1{,}234",
    "Final: $",
    "x = ",
    "\\frac",
    "{",
    " and 1",
    "1 + ",
    "1 of ",
    "1 is ",
    "1, ",
    "analysis",
    "answer is 1 = ",
    "[1,",
]


@pytest.mark.parametrize("part", PARTS)
def test_long_monotonous_text_is_answered_at_once(part):
    extract_answer((part * 100_000)[:100_000])
    extract_answer("\\boxed{1" + (part * 100_000)[:100_000] + "!}")
    extract_answer(("Final: " + (part * 1000)[:990] + "(\n") * 100)
    answers_match("Final: " + (part * 100_000)[:100_000], part * 20)


@given(
    st.lists(
        st.sampled_from([*PARTS, "7", "+", "=", " ", "\\sqrt", "}", ")", "$", "^", "<", "\\pm", "e", "i"]),
        max_size=12,
    )
)
def test_pieces_of_mathematics_in_any_order_are_read_and_compared(pieces):
    text = "".join(pieces)
    answer = extract_answer(text)
    assert answer is None or (canonical(answer) == answer and answers_match(answer, answer))
    assert answers_match(text, answer or "") in (True, False)
    assert answer is None or isinstance(vote_key(answer), str)


@given(st.lists(st.sampled_from([*PARTS, "7", "a", "=", " ", "^", "<", "-"]), min_size=1, max_size=4))
@settings(max_examples=40, deadline=None)
def test_a_statement_of_pieces_over_and_over_is_read(pieces):
    line = ("".join(pieces).replace("\n", "") * 1000)[:980]
    answer = extract_answer(f"Final: {line}(\n" * 100)
    assert answer is None or canonical(answer) == answer
