"""Hold the words of ``--help``, and fold them to the terminal."""

from __future__ import annotations

import argparse
import shutil
import textwrap
from typing import Final

USAGE: Final = """stripesql [-c SQL | -f FILE | -] [options]
       stripesql [options]
       stripesql demo
       stripesql simulate [--port N]
       stripesql config [list | show NAME | set NAME ... | remove NAME]
       stripesql schema TABLE... [--format mermaid | dot]
       stripesql completion bash | zsh | fish"""

DESCRIPTION: Final = """Run SQL over the Stripe API. Every table is what Stripe lists; every request is counted. Without SQL, a terminal gets a shell.

first steps:
  stripesql demo                         a tour of five queries; needs no key
  stripesql --demo                       the shell, on the same account
  export STRIPE_API_KEY=rk_...           or stripesql config, for a key in the system's keyring
  stripesql -c "SELECT id, email FROM customers LIMIT 10"

examples:
  stripesql -c "EXPLAIN FROM invoices"   what it would cost, in requests
  stripesql -f month.sql -o month.xlsx   the suffix picks the format
  stripesql --demo -c "FROM payouts" --format csv | head
  stripesql -c "FROM charges WHERE customer = :c" --param c=cus_123
  stripesql simulate --port 12111        a Stripe of your own, over HTTP"""

EPILOGUE: Final = """formats:
  table is the default, in a pipe too; there nothing is cut and nothing is coloured. On a terminal a short result of more columns than fit is written as vertical.
  csv has an empty field for NULL and "" for an empty string. Text that begins with = stays as it is, which spreadsheet programs take for a formula; xlsx writes it as text.
  tsv has one line per row, \\t \\n \\r \\\\ for these characters, and \\N for NULL.
  json and jsonl keep every digit and nest JSON columns; of equal labels the second is label_2.
  xlsx has times without their offset, in the zone of the session; numbers of more than 15 digits are text.

environment:
  STRIPE_API_KEY     the key; a restricted key that may read is enough for SELECT
  STRIPESQL_PROFILE  the profile, where --profile is not given
  NO_COLOR           no colour on terminals
  PAGER              what shows long results in the shell (default: less -RS); empty shows them whole

exit codes:
  0    done
  1    the SQL, Stripe or a file failed
  2    the command line is wrong
  130  Ctrl-C, or another signal to end
  141  the reader of the pipe went away, as head does

stripesql is not affiliated with Stripe."""

TOUR: Final = "Show what stripesql does, in five queries over the embedded demo account. Needs no key and no network."

SIMULATE: Final = """Serve an embedded Stripe over HTTP on 127.0.0.1 until Ctrl-C, to try and test without an account. The same seed makes the same account."""

CONFIG: Final = """Keep settings under names, in a file of the user's configuration folder. Keys are never in that file: a key is in the system's keyring, or in an environment variable that the profile names.

  stripesql config set work timezone=Europe/Berlin --store-key
  stripesql config set ci --key-env CI_STRIPE_KEY max_requests=500
  stripesql --profile work -c "FROM payouts LIMIT 5"

A profile is chosen by --profile, then by the environment variable STRIPESQL_PROFILE. The default profile is used where neither is given and STRIPE_API_KEY is not set. Options of the command line win over the profile's settings."""

SCHEMA: Final = """Draw the foreign keys of tables, as a Mermaid diagram or for Graphviz. Needs no key and no network.

  stripesql schema subscriptions invoices customers --only
  stripesql schema charges --format dot | dot -Tsvg > charges.svg"""

COMPLETION: Final = """Print a script that completes this command's options in a shell.

  bash:  eval "$(stripesql completion bash)"                                     in ~/.bashrc
  zsh:   stripesql completion zsh > ~/.zfunc/_stripesql                         a folder of $fpath
  fish:  stripesql completion fish > ~/.config/fish/completions/stripesql.fish"""

_WIDEST = 100


class Folded(argparse.HelpFormatter):
    """Fold each line by itself, under its own indentation."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=28, width=min(shutil.get_terminal_size().columns - 1, _WIDEST))

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return "\n".join(folded for line in text.splitlines() for folded in _folded(line, width))


def _folded(line: str, width: int) -> list[str]:
    indent = line[: len(line) - len(line.lstrip())]
    return textwrap.wrap(line, width, subsequent_indent=indent, drop_whitespace=True, break_long_words=False) or [""]
