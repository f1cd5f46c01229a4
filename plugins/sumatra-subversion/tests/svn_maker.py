"""Subversion repositories for the kit, made with subvertpy."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from subvertpy import client, ra, repos, wc
from sumatra.testing.repositories import RepositoryMaker
from sumatra_subversion._database import read


def made_client() -> Any:
    """A client that asks nobody anything."""
    found = client.Client(auth=ra.Auth([ra.get_username_provider()]))
    found.log_msg_func = lambda _: b"A version."
    return found


class SvnMaker(RepositoryMaker):
    """What the kit needs, in Subversion's words."""

    marker = ".svn"
    converted: tuple[str, ...] = ()

    def environment(self, home: Path) -> Mapping[str, str]:
        """A home that nobody has used."""
        return {"HOME": str(home)}

    def init(self, path: Path) -> None:
        """An empty repository beside the folder, and a working copy in it."""
        self.converted = ()
        store = path.parent / f".repository of {path.name}"
        path.parent.mkdir(parents=True, exist_ok=True)
        repos.create(str(store))
        made_client().checkout(store.absolute().as_uri(), str(path), "HEAD")

    def commit(self, path: Path, message: str = "A version.") -> str:
        """Everything, removed files too; ``svn update`` as users do, so that the copy is of one revision."""
        client = made_client()
        known = {*read(path).nodes, *read(path).scheduled}
        for name in sorted(known, reverse=True):
            if name and not os.path.lexists(path / name):
                client.delete([str(path / name)])
        shown: list[str] = []
        wc.Context().walk_status(str(path), lambda name, _: shown.append(name))
        for name in shown:
            relative = os.path.relpath(name, path)
            if relative not in known and relative != ".":
                client.add(name, recursive=True)
        self._modes(client, path)
        for pattern in self.converted:
            for place in path.glob(pattern):
                client.propset("svn:eol-style", "CRLF", str(place))
        before = read(path).revision
        client.commit([str(path)], recurse=True)
        after = read(path).revision
        client.update([str(path)])
        return str(after if after > before else read(path).revision)

    def _modes(self, client: Any, path: Path) -> None:
        for name, node in read(path).nodes.items():
            place = path / name
            if node.is_file and not place.is_symlink() and place.is_file():
                executable = bool(place.stat().st_mode & 0o100)
                if executable != ("svn:executable" in node.properties):
                    client.propset("svn:executable", "*" if executable else None, str(place))

    def add(self, path: Path, name: str) -> None:
        """``svn add``."""
        if name not in read(path).nodes:
            made_client().add(str(path / name))

    def ignore(self, path: Path, pattern: str) -> None:
        """By a property of the top folder that is inherited, and a revision of its own."""
        client = made_client()
        client.propset("svn:global-ignores", f"{pattern}\n", str(path), recurse=False)
        client.commit([str(path)], recurse=False)
        client.update([str(path)])

    def second_work_tree(self, path: Path, at: Path) -> None:
        """Another checkout."""
        made_client().checkout(read(path).url(), str(at), "HEAD")

    def convert_line_ends(self, path: Path, pattern: str) -> None:
        """``svn:eol-style``, a property of each file, set before the next revision."""
        self.converted = (pattern,)

    def hostile_url(self, marker: Path) -> str:
        """An address that would be handed to ssh."""
        return f"svn+ssh://-oProxyCommand=touch%20{marker}/x"
