"""What was asked for on the command line, and what it means: program, script, arguments, parameters, input files."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cawan.errors import suggestion
from cawan.launch import Program
from cawan.parameters import ParameterSet, ParameterSyntaxError

from sumatra.configuration import Settings
from sumatra.errors import FileMissingError, NothingToRunError, UsageError
from sumatra.interpreters import INTERPRETERS, get_program, is_interpreter, is_program, program_for
from sumatra.parameters.building import LARGEST, build_parameters, format_of, split_override

PLACEHOLDER = "<parameters>"


@dataclass(frozen=True, slots=True)
class Request:
    """The words of ``smt run``; those of the program are ``passed_on`` where they came after "--"."""

    arguments: tuple[str, ...] = ()
    executable: str = ""
    main: str = ""
    label: str = ""
    reason: str = ""
    tags: tuple[str, ...] = ()
    stdin: str = ""
    stdout: str = ""
    parameters: str = ""
    new_parameters: bool = False
    repeats: str = ""
    passed_on: bool = False
    backend: str = ""


@dataclass(frozen=True, slots=True)
class Meaning:
    """A request, understood.

    Attributes
    ----------
    main
        The script as the program gets it, "" where there is none.
    arguments
        Those of the script, with ``<parameters>`` for the parameter file.
    parameter_file
        As it was typed; the file itself is not touched.
    overrides
        Name and typed value of ``name=value``.
    inputs
        Arguments that are files, absolute.
    rewritten
        The text is not the file's, so the run gets a copy, also without overrides.
    """

    program: Program
    main: str
    arguments: tuple[str, ...]
    parameter_file: str = ""
    parameters: ParameterSet | None = None
    text: str = ""
    overrides: Mapping[str, str] = field(default_factory=dict)
    inputs: tuple[Path, ...] = ()
    warnings: tuple[str, ...] = ()
    rewritten: bool = False

    def argv(self, parameter_path: str, output: str) -> tuple[str, ...]:
        """The words to execute, with the parameter file's path and the output folder in their places."""
        filled = {PLACEHOLDER: parameter_path} if self.parameters is not None else {}
        arguments = [filled.get(word, word.replace("{output}", output)) for word in self.arguments]
        return (str(self.program.path), *self.program.options, *([self.main] if self.main else []), *arguments)


def _configured_main(settings: Settings, project: Path, cwd: Path) -> str:
    """The script of the settings, which name it from the project's folder, as seen from here."""
    return os.path.relpath(project / settings.main, cwd) if settings.main else ""


def begins_with_program(words: Sequence[str], settings: Settings | None, cwd: Path) -> bool:
    """Is it ``smt run python main.py ...``, and not arguments for the project's own script?

    Where the project has a script, only an interpreter's name or a program before a script is taken for a program.
    """
    if not words or not is_program(words[0], cwd):
        return False
    before_script = len(words) > 1 and _is_script(words[1])
    return settings is None or not settings.main or before_script or is_interpreter(words[0], cwd)


def _is_script(word: str) -> bool:
    return Path(word).suffix.lower() in INTERPRETERS


def _program_and_main(request: Request, settings: Settings, project: Path, cwd: Path) -> tuple[Program, str, list[str]]:
    arguments = list(request.arguments)
    executable, main = request.executable or settings.executable, request.main
    chosen = bool(request.executable or request.main)
    if not chosen and begins_with_program(arguments, settings, cwd):
        first = arguments.pop(0)
        executable = os.path.join(".", first) if (cwd / first).is_file() else first
        main = arguments.pop(0) if arguments and _is_script(arguments[0]) else ""
        return get_program(executable, cwd), main, arguments
    if not main and not settings.main and arguments and _is_script(arguments[0]):
        main = arguments.pop(0)
    main = main or _configured_main(settings, project, cwd)
    if not executable and not main:
        raise NothingToRunError
    words = shlex.split(executable)
    program = get_program(words[0], cwd, tuple(words[1:])) if words else program_for(main, cwd)
    return program, main, arguments


