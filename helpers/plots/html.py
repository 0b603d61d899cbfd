"""Figures of text, in HTML: replies beside each other, and a solution with a score for each line."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence

from helpers.answers import answers_match
from helpers.plots.figure import BLACK, BLUE, GREEN, VERMILLION, Figure, caption
from helpers.problems import Problem

PRE = "white-space: pre-wrap; background: none; color: inherit; padding: 0; margin: 0.5em 0"


def answered_twice(problem: Problem, runs: Mapping[str, Mapping], *, model: str) -> Figure:
    """The replies to one question side by side: {method: {"text": ..., "pred": ..., "tokens": ...}}."""
    verdicts, columns = [], []
    for method, run in runs.items():
        right = answers_match(run["pred"], problem.answer)
        verdict = "right" if right else "wrong" if run["pred"] is not None else "no answer"
        verdicts.append(f"{method} {verdict} ({run['tokens']} tokens)")
        colour = GREEN if right else VERMILLION
        read = (
            "nothing could be read"
            if run["pred"] is None
            else f"read: <b>{html.escape(str(run['pred']))}</b>"
        )
        columns.append(
            f'<div style="flex: 1 1 18em; border-left: 4px solid {colour}; padding-left: 0.8em">'
            f"<b>{html.escape(method)}</b> · {run['tokens']} tokens"
            f'<pre style="{PRE}">'
            f"{html.escape(run['text'])}</pre>"
            f'{read} <b style="color: {colour}">{"✓" if right else "✗"} {verdict}</b></div>'
        )
    title = f"{problem.id}: " + ", ".join(verdicts)
    note = f"The answer is {problem.answer}. {caption(model, samples=1, band=False)}"
    inner = f'<div style="display: flex; flex-wrap: wrap; gap: 1.5em">{"".join(columns)}</div>'
    markup = _framed(title, problem.question, inner, note)
    replies = " ".join(f"{method}: {run['text']}" for method, run in runs.items())
    return Figure(f"{title}. {problem.question} {replies} {note}.", markup)


def steps_read(
    question: str, rows: Sequence[tuple[str, float, str]], *, title: str, model: str, scorer: str
) -> Figure:
    """A solution line by line, with a bar for the score of each line.

    `rows`: (line, score in [0, 1], what is known of the line).
    """
    lines, words = [], []
    for line, score, known in rows:
        colour, mark = (BLUE, "") if score >= 0.5 else (VERMILLION, "✗ ")
        bar = f'<div style="background: {colour}; height: 0.8em; width: {100 * score:.0f}%"></div>'
        lines.append(
            f'<tr><td style="text-align: left; font-family: monospace">{html.escape(line)}</td>'
            f'<td style="width: 9em">{bar}</td><td style="color: {colour}">{mark}{score:.2f}</td>'
            f'<td style="text-align: left; color: {BLACK}">{html.escape(known)}</td></tr>'
        )
        words.append(f"{line}: {score:.2f}{', ' + known if known else ''}")
    note = f"{caption(model, band=False)} · a bar: the probability, by {scorer}, that all is right up to here"
    inner = f'<table style="background: white">{"".join(lines)}</table>'
    markup = _framed(title, question, inner, note)
    return Figure(f"{title} {question} {'. '.join(words)}. {note}.", markup)


def _framed(title: str, question: str, inner: str, note: str) -> str:
    return (
        f'<figure style="max-width: 60em; margin: 0.5em 0 1.5em"><b>{html.escape(title)}</b>'
        f'<p style="margin: 0.5em 0">{html.escape(question)}</p>{inner}'
        '<figcaption style="font-size: 85%; opacity: 0.75; margin-top: 0.5em">'
        f"{html.escape(note)}</figcaption></figure>"
    )
