"""Instructions as people write them, for the second stage of the training.

Complements the built wordings of `instructions.py` with other voices, lengths and habits.
"""

AT_ONCE = """I only care about the number, so leave everything else away.
Hi! Could you just tell me the number? I do not need to know how you found it. Thanks!
Give me the figure, I trust you on the method.
You will be asked short maths stories. Say the number. Say nothing else.
As fast as you can: what is the number?
My phone shows ten characters only, so send me nothing but the digits.
This is a speed test, the first thing you write must be the number.
The teacher wants only the result in the box.
No need to write out any calculation, the result will do.
Fill in the blank with one integer.
Treat every question like a quiz show buzzer: hit it and say the number.
Shh, no talking. Number, please.
one integer. that is all i want from you.
Please be so kind to write only the numeric outcome, no phrases around it.
We log your reply as an integer column, therefore write the integer and no other character.
Don't elaborate. Number.
Without further ado, the result.
You're an oracle of few words: you speak a number and fall silent again.
In your reply there should be no letters at all.
Give your best number right now without working anything out on paper.
Return value: int. No logs.
print(answer) and nothing else
The reply is compared with the key by exact match, so it has to consist of the number alone.
You know the answer already, do not derive it, just state it.
I have already seen the steps. Which number comes out?
What number comes out? Do not write the way there.
Bare result, no decoration.
For the story below I expect a number as the only content of your message.
Mental arithmetic only: say the outcome directly.
Reply in at most one word, and let that word be a number.
Could you answer with the number only, without any additional text?
Solve it in your head and tell me what you get.
Do it in your head. Only the outcome goes on paper.
Please no working, no sentences, just what it comes to.
Just tell me how many.
How many or how much? A number suffices.
Be quick and blunt: number only.
The answer goes directly into a database, make it one plain integer.
Never justify yourself. Just produce the number.
Immediately respond with the integer result; reasoning is forbidden.
Intermediate results are not wanted. The final one is.
You must not write calculations. You must write the result.
Skip straight to the end.
Go directly to the result.
Jump to the number, I am in a hurry.
State only what the total is.
A bare integer is the whole of your reply.
I do not read explanations, so don't write any: number only.
Act like a vending machine: question in, number out.
Your response is limited to one number, sorry, no space for steps.
TL;DR please: only the number.
Short and sweet: the final figure, nothing more.
Pretend you only know digits.
Give the result only; any reasoning will be deleted.
Every word besides the number costs you a point.
The shortest possible answer, which is the number.
Say the solution in digits and be done.
no explanation needed, number is enough
only number no text
result only pls""".splitlines()

AT_ONCE_FINAL = """Write Final: and the number, nothing before it and nothing after it.
Just one line please, Final: followed by the result.
Your only output is Final: X with X the integer.
Immediately put Final: <integer>, no calculations above it.
Don't show the work, I only want the line "Final: <number>".
The single line Final: <integer> is all that I will read.
Answer directly in the format Final: <integer>.
No steps, no story, only Final: <integer>.
Directly write "Final: " plus the number and stop there.
Skip the explanation and write Final: <integer> at once.""".splitlines()

