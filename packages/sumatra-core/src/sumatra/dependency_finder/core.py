"""A dependency, how files are looked for, and how versions are found."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import ClassVar, Generic, TypeVar

_log = logging.getLogger(__name__)


class BaseDependency:
    """Something that a program needs: its name, where it is, its version, uncommitted changes, and who said so."""

    module: ClassVar[str] = ""

    def __init__(
        self, name: str, path: str | None = None, version: str = "unknown", diff: str = "", source: str | None = None
    ) -> None:
        self.name, self.path, self.version, self.diff, self.source = name, path, version, diff, source

    def __repr__(self) -> str:
        changed = "*" if self.diff else ""
        return f"{self.name} ({self.path}) version={self.version}{changed}"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, BaseDependency):
            return NotImplemented
        return (self.name, self.path, self.version, self.diff) == (other.name, other.path, other.version, other.diff)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __lt__(self, other: BaseDependency) -> bool:
        return (self.name, self.path or "") < (other.name, other.path or "")

    def __hash__(self) -> int:
        return hash((self.name, self.path, self.version))


D = TypeVar("D", bound=BaseDependency)


def find_file(path: str, current_directory: str | None, search_dirs: Iterable[str] | None) -> str:
    """A file by its name: here first, then in the folders of the search path; a full path is where it says.

    Raises
    ------
    FileNotFoundError
        It is in none of them.
    """
    plain = os.path.expanduser(path)
    for folder in (current_directory or os.getcwd(), *(search_dirs or ())):
        place = os.path.join(folder, plain)
        if os.path.isfile(place):
            return os.path.abspath(place)
    raise FileNotFoundError(f"File {path} does not exist in {current_directory} or on the search path.")


def find_versions(dependencies: Sequence[D], heuristics: Iterable[Callable[[Sequence[D]], Sequence[D]]]) -> Sequence[D]:
    """Let one heuristic after the other find versions, until all are known."""
    for heuristic in heuristics:
        unknown = [dependency for dependency in dependencies if dependency.version == "unknown"]
        if not unknown:
            break
        heuristic(unknown)
    return dependencies


def find_versions_from_versioncontrol(dependencies: Sequence[D]) -> Sequence[D]:
    """The version of the working copy that each dependency lies in, with a "*" where it was changed."""
    from sumatra.versioncontrol import VersionControlError, get_working_copy

    for dependency in dependencies:
        if not dependency.path:
            continue
        try:
            copy = get_working_copy(Path(dependency.path).parent)
            dependency.version, dependency.source = copy.current_version(), str(copy.repository.url)
            dependency.diff = copy.diff() if copy.has_changed() else ""
        except VersionControlError as error:
            _log.debug("%s is under no version control: %s", dependency.path, error)
    return dependencies


def from_files(paths: Iterable[str], kind: Callable[[str, str], D]) -> list[D]:
    """A dependency for each file, by its name and path, with the version of its repository."""
    found = [kind(Path(path).name, path) for path in paths]
    return list(find_versions(found, [find_versions_from_versioncontrol]))


class Language(Generic[D]):
    """A language whose scripts name, in their text, the files that they need; no script is run.

    Parameters
    ----------
    kind
        The class of what a script of it needs.
    named_in
        Gives the names of the files that a text needs.
    variable
        The environment variable with the folders in which files are looked for beside that of the script.
    guessed
        A name may be that of no file, as where every word could be a function of the language itself.
    """

    def __init__(
        self, kind: type[D], named_in: Callable[[str], Iterable[str]], variable: str = "", guessed: bool = False
    ) -> None:
        self.kind, self.named_in, self.variable, self.guessed = kind, named_in, variable, guessed

    def follow(self, path: str) -> list[str]:
        """Absolute paths of everything that a script needs, directly or by others; itself not."""
        listed = os.environ.get(self.variable, "") if self.variable else ""
        folders = [entry for entry in listed.split(os.pathsep) if entry]
        start = os.path.abspath(path)
        found: list[str] = []
        waiting = [start]
        while waiting:
            current = waiting.pop(0)
            for name in dict.fromkeys(self.named_in(read_script(current))):
                try:
                    place = find_file(name, os.path.dirname(current), folders)
                except FileNotFoundError:
                    if not self.guessed:
                        _log.warning("%s needs %s, which is not there", current, name)
                    continue
                if place != start and place not in found:
                    found.append(place)
                    waiting.append(place)
        return found

    def find_dependencies(self, filename: str, executable: object = None) -> list[BaseDependency]:
        """The files that a script needs, directly or by others, with the version of their repository."""
        return list(from_files(self.follow(filename), self.kind))


def read_script(path: str) -> str:
    """The text of a script; bytes that are none do not matter."""
    return Path(path).read_text(encoding="utf-8", errors="replace")
