"""What only the repository itself can say: other revisions, and what happened since a file was checked out."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cawan.repository import RepositoryError

SCHEMES = ("file", "http", "https", "svn", "svn+ssh")


def check_url(url: str) -> None:
    """Refuse addresses that are options of a program, or name a tunnel that a configuration file defines.

    Raises
    ------
    RepositoryError
        With what is allowed.
    """
    parts = urlsplit(url)
    if parts.scheme not in SCHEMES or not re.fullmatch(r"(?:[^-/@][^/@]*@)?[^-/@][^/@]*|", parts.netloc):
        raise RepositoryError(f"{url!r} is no address of a Subversion repository: it begins with "
                              f"{', '.join(f'{scheme}://' for scheme in SCHEMES)}, then a host.")  # fmt: skip


def bare(url: str) -> str:
    """The address without user name and password."""
    return re.sub(r"^([\w+]+://)[^/@]*@", r"\1", url)


def _auth() -> Any:
    """What the user has once typed, from Subversion's own cache; nobody is asked."""
    from subvertpy import ra

    return ra.Auth([ra.get_username_provider(), ra.get_simple_provider(), ra.get_ssl_server_trust_file_provider(),
                    ra.get_ssl_client_cert_file_provider()])  # fmt: skip


@contextmanager
def _asking(what: str, url: str) -> Iterator[None]:
    """Refuse a wrong address, and turn what the server refuses into one sentence."""
    from subvertpy import SubversionException

    check_url(url)
    try:
        yield
    except SubversionException as error:
        raise RepositoryError(f"Subversion could not {what} {bare(url)!r}: {error.args[0]}") from error


def _session(url: str) -> Any:
    from subvertpy import ra

    return ra.RemoteAccess(url, auth=_auth())


def newest(url: str) -> int:
    """The newest revision of a repository."""
    with _asking("reach", url):
        return int(_session(url).get_latest_revnum())


def changed_since(url: str, after: int, until: int) -> dict[str, int]:
    """Paths in the repository that revisions in this range changed, each with the last of them."""
    changed: dict[str, int] = {}

    def note(paths: Any, revision: int, *_: Any) -> None:
        changed.update({path.strip("/"): max(revision, changed.get(path.strip("/"), 0)) for path in paths or ()})

    with _asking("read the log of", url):
        _session(url).get_log(note, [""], after + 1, until, discover_changed_paths=True)
    return changed


def export(url: str, revision: int, peg: int, into: Path) -> None:
    """Write a revision of a folder into one that does not exist; what ``svn:externals`` names stays away."""
    with _asking(f"export revision {revision} of", url):
        _client().export(url, str(into), rev=revision, peg_rev=peg, ignore_externals=True)


def content(url: str, revision: int) -> bytes:
    """A file as a checkout would give it, keywords filled in and line ends converted."""
    file = io.BytesIO()
    with _asking("read", url):
        _client().cat(url, file, revision=revision, peg_revision=revision)
    return file.getvalue()


def checkout(url: str, into: Path) -> None:
    """A new working copy."""
    with _asking("check out", url):
        _client().checkout(url, str(into), "HEAD", ignore_externals=True)


def update(path: Path, revision: int, url: str) -> None:
    """Bring a working copy to a revision."""
    with _asking(f"update {str(path)!r} to revision {revision} of", url):
        _client().update([str(path)], revision=revision, ignore_externals=True)


def shown(top: Path, folders: Iterable[str]) -> set[str]:
    """Paths that ``svn status -v`` names in these folders: what is versioned, and what is not and nobody ignores.

    Subversion gives up on a folder with a name that is not UTF-8; everything in such a one is then shown.
    """
    from subvertpy import SubversionException, ra, wc

    found: set[str] = set()
    context = wc.Context()
    try:
        context.walk_status(str(top), lambda name, _: found.add(name))
        return found
    except SubversionException as error:
        raise RepositoryError(f"Subversion could not look at {str(top)!r}: {error.args[0]}") from error
    except OSError:
        found.clear()
    found.add(str(top))
    for folder in (top / name for name in folders):
        if not folder.is_dir() or folder.is_symlink():
            continue
        try:
            context.walk_status(str(folder), lambda name, _: found.add(name), depth=ra.DEPTH_IMMEDIATES)
        except OSError:
            found.update(str(path) for path in folder.iterdir())
    return found


def _client() -> Any:
    from subvertpy import client

    return client.Client(auth=_auth())
