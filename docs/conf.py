"""Configure the documentation site."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tools"))
sys.path.insert(0, str(Path(__file__).parent / "_ext"))

import stripesql

project = "stripesql"
author = "the stripesql authors"
copyright = "2026, the stripesql authors"  # noqa: A001  Sphinx's name
version = release = stripesql.__version__

extensions = ["myst_parser", "generated", "table_pages", "slim"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
exclude_patterns = ["_build", "_ext"]
nitpicky = True

html_theme = "furo"
html_title = "stripesql"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_theme_options = {"top_of_page_buttons": []}
html_show_sphinx = False
html_copy_source = False
pygments_style = "friendly"
