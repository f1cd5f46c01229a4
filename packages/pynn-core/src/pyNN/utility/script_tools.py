"""What a script reads from its command line, where it logs, and how it calls its files."""

from __future__ import annotations

import argparse
import logging
import smtplib
import sys
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from types import ModuleType

from pyNN import list_simulators, load
from pyNN.errors import PyNNError

_log = logging.getLogger(__name__)
SMTPHOST: str | None = None
EMAIL: str | None = None


def get_script_args(n_args: int, usage: str = "") -> list[str]:
    """The first ``n_args`` arguments of the script.

    Raises
    ------
    PyNNError
        There are fewer; the text is ``usage`` where that is given.
    """
    arguments = sys.argv[1 : n_args + 1]
    if len(arguments) < n_args:
        raise PyNNError(usage or f"{sys.argv[0]} needs {n_args} arguments, and got {len(arguments)}.")
    return arguments


def get_simulator(
    *arguments: tuple[str, str] | tuple[str, str, dict[str, object]],
) -> tuple[ModuleType, argparse.Namespace]:
    """The simulator that the first argument of the command line names, and the other arguments.

    Parameters
    ----------
    arguments
        (name, help) or (name, help, options of ``add_argument``) for each further argument of the script.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("simulator", help=f"one of: {', '.join(list_simulators())}, or another backend simulator")
    for argument in arguments:
        name, text = argument[0], argument[1]
        extra: dict[str, object] = argument[2] if len(argument) > 2 else {}
        parser.add_argument(name, help=text, **extra)  # type: ignore[arg-type]  # argparse's own options
    parsed = parser.parse_args()
    return load(parsed.simulator), parsed


def init_logging(
    logfile: str | Path | None, debug: bool = False, num_processes: int = 1, rank: int = 0, level: int | None = None
) -> logging.Logger:
    """Log to a file, or to the standard error where there is none; gives PyNN's logger.

    With several processes, each has a file of its own, ``logfile.rank``, and names itself in every line.
    """
    who = f"Rank {rank} of {num_processes}: " if num_processes > 1 else ""
    target = None
    if logfile is not None:
        target = Path(f"{logfile}.{rank}" if num_processes > 1 else logfile).resolve()
        target.parent.mkdir(parents=True, exist_ok=True)
    form = who + "%(asctime)s %(levelname)-8s [%(name)s] %(message)s (%(pathname)s[%(lineno)d]:%(funcName)s)"
    chosen = level if level is not None else logging.DEBUG if debug else logging.INFO
    if target is None:
        logging.basicConfig(level=chosen, format=form)
    else:
        logging.basicConfig(level=chosen, format=form, filename=target, filemode="w")
    return logging.getLogger("PyNN")


def normalized_filename(
    root: str | Path, basename: str, extension: str, simulator: str, num_processes: int | None = None,
    use_iso8601: bool = False,
) -> str:  # fmt: skip
    """``root/date/basename_simulator_np…_date-time.extension``, with today's date and the time now."""
    now = datetime.now()
    date = now.strftime("%Y-%m-%d" if use_iso8601 else "%Y%m%d")
    moment = now.strftime("%Y-%m-%dT%H:%M:%S" if use_iso8601 else "%Y%m%d-%H%M%S")
    processes = f"_np{num_processes}" if num_processes else ""
    return str(Path(root) / date / f"{basename}_{simulator}{processes}_{moment}.{extension}")


def notify(
    msg: str = "Simulation finished.", subject: str = "Simulation finished.", smtphost: str | None = None,
    address: str | None = None,
) -> None:  # fmt: skip
    """Send a mail, where a mail host and an address are given; else log what is missing."""
    host, to = smtphost or SMTPHOST, address or EMAIL
    if not host or not to:
        _log.warning("No mail is sent: notify() needs smtphost=… and address=….")
        return
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = subject, to, to
    mail.set_content(msg)
    with smtplib.SMTP(host) as server:
        server.send_message(mail)
