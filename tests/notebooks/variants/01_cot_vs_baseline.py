"""Answers to the exercises of 01_cot_vs_baseline as learners write them: data for the grading tests.

Each text stands in place of the whole solution cell. The right ones must earn full marks; each wrong one must
lose the points of its own exercise and no others. The comment names the mistake.
"""

RUN_BASELINE_RIGHT = [
    # one call, nested indexing
    """
def run_baseline(model, questions):
    prompts = [make_prompt(SYSTEM_BASELINE, q) for q in questions]
    out = model.sample(prompts, n=1, temperature=0.0, max_tokens=MAX_TOKENS)
    result = []
    for row in out:
        s = row[0]
        result.append({"pred": extract_answer(s.text), "tokens": s.tokens, "text": s.text})
    return result
""",
    # one question after the other: slow, but right
    """
def run_baseline(model, questions):
    result = []
    for q in questions:
        s = model.sample([make_prompt(SYSTEM_BASELINE, q)], temperature=0, max_tokens=256)[0][0]
        result.append(dict(pred=extract_answer(s.text), tokens=s.tokens, text=s.text))
    return result
""",
    # the messages by hand
    """
def run_baseline(model, questions):
    prompts = []
    for q in questions:
        prompts.append([{"role": "system", "content": SYSTEM_BASELINE}, {"role": "user", "content": q}])
    return [
        {"pred": extract_answer(s.text), "tokens": s.tokens, "text": s.text}
        for (s,) in model.sample(prompts, temperature=0.0, max_tokens=MAX_TOKENS)
    ]
""",
    # map, and more keys than asked for
    """
def run_baseline(model, questions):
    start = time.perf_counter()
    samples = model.sample(list(map(lambda q: make_prompt(SYSTEM_BASELINE, q), questions)),
                           temperature=0.0, max_tokens=MAX_TOKENS)
    took = time.perf_counter() - start
    return [{"pred": extract_answer(row[0].text), "tokens": row[0].tokens, "text": row[0].text, "time_s": took}
            for row in samples]
""",
    # a helper of one's own, an explicit seed
    """
def as_run(sample):
    return {"text": sample.text, "tokens": sample.tokens, "pred": extract_answer(sample.text)}


def run_baseline(model, questions, system=SYSTEM_BASELINE):
    rows = model.sample([make_prompt(system, q) for q in questions], temperature=0.0, max_tokens=300, seed=1)
    return [as_run(row[0]) for row in rows]
""",
    # positions, filled in order
    """
def run_baseline(model, questions):
    runs = [None] * len(questions)
    samples = model.sample([make_prompt(SYSTEM_BASELINE, q) for q in questions],
                           temperature=0.0, max_tokens=MAX_TOKENS)
    for i in range(len(questions)):
        sample = samples[i][0]
        runs[i] = {"pred": extract_answer(sample.text), "tokens": sample.tokens, "text": sample.text}
    return runs
""",
    # columns, then dicts
    """
def run_baseline(model, questions):
    prompts = [make_prompt(SYSTEM_BASELINE, q) for q in questions]
    samples = model.sample(prompts, temperature=0.0, max_tokens=MAX_TOKENS)
    texts = [s.text for [s] in samples]
    tokens = [s.tokens for [s] in samples]
    preds = list(map(extract_answer, texts))
    return [{"pred": p, "tokens": t, "text": x} for p, t, x in zip(preds, tokens, texts)]
""",
    # a generator, and a table turned into records
    """
def run_baseline(model, questions):
    def rows():
        asked = [make_prompt(SYSTEM_BASELINE, question) for question in questions]
        for samples in model.sample(asked, temperature=0.0, max_tokens=MAX_TOKENS):
            yield {"text": samples[0].text, "tokens": samples[0].tokens, "pred": extract_answer(samples[0].text)}

    return list(rows())
""",
    # repeated questions are asked once and answered twice
    """
def run_baseline(model, questions):
    different = list(dict.fromkeys(questions))
    samples = model.sample([make_prompt(SYSTEM_BASELINE, q) for q in different], temperature=0.0, max_tokens=MAX_TOKENS)
    known = {q: s for q, [s] in zip(different, samples)}
    return [{"pred": extract_answer(known[q].text), "tokens": known[q].tokens, "text": known[q].text} for q in questions]
""",
]

