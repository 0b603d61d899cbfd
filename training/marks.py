"""Parts of a page that a command writes: `<!-- name -->`, a line of its own, to `<!-- /name -->`."""


def filled(page: str, name: str, text: str) -> str:
    """`page` with `text`, whole lines, between the two marks. ValueError where one is missing."""
    begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
    before, opened, rest = page.partition(begin)
    _, closed, after = rest.partition(end)
    if not (opened and closed):
        raise ValueError(f"the page lacks the marks of its part: <!-- {name} --> and {end}")
    return before + opened + text + closed + after
