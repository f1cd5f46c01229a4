"""What the git program and dulwich must each give; everything else is written once, in ``repository.py``.

Paths are text as :func:`os.fsdecode` gives it, relative to the top folder; versions are full commit identifiers.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

GITLINK, LINK = 0o160000, 0o120000
Read = Callable[[Sequence[str]], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a commit: git's mode, and the identifier of its bytes or of a submodule's commit."""

    mode: int
    oid: str


@dataclass(frozen=True, slots=True)
class Status:
    """Where to look for changes: nothing outside of it can have changed, what is in it need not have.

    Attributes
    ----------
    suspects
        Paths in the base or the index, with the base's entry or None where the base has no such file.
    untracked
        Files in neither and not ignored; a trailing slash marks the folder of another repository.
    gitlinks
        Submodules of the index that the base has with this same commit, or not at all (these are suspects, too).
    attributed
        Whether there may be ``.gitattributes`` files.
    """

    suspects: Mapping[str, Entry | None]
    untracked: list[str]
    gitlinks: Mapping[str, str]
    attributed: bool


class Plumbing(ABC):
    """A repository opened at the top folder of its work tree; ``common`` is the git folder that work trees share."""

    top: Path
    common: Path

    @abstractmethod
    def config(self) -> Mapping[str, str]:
        """The configuration in force, ``core.autocrlf`` and so on; the last of several values."""

    @abstractmethod
    def head(self) -> str:
        """The commit of HEAD, "" where there is none yet."""

    @abstractmethod
    def resolve(self, version: str) -> str:
        """The commit that this expression names, or UnknownVersionError."""

    @abstractmethod
    def ref(self, name: str) -> str:
        """The commit of a full reference name, "" where there is no such reference; of "HEAD": "" when detached."""

    @abstractmethod
    def status(self, base: str) -> Status:
        """What may differ between the commit ``base`` ("": nothing at all) and the work tree."""

    @abstractmethod
    def tree(self, commit: str) -> Mapping[str, Entry]:
        """Every file and submodule of a commit."""

    @abstractmethod
    def reading(self) -> AbstractContextManager[Read]:
        """A function that gives the bytes of blobs by their identifiers, in that order; take them all."""

    @abstractmethod
    def switch(self, commit: str) -> None:
        """Bring work tree, index and HEAD (detached) to a commit; converts line ends, runs no filter and no hook."""
