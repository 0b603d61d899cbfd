"""Submissions that are damaged before anything runs: what was done to the files, and what must come of it."""

import json
from collections.abc import Callable
from dataclasses import dataclass

import nbformat

from tests.grading.class_course import ASSIGNMENT, FULL, PLACE, notebook


@dataclass(frozen=True)
class Broken:
    """`make` gives a notebook, its bytes, or files by name. `points`: None means *needs attention*, no
    points.
    """

    name: str
    make: Callable
    points: dict | None
    says: str = ""


def _text() -> str:
    return nbformat.writes(notebook())


def _json(change: Callable[[dict], object]) -> Callable[[], bytes]:
    def make() -> bytes:
        plain = json.loads(_text())
        changed = change(plain)
        return json.dumps(plain if changed is None else changed).encode()

    return make


def _cell(place: str, change: Callable[[dict], object]) -> Callable[[], bytes]:
    return _json(lambda plain: change(plain["cells"][PLACE[place]]) and None)


def _grading(place: str, **values: object) -> Callable[[], bytes]:
    return _cell(place, lambda cell: cell["metadata"]["nbgrader"].update(values))


def _only(*keys: str) -> dict:
    return {test: FULL[test] if test in keys else 0.0 for test in FULL}


def _lost(*keys: str) -> dict:
    return {test: 0.0 if test in keys else FULL[test] for test in FULL}


def _duplicate(place: str) -> Callable[[], bytes]:
    return _json(lambda plain: plain["cells"].insert(PLACE[place], plain["cells"][PLACE[place]]))


def _drop(place: str) -> Callable[[], bytes]:
    return _json(lambda plain: plain["cells"].pop(PLACE[place]) and None)


