"""The built pages as a visitor's browser reads them."""

from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

from config import ROOT

HTML = ROOT / "build" / "site" / "html"
HIDDEN = {"script", "style"}


@dataclass
class Page(HTMLParser):
    """Text, links, pictures, anchors, and what the page loads."""

    text: str = ""
    links: list[str] = field(default_factory=list)
    alts: list[str | None] = field(default_factory=list)
    anchors: set[str] = field(default_factory=set)
    loaded: list[str] = field(default_factory=list)
    language: str | None = None

    def __post_init__(self) -> None:
        super().__init__()
        self._hidden = 0

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self._hidden += tag in HIDDEN
        if "id" in found:
            self.anchors.add(found["id"])
        if tag == "html":
            self.language = found.get("lang")
        if tag == "a" and found.get("href"):
            self.links.append(found["href"])
        if tag == "img":
            self.alts.append(found.get("alt"))
        if tag in ("script", "img", "iframe", "source") and found.get("src"):
            self.loaded.append(found["src"])
        if tag == "link" and "stylesheet" in (found.get("rel") or ""):
            self.loaded.append(found["href"])

    def handle_endtag(self, tag):
        self._hidden -= tag in HIDDEN

    def handle_data(self, data):
        if not self._hidden:
            self.text += data


def parse(text: str) -> Page:
    """The page of this HTML."""
    page = Page()
    page.feed(text)
    return page


@cache
def page(path: Path) -> Page:
    """The built page at `path`."""
    return parse(path.read_text(encoding="utf-8"))


def built() -> list[Path]:
    """All pages, in order."""
    return sorted(HTML.rglob("*.html"))
