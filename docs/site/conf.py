"""Sphinx's settings for `make site`. Nothing that a page needs is loaded from elsewhere."""

from docutils import nodes
from latex2mathml.converter import convert

from config import ROOT

project = "Inference-time scaling"
author = "The authors of the workshop"
html_title = project

extensions = ["myst_nb", "sphinx.ext.autodoc"]
exclude_patterns = ["**/node_modules"]

nb_execution_mode = "off"  # docs/site/notebooks.py did it
nb_ipywidgets_js = {}
nb_merge_streams = True
myst_enable_extensions = ["html_image", "dollarmath"]
myst_heading_anchors = 4
suppress_warnings = ["myst.header", "mystnb.unknown_mime_type", "docutils", "misc.highlighting_failure"]

autodoc_typehints = "signature"
autodoc_member_order = "bysource"
default_role = "code"  # `name` in a docstring is code

html_math_renderer = "mathml"  # drawn by the browser itself; the usual one is a script from elsewhere
html_theme = "furo"
html_theme_options = {"navigation_with_keys": True}
html_static_path = ["static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_copyright = False


def setup(app):
    app.connect("autodoc-process-signature", _relative)
    app.add_html_math_renderer("mathml", (_formula, None), (_display, None))


def _relative(app, what, name, obj, options, signature, returns):
    """A default that is a path is shown from the repository on, not from the root of this machine."""
    return (signature or "").replace(f"{ROOT}/", "") or None, returns


def _formula(translator, node):
    translator.body.append(convert(node.astext()))
    raise nodes.SkipNode


def _display(translator, node):
    formula = convert(node.astext(), display="block")
    translator.body.append(f'<div class="math" tabindex="0">{formula}</div>')
    raise nodes.SkipNode
