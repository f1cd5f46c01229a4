"""``smt repeat``."""

from __future__ import annotations

from pathlib import Path

import click

from sumatra.cli.options import LABEL, check_patterns, current_project, new_label
from sumatra.report import format_run


@click.command("repeat", short_help="Run a record again and compare.")
@click.argument("original_label", metavar="LABEL", type=LABEL)
@click.option("-l", "--label", callback=new_label, metavar="NEW_LABEL", help="Label of the new record.")
@click.option("-i", "--ignore", multiple=True, metavar="REGEX", help="Output files that do not count.")
@click.option("-t", "--tolerance", metavar="X", help="Numbers in output and console may differ by this fraction.")
@click.option("--on", "backend", default="", metavar="BACKEND", help="Simulator for a pyNN record, such as nest.")
@click.pass_context
def repeat_command(
    ctx: click.Context, original_label: str, label: str, ignore: tuple[str, ...], tolerance: str | None, backend: str
) -> None:
    """Run the record LABEL, or that of a crate (FILE.zip), again, and say whether the same came out.

    It runs as it was, in a folder of its own.

    The exit code is 0 if it did, 1 if not, 3 if that cannot be said, and the program's own if it failed.
    """
    from sumatra.repeating import repeat, repeat_crate
    from sumatra.tolerating import tolerance_of

    check_patterns(ignore)
    allowed = tolerance_of(tolerance)

    def announce(new: str) -> None:
        click.echo(f"Record label for this run: '{new}'")

    if original_label.endswith(".zip") and Path(original_label).is_file():
        repeated = repeat_crate(
            Path(original_label), Path.cwd(), label, announce, ignore=ignore, tolerance=allowed
        )
    else:
        repeated = repeat(current_project(), original_label, label, announce, ignore=ignore, tolerance=allowed,
                          backend=backend)  # fmt: skip
    click.echo(format_run({**repeated.record.document(), "label": repeated.label}), nl=False)
    click.echo(repeated.verdict.text)
    ctx.exit(repeated.exit_code)