RUN_BASELINE_WRONG = [
    # not written
    """
def run_baseline(model, questions):
    raise NotImplementedError()
""",
    # sampled at temperature 1, the default
    """
def run_baseline(model, questions):
    prompts = [make_prompt(SYSTEM_BASELINE, q) for q in questions]
    return [{"pred": extract_answer(s.text), "tokens": s.tokens, "text": s.text}
            for [s] in model.sample(prompts, max_tokens=MAX_TOKENS)]
""",
    # the list of samples taken for a sample
    """
def run_baseline(model, questions):
    prompts = [make_prompt(SYSTEM_BASELINE, q) for q in questions]
    samples = model.sample(prompts, temperature=0.0, max_tokens=MAX_TOKENS)
    return [{"pred": extract_answer(s.text), "tokens": s.tokens, "text": s.text} for s in samples]
""",
    # system prompt and question exchanged
    """
def run_baseline(model, questions):
    prompts = [make_prompt(q, SYSTEM_BASELINE) for q in questions]
    return [{"pred": extract_answer(s.text), "tokens": s.tokens, "text": s.text}
            for [s] in model.sample(prompts, temperature=0.0, max_tokens=MAX_TOKENS)]
""",
    # only the first question
    """
def run_baseline(model, questions):
    [[s]] = model.sample([make_prompt(SYSTEM_BASELINE, questions[0])], temperature=0.0, max_tokens=MAX_TOKENS)
    return [{"pred": extract_answer(s.text), "tokens": s.tokens, "text": s.text}]
""",
    # a dict instead of a list
    """
def run_baseline(model, questions):
    prompts = [make_prompt(SYSTEM_BASELINE, q) for q in questions]
    samples = model.sample(prompts, temperature=0.0, max_tokens=MAX_TOKENS)
    return {q: {"pred": extract_answer(s.text), "tokens": s.tokens, "text": s.text}
            for q, [s] in zip(questions, samples)}
""",
    # the answer as a number
    """
def run_baseline(model, questions):
    prompts = [make_prompt(SYSTEM_BASELINE, q) for q in questions]
    samples = model.sample(prompts, temperature=0.0, max_tokens=MAX_TOKENS)
    return [{"pred": int(extract_answer(s.text) or 0), "tokens": s.tokens, "text": s.text} for [s] in samples]
""",
    # the prompt is read together with the reply
    """
def run_baseline(model, questions):
    prompts = [make_prompt(SYSTEM_BASELINE, q) for q in questions]
    samples = model.sample(prompts, temperature=0.0, max_tokens=MAX_TOKENS)
    return [{"pred": extract_answer(q + s.text), "tokens": s.tokens, "text": q + s.text}
            for q, [s] in zip(questions, samples)]
""",
    # the whole text as the answer
    """
def run_baseline(model, questions):
    prompts = [make_prompt(SYSTEM_BASELINE, q) for q in questions]
    samples = model.sample(prompts, temperature=0.0, max_tokens=MAX_TOKENS)
    return [{"pred": s.text.strip(), "tokens": s.tokens, "text": s.text} for [s] in samples]
""",
    # every question is asked twice, and paid for twice
    """
def run_baseline(model, questions):
    prompts = [make_prompt(SYSTEM_BASELINE, q) for q in questions]
    texts = [s.text for [s] in model.sample(prompts, temperature=0.0, max_tokens=MAX_TOKENS)]
    tokens = [s.tokens for [s] in model.sample(prompts, temperature=0.0, max_tokens=MAX_TOKENS)]
    return [{"pred": extract_answer(t), "tokens": k, "text": t} for t, k in zip(texts, tokens)]
""",
    # characters counted instead of tokens
    """
def run_baseline(model, questions):
    prompts = [make_prompt(SYSTEM_BASELINE, q) for q in questions]
    samples = model.sample(prompts, temperature=0.0, max_tokens=MAX_TOKENS)
    return [{"pred": extract_answer(s.text), "tokens": len(s.text), "text": s.text} for [s] in samples]
""",
    # the questions come back in another order
    """
def run_baseline(model, questions):
    prompts = [make_prompt(SYSTEM_BASELINE, q) for q in sorted(questions)]
    samples = model.sample(prompts, temperature=0.0, max_tokens=MAX_TOKENS)
    return [{"pred": extract_answer(s.text), "tokens": s.tokens, "text": s.text} for [s] in samples]
""",
    # no room for the reply
    """
def run_baseline(model, questions):
    prompts = [make_prompt(SYSTEM_BASELINE, q) for q in questions]
    samples = model.sample(prompts, temperature=0.0, max_tokens=1)
    return [{"pred": extract_answer(s.text), "tokens": s.tokens, "text": s.text} for [s] in samples]
""",
    # an object that claims to equal everything
    """
class Yes(str):
    def __eq__(self, other):
        return True
    __hash__ = str.__hash__


def run_baseline(model, questions):
    return [{"pred": Yes("1"), "tokens": Yes("1"), "text": Yes("1")} for q in questions]
""",
    # the whole text where nothing can be read
    """
def run_baseline(model, questions):
    prompts = [make_prompt(SYSTEM_BASELINE, q) for q in questions]
    samples = model.sample(prompts, temperature=0.0, max_tokens=MAX_TOKENS)
    return [{"pred": extract_answer(s.text) or s.text, "tokens": s.tokens, "text": s.text} for [s] in samples]
""",
    # repeated questions are dropped
    """
def run_baseline(model, questions):
    questions = list(dict.fromkeys(questions))
    prompts = [make_prompt(SYSTEM_BASELINE, q) for q in questions]
    samples = model.sample(prompts, temperature=0.0, max_tokens=MAX_TOKENS)
    return [{"pred": extract_answer(s.text), "tokens": s.tokens, "text": s.text} for [s] in samples]
""",
    # a dict keyed by the question, and its values
    """
def run_baseline(model, questions):
    prompts = [make_prompt(SYSTEM_BASELINE, q) for q in questions]
    samples = model.sample(prompts, temperature=0.0, max_tokens=MAX_TOKENS)
    runs = {q: {"pred": extract_answer(s.text), "tokens": s.tokens, "text": s.text} for q, [s] in zip(questions, samples)}
    return list(runs.values())
""",
    # the text is stripped
    """
def run_baseline(model, questions):
    prompts = [make_prompt(SYSTEM_BASELINE, q) for q in questions]
    samples = model.sample(prompts, temperature=0.0, max_tokens=MAX_TOKENS)
    return [{"pred": extract_answer(s.text), "tokens": s.tokens, "text": s.text.strip()} for [s] in samples]
""",
    # replies that could not be read are left out
    """
def run_baseline(model, questions):
    prompts = [make_prompt(SYSTEM_BASELINE, q) for q in questions]
    samples = model.sample(prompts, temperature=0.0, max_tokens=MAX_TOKENS)
    runs = [{"pred": extract_answer(s.text), "tokens": s.tokens, "text": s.text} for [s] in samples]
    return [run for run in runs if run["pred"] is not None]
""",
    # a format is added to the system prompt
    """
def run_baseline(model, questions):
    prompts = [make_prompt(SYSTEM_BASELINE + " " + FINAL_FORMAT, q) for q in questions]
    samples = model.sample(prompts, temperature=0.0, max_tokens=MAX_TOKENS)
    return [{"pred": extract_answer(s.text), "tokens": s.tokens, "text": s.text} for [s] in samples]
""",
]

