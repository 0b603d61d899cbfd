"""Other ways to write the exercises of notebook 04; see README.md."""

RAG_RIGHT = [
    # the messages by hand
    """
def rag_prompt(record):
    user = "Context:\\n" + record["context"] + "\\n\\nQuestion: " + record["question"]
    return [{"role": "system", "content": SYSTEM_RAG}, {"role": "user", "content": user}]
""",
    # keywords, a template
    """
def rag_prompt(record):
    return make_prompt(
        system=SYSTEM_RAG,
        question="Context:\\n{}\\n\\nQuestion: {}".format(record["context"], record["question"]),
    )
""",
    # joined parts
    """
def rag_prompt(record):
    parts = ["Context:", record["context"], "", "Question: " + record["question"]]
    return make_prompt(SYSTEM_RAG, "\\n".join(parts))
""",
    # unpacking the record
    """
def rag_prompt(record):
    context, question = record["context"], record["question"]
    text = f"Context:\\n{context}\\n\\n"
    text += f"Question: {question}"
    return list(make_prompt(SYSTEM_RAG, text))
""",
    # replace in a template
    """
TEMPLATE = "Context:\\nCCC\\n\\nQuestion: QQQ"


def rag_prompt(record):
    head, _, tail = TEMPLATE.partition("CCC")
    return make_prompt(SYSTEM_RAG, head + record["context"] + tail.replace("QQQ", record["question"]))
""",
    # str.join with labels
    """
def rag_prompt(record):
    parts = {"Context:\\n": record["context"], "Question: ": record["question"]}
    return make_prompt(SYSTEM_RAG, "\\n\\n".join(label + text for label, text in parts.items()))
""",
    # the old way of formatting
    """
def rag_prompt(record):
    return make_prompt(SYSTEM_RAG, "Context:\\n%s\\n\\nQuestion: %s" % (record["context"], record["question"]))
""",
    # a helper for each turn
    """
def turn(role, content):
    return dict(role=role, content=content)


def rag_prompt(record):
    user = f'''Context:
{record["context"]}

Question: {record["question"]}'''
    return [turn("system", SYSTEM_RAG), turn("user", user)]
""",
]

RAG_WRONG = [
    # not written
    """
def rag_prompt(record):
    raise NotImplementedError()
""",
    # no document
    """
def rag_prompt(record):
    return make_prompt(SYSTEM_RAG, record["question"])
""",
    # the document in the system turn
    """
def rag_prompt(record):
    return make_prompt(SYSTEM_RAG + record["context"], record["question"])
""",
    # no instruction
    """
def rag_prompt(record):
    return make_prompt("", f"Context:\\n{record['context']}\\n\\nQuestion: {record['question']}")
""",
    # no blank line
    """
def rag_prompt(record):
    return make_prompt(SYSTEM_RAG, f"Context:\\n{record['context']}\\nQuestion: {record['question']}")
""",
    # the question first
    """
def rag_prompt(record):
    return make_prompt(SYSTEM_RAG, f"Question: {record['question']}\\n\\nContext:\\n{record['context']}")
""",
    # gives the answer away
    """
def rag_prompt(record):
    text = f"Context:\\n{record['context']}\\n\\nQuestion: {record['question']} ({record['expected']})"
    return make_prompt(SYSTEM_RAG, text)
""",
    # one message
    """
def rag_prompt(record):
    text = f"{SYSTEM_RAG}\\n\\nContext:\\n{record['context']}\\n\\nQuestion: {record['question']}"
    return [{"role": "user", "content": text}]
""",
    # a text instead of messages
    """
def rag_prompt(record):
    return f"Context:\\n{record['context']}\\n\\nQuestion: {record['question']}"
""",
    # the context without the spaces at its ends
    """
def rag_prompt(record):
    return make_prompt(SYSTEM_RAG, f"Context:\\n{record['context'].strip()}\\n\\nQuestion: {record['question']}")
""",
    # lines put together again without their indentation
    """
def rag_prompt(record):
    lines = "\\n".join(line.strip() for line in record["context"].splitlines())
    return make_prompt(SYSTEM_RAG, f"Context:\\n{lines}\\n\\nQuestion: {record['question']}")
""",
    # the context on the line of its label
    """
def rag_prompt(record):
    return make_prompt(SYSTEM_RAG, f"Context: {record['context']}\\n\\nQuestion: {record['question']}")
""",
    # str.format on a text that holds the document: braces break it
    """
def rag_prompt(record):
    text = "Context:\\n" + record["context"] + "\\n\\nQuestion: {question}"
    return make_prompt(SYSTEM_RAG, text.format(question=record["question"]))
""",
]

