"""Hold the command to loading no more than one statement needs."""

import gc
import subprocess
import sys
from importlib.metadata import version

import pytest

from stripesql.cli.loading import driver

ONE_STATEMENT = """
import sys
from stripesql.cli.loading import driver
connection = driver(own_process=True)(demo=True)
table = connection.execute("SELECT id, created, metadata FROM customers LIMIT 3").fetch_arrow_table()
print(table.num_rows, *sorted({"pandas", "numpy", "click"} & set(sys.modules)))
import pandas
assert len(pandas.DataFrame(table.to_pylist())) == 3
"""


def test_one_statement_loads_neither_pandas_nor_what_only_others_want_and_nobody_is_kept_from_it():
    pytest.importorskip("pandas")
    ran = subprocess.run([sys.executable, "-c", ONE_STATEMENT], capture_output=True, text=True, check=False)
    needs_numpy = int(version("pyarrow").partition(".")[0]) < 18
    assert (ran.stdout, ran.stderr) == ("3 numpy\n" if needs_numpy else "3\n", "")


def test_in_a_process_of_others_nothing_is_left_changed():
    finders, enabled = list(sys.meta_path), gc.isenabled()
    with driver(own_process=False)(demo=True) as connection:
        assert connection.execute("SELECT 1").fetchall() == [(1,)]
    assert (list(sys.meta_path), gc.isenabled()) == (finders, enabled)