SYSTEM_COT_RIGHT = [
    """
SYSTEM_COT = "Let's think step by step. " + FINAL_FORMAT
""",
    """
SYSTEM_COT = (
    "You are a patient teacher. Show your work: write down every calculation on a line of its own. "
    "When you are done, write one last line of the form Final: <integer>."
)
""",
    """
SYSTEM_COT = "Solve the problem in small steps, and explain each of them, before you give the answer.\\n" + FINAL_FORMAT
""",
    '''
SYSTEM_COT = f"""You solve word problems.
Work through the story from the beginning to the end. Write one line for each thing that happens.
{FINAL_FORMAT}"""
''',
    """
instruction = "First reason, then answer."
SYSTEM_COT = " ".join([instruction, FINAL_FORMAT])
""",
    """
SYSTEM_COT = "Think carefully and show all your steps before answering. End with Final: <integer>."
""",
    """
SYSTEM_COT = "Never skip steps. Do one calculation per line, and only then give the answer. " + FINAL_FORMAT
""",
    """
SYSTEM_COT = "Break the problem down, compute each intermediate result, and do not rush. " + FINAL_FORMAT
""",
]

SYSTEM_COT_WRONG = [
    # not written
    """
raise NotImplementedError()
""",
    # the stub of many a course
    """
SYSTEM_COT = "NOT YET IMPLEMENTED"
""",
    # nothing
    """
SYSTEM_COT = ""
""",
    # the same stub, with the format
    """
SYSTEM_COT = "NOT YET IMPLEMENTED " + FINAL_FORMAT
""",
    # the baseline again
    """
SYSTEM_COT = SYSTEM_BASELINE
""",
    # the baseline with a format
    """
SYSTEM_COT = SYSTEM_BASELINE + " " + FINAL_FORMAT
""",
    # asks for reasoning, but not for the Final: line
    """
SYSTEM_COT = "Reason step by step and write one calculation on each line."
""",
    # only the format
    """
SYSTEM_COT = FINAL_FORMAT
""",
    # a list instead of a text
    """
SYSTEM_COT = ["Reason step by step.", FINAL_FORMAT]
""",
    # forbids what it should ask for
    """
SYSTEM_COT = "Do not explain anything and show no steps. Reply with the number only. " + FINAL_FORMAT
""",
    # messages instead of a text
    """
SYSTEM_COT = make_prompt("Reason step by step. " + FINAL_FORMAT, "How many?")
""",
    # a function instead of a text
    """
def SYSTEM_COT(question):
    return "Reason step by step. " + FINAL_FORMAT + question
""",
]

EXTRACT_FINAL_RIGHT = [
    # split at the word, then read the head of what follows
    """
def extract_final(text):
    answer = None
    for part in text.replace("*", "").replace("−", "-").split("Final:")[1:]:
        m = re.match(r"\\s*(-?\\d[\\d,]*)", part)
        if m:
            answer = m.group(1).replace(",", "")
    return answer
""",
    # the last of finditer
    """
def extract_final(text):
    last = None
    for last in re.finditer(r"Final:[\\s*]*([-\\u2212]?)(\\d[\\d,]*)", text):
        pass
    if last is None:
        return None
    return ("-" if last.group(1) else "") + last.group(2).replace(",", "")
""",
    # a pattern that runs from the end
    """
def extract_final(text):
    m = re.search(r"(?s).*Final:\\W*?(-|\\u2212)?([0-9][0-9,]*)", text)
    return None if m is None else (m[1] or "").replace("\\u2212", "-") + m[2].replace(",", "")
""",
    # without regular expressions
    """
def extract_final(text):
    clean = text.translate({ord("*"): None, ord(","): None, 0x2212: "-"})
    for part in reversed(clean.split("Final:")[1:]):
        digits = ""
        for character in part.strip():
            if character.isdigit() or (character == "-" and digits == ""):
                digits += character
            else:
                break
        if digits.strip("-"):
            return digits
    return None
""",
    # line by line from the end
    """
def extract_final(text):
    for line in reversed(text.splitlines()):
        line = line.replace("*", "").replace("\\N{MINUS SIGN}", "-")
        found = re.findall(r"Final:\\s*(-?\\d+(?:,\\d{3})*)", line)
        if found:
            return found[-1].replace(",", "")
""",
    # through int, and back
    """
def extract_final(text):
    found = re.findall(r"Final:\\**\\s*\\**([-−]?[\\d,]*\\d)", text)
    if not found:
        return None
    return str(int(found[-1].replace(",", "").replace("−", "-")))
""",
    # two patterns, one for the word and one for the number
    """
def extract_final(text):
    plain = text.replace("*", "").replace("\\u2212", "-").replace(",", "")
    numbers = [re.match(r"\\s*(-?\\d+)", part) for part in re.split("Final:", plain)[1:]]
    numbers = [found[1] for found in numbers if found]
    return numbers[-1] if numbers else None
""",
    # a loop over the places of the word, from the end
    """
def extract_final(text):
    text = text.replace("**", "").replace("\\u2212", "-")
    place = text.rfind("Final:")
    while place >= 0:
        found = re.match(r"Final:\\s*(-?[0-9,]*[0-9])", text[place:])
        if found:
            return found[1].replace(",", "")
        place = text.rfind("Final:", 0, place)
    return None
""",
]

