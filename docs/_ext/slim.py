"""Write tables and code in few elements.

In: pages as trees of nodes. Out: their HTML. Sphinx puts every word of it into an element of its own, so that lines never break within a word. Reference pages have
thousands of such words, which make them half as long again. Instead, long names say where they may break: after ``_``,
``/`` and ``.``, so that tables fit a phone. A cell of one paragraph is written without the paragraph.
"""

from __future__ import annotations

import re
from typing import Any, Final

from docutils import nodes

_LONG: Final = re.compile(r"\S{16,}")
_JOINT: Final = re.compile(r"(?<=\w)[_/.](?=\w{3}|{)|(?<=})/")


def with_breaks(markup: str) -> str:
    """Return the markup of a code with places to break its long words.

    >>> with_breaks("GET /v1/balance_transactions")
    'GET /v1/<wbr>balance_<wbr>transactions'
    """
    return _LONG.sub(lambda word: _JOINT.sub(r"\g<0><wbr>", word[0]), markup)


def visit_literal(writer: Any, node: nodes.literal) -> None:
    """Write a piece of code."""
    writer.body.append(writer.starttag(node, "code", "", CLASS="literal") + with_breaks(writer.encode(node.astext())) + "</code>")
    raise nodes.SkipNode


def unwrap(page: nodes.document) -> None:
    """Put the text of a cell with a single paragraph right into the cell."""
    for cell in page.findall(nodes.entry):
        match cell.children:
            # Sphinx writes links only within paragraphs.
            case [nodes.paragraph() as paragraph] if not any(paragraph.findall(nodes.reference)):
                cell.children = []
                cell.extend(paragraph.children)


def setup(app: Any) -> dict[str, Any]:
    """Take the place of Sphinx's own writer of code, and go over each page before it is written."""
    app.add_node(nodes.literal, override=True, html=(visit_literal, None))
    app.connect("doctree-resolved", lambda app, page, name: unwrap(page))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