RUN_RIGHT = [
    # a coroutine for each record
    """
async def run_all(records, generator, algorithm, budget):
    async def one(record):
        return await algorithm.ainfer(
            generator, chat(rag_prompt(record)), budget, return_response_only=False
        )

    return await gather([one(record) for record in records])
""",
    # a generator expression, no progress bar
    """
async def run_all(records, generator, algorithm, budget):
    return await gather(
        (algorithm.ainfer(generator, chat(rag_prompt(r)), budget=budget, return_response_only=False) for r in records),
        progress=False,
    )
""",
    # a loop that collects
    """
async def run_all(records, generator, algorithm, budget):
    calls = []
    for record in records:
        messages = chat(rag_prompt(record))
        calls.append(algorithm.ainfer(generator, messages, budget=budget, return_response_only=False))
    results = await gather(calls)
    return results
""",
    # asyncio's own gather
    """
async def run_all(records, generator, algorithm, budget):
    import asyncio

    async def one(record):
        return await algorithm.ainfer(generator, chat(rag_prompt(record)), budget=budget, return_response_only=False)

    return list(await asyncio.gather(*map(one, records)))
""",
    # options in a dict
    """
async def run_all(records, generator, algorithm, budget=5):
    options = {"budget": budget, "return_response_only": False}
    prompts = [chat(rag_prompt(record)) for record in records]
    return await gather([algorithm.ainfer(generator, prompt, **options) for prompt in prompts])
""",
    # a task for each record
    """
async def run_all(records, generator, algorithm, budget):
    import asyncio

    tasks = []
    for record in records:
        call = algorithm.ainfer(generator, chat(rag_prompt(record)), budget=budget, return_response_only=False)
        tasks.append(asyncio.ensure_future(call))
    return [await task for task in tasks]
""",
    # a task group
    """
async def run_all(records, generator, algorithm, budget):
    import asyncio

    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(algorithm.ainfer(generator, chat(rag_prompt(r)), budget, return_response_only=False))
            for r in records
        ]
    return [task.result() for task in tasks]
""",
    # as they come, put into place
    """
async def run_all(records, generator, algorithm, budget):
    results = [None] * len(records)

    async def fill(i):
        results[i] = await algorithm.ainfer(
            generator, chat(rag_prompt(records[i])), budget=budget, return_response_only=False
        )

    await gather([fill(i) for i in range(len(records))])
    return results
""",
]

