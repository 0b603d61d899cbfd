"""Stories of one quantity that changes: told forwards, or with the start asked and every change undone."""

from __future__ import annotations

import random

from training.data import language as lang
from training.data.ledger import Ledger, operand
from training.data.worked import LARGEST, Size, Worked, compute


def _times(n: int) -> str:
    return {2: "two", 3: "three", 4: "four", 5: "five"}[n]


class _Story:
    """Slots of one story and how a clause is written with them."""

    def __init__(self, scene: lang.Scene, rng: random.Random):
        self.rng, self.scene, self.mentioned = rng, scene, False
        woman = rng.random() < 0.5
        self.name = rng.choice(lang.WOMEN if woman else lang.MEN)
        self.he, self.his, self.him = ("she", "her", "her") if woman else ("he", "his", "him")
        others = [n for n in lang.WOMEN + lang.MEN if n != self.name]
        self.friends = rng.sample(others, 3)
        self.things = rng.choice(scene.things)
        self.vehicle, self.place, self.tank = (
            rng.choice(words) for words in (lang.VEHICLES, lang.WAREHOUSES, lang.TANKS)
        )
        self.subject = scene.subject
        if scene.subject == "person":
            self.subject = self.name
        elif rng.random() < 0.25 and "{V}" not in scene.subject:
            self.subject = scene.subject.replace("the ", f"{self.name}'s ")

    def write(self, pattern: str, n: int | None = None, keep_name: bool = False) -> str:
        person = self.scene.subject == "person"
        name = self.subject
        if (
            person
            and self.mentioned
            and not keep_name
            and pattern.startswith("{S}")
            and self.rng.random() < 0.6
        ):
            name = self.he
        if "{S}" in pattern:
            self.mentioned = True
        slots = {
            "S": name, "he": self.he, "his": self.his, "him": self.him, "Q": self.rng.choice(self.friends),
            "T": self.things, "d": self.rng.randint(2, 60),
        }  # fmt: skip
        if n is not None:
            slots["n"] = lang.number(n, self.rng)
            slots["k"] = _times(n) if n in (2, 3, 4, 5) and self.rng.random() < 0.5 else str(n)
        text = pattern.format(**slots, V="{V}", W="{W}", K="{K}")
        return text.format(V=self.vehicle, W=self.place, K=self.tank)


def _compound(story: _Story, ledger: Ledger, rng: random.Random) -> str | None:
    """An event of two steps: some containers with equally many things come or go."""
    count, each = rng.randint(2, 9), rng.choice((rng.randint(2, 12), rng.randint(10, 60)))
    product = count * each
    box = rng.choice(lang.CONTAINERS)
    add = product >= ledger.value - 1 or rng.random() < 0.5
    if ledger.value + product > LARGEST:
        return None
    written = {"c": lang.number(count, rng), "e": lang.number(each, rng), "box": box}
    pattern = rng.choice(
        ("{S} gets {c} {box} with {e} {T} in each", "{S} buys {c} {box} of {e} {T} each",
         "{c} {box} with {e} {T} each are added", "{Q} brings {c} {box} of {T}, each with {e} {T}")
        if add else
        ("{S} gives {e} {T} to each of {c} friends", "{c} {box} with {e} {T} each are taken away",
         "{S} fills {c} {box} with {e} {T} each and sends them away", "{c} people each take {e} {T}")
    )  # fmt: skip
    for key, value in written.items():
        pattern = pattern.replace("{" + key + "}", value)
    made = (f"{count} of {each}: {count} * {each} = {product}",)
    ledger.apply("Adds" if add else "Takes away", "+" if add else "-", product, f"{count} * {each}", made)
    return story.write(pattern)