EXTRACT_FINAL_WRONG = [
    # not written
    """
def extract_final(text):
    raise NotImplementedError()
""",
    # the first Final: instead of the last
    """
def extract_final(text):
    m = re.search(r"Final:\\s*(-?\\d[\\d,]*)", text.replace("*", "").replace("−", "-"))
    return m.group(1).replace(",", "") if m else None
""",
    # 1,234 is read as 1
    """
def extract_final(text):
    found = re.findall(r"Final:\\s*(-?\\d+)", text.replace("*", "").replace("−", "-"))
    return found[-1] if found else None
""",
    # the comma stays
    """
def extract_final(text):
    found = re.findall(r"Final:\\s*(-?\\d[\\d,]*)", text.replace("*", "").replace("−", "-"))
    return found[-1] if found else None
""",
    # the sign is lost
    """
def extract_final(text):
    found = re.findall(r"Final:\\W*(\\d[\\d,]*)", text)
    return found[-1].replace(",", "") if found else None
""",
    # U+2212 is not known
    """
def extract_final(text):
    found = re.findall(r"Final:\\s*(-?\\d[\\d,]*)", text.replace("*", ""))
    return found[-1].replace(",", "") if found else None
""",
    # bold is missed
    """
def extract_final(text):
    found = re.findall(r"Final:\\s*(-?\\d[\\d,]*)", text.replace("−", "-"))
    return found[-1].replace(",", "") if found else None
""",
    # the last number of the text, Final: or not
    """
def extract_final(text):
    found = re.findall(r"-?\\d[\\d,]*", text.replace("−", "-"))
    return found[-1].replace(",", "") if found else None
""",
    # falls back to the last number
    """
def extract_final(text):
    clean = text.replace("*", "").replace("−", "-")
    found = re.findall(r"Final:\\s*(-?\\d[\\d,]*)", clean) or re.findall(r"-?\\d+", clean)
    return found[-1].replace(",", "") if found else None
""",
    # an integer instead of a text
    """
def extract_final(text):
    found = re.findall(r"Final:\\s*(-?\\d[\\d,]*)", text.replace("*", "").replace("−", "-"))
    return int(found[-1].replace(",", "")) if found else None
""",
    # an empty text instead of None
    """
def extract_final(text):
    found = re.findall(r"Final:\\s*(-?\\d[\\d,]*)", text.replace("*", "").replace("−", "-"))
    return found[-1].replace(",", "") if found else ""
""",
    # all that follows, with units and full stops
    """
def extract_final(text):
    if "Final:" not in text:
        return None
    return text.replace("*", "").replace("−", "-").replace(",", "").split("Final:")[-1].strip()
""",
    # every digit that follows, also those of the next line
    """
def extract_final(text):
    tail = text.replace("−", "-").split("Final:")[-1]
    return "".join(c for c in tail if c.isdigit() or c == "-") or None
""",
    # only a line that begins with Final:
    """
def extract_final(text):
    lines = [line for line in text.splitlines() if line.startswith("Final:")]
    return lines[-1].replace("Final:", "").replace(",", "").strip() if lines else None
""",
    # the tolerant reader of the course, which guesses where there is no Final:
    """
extract_final = extract_answer
""",
    # only the very last Final:, number or not
    """
def extract_final(text):
    plain = text.replace("*", "").replace("\\u2212", "-")
    place = plain.rfind("Final:")
    found = re.match(r"Final:\\s*(-?\\d[\\d,]*)", plain[place:]) if place >= 0 else None
    return found[1].replace(",", "") if found else None
""",
    # any number somewhere behind Final:
    """
def extract_final(text):
    found = re.findall(r"Final:\\D*?(-?\\d[\\d,]*)", text.replace("*", "").replace("\\u2212", "-"))
    return found[-1].replace(",", "") if found else None
""",
    # one comma only
    """
def extract_final(text):
    found = re.findall(r"Final:\\s*(-?\\d+(?:,\\d+)?)", text.replace("*", "").replace("\\u2212", "-"))
    return found[-1].replace(",", "") if found else None
""",
    # the sign of bold numbers is lost
    """
def extract_final(text):
    found = re.findall(r"Final:(?:\\s*(-?)|\\W*)(\\d[\\d,]*)", text.replace("\\u2212", "-"))
    return (found[-1][0] + found[-1][1]).replace(",", "") if found else None
""",
]

