"""`python -m docs.site.build`: the site, in build/site/html; static, with nothing loaded from elsewhere.

The repository's own pages are copied as they lie, so that the links between them hold; the README is the
front page.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat

from config import ROOT
from docs.site import diagram, notebooks, slides

BUILD = ROOT / "build" / "site"
COPIED = ("CONTRIBUTING.md", "CHANGELOG.md", "LICENSE", "NOTICE", "CITATION.cff")
COPIED += (".github/CODE_OF_CONDUCT.md", "tests/notebooks/variants/README.md")
CONTENTS = """
```{{toctree}}
:caption: {caption}
:hidden:

{pages}
```
"""
TITLES = {  # of reports that the README quotes, and so have none of their own
    "methods": "Every method of the course",
    "report": "Course models",
    "reward_report": "Reward models",
    "judge_report": "Judge",
    "corrector_report": "Corrector",
}
MODULES = ("models", "problems", "prompts", "answers", "estimators", "pools", "rewards", "judges", "its")
MODULES += ("search", "endpoint", "plots", "checks.core")


def main() -> int:
    """Builds the site; returns the exit status of Sphinx."""
    source, html = BUILD / "source", BUILD / "html"
    for folder in (source, html):
        shutil.rmtree(folder, ignore_errors=True)
    write_source(source)
    options = [
        "-b",
        "html",
        "-c",
        str(Path(__file__).parent),
        "-d",
        str(BUILD / "doctrees"),
        "--keep-going",
        "-q",
    ]
    status = subprocess.run(
        [sys.executable, "-m", "sphinx", *options, str(source), str(html)], cwd=ROOT
    ).returncode
    for page in html.rglob("*.html"):
        page.write_text(accessible(page.read_text(encoding="utf-8")), encoding="utf-8")
    slides.write(ROOT / "docs" / "slides" / "deck.md", html / "docs" / "slides" / "deck.html")
    return status


def accessible(page: str) -> str:
    """The page with what Sphinx leaves out: levels of headings, and the keyboard's way into what scrolls."""
    page = page.replace('class="caption" role="heading">', 'class="caption" role="heading" aria-level="2">')
    page = re.sub(r"<pre(?=[ >])(?![^>]*tabindex)", '<pre tabindex="0"', page)
    page = page.replace("<p><img ", '<p tabindex="0"><img ')
    page = re.sub(r"<table(?=[ >])(?![^>]*tabindex)", '<table tabindex="0"', page)
    return re.sub(r'<div class="output text_html"', '<div tabindex="0" class="output text_html"', page)


def write_source(source: Path) -> None:
    """All that Sphinx reads."""
    (source / "docs").mkdir(parents=True)
    for name in COPIED:
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, source / name)
    for path in (ROOT / "docs").glob("*.md"):
        page = diagram.as_tables(path.read_text(encoding="utf-8"))
        (source / "docs" / path.name).write_text(page, encoding="utf-8")
    shutil.copytree(ROOT / "prebuilt", source / "prebuilt", ignore=_only(".md", ".png"))
    for path in (source / "prebuilt").rglob("*.md"):
        text = path.read_text(encoding="utf-8")
        if not re.match(r"(---|#)", text):
            path.write_text(f"# {TITLES[path.stem]}\n\n{text}", encoding="utf-8")
    shutil.copytree(ROOT / "docs" / "slides", source / "docs" / "slides")
    pages = notebooks.pages(ROOT, BUILD / "executed")
    for name, notebook in pages.items():
        (source / name).parent.mkdir(parents=True)
        nbformat.write(notebook, source / name)
    api = write_api(source / "helpers")
    guides = [f"docs/{name}" for name in ("start", "platforms")]
    teaching = ["docs/instructor", "docs/course_plan", "Slides <docs/slides/deck>", "docs/hub", "docs/deploy"]
    making = ["docs/architecture", "CONTRIBUTING", "docs/style", "docs/third_party", "CHANGELOG"]
    making += [name.removesuffix(".md") for name in COPIED if "/" in name]
    placed = {*guides, *teaching, *making}
    guides += sorted({f"docs/{path.stem}" for path in (ROOT / "docs").glob("*.md")} - placed)
    measured = [f"prebuilt/{p.relative_to(ROOT / 'prebuilt').with_suffix('')}" for p in _reports()]
    groups = {"Notebooks": list(pages), "Learners": guides, "Instructors": teaching, "Measured": measured}
    groups |= {"Functions": api, "Maintainers": making}
    contents = "".join(
        CONTENTS.format(caption=name, pages="\n".join(names)) for name, names in groups.items()
    )
    (source / "index.md").write_text((ROOT / "README.md").read_text("utf-8") + contents, encoding="utf-8")


def write_api(folder: Path) -> list[str]:
    """One page for each module that a notebook imports; returns their names."""
    folder.mkdir()
    for name in MODULES:
        title = f"helpers.{name}"
        text = f"{title}\n{'=' * len(title)}\n\n.. automodule:: {title}\n   :members:\n"
        (folder / f"{name}.rst").write_text(text, encoding="utf-8")
    return [f"helpers/{name}" for name in MODULES]


def _reports() -> list[Path]:
    return sorted((ROOT / "prebuilt").rglob("*.md"))


def _only(*endings: str):
    return lambda folder, names: [
        n for n in names if not (Path(folder) / n).is_dir() and not n.endswith(endings)
    ]


if __name__ == "__main__":
    sys.exit(main())