RUN_WRONG = [
    # not written
    """
async def run_all(records, generator, algorithm, budget):
    raise NotImplementedError()
""",
    # winners only
    """
async def run_all(records, generator, algorithm, budget):
    return await gather([algorithm.ainfer(generator, chat(rag_prompt(r)), budget=budget) for r in records])
""",
    # another budget
    """
async def run_all(records, generator, algorithm, budget):
    return await gather(
        [algorithm.ainfer(generator, chat(rag_prompt(r)), budget=5, return_response_only=False) for r in records]
    )
""",
    # coroutines, never awaited
    """
async def run_all(records, generator, algorithm, budget):
    return [len(rag_prompt(r)) for r in records]
""",
    # the first record again and again
    """
async def run_all(records, generator, algorithm, budget):
    first = chat(rag_prompt(records[0]))
    return await gather(
        [algorithm.ainfer(generator, first, budget=budget, return_response_only=False) for _ in records]
    )
""",
    # the question without its document
    """
async def run_all(records, generator, algorithm, budget):
    asked = [chat(make_prompt(SYSTEM_RAG, r["question"])) for r in records]
    return await gather([algorithm.ainfer(generator, a, budget=budget, return_response_only=False) for a in asked])
""",
    # a call for each candidate
    """
async def run_all(records, generator, algorithm, budget):
    results = []
    for record in records:
        for _ in range(budget):
            found = await algorithm.ainfer(
                generator, chat(rag_prompt(record)), budget=1, return_response_only=False
            )
        results.append(found)
    return results
""",
    # backwards
    """
async def run_all(records, generator, algorithm, budget):
    return await gather(
        [
            algorithm.ainfer(generator, chat(rag_prompt(r)), budget=budget, return_response_only=False)
            for r in records[::-1]
        ]
    )
""",
    # the last result alone
    """
async def run_all(records, generator, algorithm, budget):
    for record in records:
        result = await algorithm.ainfer(
            generator, chat(rag_prompt(record)), budget=budget, return_response_only=False
        )
    return [result]
""",
    # in the order in which they are ready
    """
async def run_all(records, generator, algorithm, budget):
    import asyncio

    calls = [algorithm.ainfer(generator, chat(rag_prompt(r)), budget=budget, return_response_only=False) for r in records]
    return [await call for call in asyncio.as_completed(calls)]
""",
    # a dict by context: a record that stands twice is lost
    """
async def run_all(records, generator, algorithm, budget):
    asked = {rag_prompt(r)[1]["content"]: r for r in records}
    return await gather(
        [algorithm.ainfer(generator, chat(rag_prompt(r)), budget=budget, return_response_only=False) for r in asked.values()]
    )
""",
    # the user turn alone
    """
async def run_all(records, generator, algorithm, budget):
    return await gather(
        [algorithm.ainfer(generator, chat(rag_prompt(r)[1:]), budget=budget, return_response_only=False) for r in records]
    )
""",
    # half of the budget twice
    """
async def run_all(records, generator, algorithm, budget):
    calls = [
        algorithm.ainfer(generator, chat(rag_prompt(r)), budget=budget // 2, return_response_only=False)
        for r in records
        for _ in range(2)
    ]
    return (await gather(calls))[::2]
""",
]

TABLE_RIGHT = [
    # four branches
    """
def before_after(records, results):
    table = []
    for record, result in zip(records, results):
        before = record["classification"] == "pass"
        after = answers_match(extract_answer(result.the_one["content"]), record["expected"])
        if after and not before:
            change = "gain"
        elif before and not after:
            change = "regression"
        elif after:
            change = "still right"
        else:
            change = "still wrong"
        table.append({"id": record["id"], "before": before, "after": after, "change": change})
    return table
""",
    # by index, through selected_index
    """
def before_after(records, results):
    rows = []
    for i in range(len(records)):
        text = results[i].responses[results[i].selected_index]["content"]
        before = records[i]["classification"] == "pass"
        after = answers_match(records[i]["expected"], extract_answer(text))
        change = ("still " + ("right" if after else "wrong")) if before == after else ("gain" if after else "regression")
        rows.append(dict(id=records[i]["id"], before=before, after=after, change=change))
    return rows
""",
    # a helper and a comprehension
    """
def row(record, result):
    before = record["classification"] == "pass"
    after = answers_match(extract_answer(result.the_one["content"]), record["expected"])
    word = [["still wrong", "gain"], ["regression", "still right"]][before][after]
    return {"id": record["id"], "before": before, "after": after, "change": word}


def before_after(records, results):
    return [row(record, result) for record, result in zip(records, results, strict=True)]
""",
    # match
    """
def before_after(records, results):
    rows = []
    for record, result in zip(records, results):
        before = not record["classification"] != "pass"
        after = answers_match(extract_answer(result.the_one["content"]), record["expected"])
        match (before, after):
            case (False, True):
                change = "gain"
            case (True, False):
                change = "regression"
            case (True, True):
                change = "still right"
            case _:
                change = "still wrong"
        rows.append({"id": record["id"], "before": before, "after": after, "change": change})
    return rows
""",
    # lists first
    """
def before_after(records, results):
    before = [r["classification"] == "pass" for r in records]
    answers = [extract_answer(result.the_one["content"]) for result in results]
    after = [answers_match(answer, r["expected"]) for answer, r in zip(answers, records)]
    words = {0: "still wrong", 1: "gain", 2: "regression", 3: "still right"}
    return [
        {"id": r["id"], "before": b, "after": a, "change": words[2 * b + a]}
        for r, b, a in zip(records, before, after)
    ]
""",
    # names by arithmetic
    """
def before_after(records, results):
    names = ["still wrong", "regression", "gain", "still right"]
    out = []
    for record, result in zip(records, results):
        row = {"id": record["id"], "before": record["classification"] == "pass"}
        row["after"] = answers_match(extract_answer(result.the_one["content"]), record["expected"])
        row["change"] = names[row["before"] + 2 * row["after"]]
        out.append(row)
    return out
""",
    # pandas
    """
def before_after(records, results):
    table = pd.DataFrame({"id": [r["id"] for r in records]})
    table["before"] = [r["classification"] == "pass" for r in records]
    table["after"] = [
        answers_match(extract_answer(f.the_one["content"]), r["expected"]) for r, f in zip(records, results)
    ]
    table["change"] = [
        {(0, 1): "gain", (1, 0): "regression", (1, 1): "still right", (0, 0): "still wrong"}[int(b), int(a)]
        for b, a in zip(table["before"], table["after"])
    ]
    return [
        {"id": row.id, "before": bool(row.before), "after": bool(row.after), "change": row.change}
        for row in table.itertuples()
    ]
""",
    # enumerate and nested conditions
    """
def before_after(records, results):
    rows = []
    for i, record in enumerate(records):
        prediction = extract_answer(results[i].the_one["content"])
        now = answers_match(prediction, record["expected"])
        if record["classification"] == "pass":
            rows.append({"id": record["id"], "before": True, "after": now, "change": "still right" if now else "regression"})
        else:
            rows.append({"id": record["id"], "before": False, "after": now, "change": "gain" if now else "still wrong"})
    return rows
""",
]

