"""`python -m deploy.links`: the README's links that need the repository's public address.

The address stands once, in pyproject.toml: `[tool.workshop] repository`. While it is OWNER/REPO there is
none, and the README says so in place of links that lead nowhere.
"""

import re
import tomllib
from pathlib import Path
from urllib.parse import quote

from training import marks

ROOT = Path(__file__).parents[1]
UNKNOWN = "OWNER/REPO"
FIRST = "notebooks/00_start_here/00_start_here.ipynb"


def repository(root: Path = ROOT) -> str:
    """The place on GitHub, `owner/name`; OWNER/REPO while there is none. ValueError for anything else."""
    name = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["workshop"][
        "repository"
    ]
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", name):
        raise ValueError(f"pyproject.toml, [tool.workshop] repository: {name!r} is not owner/name")
    return name


def addresses(name: str) -> dict[str, str]:
    """Where each one-click way leads, for the repository `name`."""
    owner, _, project = name.partition("/")
    git = f"https://github.com/{name}"
    lab = f"lab/tree/{FIRST}"
    pull = f"git-pull?repo={quote(git, safe='')}&urlpath={quote(f'lab/tree/{project}/{FIRST}', safe='')}"
    return {
        "site": f"https://{owner.lower()}.github.io/{project}/",
        "Binder": f"https://mybinder.org/v2/gh/{name}/main?urlpath={quote(lab, safe='')}",
        "Codespaces": f"https://codespaces.new/{name}",
        "Colab": f"https://colab.research.google.com/github/{name}/blob/colab/{Path(FIRST).name}",
        "a JupyterHub with nbgitpuller": f"https://HUB/hub/user-redirect/{pull}",
    }


def links(name: str) -> str:
    """The README's part between its two marks."""
    if name == UNKNOWN:
        return (
            "This copy has no public address yet, so it has no badges and no one-click links. "
            "[CONTRIBUTING.md](CONTRIBUTING.md#the-public-address) says which line fills them in.\n"
        )
    git, found = f"https://github.com/{name}", addresses(name)
    badge = f"[![tests]({git}/actions/workflows/tests.yml/badge.svg)]({git}/actions/workflows/tests.yml)"
    licence = "[![Apache-2.0](https://img.shields.io/badge/licence-Apache--2.0-blue)](LICENSE)"
    clicks = " · ".join(f"[{way}]({url})" for way, url in found.items() if "HUB" not in url)
    hub = found["a JupyterHub with nbgitpuller"]
    click = f"Without installing: {clicks}. On a JupyterHub with nbgitpuller, put its name for HUB: `{hub}`"
    return f"{badge} {licence}\n\n{click}\n"


def filled(text: str, name: str) -> str:
    """`text` with the part between the marks written anew. ValueError where the marks are missing."""
    return marks.filled(text, "links", links(name))


if __name__ == "__main__":
    readme = ROOT / "README.md"
    readme.write_text(filled(readme.read_text(encoding="utf-8"), repository()), encoding="utf-8")