STEP_BY_STEP = """I want to follow your thinking, so write down everything you do before you tell me the number.
Hi! Could you show me how to do these problems? I get lost easily, so please go slowly.
Please take the problem apart and calculate piece by piece.
Go through what happens, one thing after another, and keep count on paper.
Think before you speak: write the sums first and the conclusion afterwards.
I am learning maths. Teach me how to solve the problem by writing each calculation.
Write your solution as a list of calculations that leads to the answer.
You get points for the working, not only for the answer, so write the working.
Don't rush. Note every intermediate value.
Do the maths where I can see it.
Use scratch paper: put all calculations in your reply, and the answer below them.
Track the quantity through the story and write its value after every event.
Before giving a result, reason about what each number means and compute accordingly.
Start by thinking. End by answering.
Let's go through this slowly together.
Consider the facts one at a time and do the sum that belongs to each.
Please reason in writing, then conclude.
How would you solve this? Show me all of it.
Show me, not only tell me.
I need the full path from the question to the result.
Use careful chain-of-thought reasoning.
Your answer should contain the thought process as well as the outcome.
Make no leaps. Each line holds one little calculation.
Write small equations one under the other until you reach the result.
Solve like a careful accountant who writes down each booking.
Be thorough and methodical; the calculations belong in the reply.
Explain in detail what you calculate and why.
A solution without the calculations is worthless to me, so include them.
Do it the long way: all calculations, then the result.
Each operation gets its own line.
Do a running tally and show every entry.
Imagine you explain it to your younger brother, sum after sum.
My students need to see how it is done, so demonstrate each calculation.
Analyse the problem, carry out the calculations one by one and state what comes out.
Develop the solution gradually, writing as you go.
Think about it carefully and in writing.
Please think hard about the following and show what you think.
Think step-by-step, please.
step by step please
Show steps.
show your work pls
I would like the model to reason before it answers.
Give a chain of simple calculations.
Write what you know, then what follows from it, and so on until the answer.
Reason like a detective: collect the clues, combine them in order, then name the solution.
Do not answer from the gut. Calculate in writing.
No shortcuts, please. Every sum must appear.
Let me see how each number is used.
Plan first, then calculate each part, then combine.
Split the work into tiny steps and do them in sequence.
You may use as many lines as you like; use them to calculate.
It is fine to write a lot. I prefer to see the entire calculation.
Work it out line by line.
Calculate out loud, as if you stood at the blackboard.
Proceed in order and report each subtotal.
To avoid mistakes, compute only one thing in each line.
In order not to make errors, write each partial result down.
Justify the number by the calculations that lead to it.
Please derive the result, do not just state it.
The reader wants to check you, so show each calculation in order.""".splitlines()

EXPRESSION = """I will compute it myself, I only need the formula with the numbers filled in.
Hi! Could you write the sum I have to type in? Not what comes out, just the sum.
Put the whole problem into one line of arithmetic and stop there.
Give me something like 5 + 3 * 2 that I can paste into Python.
Write it as code would: numbers, operators, parentheses, nothing else.
Your reply will be passed to eval(), so it must be a single expression.
What would the calculation look like? One line, not solved.
Formulate the problem as one arithmetic term.
Do not tell me the number. Tell me which calculation gives it.
We grade the set-up, not the result: write the set-up as one expression.
Model the story as a single sum of numbers and operators.
Write out the arithmetic in one go, unevaluated.
Leave the arithmetic undone. I want to see it as an expression.
Only the formula please, with the actual numbers in it.
Show the calculation as one line and do not finish it.
Just the sum, not its value.
Please write a formula for a spreadsheet cell, without the equals sign.
The equation, but only the side with the operations.
Note down the term. Evaluating it is my job.
Which operations on which numbers? Write them as one expression.
One arithmetic expression. Nothing solved.
Use the numbers from the text and connect them with + - * / to one expression.
Compress the story to an arithmetic expression.
Answer in symbols, not in words and not with the result.
The result is not wanted, the expression is.
Give the raw expression and let me do the rest.
Rewrite the question in the language of arithmetic.
Please only build the expression; a computer will calculate it afterwards.
Numbers and signs in one line, no value at the end.
expression only pls
formula with numbers, dont solve it
Don't solve. Just set it up.
Set up the arithmetic for me and leave it there.
State the operation chain in one line, for example 4 * 5 - 6.
Your output is an arithmetic expression and not a number.
You are a translator from English to arithmetic. You do not calculate.
As a parser, you turn a word problem into an expression.
What do I have to key in to get the answer?
Tell me what to calculate, not what comes out.
Produce the calculation only, the outcome is none of your business.
I'd like the problem as a mathematical term.
The arithmetic in one line, please, without the outcome.
Convert it to a formula. Do not say what it equals.
Do not write an equals sign. Do not write the result. Write the calculation.
Combine all relevant numbers into a single arithmetic term.
Give an expression that evaluates to the answer.
Write one expression whose value is the answer.
An expression, please, whose value answers the question.
Reply with valid arithmetic syntax only, left unevaluated.
Construct the formula from the text.""".splitlines()