RUN_COT_RIGHT = [
    """
def run_cot(model, questions):
    prompts = [make_prompt(SYSTEM_COT, q) for q in questions]
    out = model.sample(prompts, n=1, temperature=0.0, max_tokens=MAX_TOKENS)
    return [{"pred": extract_final(row[0].text), "tokens": row[0].tokens, "text": row[0].text} for row in out]
""",
    """
def run_cot(model, questions):
    result = []
    for q in questions:
        [[s]] = model.sample([make_prompt(SYSTEM_COT, q)], temperature=0, max_tokens=512)
        result.append({"pred": extract_final(s.text), "tokens": s.tokens, "text": s.text})
    return result
""",
    """
def run_cot(model, questions, system=SYSTEM_COT):
    samples = model.sample([make_prompt(system, q) for q in questions], temperature=0.0, max_tokens=MAX_TOKENS)
    return [{"pred": extract_final(s.text), "tokens": s.tokens, "text": s.text} for [s] in samples]
""",
    """
def ask(model, system, read, questions):
    rows = model.sample([make_prompt(system, q) for q in questions], temperature=0.0, max_tokens=MAX_TOKENS)
    return [{"pred": read(row[0].text), "tokens": row[0].tokens, "text": row[0].text} for row in rows]


def run_cot(model, questions):
    return ask(model, SYSTEM_COT, extract_final, questions)
""",
    """
def run_cot(model, questions):
    runs = []
    for row in model.sample([make_prompt(SYSTEM_COT, q) for q in questions], temperature=0.0, max_tokens=MAX_TOKENS):
        for sample in row:
            runs.append(dict(pred=extract_final(sample.text), tokens=sample.tokens, text=sample.text))
    return runs
""",
    # columns, then dicts
    """
def run_cot(model, questions):
    prompts = [make_prompt(SYSTEM_COT, q) for q in questions]
    samples = model.sample(prompts, temperature=0.0, max_tokens=MAX_TOKENS)
    texts = [s.text for [s] in samples]
    return [
        {"pred": extract_final(text), "tokens": s.tokens, "text": text} for text, [s] in zip(texts, samples)
    ]
""",
    # a key more, and the messages by hand
    """
def run_cot(model, questions):
    prompts = [[{"role": "system", "content": SYSTEM_COT}, {"role": "user", "content": q}] for q in questions]
    runs = []
    for question, (sample,) in zip(questions, model.sample(prompts, temperature=0.0, max_tokens=MAX_TOKENS)):
        pred = extract_final(sample.text)
        runs.append({"question": question, "pred": pred, "tokens": sample.tokens, "text": sample.text})
    return runs
""",
    # positions, filled in order
    """
def run_cot(model, questions):
    runs = [None] * len(questions)
    samples = model.sample([make_prompt(SYSTEM_COT, q) for q in questions], 1, temperature=0, max_tokens=MAX_TOKENS, seed=3)
    for i, [sample] in enumerate(samples):
        runs[i] = {"text": sample.text, "tokens": sample.tokens, "pred": extract_final(sample.text)}
    return runs
""",
    # prompt and reader as defaults
    """
def run_cot(model, questions, system=SYSTEM_COT, read=extract_final):
    samples = model.sample([make_prompt(system, q) for q in questions], temperature=0.0, max_tokens=MAX_TOKENS)
    return [{"pred": read(s.text), "tokens": s.tokens, "text": s.text} for [s] in samples]
""",
]

