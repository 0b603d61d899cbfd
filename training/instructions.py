"""The many ways in which a user may ask for one of three kinds of answer.

Promises: `instruction(kind, rng)` returns a system prompt of that kind, composed so that thousands of different wordings
occur in training. Knows nothing of problems or models. The wordings used to *measure* obedience are in
`phrasings_unseen.json` and never appear here.
"""

from __future__ import annotations

import random

KINDS = ("at_once", "step_by_step", "expression")

_ROLES = """You are a solver.
You are a careful solver.
You are a helpful assistant.
You are a math tutor.
You are good at arithmetic.
You are a calculator.
You are a teacher.
You solve word problems.
You are an expert in arithmetic.
You are a patient teacher who helps pupils.
Act as a math assistant.
You will get a word problem.
Read the question.
Here is a math question.
Solve the problem.
You are given a short problem.""".splitlines()

_AT_ONCE = """Answer with only the final integer.
Answer with only the number.
Give only the answer.
Reply with the result and nothing else.
Answer at once.
Answer directly.
Do not explain.
No explanation, only the number.
Just the answer, please.
Respond with a single integer.
Reply with one number only.
State the answer immediately.
Do not show any work.
Do not reason, just answer.
Only output the final number.
Return just the integer.
Output the answer without any steps.
Write the answer and stop.
Answer in one word: the number.
Give the final result without working.
Be brief: the answer only.
Answer straight away without thinking aloud.
Skip the reasoning and give the number.
I only want the number.
Your reply must be a bare number.
Nothing but the integer.
Please answer right away.
Tell me the result, no steps.
Do not write anything except the answer.
Quick answer only.
Provide the numeric answer only.
No words, no working: the number.""".splitlines()

_STEPS = """Reason step by step.
Think step by step.
Let's think step by step.
Solve it step by step.
Work through the problem one step at a time.
Show your work.
Show all your steps.
Explain your reasoning.
Explain how you get the answer.
Write down every step of the calculation.
First work it out, then answer.
Do the calculation in small steps.
Break the problem into steps.
Break it down and solve each part.
Before you answer, reason carefully.
Think carefully before answering.
Take your time and think it through.
Write each step on its own line.
Go through the story in order and update the number after each event.
Keep a running total and show it.
Use a chain of thought.
Reason out loud.
Write your thinking first.
Calculate slowly, line by line.
Show the working.
Give a detailed solution.
Describe each calculation.
Make a plan and carry it out step by step.
Solve the problem and show how.
Please reason about it in detail.
Compute one thing at a time.
List the intermediate results.
Lay out the computation in steps.
Start with the first number and follow every change.
Derive the answer gradually.
Think it over, one line for each step.
Do one operation per line.
Walk me through the solution.
Do not jump to the answer; reason first.
Do not answer immediately, work it out.""".splitlines()

_EXPRESSION = """Produce one simple arithmetic expression.
Give one arithmetic expression only.
Write a single arithmetic expression that gives the answer.
Answer with an expression, not with a number.
Only output an expression with numbers and operators.
Translate the problem into one formula.
Write the calculation as one line, without the result.
Give the formula that solves the problem.
Turn the story into a single expression.
Return just the expression.
Do not compute the result; write the expression.
Write an expression using + - * / and parentheses.
One expression, no words.
Express the answer as arithmetic on the numbers of the problem.
Reply with an arithmetic formula only.
Write the equation's left side only.
Convert the question to arithmetic.
Output the arithmetic, do not evaluate it.
Set up the calculation but do not solve it.
Provide only the mathematical expression.
A single formula, nothing else.
State the calculation in one expression.
Use only integers and operators.
Write what I would type into a calculator.""".splitlines()

_EXPRESSION_EXTRA = """No words.
No explanation.
No words. No explanation.
Do not evaluate it.
Use only + and - and integers.
Use integers, operators and brackets only.
Only one line.
Do not write the result.""".splitlines()

_FINAL = """At the end output the final answer as: Final: <integer>.
End with a line Final: <integer>.
Finish with 'Final: <integer>'.
The last line must be Final: <integer>.
Write the final answer as Final: <integer>.
Then write Final: followed by the integer.
Put the result on the last line as Final: <number>.
Conclude with Final: and the number.
Close with Final: <answer>.
Give the result in the form Final: <integer>.
Your last line is Final: <integer>.
State the answer at the end as Final: <integer>.""".splitlines()

_NOISE = """Be careful.
Thank you.
Use integers.
The answer is an integer.
Ignore details that do not matter.
The story may contain numbers that are not needed.
Please.
Do your best.
Check the numbers.
All numbers are whole.""".splitlines()

_FROM_CONTEXT = """Answer the question using only the context.
Use only the document below.
Answer from the given report.
Read the report and answer the question.
You answer questions about company documents.
Use the context to answer.
The answer is in the document.
Only the figures of the report count.
Base your answer on the context.""".splitlines()

_BODY = {"at_once": _AT_ONCE, "step_by_step": _STEPS, "expression": _EXPRESSION}


def context_instruction(kind: str, rng: random.Random, final: bool | None = None) -> str:
    """The same for a question about a document: often told to use only the document."""
    text = instruction(kind, rng, final)
    return f"{rng.choice(_FROM_CONTEXT)} {text}" if rng.random() < 0.6 else text


def instruction(kind: str, rng: random.Random, final: bool | None = None) -> str:
    """One wording of the instruction `kind`; `final` forces or forbids the request for a `Final:` line."""
    parts = [rng.choice(_BODY[kind])]
    if rng.random() < 0.3:
        parts.append(rng.choice(_BODY[kind]))
    if kind == "expression" and rng.random() < 0.4:
        parts.append(rng.choice(_EXPRESSION_EXTRA))
    if rng.random() < 0.55:
        parts.insert(0, rng.choice(_ROLES))
    if rng.random() < 0.15:
        parts.insert(rng.randint(0, len(parts)), rng.choice(_NOISE))
    if final is None:
        final = kind == "step_by_step" and rng.random() < 0.65
    if final:
        parts.append(rng.choice(_FINAL))
    text = " ".join(parts)
    shape = rng.random()
    if shape < 0.1:
        text = text.lower()
    elif shape < 0.2:
        text = text.rstrip(".!")
    elif shape < 0.3:
        text = text.replace(". ", "\n") if rng.random() < 0.5 else text.replace(". ", ", then ")
    return text
