"""``smt``: one module per group of commands, imported when one of them is called."""

from sumatra.cli.main import main

__all__ = ["main"]
