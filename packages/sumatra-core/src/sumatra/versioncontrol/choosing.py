"""Which version-control system is it? The nearest marker folder says so."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from cawan.errors import CawanError

from sumatra.core import get_registered_components
from sumatra.versioncontrol import _bazaar, _directory, _git, _mercurial, _subversion
from sumatra.versioncontrol.base import Repository, VersionControlError, WorkingCopy

_KINDS: dict[str, tuple[type[Repository], type[WorkingCopy]]] = {
    "git": (_git.GitRepository, _git.GitWorkingCopy),
    "hg": (_mercurial.MercurialRepository, _mercurial.MercurialWorkingCopy),
    "svn": (_subversion.SubversionRepository, _subversion.SubversionWorkingCopy),
    "bzr": (_bazaar.BazaarRepository, _bazaar.BazaarWorkingCopy),
}


def vcs_err_msg() -> str:
    """What to say where no working copy was found."""
    return "No working copy found. Start with: git init && git add . && git commit -m 'First version'"


def get_working_copy(path: str | os.PathLike[str] | None = None) -> WorkingCopy:
    """The innermost working copy that holds a folder.

    Raises
    ------
    VersionControlError
        There is none, or it cannot be read.
    """
    start = Path(path or os.getcwd()).resolve()
    for folder in (start, *start.parents):
        for name, (_, copy) in _KINDS.items():
            if (folder / f".{name}").exists():
                try:
                    return copy(str(folder))
                except CawanError as error:
                    raise VersionControlError(str(error)) from error
    raise VersionControlError(f"{vcs_err_msg()} ({start})")


def get_repository(url: str | None = None) -> Repository:
    """The repository at a URL or in a folder, here by default; :class:`VersionControlError` where there is none."""
    if url is None:
        return get_working_copy().repository
    for name, (repository, _) in _KINDS.items():
        if repository.lies_in(url.removeprefix("file://")) or url.endswith(f".{name}") or url.startswith(f"{name}:"):
            return repository(url)
    raise VersionControlError(f"No repository found at {url!r}.")


def repository_of(type: str, url: str, upstream: str | None) -> Repository:
    """The repository that a record names, by its class of 0.8 or by the name of its plug-in; it need not be there."""
    if type == "directory":
        return _directory.DirectoryRepository(url, upstream)
    if type in _KINDS:
        return _KINDS[type][0](url, upstream)
    known: dict[str, Any] = get_registered_components(Repository)
    by_class = {cls.__name__: cls for cls in known.values()}
    made: Repository = by_class.get(type.rpartition(".")[2], Repository)(url, upstream)
    return made