def _join(story: _Story, clauses: list[str], rng: random.Random) -> str:
    """Clauses become sentences; some are joined, some get a time in front."""
    sentences, i = [], 0
    while i < len(clauses):
        text = clauses[i]
        while i + 1 < len(clauses) and rng.random() < 0.3:
            i += 1
            following = clauses[i]
            for subject in (story.subject + " ", story.he + " "):
                if text.startswith((story.subject + " ", story.he + " ")) and following.startswith(subject):
                    following = following[len(subject) :]
                    break
            text += rng.choice((", then ", " and ", ", and ", ", and then ", ", but then ")) + following
        if story.scene.times and len(sentences) and rng.random() < 0.45:
            text = rng.choice(story.scene.times) + ", " + text
        sentences.append(lang.sentence(text))
        i += 1
    return " ".join(sentences)


def _with_distractors(text: str, story: _Story, rng: random.Random) -> str:
    parts = text.split(". ")
    for _ in range(rng.choice((0, 0, 0, 1, 1, 2))):
        person = story.scene.subject == "person"
        fitting = [text for text in lang.DISTRACTORS if person or "{S}" not in text]
        extra = lang.sentence(story.write(rng.choice(fitting), keep_name=True), "")
        parts.insert(rng.randint(1, max(1, len(parts) - 1)), extra)
    return ". ".join(parts)


def _question(story: _Story, pattern: str, rng: random.Random) -> str:
    text = story.write(pattern, keep_name=rng.random() < 0.7)
    if rng.random() < 0.4:
        text = rng.choice(lang.QUESTION_OPENINGS) + " " + text
    return lang.sentence(text, "?")


def story_problem(steps: int, rng: random.Random, size: Size) -> Worked | None:
    """One quantity that changes `steps` times, told forwards."""
    scene = rng.choices(lang.SCENES, lang.SCENE_WEIGHTS)[0]
    story = _Story(scene, rng)
    start = size(rng) + rng.choice((0, 10))
    ledger = Ledger(start)
    opening = lang.sentence(story.write(rng.choice(scene.starts), start))
    clauses: list[str] = []
    while ledger.steps < steps:
        if scene.name in ("possession", "stock") and steps - ledger.steps >= 2 and rng.random() < 0.2:
            clause = _compound(story, ledger, rng)
            if clause:
                clauses.append(clause)
            continue
        event = rng.choice(scene.events)
        if event.op in "*/" and rng.random() < 0.5:
            continue
        n = operand(event.op, ledger.value, rng, size)
        if n is None:
            if ledger.value < 4 and scene.name == "sales":
                return None
            continue
        clauses.append(story.write(rng.choice(event.patterns), n))
        ledger.apply(f"{event.tag} {n}", event.op, n)
    body = _with_distractors(f"{opening} {_join(story, clauses, rng)}", story, rng)
    question = f"{body} {_question(story, rng.choice(scene.questions), rng)}"
    return ledger.worked(question, ledger.value, scene.name)


def before_problem(steps: int, rng: random.Random, size: Size) -> Worked | None:
    """The end is known, the start is asked: every change is undone, the last first."""
    scene = rng.choice([s for s in lang.SCENES if s.before])
    story = _Story(scene, rng)
    value = start = size(rng) + 10
    changes, clauses = [], []
    story.write("{S}")
    while len(changes) < steps:
        event = rng.choice([e for e in scene.events if e.op in "+-"])
        n = operand(event.op, value, rng, size)
        if n is None:
            return None
        clauses.append(story.write(rng.choice(event.patterns), n, keep_name=not clauses))
        changes.append((event.op, n))
        value = compute(value, event.op, n)
    ledger = Ledger(value)
    for op, n in reversed(changes):
        ledger.apply(f"Before {op} {n}", "-" if op == "+" else "+", n)
    opening = story.write(rng.choice(("{S} has some {T}", "nobody knows how many {T} {S} had", "at first {S} has a number of {T}")),
                          keep_name=True) if scene.name in ("possession", "stock") else ""  # fmt: skip
    end = rng.choice(
        ("in the end there are {n} {T}", "now {n} {T} are left", "after that {n} {T} are counted")
    )
    text = (lang.sentence(opening) + " " if opening else "") + _join(story, clauses, rng)
    text = f"{text} {lang.sentence(story.write(end, value))}"
    question = f"{text} {_question(story, rng.choice(scene.before), rng)}"
    return ledger.worked(question, start, "before")