RUN_COT_WRONG = [
    # not written
    """
def run_cot(model, questions):
    raise NotImplementedError()
""",
    # copied from run_baseline, with its prompt
    """
def run_cot(model, questions):
    prompts = [make_prompt(SYSTEM_BASELINE, q) for q in questions]
    samples = model.sample(prompts, temperature=0.0, max_tokens=MAX_TOKENS)
    return [{"pred": extract_final(s.text), "tokens": s.tokens, "text": s.text} for [s] in samples]
""",
    # no room for the reasoning
    """
def run_cot(model, questions):
    samples = model.sample([make_prompt(SYSTEM_COT, q) for q in questions], temperature=0.0, max_tokens=16)
    return [{"pred": extract_final(s.text), "tokens": s.tokens, "text": s.text} for [s] in samples]
""",
    # sampled at temperature 1, the default
    """
def run_cot(model, questions):
    samples = model.sample([make_prompt(SYSTEM_COT, q) for q in questions], max_tokens=MAX_TOKENS)
    return [{"pred": extract_final(s.text), "tokens": s.tokens, "text": s.text} for [s] in samples]
""",
    # the system prompt is put into the question
    """
def run_cot(model, questions):
    prompts = [make_prompt("", SYSTEM_COT + " " + q) for q in questions]
    samples = model.sample(prompts, temperature=0.0, max_tokens=MAX_TOKENS)
    return [{"pred": extract_final(s.text), "tokens": s.tokens, "text": s.text} for [s] in samples]
""",
    # the first number of the reasoning
    """
def run_cot(model, questions):
    samples = model.sample([make_prompt(SYSTEM_COT, q) for q in questions], temperature=0.0, max_tokens=MAX_TOKENS)
    return [{"pred": re.findall(r"\\d+", s.text)[0], "tokens": s.tokens, "text": s.text} for [s] in samples]
""",
    # only the last line is kept as the text
    """
def run_cot(model, questions):
    samples = model.sample([make_prompt(SYSTEM_COT, q) for q in questions], temperature=0.0, max_tokens=MAX_TOKENS)
    return [{"pred": extract_final(s.text), "tokens": s.tokens, "text": s.text.splitlines()[-1]} for [s] in samples]
""",
    # the answer of one question goes to all
    """
def run_cot(model, questions):
    samples = model.sample([make_prompt(SYSTEM_COT, q) for q in questions], temperature=0.0, max_tokens=MAX_TOKENS)
    s = samples[0][0]
    return [{"pred": extract_final(s.text), "tokens": s.tokens, "text": s.text} for q in questions]
""",
    # all questions in one prompt
    """
def run_cot(model, questions):
    [[s]] = model.sample([make_prompt(SYSTEM_COT, " ".join(questions))], temperature=0.0, max_tokens=MAX_TOKENS)
    return [{"pred": extract_final(s.text), "tokens": s.tokens, "text": s.text}]
""",
    # the tokens of all replies together
    """
def run_cot(model, questions):
    samples = model.sample([make_prompt(SYSTEM_COT, q) for q in questions], temperature=0.0, max_tokens=MAX_TOKENS)
    total = sum(s.tokens for [s] in samples)
    return [{"pred": extract_final(s.text), "tokens": total, "text": s.text} for [s] in samples]
""",
    # one pair instead of a dict
    """
def run_cot(model, questions):
    samples = model.sample([make_prompt(SYSTEM_COT, q) for q in questions], temperature=0.0, max_tokens=MAX_TOKENS)
    return [(extract_final(s.text), s.tokens, s.text) for [s] in samples]
""",
    # the tolerant reader of the course
    """
def run_cot(model, questions):
    prompts = [make_prompt(SYSTEM_COT, q) for q in questions]
    samples = model.sample(prompts, temperature=0.0, max_tokens=MAX_TOKENS)
    return [{"pred": extract_answer(s.text), "tokens": s.tokens, "text": s.text} for [s] in samples]
""",
    # a guess where the reader finds nothing
    """
def run_cot(model, questions):
    prompts = [make_prompt(SYSTEM_COT, q) for q in questions]
    samples = model.sample(prompts, temperature=0.0, max_tokens=MAX_TOKENS)
    return [{"pred": extract_final(s.text) or extract_answer(s.text), "tokens": s.tokens, "text": s.text} for [s] in samples]
""",
    # a reader of its own
    """
def run_cot(model, questions):
    prompts = [make_prompt(SYSTEM_COT, q) for q in questions]
    samples = model.sample(prompts, temperature=0.0, max_tokens=MAX_TOKENS)
    found = [re.findall(r"Final: *(-?\\d+)", s.text) for [s] in samples]
    return [{"pred": f[-1] if f else None, "tokens": s.tokens, "text": s.text} for f, [s] in zip(found, samples)]
""",
    # the format is added once more
    """
def run_cot(model, questions):
    prompts = [make_prompt(SYSTEM_COT + " " + FINAL_FORMAT, q) for q in questions]
    samples = model.sample(prompts, temperature=0.0, max_tokens=MAX_TOKENS)
    return [{"pred": extract_final(s.text), "tokens": s.tokens, "text": s.text} for [s] in samples]
""",
    # repeated questions are dropped
    """
def run_cot(model, questions):
    prompts = [make_prompt(SYSTEM_COT, q) for q in set(questions)]
    samples = model.sample(prompts, temperature=0.0, max_tokens=MAX_TOKENS)
    return [{"pred": extract_final(s.text), "tokens": s.tokens, "text": s.text} for [s] in samples]
""",
    # an answer as a number
    """
def run_cot(model, questions):
    prompts = [make_prompt(SYSTEM_COT, q) for q in questions]
    samples = model.sample(prompts, temperature=0.0, max_tokens=MAX_TOKENS)
    return [{"pred": int(extract_final(s.text) or 0), "tokens": s.tokens, "text": s.text} for [s] in samples]
""",
]