_TABLE = """
def before_after(records, results):
    rows = []
    for record, result in zip(records, results):
        before = {before}
        after = {after}
        words = {words}
        rows.append({{"id": record["id"], "before": before, "after": after, "change": words[before, after]}})
    return {result}
"""
_GOOD = {
    "before": 'record["classification"] == "pass"',
    "after": 'answers_match(extract_answer(result.the_one["content"]), record["expected"])',
    "words": '{(False, True): "gain", (True, False): "regression", (True, True): "still right", (False, False): "still wrong"}',
    "result": "rows",
}
TABLE_WRONG = [
    # not written
    """
def before_after(records, results):
    raise NotImplementedError()
""",
    # any candidate instead of the chosen one
    _TABLE.format(
        **_GOOD
        | {
            "after": 'any(answers_match(extract_answer(r["content"]), record["expected"]) for r in result.responses)'
        }
    ),
    # the first candidate
    _TABLE.format(
        **_GOOD
        | {"after": 'answers_match(extract_answer(result.responses[0]["content"]), record["expected"])'}
    ),
    # the expected number anywhere in the reply
    _TABLE.format(**_GOOD | {"after": 'record["expected"] in result.the_one["content"]'}),
    # answers compared as text of the reply
    _TABLE.format(**_GOOD | {"after": 'result.the_one["content"].endswith("Final: " + record["expected"])'}),
    # before and after exchanged
    _TABLE.format(
        **_GOOD
        | {
            "words": '{(True, False): "gain", (False, True): "regression", (True, True): "still right", (False, False): "still wrong"}'
        }
    ),
    # before: whether it failed
    _TABLE.format(**_GOOD | {"before": 'record["classification"] != "pass"'}),
    # before: from another field
    _TABLE.format(**_GOOD | {"before": 'answers_match(record["answer"], record["expected"])'}),
    # only what changed
    _TABLE.format(**_GOOD | {"result": '[r for r in rows if r["before"] != r["after"]]'}),
    # by the highest score of all, not by the choice
    _TABLE.format(**_GOOD | {"after": "max(result.scores) >= 5"}),
    # answers compared as text
    _TABLE.format(**_GOOD | {"after": 'extract_answer(result.the_one["content"]) == record["expected"]'}),
    # the last candidate
    _TABLE.format(
        **_GOOD
        | {"after": 'answers_match(extract_answer(result.responses[-1]["content"]), record["expected"])'}
    ),
    # the candidate with the highest score, the first of equals
    _TABLE.format(
        **_GOOD
        | {
            "after": 'answers_match(extract_answer(result.responses[result.scores.index(max(result.scores))]["content"]), record["expected"])'
        }
    ),
    # a list of tuples
    _TABLE.format(**_GOOD | {"result": "[tuple(r.values()) for r in rows]"}),
    # sorted by name of the change
    _TABLE.format(**_GOOD | {"result": 'sorted(rows, key=lambda r: r["change"])'}),
]

