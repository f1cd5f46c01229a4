"""Mercurial repositories for the kit, made with Mercurial itself."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

from sumatra.testing.repositories import RepositoryMaker
from sumatra_mercurial._server import hg

# One file for all tests, so that one server answers them all.
_SETTINGS = Path(tempfile.mkdtemp(prefix="hg-maker-")) / "hgrc"
_SETTINGS.write_text("[ui]\nusername = Ada Lovelace <ada@example.org>\n")


class HgMaker(RepositoryMaker):
    """What the kit needs, in Mercurial's words."""

    marker = ".hg"

    def environment(self, home: Path) -> Mapping[str, str]:
        """No configuration but an author."""
        return {"HOME": str(home), "HGRCPATH": str(_SETTINGS)}

    def init(self, path: Path) -> None:
        """An empty repository."""
        path.parent.mkdir(parents=True, exist_ok=True)
        hg(path.parent, "init", str(path))

    def commit(self, path: Path, message: str = "A version.") -> str:
        """Everything, removed files too."""
        hg(path, "addremove", "--quiet", "--similarity=0", ok=(0, 1))
        hg(path, "--config", "ui.allowemptycommit=1", "commit", "--quiet", "-m", message)
        return hg(path, "log", "-r", ".", "-T", "{node}").decode()

    def add(self, path: Path, name: str) -> None:
        """``hg add``."""
        hg(path, "add", "--quiet", f"path:{name}")

    def ignore(self, path: Path, pattern: str) -> None:
        """By a file of ignored names that is ignored itself."""
        (path / ".hgignore").write_text(f"syntax: glob\n{pattern}\n.hgignore\n")

    def second_work_tree(self, path: Path, at: Path) -> None:
        """``hg share``."""
        hg(path, "--config", "extensions.share=", "share", "--quiet", str(path), str(at))

    def arm(self, path: Path, marker: Path) -> None:
        """Hooks, an extension, an editor, a diff program: each writes the marker."""
        script = path.parent / "evil.sh"
        script.write_text(f"#!/bin/sh\necho \"$0\" >> '{marker}'\n")
        script.chmod(0o755)
        extension = path.parent / "evil.py"
        extension.write_text(f"open({str(marker)!r}, 'a').write('extension')\n")
        hooks = "\n".join(f"{name}.evil = {script}" for name in (
            "pre-status", "pre-log", "pre-cat", "pre-update", "update", "pre-archive", "pre-clone", "pre-files",
            "preupdate", "outgoing", "pre-manifest",
        ))  # fmt: skip
        (path / ".hg" / "hgrc").write_text(
            f"[hooks]\n{hooks}\n[extensions]\nevil = {extension}\n[ui]\neditor = {script}\nssh = {script}\n"
            f"[extdiff]\ncmd.x = {script}\n[encode]\n** = pipe: {script}\n[decode]\n** = pipe: {script}\n"
        )
        marker.unlink(missing_ok=True)

    def hostile_url(self, marker: Path) -> str:
        """An address that is an option of ssh."""
        return f"ssh://-oProxyCommand=touch%20{marker}/x"

    def misleading(self, other: Path) -> Mapping[str, str]:
        """As in a hook of another repository."""
        return {"HG_NODE": "0" * 40, "HG_PENDING": str(other), "HG": str(other / "hg"), "HG_HOOKNAME": "commit"}