EVALUATE_RIGHT = [
    # a loop with counters
    """
def evaluate(runs, problems):
    right = tokens = unparsed = 0
    for run, problem in zip(runs, problems):
        right += bool(answers_match(run["pred"], problem.answer))
        tokens += run["tokens"]
        if run["pred"] is None:
            unparsed += 1
    n = len(problems)
    i = wilson(right, n)
    return dict(accuracy=right / n, low=i.low, high=i.high, n=n, tokens=tokens / n, unparsed=unparsed)
""",
    # a DataFrame
    """
def evaluate(runs, problems):
    df = pd.DataFrame(runs)
    df["right"] = [bool(answers_match(pred, p.answer)) for pred, p in zip([r["pred"] for r in runs], problems)]
    interval = wilson(int(df["right"].sum()), len(df))
    return {"accuracy": df["right"].mean(), "low": interval.low, "high": interval.high, "n": len(df),
            "tokens": df["tokens"].mean(), "unparsed": sum(r["pred"] is None for r in runs)}
""",
    # numpy
    """
import numpy as np


def evaluate(runs, problems):
    right = np.array([answers_match(r["pred"], p.answer) for r, p in zip(runs, problems)], dtype=float)
    interval = wilson(int(right.sum()), right.size)
    return {"accuracy": right.mean(), "low": interval.low, "high": interval.high, "n": right.size,
            "tokens": np.mean([r["tokens"] for r in runs]), "unparsed": np.sum([r["pred"] is None for r in runs])}
""",
    # the interval from its formula, with the usual 1.96
    """
def evaluate(runs, problems):
    n, z = len(problems), 1.96
    p = sum(1 for run, problem in zip(runs, problems) if answers_match(run["pred"], problem.answer)) / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * (p * (1 - p) / n + z * z / (4 * n * n)) ** 0.5 / (1 + z * z / n)
    return {"accuracy": p, "low": centre - half, "high": centre + half, "n": n,
            "tokens": sum(r["tokens"] for r in runs) / n, "unparsed": [r["pred"] for r in runs].count(None)}
""",
    # the fields of the interval, and a key more
    """
from statistics import mean


def evaluate(runs, problems):
    correct = [answers_match(runs[i]["pred"], problems[i].answer) for i in range(len(problems))]
    interval = wilson(correct.count(True), len(correct))
    return {
        "accuracy": interval.mean, "low": interval.low, "high": interval.high, "n": interval.n,
        "tokens": mean(run["tokens"] for run in runs),
        "unparsed": len([run for run in runs if run["pred"] is None]),
        "right": correct.count(True),
    }
""",
    # the flags first
    """
def evaluate(runs, problems):
    flags = [answers_match(r["pred"], p.answer) for r, p in zip(runs, problems)]
    i = wilson(sum(flags), len(flags))
    tokens, unparsed = sum(r["tokens"] for r in runs) / len(runs), sum(r["pred"] is None for r in runs)
    return {"accuracy": i.mean, "low": i.low, "high": i.high, "n": i.n, "tokens": tokens, "unparsed": unparsed}
""",
    # without wilson's mean
    """
def evaluate(runs, problems):
    flags = [answers_match(r["pred"], p.answer) for r, p in zip(runs, problems)]
    i = wilson(sum(flags), len(flags))
    tokens, unparsed = sum(r["tokens"] for r in runs) / len(runs), sum(r["pred"] is None for r in runs)
    return {"accuracy": sum(flags) / len(problems), "low": i.low, "high": i.high, "n": len(runs), "tokens": tokens, "unparsed": unparsed}
""",
    # a try in place of answers_match's own care
    """
def evaluate(runs, problems):
    right, n = 0, len(problems)
    for k in range(n):
        pred = runs[k]["pred"]
        if pred is not None and answers_match(pred, problems[k].answer):
            right = right + 1
    interval = wilson(right, n)
    result = {"accuracy": right / n, "n": n}
    result["low"], result["high"] = interval.low, interval.high
    result["tokens"] = pd.Series([run["tokens"] for run in runs]).mean()
    result["unparsed"] = [run["pred"] for run in runs].count(None)
    return result
""",
]

