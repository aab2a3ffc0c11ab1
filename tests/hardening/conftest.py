"""Make the modules of this folder importable by its tests, and keep the long runs for the night."""

import os

import pytest


def pytest_collection_modifyitems(config, items):
    if "nightly" in config.option.markexpr or os.environ.get("HYPOTHESIS_PROFILE") == "nightly":
        return
    for item in items:
        if item.get_closest_marker("nightly"):
            item.add_marker(pytest.mark.skip(reason="runs with -m nightly"))