def understand(request: Request, settings: Settings, project: Path, cwd: Path) -> Meaning:
    """Find program, script, parameter file, overrides and input files in a request."""
    program, main, arguments = _program_and_main(request, settings, project, cwd)
    if main and not (cwd / main).is_file():
        raise FileMissingError(f"The script {main!r} does not exist. Name another with: --main FILE")
    _check_first(request, settings, arguments, project, cwd)
    parameter_file, parameters, warnings = _find_parameters(request, settings, arguments, cwd)
    found: list[str] = list(arguments)
    overrides: dict[str, str] = {}
    if parameters is not None:
        found, overrides = _split(arguments, parameter_file, settings.plain, cwd)
    if request.parameters and PLACEHOLDER not in found:
        found.insert(0, PLACEHOLDER)
    text = (cwd / parameter_file).read_text(encoding="utf-8") if parameters is not None else ""
    inputs = [(cwd / word).absolute() for word in found if word != PLACEHOLDER and _is_input(cwd / word)]
    if request.stdin:
        inputs.append(_stdin(request.stdin, settings, cwd))
    return Meaning(program, main, tuple(found), parameter_file, parameters, text, overrides,
                   tuple(dict.fromkeys(inputs)), tuple(warnings))  # fmt: skip


def _split(arguments: Sequence[str], parameter_file: str, plain: bool, cwd: Path) -> tuple[list[str], dict[str, str]]:
    """The arguments with the parameter file's place marked, and those that override its values."""
    found: list[str] = []
    overrides: dict[str, str] = {}
    for word in arguments:
        override = None if plain or _is_input(cwd / word) else split_override(word)
        if override is not None:
            overrides[override[0]] = override[1]
        else:
            found.append(PLACEHOLDER if word == parameter_file else word)
    return found, overrides


def _is_input(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False  # longer than a file name may be, or with a NUL: no file


def _stdin(name: str, settings: Settings, cwd: Path) -> Path:
    for folder in (cwd, Path(settings.input)):
        if (folder / name).is_file():
            return (folder / name).absolute()
    raise FileMissingError(f"The input file {name!r} does not exist, neither here nor in {settings.input!r}.")


def _find_parameters(
    request: Request, settings: Settings, arguments: Sequence[str], cwd: Path
) -> tuple[str, ParameterSet | None, list[str]]:
    """The first argument that is a parameter file; one that does not parse is an input file, and that is said."""
    if request.parameters:
        return request.parameters, build_parameters(cwd / request.parameters), []
    if settings.ignore_parameters:
        return "", None, []
    overriding = any(split_override(word) for word in arguments) and not settings.plain
    warnings: list[str] = []
    for word in arguments:
        path = cwd / word
        if _is_input(path) and not path.suffix and _simple(path):
            return word, build_parameters(path, format="param"), warnings
        if not _is_input(path) or not format_of(path) or path.stat().st_size > LARGEST:
            continue
        try:
            return word, build_parameters(path), warnings
        except ParameterSyntaxError as error:
            if overriding:
                raise
            warnings.append(f"{word} is taken as an input file, not as parameters: {error}")
    return "", None, warnings


def _simple(path: Path) -> bool:
    """Is a file without a suffix one of lines ``name = value`` and comments alone, as in Sumatra's tutorial?"""
    if path.stat().st_size > 100_000 or os.access(path, os.X_OK):
        return False
    try:
        return len(build_parameters(path, format="param")) > 0
    except (ParameterSyntaxError, OSError):
        return False


def _check_first(request: Request, settings: Settings, arguments: Sequence[str], project: Path, cwd: Path) -> None:
    """Raise where the first argument is named like a parameter file and is not there.

    With a program on the command line only ``.param`` is taken for one, as the program may write the others.
    """
    word = arguments[0] if arguments else ""
    own = len(arguments) == len(request.arguments)  # of the project's script
    known = format_of(Path(word)) if own else "param" * word.endswith(".param")
    if not known or split_override(word) or word.startswith("-") or request.passed_on or settings.ignore_parameters:
        return
    if request.parameters or (cwd / word).exists():
        return
    above = [folder for folder in cwd.parents if folder.is_relative_to(project) and (folder / word).is_file()]
    if above:
        hint = f" The nearest is {os.path.relpath(above[0] / word, cwd)!r}; programs run where smt is called."
    else:
        hint = suggestion(word, [path.name for path in cwd.iterdir() if format_of(path)])
    raise FileMissingError(
        f"The parameter file {word!r} does not exist.{hint} If the program makes it, put it after --"
    )


def check_words(request: Request) -> None:
    """Refuse what no program could be given."""
    for word in (*request.arguments, request.main, request.executable, request.label):
        if "\0" in word:
            raise UsageError(f"{word!r} holds a NUL character, which no program can be given.")
