"""Bazaar branches for the kit, made with Breezy."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import breezy.bzr
from breezy import controldir, workingtree
from sumatra.testing.repositories import RepositoryMaker


def tree_at(path: Path) -> Any:
    """The working tree in a folder."""
    return workingtree.WorkingTree.open(str(path))


class BzrMaker(RepositoryMaker):
    """What the kit needs, in Breezy's words."""

    marker = ".bzr"

    def environment(self, home: Path) -> Mapping[str, str]:
        """No configuration but an author."""
        assert breezy.bzr
        return {"HOME": str(home), "BRZ_HOME": str(home), "BZR_HOME": str(home), "XDG_CONFIG_HOME": str(home),
                "BRZ_EMAIL": "Ada Lovelace <ada@example.org>"}  # fmt: skip

    def init(self, path: Path) -> None:
        """An empty branch with a tree."""
        path.mkdir(parents=True)
        made = controldir.format_registry.make_controldir("2a")
        controldir.ControlDir.create_standalone_workingtree(str(path), format=made)

    def commit(self, path: Path, message: str = "A version.") -> str:
        """Everything, removed files too."""
        tree = tree_at(path)
        tree.smart_add([str(path)])
        with tree.lock_write():
            known = [change.path[0] for change in tree.iter_changes(tree.basis_tree()) if change.path[0]]
            gone = [name for name in known if not os.path.lexists(path / name)]
            if gone:
                tree.remove(gone, keep_files=True, force=True)
        return str(tree.commit(message, committer="Ada Lovelace <ada@example.org>").decode())

    def add(self, path: Path, name: str) -> None:
        """``brz add``."""
        tree_at(path).add([name])

    def ignore(self, path: Path, pattern: str) -> None:
        """By a file of ignored names that is ignored itself."""
        (path / ".bzrignore").write_text(f"{pattern}\n.bzrignore\n")

    def arm(self, path: Path, marker: Path) -> None:
        """A plug-in and settings in the branch and in the user's home would run."""
        (path / ".bzr" / "branch" / "branch.conf").write_text(
            f"editor = touch {marker}\npost_commit = touch {marker}\ngpg_signing_command = touch {marker}\n"
        )
        plugins = path.parent / "home" / "plugins"
        plugins.mkdir(exist_ok=True)
        (plugins / "evil.py").write_text(f"open({str(marker)!r}, 'w')\n")
        marker.unlink(missing_ok=True)

    def hostile_url(self, marker: Path) -> str:
        """An address that would be handed to ssh."""
        return f"bzr+ssh://-oProxyCommand=touch%20{marker}/x"