DIAGNOSE_RIGHT = [
    # early returns
    """
def diagnose(record, result):
    def good(reply):
        return answers_match(extract_answer(reply["content"]), record["expected"])

    passed = record["classification"] == "pass"
    if good(result.the_one):
        return "no failure" if passed else "cured"
    if any(good(reply) for reply in result.responses):
        return "judge failure"
    return "unlucky draw" if passed else "knowledge failure"
""",
    # one variable
    """
def diagnose(record, result):
    marks = []
    for reply in result.responses:
        marks.append(answers_match(extract_answer(reply["content"]), record["expected"]))
    if marks[result.selected_index] and record["classification"] == "pass":
        word = "no failure"
    elif marks[result.selected_index]:
        word = "cured"
    elif True in marks:
        word = "judge failure"
    elif record["classification"] == "pass":
        word = "unlucky draw"
    else:
        word = "knowledge failure"
    return word
""",
    # a table
    """
def diagnose(record, result):
    right = [answers_match(extract_answer(r["content"]), record["expected"]) for r in result.responses]
    chosen, there = right[result.selected_index], any(right)
    passed = record["classification"] == "pass"
    return {
        (True, True, True): "no failure",
        (True, True, False): "cured",
        (False, True, True): "judge failure",
        (False, True, False): "judge failure",
        (False, False, True): "unlucky draw",
        (False, False, False): "knowledge failure",
    }[chosen, there, passed]
""",
    # sums
    """
def diagnose(record, result):
    answers = [extract_answer(r["content"]) for r in result.responses]
    count = sum(answers_match(a, record["expected"]) for a in answers)
    failed = record["classification"] != "pass"
    if count == 0:
        return "knowledge failure" if failed else "unlucky draw"
    if not answers_match(answers[result.selected_index], record["expected"]):
        return "judge failure"
    return "cured" if failed else "no failure"
""",
    # match
    """
def diagnose(record, result):
    gold, passed = record["expected"], record["classification"] == "pass"
    right = {i for i, r in enumerate(result.responses) if answers_match(extract_answer(r["content"]), gold)}
    match (result.selected_index in right, bool(right), passed):
        case (True, _, True):
            return "no failure"
        case (True, _, False):
            return "cured"
        case (False, True, _):
            return "judge failure"
        case (False, False, True):
            return "unlucky draw"
    return "knowledge failure"
""",
    # a set of facts
    """
def diagnose(record, result):
    def fits(i):
        return answers_match(extract_answer(result.responses[i]["content"]), record["expected"])

    failed_before = record["classification"] != "pass"
    if fits(result.selected_index):
        return ("no failure", "cured")[failed_before]
    others = (fits(i) for i in range(len(result.responses)) if i != result.selected_index)
    return "judge failure" if any(others) else ("unlucky draw", "knowledge failure")[failed_before]
""",
    # from the last row of the table to the first
    """
def diagnose(record, result):
    passed = record["classification"] == "pass"
    good = [r for r in result.responses if answers_match(extract_answer(r["content"]), record["expected"])]
    if not good and passed:
        return "unlucky draw"
    if not good:
        return "knowledge failure"
    if result.the_one not in good:
        return "judge failure"
    return "no failure" if passed else "cured"
""",
    # max over the marks
    """
def diagnose(record, result):
    marks = [int(answers_match(extract_answer(r["content"]), record["expected"])) for r in result.responses]
    before, chosen, best = record["classification"] == "pass", marks[result.selected_index], max(marks, default=0)
    if chosen:
        label = "cured"
        if before:
            label = "no failure"
    else:
        label = "judge failure" if best else "knowledge failure"
        if before and not best:
            label = "unlucky draw"
    return label
""",
]