def _version_3(plain: dict) -> dict:
    cells = [{**cell, "input": cell["source"]} for cell in plain["cells"]]
    return {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": cells}]}


def _schema(version: int | None) -> Callable[[], bytes]:
    def change(plain: dict) -> None:
        for cell in plain["cells"]:
            meta = cell["metadata"].get("nbgrader")
            if meta and version is None:
                meta.pop("schema_version")
            elif meta:
                meta["schema_version"] = version

    return _json(change)


def _without_metadata(plain: dict) -> None:
    for cell in plain["cells"]:
        cell["metadata"] = {}


def _answer_elsewhere(plain: dict) -> None:
    plain["cells"].pop(PLACE["why"])
    plain["cells"].append({"cell_type": "markdown", "metadata": {}, "source": "My answer: because."})


def _swap_ids(plain: dict) -> None:
    """A cell of its own claims to be the test; the test claims to be nothing."""
    plain["cells"][PLACE["test-double"]]["metadata"] = {}
    plain["cells"][PLACE["test-double"]]["id"] = "other"
    plain["cells"][PLACE["live"]]["metadata"] = {"nbgrader": {"grade_id": "test-double", "grade": True}}


BROKEN = [
    Broken("empty file", lambda: b"", None, "empty"),
    Broken("spaces", lambda: b"  \n", None, "empty"),
    Broken("no JSON", lambda: b"{ not JSON", None, "not JSON"),
    Broken("cut off", lambda: _text()[:-400].encode(), None, "not JSON"),
    Broken("a list", lambda: b"[]", None, "no notebook"),
    Broken("a number", lambda: b"7", None, "no notebook"),
    Broken("no cells", _json(lambda plain: plain.pop("cells") and None), None, "no cells"),
    Broken("cells no list", _json(lambda plain: plain.update(cells={"a": 1})), None, "no cells"),
    Broken("cell null", _json(lambda plain: plain["cells"].insert(2, None)), None, "cell 3"),
    Broken("cell of unknown kind", _cell("double", lambda c: c.update(cell_type="dance")), None, "cell 3"),
    Broken("source a number", _cell("double", lambda c: c.update(source=7)), None, "cell 3"),
    Broken("source a list of numbers", _cell("double", lambda c: c.update(source=[7])), None, "cell 3"),
    Broken("UTF-16", lambda: _text().encode("utf-16"), None, "UTF-8"),
    Broken("Latin-1", lambda: _text().replace("# Tiny", "# T\xefny").encode("latin-1"), None, "UTF-8"),
    Broken("byte order mark", lambda: b"\xef\xbb\xbf" + _text().encode(), FULL, "byte order mark"),
    Broken("nbformat 3", _json(_version_3), FULL, "nbformat 3"),
    Broken("nbformat 9", _json(lambda plain: plain.update(nbformat=9)), None, "format 9"),
    Broken("nbformat missing", _json(lambda plain: plain.pop("nbformat") and None), None, "no notebook"),
    Broken("merge conflict", lambda: _text().replace(' "cells"', "\n<<<<<<< HEAD\n \"cells\"", 1).encode(), None, "merge"),
    Broken("nested deeply", lambda: b'{"nbformat":4,"cells":' + b"[" * 200_000, None, "nested"),
    Broken("lone surrogate", _cell("double", lambda c: c["source"].append("\n# \ud800")), FULL),
    Broken("NaN in metadata", _json(lambda plain: plain["metadata"].update(x=float("nan"))), FULL),
    Broken("no notebook", lambda: {"readme.txt": b"hello"}, None, "missing"),
    Broken("renamed", lambda: {"tiny (1).ipynb": _text().encode()}, FULL, "taken as"),
    Broken("renamed twice", lambda: dict.fromkeys(["a.ipynb", "b.ipynb"], _text().encode()), None, "missing"),
    Broken("in a folder", lambda: {"tiny/tiny.ipynb": _text().encode()}, FULL, "taken as"),
    Broken("another notebook", lambda: {"other.ipynb": b'{"nbformat": 4, "cells": []}'}, None, "missing"),
    Broken("test twice", _duplicate("test-double"), FULL, "2 times"),
    Broken("exercise twice", _duplicate("double"), FULL, "2 times"),
    Broken("answer twice", _duplicate("why"), FULL, "2 times"),
    Broken("everything twice", _json(lambda plain: plain["cells"].extend(plain["cells"][:])), FULL, "2 times"),
    Broken("cell ids twice", _json(lambda plain: [c.update(id="same") for c in plain["cells"]] and None), FULL),
    Broken("schema 1", _schema(1), FULL),
    Broken("schema 2", _schema(2), FULL),
    Broken("schema missing", _schema(None), FULL),
    Broken("schema 99", _schema(99), FULL),
    Broken("schema text", _schema("three"), FULL),
    Broken("foreign cell", _grading("double", grade_id="not_of_this_course"), FULL, "lost"),
    Broken("metadata empty", _cell("test-double", lambda c: c.update(metadata={"nbgrader": {}})), FULL, "lost"),
    Broken("metadata text", _cell("test-double", lambda c: c.update(metadata={"nbgrader": "x"})), FULL, "lost"),
    Broken("metadata a list", _cell("test-double", lambda c: c.update(metadata=[])), FULL, "lost"),
    Broken("metadata gone everywhere", _json(_without_metadata), FULL, "lost"),
    Broken("more points", _grading("test-double", points=100), FULL),
    Broken("points as text", _grading("test-double", points="many"), FULL),
    Broken("test is a solution", _grading("test-double", solution=True, locked=False), FULL),
    Broken("test not graded", _grading("test-double", grade=False), FULL),
    Broken("test made markdown", _cell("test-double", lambda c: c.update(cell_type="markdown")), FULL, "markdown"),
    Broken("test made raw", _cell("test-double", lambda c: c.update(cell_type="raw")), FULL, "raw"),
    Broken("skipped by tag", _cell("test-double", lambda c: c["metadata"].update(tags=["skip-execution"])), FULL),
    Broken("error allowed by tag", _cell("test-double", lambda c: c["metadata"].update(tags=["raises-exception"])), FULL),
    Broken("test emptied", _cell("test-double", lambda c: c.update(source="")), _lost("test-double")),
    Broken("test edited", _cell("test-double", lambda c: c.update(source="assert True")), _lost("test-double")),
    Broken("test laid out anew", _cell("test-double", lambda c: c.update(source="assert  double( 2 )==4  # fine")), FULL),
    Broken("test deleted", _drop("test-double"), _lost("test-double"), "put back"),
    Broken("last test deleted", _drop("test-scaled"), _lost("test-scaled"), "put back"),
    Broken("given cell deleted", _drop("imports"), FULL, "put back"),
    Broken("given cell changed", _cell("imports", lambda c: c.update(source="factor = 99")), FULL, "original"),
    Broken("exercise deleted", _drop("double"), _lost("test-double"), "is gone"),
    Broken("answer deleted", _drop("why"), FULL, "put back"),
    Broken("answer elsewhere", _json(_answer_elsewhere), None, "grade by hand"),
    Broken("test id on own cell", _json(_swap_ids), _lost("test-double")),
    Broken("cells in reverse", _json(lambda plain: plain["cells"].reverse()), dict.fromkeys(FULL, 0.0)),
    Broken("foreign kernel", _json(lambda p: p["metadata"].update(kernelspec={"name": "bash", "display_name": "b"})), FULL),
    Broken("outputs damaged", _cell("live", lambda c: c.update(outputs=[{"output_type": "stream"}, 3])), FULL),
    Broken("only the title", _json(lambda p: p.update(cells=p["cells"][:1])), dict.fromkeys(FULL, 0.0), "put back"),
    Broken("bad timestamp", lambda: {f"{ASSIGNMENT}.ipynb": _text().encode(), "timestamp.txt": b"\xff soon"}, FULL, "no time"),
]  # fmt: skip
