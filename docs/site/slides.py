"""The deck: one file of HTML that needs nothing beside it.

`docs/slides/deck.md` holds the slides, parted by lines of `---`; what follows `Note:` is for the speaker (key N).
"""

import base64
import html
import re
from pathlib import Path

from markdown_it import MarkdownIt

PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><style>
:root {{ color-scheme: light dark }}
body {{ font: 1.5rem/1.45 system-ui, sans-serif; margin: 0 }}
section {{ box-sizing: border-box; min-height: 100vh; padding: 6vh 8vw; max-width: 75rem; margin: auto }}
.one section:not(.on) {{ display: none }}
h1, h2 {{ line-height: 1.2 }}
img {{ max-width: 100%; max-height: 62vh; background: #fff }}
table {{ border-collapse: collapse; display: block; overflow-x: auto }} td, th {{ padding: .2em .8em; text-align: left; border-bottom: 1px solid }}
aside {{ font-size: 1.1rem; border-left: 4px solid; padding: .2em 1em; margin-top: 2em }}
.one:not(.notes) aside {{ display: none }}
footer {{ font-size: 1rem }}
@media print {{ section {{ break-after: page; display: block !important }} aside {{ display: none }} }}
</style></head><body><main>
{slides}
</main><script>
const all = [...document.querySelectorAll("section")], body = document.body;
let at = Math.max(0, all.findIndex(s => "#" + s.id === location.hash));
function show(i) {{ at = Math.min(Math.max(i, 0), all.length - 1); all.forEach((s, k) => s.classList.toggle("on", k === at)); history.replaceState(0, "", "#" + all[at].id); scrollTo(0, 0); }}
addEventListener("keydown", e => {{
  if (["ArrowRight", "PageDown", " "].includes(e.key)) {{ e.preventDefault(); show(at + 1); }}
  if (["ArrowLeft", "PageUp"].includes(e.key)) show(at - 1);
  if (e.key === "n") body.classList.toggle("notes");
  if (e.key === "a") body.classList.toggle("one");
}});
addEventListener("click", e => {{ if (body.classList.contains("one") && !e.target.closest("a")) show(at + (e.clientX < innerWidth / 3 ? -1 : 1)); }});
body.classList.add("one"); show(at);
</script></body></html>
"""


def write(deck: Path, target: Path) -> None:
    """Make `target` of the slides in `deck`; pictures go into the file."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(render(deck.read_text(encoding="utf-8"), deck.parent), encoding="utf-8")


def render(text: str, folder: Path) -> str:
    """The page; `folder` is where the pictures' paths begin. ValueError for a slide without notes or title."""
    markdown = MarkdownIt("commonmark").enable("table")
    parts = []
    slides = [slide.strip() for slide in re.split(r"^---$", text, flags=re.MULTILINE)]
    for i, slide in enumerate(slides, 1):
        shown, _, note = slide.partition("\nNote:")
        if not note.strip() or not shown.startswith("#"):
            raise ValueError(f"slide {i} lacks a title or a note: {shown[:40]!r}")
        body = re.sub(r'src="([^":]+)"', lambda m: f'src="{_inline(folder / m[1])}"', markdown.render(shown))
        footer = f"<footer>{i} / {len(slides)} · arrows: slides · N: notes · A: all on one page</footer>"
        parts.append(f'<section id="{i}">{body}<aside>{markdown.render(note)}</aside>{footer}</section>')
    title = html.escape(slides[0].splitlines()[0].lstrip("# "))
    return PAGE.format(title=title, slides="\n".join(parts))


def _inline(path: Path) -> str:
    return "data:image/png;base64," + base64.b64encode(path.read_bytes()).decode()