_DIAGNOSE = """
def diagnose(record, result):
    passed = record["classification"] == "pass"
    right = [answers_match(extract_answer(r["content"]), record["expected"]) for r in result.responses]
    if {chosen}:
        return {good}
    if {there}:
        return "judge failure"
    return {absent}
"""
_FINE = {
    "chosen": "right[result.selected_index]",
    "good": '"no failure" if passed else "cured"',
    "there": "any(right)",
    "absent": '"unlucky draw" if passed else "knowledge failure"',
}
DIAGNOSE_WRONG = [
    # not written
    """
def diagnose(record, result):
    raise NotImplementedError()
""",
    # a right candidate is there, so it is cured
    _DIAGNOSE.format(**_FINE | {"chosen": "any(right)"}),
    # the first candidate is taken for the chosen one
    _DIAGNOSE.format(**_FINE | {"chosen": "right[0]"}),
    # all must be right
    _DIAGNOSE.format(**_FINE | {"there": "all(right)"}),
    # before is not looked at
    _DIAGNOSE.format(**_FINE | {"good": '"cured"'}),
    _DIAGNOSE.format(**_FINE | {"absent": '"knowledge failure"'}),
    # exchanged
    _DIAGNOSE.format(**_FINE | {"good": '"cured" if passed else "no failure"'}),
    _DIAGNOSE.format(**_FINE | {"absent": '"knowledge failure" if passed else "unlucky draw"'}),
    # the score decides
    _DIAGNOSE.format(**_FINE | {"chosen": "max(result.scores) >= 5"}),
    # the number anywhere in the text
    _DIAGNOSE.format(
        **_FINE | {"there": 'any(record["expected"] in r["content"] for r in result.responses)'}
    ),
    # the number anywhere in the chosen one
    _DIAGNOSE.format(**_FINE | {"chosen": 'record["expected"] in result.the_one["content"]'}),
    # answers compared as text
    _DIAGNOSE.format(**_FINE | {"chosen": 'extract_answer(result.the_one["content"]) == record["expected"]'}),
    # the candidate with the highest score, not the one that was chosen
    _DIAGNOSE.format(**_FINE | {"chosen": "right[result.scores.index(max(result.scores))]"}),
    # before: read from the answer's text
    _DIAGNOSE.format(**_FINE).replace(
        'record["classification"] == "pass"',
        'answers_match(extract_answer(record["answer"]), record["expected"])',
    ),
    # underscores
    _DIAGNOSE.format(**_FINE).replace('"judge failure"', '"judge_failure"'),
]

POSITION_RIGHT = [
    # counters
    """
def position_shares(trials):
    stood, found, picks = {}, {}, {}
    for place, pick in trials:
        stood[place] = stood.get(place, 0) + 1
        found[place] = found.get(place, 0) + (pick == place)
        picks[pick] = picks.get(pick, 0) + 1
    return {p: {"picked": picks.get(p, 0) / len(trials), "found": found[p] / stood[p]} for p in stood}
""",
    # a comprehension
    """
def position_shares(trials):
    return {
        place: {
            "picked": fmean(pick == place for _, pick in trials),
            "found": fmean(pick == place for at, pick in trials if at == place),
        }
        for place in {at for at, _ in trials}
    }
""",
    # lists
    """
def position_shares(trials):
    places = [at for at, _ in trials]
    picks = [pick for _, pick in trials]
    result = {}
    for place in set(places):
        result[place] = {
            "picked": picks.count(place) / len(picks),
            "found": trials.count((place, place)) / places.count(place),
        }
    return result
""",
    # pandas
    """
def position_shares(trials):
    table = pd.DataFrame(trials, columns=["at", "pick"])
    found = {}
    for place in table["at"].unique():
        hit = table["pick"] == place
        found[int(place)] = {"picked": float(hit.mean()), "found": float(hit[table["at"] == place].mean())}
    return found
""",
    # a helper
    """
def share(values):
    values = list(values)
    return sum(values) / len(values)


def position_shares(trials):
    shares = {}
    for place, _ in trials:
        if place not in shares:
            shares[place] = {
                "picked": share(pick == place for _, pick in trials),
                "found": share(pick == at for at, pick in trials if at == place),
            }
    return shares
""",
    # a Counter of pairs
    """
from collections import Counter


def position_shares(trials):
    pairs, stood, picks = Counter(trials), Counter(a for a, _ in trials), Counter(b for _, b in trials)
    return {
        place: {"picked": picks[place] / len(trials), "found": pairs[place, place] / n} for place, n in stood.items()
    }
""",
    # a loop over all trials for each place
    """
def position_shares(trials):
    out = {}
    for place in sorted(set(at for at, pick in trials)):
        n_picked = n_here = n_found = 0
        for at, pick in trials:
            n_picked += pick == place
            if at == place:
                n_here += 1
                n_found += pick == place
        out[place] = {"picked": n_picked / len(trials), "found": n_found / n_here}
    return out
""",
    # filter
    """
def position_shares(trials):
    total = len(trials)
    shares = {}
    for place in dict.fromkeys(at for at, _ in trials):
        here = list(filter(lambda trial: trial[0] == place, trials))
        hits = [trial for trial in here if trial[1] == trial[0]]
        shares[place] = dict(
            picked=len([1 for _, pick in trials if pick == place]) / total, found=len(hits) / len(here)
        )
    return shares
""",
]

