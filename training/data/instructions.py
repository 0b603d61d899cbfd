"""The many ways in which a user may ask for one of three kinds of answer.

`instruction(kind, rng)` returns a system prompt of that kind, composed so that thousands of different
wordings occur in training. The wordings used to *measure* obedience are in `phrasings_unseen.json` and never
appear here.
"""

from __future__ import annotations

import random
import re

from training.data import wordings

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
State the answer at the end as Final: <integer>.
Final line: "Final: <integer>".
Finish with: Final: <number>
End like this: Final: 42
The answer goes on the last line, as Final: <integer>.
After that write 'Final: ' and the integer.
Use the format Final: <integer> for the answer.
Write "Final: N" at the end, where N is the answer.
Format of the answer: Final: <integer>.""".splitlines()

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


def _as_written(kind: str, rng: random.Random, final: bool | None) -> str:
    """A wording of `wordings.py`, at times with a role in front or a request for the last line behind."""
    by_kind = {
        "at_once": wordings.AT_ONCE_FINAL if final else wordings.AT_ONCE,
        "step_by_step": wordings.STEP_BY_STEP,
        "expression": wordings.EXPRESSION,
    }
    text = rng.choice(by_kind[kind])
    if rng.random() < 0.2:
        text = f"{_role(rng)} {text}"
    if kind == "step_by_step" and (final or (final is None and rng.random() < 0.55)):
        text = f"{text} {rng.choice(_FINAL)}"
    return text


def context_instruction(kind: str, rng: random.Random, final: bool | None = None, stage: int = 1) -> str:
    """The same for a question about a document: often told to use only the document."""
    text = instruction(kind, rng, final, stage)
    return f"{rng.choice(_FROM_CONTEXT)} {text}" if rng.random() < 0.6 else text


# wordings built from parts: `a|b|` means one of a, b or nothing
_BUILT = {
    "at_once": """[Give|State|Return|Provide|Output|Print|Write|Send|Report|Tell me|Say|Name|Reply with|Respond with|Answer with|Show me|List] [only|just|nothing but|simply|] [the|one|] [final|numeric|correct|right|bare|] [answer|result|number|integer|value|figure|solution|total|whole number][|, nothing else|, without explanation|, no steps|, no working|, and stop| straight away|, please| in one line| at once| immediately].
