"""The command ``pynn``: which simulators are installed and what each has."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from cawan.errors import CawanError

from pyNN import __version__
from pyNN._importer import backends


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and give its exit code."""
    parser = argparse.ArgumentParser(prog="pynn", description="The simulators that PyNN finds.")
    parser.add_argument("--version", action="version", version=f"PyNN {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND")
    models = commands.add_parser("models", help="the standard models of one simulator")
    models.add_argument("simulator")
    model = commands.add_parser("model", help="the page of one model: equations, parameters, simulators")
    model.add_argument("name")
    pages = commands.add_parser("pages", help="write the pages of all models into a folder")
    pages.add_argument("folder", type=Path)
    options = parser.parse_args(argv)
    try:
        if "name" in options or "folder" in options:
            return _pages(options)
        if "simulator" in options:
            sys.stdout.write("".join(f"{name}\n" for name in sorted(backends().load(options.simulator).models)))
            return 0
    except CawanError as error:
        sys.stderr.write(f"pynn: {error}\n")
        return error.exit_code
    for plugin in backends().describe():
        source = f"{plugin.distribution} {plugin.version}"
        sys.stdout.write(f"import pyNN.{plugin.name} as sim    # {source}: {plugin.summary}\n")
    return 0


def _pages(options: argparse.Namespace) -> int:
    from pyNN.pages import page, write_pages

    if "name" in options:
        sys.stdout.write(page(options.name))
    else:
        sys.stdout.write(f"{write_pages(options.folder)} pages in {options.folder}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
