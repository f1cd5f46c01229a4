"""The command ``cawan``: which plug-ins are installed, and whether each of them works."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence

from cawan import __version__
from cawan.doctor import TIME_LIMIT_S, Finding, examine
from cawan.errors import CawanError
from cawan.plugins import GROUPS, Plugin, Plugins


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and give its exit code."""
    options = _parser().parse_args(argv)
    try:
        code: int = options.run(options)
        sys.stdout.flush()
        return code
    except BrokenPipeError:  # the reader, such as head, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except CawanError as error:
        if options.debug:
            raise
        sys.stderr.write(f"cawan: {error}\n")
        return error.exit_code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="cawan", description="The plug-ins of PyNN and Sumatra.")
    parser.add_argument("--version", action="version", version=f"cawan {__version__}")
    parser.add_argument("--debug", action="store_true", help="show tracebacks")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    listing = commands.add_parser("plugins", help="list what is installed, of every kind")
    listing.add_argument("--check", action="store_true", help="import each, in a process of its own")
    listing.set_defaults(run=_plugins)
    doctor = commands.add_parser("doctor", help="let every plug-in do its one-second job")
    doctor.add_argument("--limit", type=float, default=TIME_LIMIT_S, metavar="S", help="time for each (%(default)g s)")
    doctor.set_defaults(run=_doctor)
    for command in (listing, doctor):
        command.add_argument("--json", action="store_true", help="one JSON document")
        command.add_argument("kind", nargs="?", choices=sorted(GROUPS), help="only this group")
    return parser


def _installed(kind: str | None) -> Iterator[Plugin]:
    for group in GROUPS if kind is None else (kind,):
        plugins: Plugins[object] = Plugins(group)
        yield from plugins.describe()


def _plugins(options: argparse.Namespace) -> int:
    found = list(_installed(options.kind))
    findings = _examine_all(found, job=False) if options.check else []
    return _show(found, findings, as_json=options.json, schema="cawan.plugins/1")


def _doctor(options: argparse.Namespace) -> int:
    found = list(_installed(options.kind))
    findings = _examine_all(found, job=True, limit_s=options.limit)
    return _show(found, findings, as_json=options.json, schema="cawan.doctor/1")


def _examine_all(found: list[Plugin], *, job: bool, limit_s: float = TIME_LIMIT_S) -> list[Finding]:
    """As many at once as there are processors: each is a process of its own."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        return list(pool.map(lambda plugin: examine(plugin, job=job, limit_s=limit_s), found))


def _show(found: list[Plugin], findings: list[Finding], *, as_json: bool, schema: str) -> int:
    states = {finding.plugin: finding for finding in findings}
    if as_json:
        said = {plugin: {"well": state.well, "finding": state.text} for plugin, state in states.items()}
        items = [plugin._asdict() | said.get(plugin, {}) for plugin in found]
        sys.stdout.write(json.dumps({"schema": schema, "items": items}, indent=2) + "\n")
    else:
        _write_table(found, states)
    return 69 if any(not finding.well for finding in findings) else 0


def _write_table(found: list[Plugin], states: dict[Plugin, Finding]) -> None:
    if not found:
        sys.stdout.write("No plug-in is installed. Start with: pip install pynn-core pynn-native sumatra-git\n")
    width = max((len(plugin.name) for plugin in found), default=0)
    source_width = max((len(f"{p.distribution} {p.version}") for p in found), default=0)
    for group in dict.fromkeys(plugin.group for plugin in found):
        sys.stdout.write(f"{GROUPS[group].kind}s ({group})\n")
        for plugin in (p for p in found if p.group == group):
            state = states.get(plugin)
            mark = "" if state is None else "ok      " if state.well else "BROKEN  "
            text = plugin.summary if state is None else state.text
            source = f"{plugin.distribution} {plugin.version}"
            sys.stdout.write(f"  {mark}{plugin.name:{width}}  {source:{source_width}}  {text}\n")
