"""The command ``smt``: finds the subcommand, and turns mistakes into one sentence and an exit code."""

from __future__ import annotations

import gc
import os
import sys
from importlib import import_module

import click
from cawan.errors import CawanError, suggestion

from sumatra import __version__

# Name, module, and the line of the help, so that the help imports nothing.
COMMANDS = {
    "init": ("project", "Make a project in the current directory."),
    "configure": ("project", "Change the settings of the project."),
    "info": ("project", "Print the settings of the project."),
    "run": ("running", "Run a computation and record it."),
    "list": ("reading", "List records, the latest first."),
    "delete": ("editing", "Delete records."),
    "comment": ("editing", "Add a comment to a record."),
    "tag": ("editing", "Add a tag to records, or remove it."),
    "repeat": ("repeating", "Run a record again and compare."),
    "diff": ("reading", "Say how two records differ."),
    "help": ("project", "Explain a command, or the exit codes."),
    "export": ("moving", "Write the records to files that others can read."),
    "upgrade": ("moving", "Take over the records of an older Sumatra."),
    "sync": ("moving", "Join two record stores."),
    "migrate": ("moving", "Say in every record that data lie elsewhere now."),
    "version": ("project", "Print the version of Sumatra."),
    "view": ("reading", "Print a record, or its script."),
    "show": ("reading", "Print everything about records, for people."),
    "search": ("reading", "Find records by what is in them."),
    "whence": ("checking", "Say which run made a file."),
    "verify": ("checking", "Hash again everything that records point to."),
    "fsck": ("checking", "Check the record store itself."),
    "open": ("checking", "Lay out the code of a record in a folder."),
    "collect": ("checking", "Record output that came later."),
    "pack": ("checking", "Join the event files of each finished day into one."),
    "completion": ("checking", "Let the shell complete commands, labels and tags."),
}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order of a day's work."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command's module."""
        if cmd_name not in COMMANDS:
            return None
        import logging  # 20 ms that the help need not wait for

        logging.basicConfig(level=logging.WARNING, format="Warning: %(message)s")
        module = import_module(f"sumatra.cli.{COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, f"{cmd_name}_command")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Suggest the nearest command for one that does not exist."""
        name = args[0] if args else ""
        if name and name not in COMMANDS and not name.startswith("-"):
            ctx.fail(f"There is no command {name!r}. There are: {', '.join(COMMANDS)}.{suggestion(name, COMMANDS)}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The lines of :data:`COMMANDS`."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(
    cls=LazyGroup, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]},
    help="Sumatra: an automated lab notebook for computational science.",
)  # fmt: skip
@click.version_option(__version__, message="%(version)s")
@click.option("--debug", is_flag=True, help="Show the whole traceback of an error.")
@click.pass_context
def smt(ctx: click.Context, debug: bool) -> None:
    """Call a subcommand."""
    ctx.obj = {"debug": debug}
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def _code(error: BaseException) -> int:
    if isinstance(error, CawanError):
        return error.exit_code
    return 77 if isinstance(error, PermissionError) else 66 if isinstance(error, FileNotFoundError) else 74


def _sentence(error: CawanError | OSError) -> str:
    """What happened, and where, in one line; the system's own errors say it in numbers."""
    if isinstance(error, CawanError) or not error.strerror:
        return str(error) or repr(error)
    return f"{error.filename!r}: {error.strerror}." if error.filename is not None else f"{error.strerror}."


def main(arguments: list[str] | None = None) -> None:
    """Run ``smt`` and exit with its code; see ``smt help exit-codes``."""
    words: list[str] = sys.argv[1:] if arguments is None else arguments
    gc.set_threshold(100_000)  # looking for garbage again and again while modules are loaded costs 20 ms
    debug = "--debug" in words or bool(os.environ.get("SMT_DEBUG"))
    code = 0
    try:
        if "_SMT_COMPLETE" in os.environ:
            smt.main(args=words, prog_name="smt")
        # Not smt.main(), which makes a reader that went away an exit code of 1.
        with smt.make_context("smt", list(words)) as context:
            smt.invoke(context)
        sys.stdout.flush()
    except click.exceptions.Exit as error:
        code = error.exit_code
    except click.ClickException as error:
        click.echo(f"Error: {error.format_message()}", err=True)
        if isinstance(error, click.UsageError) and error.ctx is not None:
            click.echo(f"Try: {error.ctx.command_path} --help", err=True)
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        code = 130
    except BrokenPipeError:
        # Python would complain at its own exit, when it flushes what nobody reads.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    except (CawanError, OSError) as error:
        if debug:
            raise
        click.echo(f"Error: {_sentence(error)}", err=True)
        code = _code(error)
    sys.exit(code)
