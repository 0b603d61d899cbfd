"""Sphinx's settings for `make site`. Nothing that a page needs is loaded from elsewhere."""

from config import ROOT

project = "Inference-time scaling"
author = "The authors of the workshop"
html_title = project

extensions = ["myst_nb", "sphinx.ext.autodoc"]
exclude_patterns = ["**/node_modules"]

nb_execution_mode = "off"  # docs/site/notebooks.py did it
nb_ipywidgets_js = {}
nb_merge_streams = True
myst_enable_extensions = ["linkify", "html_image"]
myst_heading_anchors = 4
suppress_warnings = ["myst.header", "mystnb.unknown_mime_type", "docutils", "misc.highlighting_failure"]

autodoc_typehints = "signature"
autodoc_member_order = "bysource"
default_role = "code"  # `name` in a docstring is code

html_theme = "furo"
html_theme_options = {"navigation_with_keys": True}
html_static_path = ["static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_copyright = False


def setup(app):
    """A default that is a path is shown from the repository on, not from the root of this machine."""
    app.connect("autodoc-process-signature", _relative)


def _relative(app, what, name, obj, options, signature, returns):
    return (signature or "").replace(f"{ROOT}/", "") or None, returns
