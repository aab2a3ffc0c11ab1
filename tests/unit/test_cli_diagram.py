"""Diagrams of foreign keys: what is drawn, and that Graphviz takes it."""

import re
import shutil
import subprocess

import pytest

from stripesql.catalogue.load import catalogue
from stripesql.cli.diagram import dot, edges, mermaid, tables_named
from stripesql.cli.parsing import UsageError

# The grammar of erDiagram, as far as it is used: https://mermaid.js.org/syntax/entityRelationshipDiagram.html
ENTITY = re.compile(r"    [a-z]\w*")
OPENED = re.compile(r"    [a-z]\w* \{")
ATTRIBUTE = re.compile(r"        [A-Za-z][\w-]* [A-Za-z_]\w*( (PK|FK)(, (PK|FK))?)?")
RELATION = re.compile(r'    [a-z]\w* \}o(--|\.\.)o\| [a-z]\w* : "\w+"')


def of(*names, only=False):
    tables = tables_named(names, catalogue())
    return tables, edges(tables, only=only)


def test_the_keys_between_the_tables_that_are_asked_for_are_drawn():
    text = mermaid(*of("invoices", "customers", only=True))
    assert '    invoices }o--o| customers : "customer"\n' in text
    assert "charges" not in text


def test_other_tables_are_there_without_columns():
    text = mermaid(*of("refunds"))
    assert "\n    charges\n" in text
    assert '    refunds }o--o| charges : "charge"\n' in text
    assert "        VARCHAR charge FK\n" in text
    assert "        VARCHAR id PK\n" in text


def test_a_key_into_one_of_several_tables_is_dotted_but_for_the_first():
    tables, found = of("refunds")
    several = [edge for edge in found if edge.column == "payment_method"]
    assert [edge.alternative for edge in several] == [False, *[True] * (len(several) - 1)]
    assert mermaid(tables, several).count("}o..o|") == len(several) - 1 > 0
    assert dot(tables, several).count("style=dashed") == len(several) - 1


def test_every_line_of_every_diagram_is_of_mermaids_grammar():
    head, *lines = mermaid(*of(*catalogue().table_names())).splitlines()
    assert head == "erDiagram"
    inside = False
    for line in lines:
        if inside:
            assert line == "    }" or ATTRIBUTE.fullmatch(line), line
            inside = line != "    }"
        else:
            assert ENTITY.fullmatch(line) or OPENED.fullmatch(line) or RELATION.fullmatch(line), line
            inside = line.endswith("{")
    assert not inside


def test_dot_points_at_ports_that_are_there():
    text = dot(*of(*catalogue().table_names()))
    ports = {
        (name, port)
        for name, label in re.findall(r"^  (\w+) \[label=<(.*)>\];$", text, re.M)
        for port in re.findall(r'PORT="(\w+)"', label)
    }
    found = re.findall(r"^  (\w+):(\w+) -> (\w+):(\w+)( \[style=dashed\])?;$", text, re.M)
    assert len(found) > 300
    for table, column, target, port, _ in found:
        assert (table, column) in ports
        assert (target, port) in ports


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
def test_graphviz_draws_it():
    done = subprocess.run(
        ["dot", "-Tsvg"], input=dot(*of("subscriptions", "customers")), capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "<svg" in done.stdout
    assert "default_payment_method" in done.stdout


def test_names_are_found_in_any_form_and_once():
    tables, _ = of("CUSTOMERS", "stripe.customers", "customers")
    assert [table.name for table in tables] == ["customers"]


def test_a_name_that_is_none_is_corrected():
    with pytest.raises(UsageError, match='there is no table "custmers"; did you mean customers'):
        of("custmers")