_POSITION = """
def position_shares(trials):
    shares = {{}}
    for place in {places}:
        here = {here}
        shares[place] = {{"picked": {picked}, "found": {found}}}
    return shares
"""
_RIGHT = {
    "places": "{at for at, _ in trials}",
    "here": "[pick for at, pick in trials if at == place]",
    "picked": "sum(pick == place for _, pick in trials) / len(trials)",
    "found": "here.count(place) / len(here)",
}
POSITION_WRONG = [
    # not written
    """
def position_shares(trials):
    raise NotImplementedError()
""",
    # picked among the trials with the right one here
    _POSITION.format(**_RIGHT | {"picked": "here.count(place) / len(here)"}),
    # trials without a pick are left out
    _POSITION.format(**_RIGHT | {"here": "[pick for at, pick in trials if at == place and pick]"}).replace(
        "here.count(place) / len(here)", "here.count(place) / max(1, len(here))"
    ),
    # of those that picked something
    _POSITION.format(
        **_RIGHT
        | {"picked": "sum(p == place for _, p in trials) / max(1, sum(p is not None for _, p in trials))"}
    ),
    # found as a share of all trials
    _POSITION.format(**_RIGHT | {"found": "here.count(place) / len(trials)"}),
    # found when this place was picked (precision)
    _POSITION.format(
        **_RIGHT | {"found": "here.count(place) / max(1, sum(pick == place for _, pick in trials))"}
    ),
    # counts instead of shares
    _POSITION.format(**_RIGHT | {"picked": "sum(pick == place for _, pick in trials)"}),
    # places that were picked
    _POSITION.format(**_RIGHT | {"places": "{pick for _, pick in trials if pick}"}).replace(
        "/ len(here)", "/ max(1, len(here))"
    ),
    # right and picked exchanged
    _POSITION.format(**_RIGHT | {"picked": "sum(at == place for at, _ in trials) / len(trials)"}),
    # places from 1 to the largest
    _POSITION.format(**_RIGHT | {"places": "range(1, max((at for at, _ in trials), default=0) + 1)"}).replace(
        "/ len(here)", "/ max(1, len(here))"
    ),
    # places that were picked as well
    _POSITION.format(**_RIGHT | {"places": "{p for trial in trials for p in trial if p}"}).replace(
        "/ len(here)", "/ max(1, len(here))"
    ),
    # in per cent
    _POSITION.format(**_RIGHT | {"found": "100 * here.count(place) / len(here)"}),
    # a pair instead of a dict
    """
def position_shares(trials):
    shares = {}
    for place in {at for at, _ in trials}:
        here = [pick for at, pick in trials if at == place]
        shares[place] = (sum(p == place for _, p in trials) / len(trials), here.count(place) / len(here))
    return shares
""",
]

VARIANTS = {
    "ex1_rag_prompt": {"points": 2, "right": RAG_RIGHT, "wrong": RAG_WRONG},
    "ex2_run_all": {"points": 3, "right": RUN_RIGHT, "wrong": RUN_WRONG},
    "ex3_before_after": {"points": 3, "right": TABLE_RIGHT, "wrong": TABLE_WRONG},
    "ex4_diagnose": {"points": 3, "right": DIAGNOSE_RIGHT, "wrong": DIAGNOSE_WRONG},
    "ex5_position_shares": {"points": 3, "right": POSITION_RIGHT, "wrong": POSITION_WRONG},
}
