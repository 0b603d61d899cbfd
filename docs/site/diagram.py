"""Flow charts as tables: a chart needs a script to be drawn, a table is read by everybody and without one."""

import re

CHART = re.compile(r"^```mermaid\nflowchart TD\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LABEL = re.compile(r'(\w+)\["(.+?)"\]')
ARROW = re.compile(r"\s*(\w+) (-->|-\.->) (.+)")


def as_tables(page: str) -> str:
    """`page` with each Mermaid flow chart as a table of its nodes: what a node is, where its arrows lead."""
    return CHART.sub(lambda chart: _table(chart[1]), page)


def _table(chart: str) -> str:
    labels = {name: label.split("<br>") for name, label in LABEL.findall(chart)}
    arrows = {name: {"-->": [], "-.->": []} for name in labels}
    for line in LABEL.sub(r"\1", chart).splitlines():
        if arrow := ARROW.match(line):
            name, kind, ends = arrow.groups()
            arrows[name][kind] += [f"`{labels[end.strip()][0]}`" for end in ends.split("&")]
    rows = ["| from | what it is | whole arrows to | dotted arrows to |", "| --- | --- | --- | --- |"]
    for name, (first, *rest) in labels.items():
        whole, dotted = (", ".join(ends) for ends in arrows[name].values())
        rows.append(f"| `{first}` | {' '.join(rest)} | {whole} | {dotted} |")
    return "\n".join(rows)
