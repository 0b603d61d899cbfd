"""Parts of a page that a command writes: `<!-- name -->`, a line of its own, to `<!-- /name -->`."""

from pathlib import Path


def filled(page: str, name: str, text: str) -> str:
    """`page` with `text`, whole lines, between the two marks. ValueError where one is missing."""
    begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
    before, opened, rest = page.partition(begin)
    _, closed, after = rest.partition(end)
    if not (opened and closed):
        raise ValueError(f"the page lacks the marks of its part: <!-- {name} --> and {end}")
    return before + opened + text + closed + after


def write(file: Path, name: str, text: str) -> None:
    """`filled`, of the page in `file`, in place."""
    file.write_text(filled(file.read_text(encoding="utf-8"), name, text), encoding="utf-8")
