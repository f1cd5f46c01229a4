"""The examples in docstrings give what they show."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
from collections.abc import Iterator

import pytest

LEFT_OUT = ("testing", "_observe", "__main__")


def modules() -> Iterator[str]:
    """Modules of the three cores, kits and what acts on import left out."""
    for package in ("cawan", "pyNN", "sumatra"):
        root = importlib.import_module(package)
        for found in pkgutil.walk_packages(root.__path__, f"{package}."):
            if not any(part in LEFT_OUT for part in found.name.split(".")):
                yield found.name


def test_examples_in_docstrings_run() -> None:
    """Every example is run; ten of them at least are there."""
    tried = 0
    for name in modules():
        result = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)
        assert result.failed == 0, name
        tried += result.attempted

    assert tried >= 10


@pytest.mark.parametrize("package", ["cawan", "pyNN", "sumatra"])
def test_packages_say_which_version_they_are(package: str) -> None:
    """The version in the code is that of the distribution."""
    from importlib import metadata

    distribution = {"cawan": "cawan", "pyNN": "pynn-core", "sumatra": "sumatra-core"}[package]
    assert importlib.import_module(package).__version__ == metadata.version(distribution)