EVALUATE_WRONG = [
    # not written
    """
def evaluate(runs, problems):
    raise NotImplementedError()
""",
    # what could not be read is left out
    """
def evaluate(runs, problems):
    pairs = [(r, p) for r, p in zip(runs, problems) if r["pred"] is not None]
    right = sum(answers_match(r["pred"], p.answer) for r, p in pairs)
    i = wilson(right, max(len(pairs), 1))
    return {"accuracy": i.mean, "low": i.low, "high": i.high, "n": i.n,
            "tokens": sum(r["tokens"] for r in runs) / len(runs), "unparsed": len(runs) - len(pairs)}
""",
    # texts compared as texts: 14.0 is not 14
    """
def evaluate(runs, problems):
    right = sum(r["pred"] == p.answer for r, p in zip(runs, problems))
    i = wilson(right, len(runs))
    return {"accuracy": i.mean, "low": i.low, "high": i.high, "n": i.n,
            "tokens": sum(r["tokens"] for r in runs) / len(runs), "unparsed": sum(r["pred"] is None for r in runs)}
""",
    # the normal approximation: a width of 0 when all are right
    """
def evaluate(runs, problems):
    n = len(runs)
    p = sum(answers_match(r["pred"], q.answer) for r, q in zip(runs, problems)) / n
    half = 1.96 * (p * (1 - p) / n) ** 0.5
    return {"accuracy": p, "low": p - half, "high": p + half, "n": n,
            "tokens": sum(r["tokens"] for r in runs) / n, "unparsed": sum(r["pred"] is None for r in runs)}
""",
    # the sum of the tokens instead of their mean
    """
def evaluate(runs, problems):
    i = wilson(sum(answers_match(r["pred"], p.answer) for r, p in zip(runs, problems)), len(runs))
    return {"accuracy": i.mean, "low": i.low, "high": i.high, "n": i.n,
            "tokens": sum(r["tokens"] for r in runs), "unparsed": sum(r["pred"] is None for r in runs)}
""",
    # the tokens of right answers only
    """
def evaluate(runs, problems):
    good = [r for r, p in zip(runs, problems) if answers_match(r["pred"], p.answer)]
    i = wilson(len(good), len(runs))
    return {"accuracy": i.mean, "low": i.low, "high": i.high, "n": i.n,
            "tokens": sum(r["tokens"] for r in good) / max(len(good), 1),
            "unparsed": sum(r["pred"] is None for r in runs)}
""",
    # percent instead of a share
    """
def evaluate(runs, problems):
    i = wilson(sum(answers_match(r["pred"], p.answer) for r, p in zip(runs, problems)), len(runs))
    return {"accuracy": 100 * i.mean, "low": 100 * i.low, "high": 100 * i.high, "n": i.n,
            "tokens": sum(r["tokens"] for r in runs) / len(runs), "unparsed": sum(r["pred"] is None for r in runs)}
""",
    # the mean of the last flag instead of all flags
    """
def evaluate(runs, problems):
    for r, p in zip(runs, problems):
        right = answers_match(r["pred"], p.answer)
    i = wilson(int(right), 1)
    return {"accuracy": i.mean, "low": i.low, "high": i.high, "n": len(runs),
            "tokens": sum(r["tokens"] for r in runs) / len(runs), "unparsed": sum(r["pred"] is None for r in runs)}
""",
    # wrong answers counted as unparsed
    """
def evaluate(runs, problems):
    right = sum(answers_match(r["pred"], p.answer) for r, p in zip(runs, problems))
    i = wilson(right, len(runs))
    return {"accuracy": i.mean, "low": i.low, "high": i.high, "n": i.n,
            "tokens": sum(r["tokens"] for r in runs) / len(runs), "unparsed": len(runs) - right}
""",
    # a tuple instead of a dict
    """
def evaluate(runs, problems):
    i = wilson(sum(answers_match(r["pred"], p.answer) for r, p in zip(runs, problems)), len(runs))
    return i.mean, i.low, i.high, i.n, sum(r["tokens"] for r in runs) / len(runs), 0
""",
    # printed, not returned
    """
def evaluate(runs, problems):
    i = wilson(sum(answers_match(r["pred"], p.answer) for r, p in zip(runs, problems)), len(runs))
    print({"accuracy": i.mean, "low": i.low, "high": i.high, "n": i.n,
           "tokens": sum(r["tokens"] for r in runs) / len(runs), "unparsed": sum(r["pred"] is None for r in runs)})
""",
    # only the interval is taken over the replies that could be read
    """
def evaluate(runs, problems):
    flags = [answers_match(r["pred"], p.answer) for r, p in zip(runs, problems)]
    i = wilson(sum(flags), len(flags))
    narrow = wilson(sum(flags), max(sum(r['pred'] is not None for r in runs), 1))
    tokens, unparsed = sum(r["tokens"] for r in runs) / len(runs), sum(r["pred"] is None for r in runs)
    return {"accuracy": i.mean, "low": narrow.low, "high": narrow.high, "n": i.n, "tokens": tokens, "unparsed": unparsed}
""",
    # the mean tokens of the replies that could be read
    """
def evaluate(runs, problems):
    flags = [answers_match(r["pred"], p.answer) for r, p in zip(runs, problems)]
    i = wilson(sum(flags), len(flags))
    tokens, unparsed = sum(r["tokens"] for r in runs if r["pred"] is not None) / max(1, sum(r["pred"] is not None for r in runs)), sum(r["pred"] is None for r in runs)
    return {"accuracy": i.mean, "low": i.low, "high": i.high, "n": i.n, "tokens": tokens, "unparsed": unparsed}
""",
    # the interval of the wrong ones
    """
def evaluate(runs, problems):
    flags = [answers_match(r["pred"], p.answer) for r, p in zip(runs, problems)]
    i = wilson(sum(flags), len(flags))
    tokens, unparsed = sum(r["tokens"] for r in runs) / len(runs), sum(r["pred"] is None for r in runs)
    return {"accuracy": i.mean, "low": wilson(len(flags) - sum(flags), len(flags)).low, "high": wilson(len(flags) - sum(flags), len(flags)).high, "n": i.n, "tokens": tokens, "unparsed": unparsed}
""",
    # n counts only what could be read
    """
def evaluate(runs, problems):
    flags = [answers_match(r["pred"], p.answer) for r, p in zip(runs, problems)]
    i = wilson(sum(flags), len(flags))
    tokens, unparsed = sum(r["tokens"] for r in runs) / len(runs), sum(r["pred"] is None for r in runs)
    return {"accuracy": i.mean, "low": i.low, "high": i.high, "n": i.n - unparsed, "tokens": tokens, "unparsed": unparsed}
""",
    # the answer must stand somewhere in the text
    """
def evaluate(runs, problems):
    flags = [p.answer in r["text"] for r, p in zip(runs, problems)]
    i = wilson(sum(flags), len(flags))
    tokens, unparsed = sum(r["tokens"] for r in runs) / len(runs), sum(r["pred"] is None for r in runs)
    return {"accuracy": i.mean, "low": i.low, "high": i.high, "n": i.n, "tokens": tokens, "unparsed": unparsed}
""",
    # numbers compared as integers: 14.0 is an error
    """
def evaluate(runs, problems):
    flags = [int(r["pred"] or -1) == int(p.answer) for r, p in zip(runs, problems)]
    i = wilson(sum(flags), len(flags))
    tokens, unparsed = sum(r["tokens"] for r in runs) / len(runs), sum(r["pred"] is None for r in runs)
    return {"accuracy": i.mean, "low": i.low, "high": i.high, "n": i.n, "tokens": tokens, "unparsed": unparsed}
""",
]

VARIANTS = {
    "ex1_run_baseline": {
        "points": 2,
        "right": RUN_BASELINE_RIGHT,
        "wrong": RUN_BASELINE_WRONG,
    },
    "ex2_system_cot": {
        "points": 2,
        "right": SYSTEM_COT_RIGHT,
        "wrong": SYSTEM_COT_WRONG,
    },
    "ex3_extract_final": {
        "points": 4,
        "right": EXTRACT_FINAL_RIGHT,
        "wrong": EXTRACT_FINAL_WRONG,
    },
    "ex4_run_cot": {
        "points": 2,
        "right": RUN_COT_RIGHT,
        "wrong": RUN_COT_WRONG,
    },
    "ex5_evaluate": {
        "points": 4,
        "right": EVALUATE_RIGHT,
        "wrong": EVALUATE_WRONG,
    },
}