[Do not|Don't|Never|Please do not] [explain|show any work|reason|write steps|show the calculation|describe how you got there|think aloud|add words|give reasons|comment|justify it|derive it][|; only the number|, only the result|: I need the answer alone|, just reply with the integer].
[No|Zero|Without] [explanation|steps|reasoning|working|words|comments|calculation|details|text|intermediate results][|: just the number|. Only the answer|, give the result|; one integer].
Your [reply|answer|response|output|message] [must be|should be|is|contains|consists of|has to be] [one number|a single integer|only the result|the bare number|digits only|just the final value|a number and nothing else|exactly one integer].
[A short|A brief|A quick|An immediate|A direct|One] [answer|reply|response][ only|, please|]: [the number|one integer|just the result|the result alone].
[Skip|Leave out|Omit|Hide|Keep back] [the reasoning|all steps|the working|every explanation|the derivation|how you did it] [and give|; give|, write|, return] [only the answer|the number|the final integer|the result].
[I want|I need|We need|The user wants|The reader expects|The form takes] [only|just|nothing more than] [a number|the answer|the result|one integer|the final value].
[Explanation|Steps|Reasoning|Words|Working]: [none|no|zero]. [Answer|Result|Reply]: [one number|an integer|the number].
[A question comes in|I send a story|You get a problem|Someone asks], [one number goes out|you send back a number|you reply with the integer|you return only the result].""",
    "step_by_step": """[Explain|Show|Describe|Write down|Lay out|Present|Spell out|Give|Document|Write out] [how you get the answer|how you arrive at the result|how you reach the total|how you find the solution|your reasoning|your thinking|your thoughts|your working|your calculation|your approach|each step|each calculation|each operation|every change|every intermediate result|all the steps|all calculations|the whole derivation|the full solution][|, then give the answer|, before you answer|, line by line|, one after the other|, in order|, on separate lines|, in detail|, and then the result|, from start to end].
[Think|Reason|Work|Go on|Proceed|Calculate|Compute|Solve it|Answer] [step by step|one step at a time|slowly|carefully and in steps|in small steps|sentence by sentence|line by line|event by event|in a logical order][|, then conclude|, and show it|, writing each sum|, and only then answer| before you give the answer].
[For|After] each [sentence|event|part|change|fact|piece of information] [of the story|of the problem|], [write|do|note|show|add a line with] the [calculation|new number|sum|equation|operation|running total].
[Give|Write|Provide|I want|Produce] a [worked|detailed|full|complete|clear|step-by-step|careful] [solution|explanation|calculation|derivation][|, not just the number|, not only the answer|, with every step|, as in a textbook].
First [identify|list|note|find|collect|extract] the [quantities|numbers|facts|data|important figures], then [do the calculations|compute|apply the changes|add and subtract|combine them] [one after the other|in order|step by step|one by one][|, finally give the answer|, at last state the result|, and end with the answer].
[Explain it|Solve it|Walk through it|Show it] [like to a child|as to a beginner|as a teacher would|for a pupil|so that anyone can follow|so that I can check it|as on a blackboard|so that a classmate understands].
[Step 1|1.|One]: [read the numbers|understand the story|find what is asked]. [Step 2|2.|Two]: [calculate in order|do each operation|work out each change]. [Step 3|3.|Three]: [state the answer|write the result|conclude].
[Do not|Don't|Never] [guess|skip steps|hurry|answer right away|give only the number|jump to the end]: [work it out|reason first|show the steps|calculate in order|write the reasoning].
[The way to the answer|The reasoning|How you get there|The path|Every step] [matters|counts|must be visible|is what I want to see|should be written down].
[Let us|Let's|You should|You must|Please|Always] [work this out together|think about it first|reason before answering|break it into smaller parts|solve it in stages|take it one piece at a time|write the intermediate steps|think aloud].""",
    "expression": """[Write|Give|Return|Output|Provide|Show|State|Send|Print|Reply with|Answer with] [only|just|] [the|one|a single|] [arithmetic|mathematical|numeric|] [expression|formula|calculation|computation|equation|term] [that gives the answer|that solves it|for the story|for this problem|to type into a calculator|that leads to the result|behind the answer|without its value|but not its result|without evaluating it|without working it out].
[Do not|Don't|Never|Please do not] [compute|evaluate|calculate|solve|work out|simplify] [it|anything|the result|the answer]; [just|only] [write|give|return|state] the [expression|formula|calculation|arithmetic].
[Translate|Convert|Turn|Map|Transform|Rewrite|Encode|Express] the [problem|story|text|question|words|situation] [into|as] [one|an|a single] [expression|formula|arithmetic expression|calculation|mathematical expression|line of arithmetic].
[Instead of the number|Not the number but|In place of the result,|Rather than the answer,] [give|write|state] the [expression|calculation that leads to it|formula|computation in one line].
Which [calculation|expression|formula|computation] [answers the question|solves this|gives the answer]? [Write|Give|Reply with|State] [only that|just that|it and nothing else].
[Expression|Formula|Calculation|Arithmetic] only[|, no result|, no text|, no words|, nothing around it|, not evaluated].
[I have|The user has|There is] a calculator: [send the input for it|tell me what to type|write the keys to press|give me the expression to enter][|, nothing more|, no result].
[Only|Just|Nothing but] [numbers, operators and parentheses|digits and + - * /|numbers and signs|an unevaluated expression] [are allowed in your reply|may appear|, please|, no result].
The [output|reply|answer|response] [is|must be|should be] [an expression such as|one formula like|a calculation, for example] %(example)s[|, not a number|, without the result|, nothing else].
[Leave the result open|The value does not matter|Somebody else will compute the result|Stop before computing]: [only the expression|write the formula|give the calculation].""",
}  # fmt: skip


# more wordings of the second stage, after a look at which ones the first stage did not obey
_BUILT_LATER = {
    "at_once": """Output format: [one number|an integer|a number|digits only]. [No|Without] [units|text|punctuation|sentences|prose|comments][, no|, without] [steps|reasoning|words|derivation].
[Respond|Answer|Reply|Write back] in the form Final: <integer> [and nothing else|with nothing around it|, no other text|, nothing before it|immediately].
[Give|Write|State] the [answer|result|number] [in one line|on a single line|directly] as Final: [N|<integer>|<number>][, without explanation|, no working|, no steps|, and nothing else].
Your whole [reply|answer|output] is the line Final: [<integer>|N|<number>].
Keep [it|your answer|the reply] [short|brief|minimal]: [the number|the result|one integer][, that is all| and that is it|].
[Only|Just] the [integer|number|result|answer][!|, please!|, thanks.|, nothing more.].
[Do not|Don't] [think|reason|calculate] [out loud|aloud|in your answer|on paper]. [Only|Just] [output|print|write|give] the [answer|number|result].
[Only the result is graded|The form has one field|I have no time|The reader is in a hurry|Marks are given for the result alone|We are in a contest], so [write|send|give] [the number|one integer|the result] [and nothing more|alone|at once].
[Your reply|What you write|The text] is [read by a program|parsed by a script|stored in a table|compared by a machine] [that expects|which needs|that accepts only] [an integer|digits|a number].
For [each|every] [question|problem|story], [provide|give|return|write] [only|just] the [final result|solution|number|answer][ as a whole number| as an integer|].
List [only|just|nothing but] the [solution|answer|result], [like an answer key|as in the back of a book|without how it was found].""",
    "step_by_step": """[Explain|Tell me|Show me|Please explain|I would like to know] how you [get to|come to|reach|arrive at] the [solution|answer|number|result].
[For|From] each [sentence|line|part] [in|of] the [problem|story|text], write [the calculation it leads to|what changes|the new value]. [Then|After the last one,] give the [total|answer|result].
[Think|Reason|Work|Calculate] [aloud|out loud|on paper|in writing]. [When you are done|At the end|After that], [write the answer|give the result|state the number].
You [solve|answer|work on] [problems|questions|word problems|tasks] [by reasoning|by thinking|by calculating] [step by step|step-by-step|in steps|line by line].
[Solve|Do|Work out|Handle] [this|it|the problem] in [stages|parts|small pieces]. [Say|State|Show|Write] what you [compute|calculate|find] [at each|in every] [stage|part|point].
[Reasoning|Steps|Working|Calculations] first[!|, please.|.] [Then|After that|Last] the [answer|result|number].
[Break|Split|Divide|Cut] the [problem|task|story] [into small steps|into parts|down], [compute|solve|work out] [each of them|one after the other|them in order], and [finish|end] with the [result|answer].
[Your reasoning|The working|Every calculation] is [graded|read|checked], so [write it all down|show everything|leave nothing out].""",
    "expression": """[Write|Give|Show|Send] [me|] the [math|arithmetic|maths|sum|operation], not the [answer|result|value|number].
Output format: [<expression>|one expression|an arithmetic expression]. [Allowed|Permitted]: [digits, + - * / and parentheses|numbers and operators]. [No words|No equals sign|No result][, no equals sign|, no text|].
[I will|My calculator will|The program will|We will] [evaluate|compute|work out] it [myself|later|ourselves|]: [just|only] [write|give|send] the [expression|formula|calculation].
[How would one type this into a calculator|What would you enter in a calculator]? [Write|Give] [only|just] [that|the input].""",
}  # fmt: skip


def _build(kind: str, rng: random.Random, stage: int) -> str:
    """One wording from the parts: each bracket becomes one of its choices."""
    parts = _BUILT_LATER if stage == 2 and rng.random() < 0.5 else _BUILT
    text = rng.choice(parts[kind].splitlines())
    if "%(example)s" in text:
        a, b, c = (rng.randint(2, 60) for _ in range(3))
        text = text.replace("%(example)s", f"{a} {rng.choice('+-')} {b} {rng.choice('+-*')} {c}")
    text = re.sub(r"\[([^]]*)\]", lambda m: rng.choice(m[1].split("|")), text)
    return re.sub(r" +([.,;:]|$)", r"\1", re.sub(r" +", " ", text)).strip()


_WHO = """[solver|assistant|math tutor|calculator|teacher|expert|accountant|bookkeeper|student|mathematician|helper|engine|bot|program]"""
_ADJECTIVES = "[careful|helpful|precise|patient|fast|good|reliable|friendly|strict|smart]"
_ROLE_FORMS = (f"You are a {_ADJECTIVES} {_WHO}.", f"Act as a {_ADJECTIVES} {_WHO}.", f"You work as a {_WHO}.", f"Imagine you are a {_WHO}.",
               f"Be a {_ADJECTIVES} {_WHO}.")  # fmt: skip


def _role(rng: random.Random) -> str:
    if rng.random() < 0.5:
        return rng.choice(_ROLES)
    return re.sub(r"\[([^]]*)\]", lambda m: rng.choice(m[1].split("|")), rng.choice(_ROLE_FORMS))


def _wording(kind: str, rng: random.Random, stage: int) -> str:
    return _build(kind, rng, stage) if rng.random() < 0.65 else rng.choice(_BODY[kind])


def instruction(kind: str, rng: random.Random, final: bool | None = None, stage: int = 1) -> str:
    """One wording of the instruction `kind`; `final` forces or forbids the request for a `Final:` line.

    `stage` 2 of the training uses more wordings than stage 1.
    """
    if stage == 2 and rng.random() < 0.35:
        return _as_written(kind, rng, final)
    parts = [_wording(kind, rng, stage)]
    if rng.random() < 0.3:
        parts.append(_wording(kind, rng, stage))
    if kind == "expression" and rng.random() < 0.4:
        parts.append(rng.choice(_EXPRESSION_EXTRA))
    if rng.random() < 0.55:
        parts.insert(0, _role(rng))
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
