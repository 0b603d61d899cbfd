"""Sphinx's settings for `make site`. Nothing that a page needs is loaded from elsewhere."""

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

autodoc_preserve_defaults = True  # a default is shown as it is written, not as a path of this machine
autodoc_typehints = "signature"
autodoc_member_order = "bysource"
default_role = "code"  # `name` in a docstring is code

html_theme = "furo"
html_theme_options = {"navigation_with_keys": True}
html_static_path = ["static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_copyright = False
