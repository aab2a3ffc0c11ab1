"""Offer the parser of every command line: it raises instead of ending the process, and names what it does not know.

In: arguments. Out: a namespace of argparse; ``UsageError`` where they make no sense.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from difflib import get_close_matches
from typing import NoReturn


class UsageError(Exception):
    """Report a command line that cannot be carried out; the message is one line."""


class Parser(argparse.ArgumentParser):
    """Read one command's arguments."""

    def error(self, message: str) -> NoReturn:
        """Raise what argparse would print."""
        raise UsageError(message)

    def read(self, arguments: Sequence[str]) -> argparse.Namespace:
        """Return what is given; an option that does not exist is named before anything else is complained about."""
        found, unknown = self.parse_known_args(arguments)
        if not unknown:
            return found
        option = unknown[0].partition("=")[0]
        if "key" in option:
            raise UsageError("no option takes the key: it is read from the environment variable STRIPE_API_KEY")
        near = get_close_matches(option, self._option_string_actions, n=1)
        raise UsageError(f"{option} is not an option here{f'; did you mean {near[0]}?' if near else ''}")
