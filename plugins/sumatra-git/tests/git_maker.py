"""Git repositories for the kit, made with the git program."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from sumatra.testing.repositories import RepositoryMaker


def git(path: Path, *arguments: str) -> str:
    """Run git in a folder; submodules and clones from files are allowed."""
    command = ["git", "-c", "protocol.file.allow=always", "-c", "advice.detachedHead=false", *arguments]
    done = subprocess.run(command, cwd=path, check=True, capture_output=True, text=True)
    return done.stdout.strip()


class GitMaker(RepositoryMaker):
    """What the kit needs, in git's words."""

    marker = ".git"

    def environment(self, home: Path) -> Mapping[str, str]:
        """No configuration but an author."""
        (home / ".gitconfig").write_text("[user]\n\tname = Ada Lovelace\n\temail = ada@example.org\n")
        empty = {name: "" for name in os.environ if name.startswith("GIT_")}
        return empty | {
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home / "none"),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": str(home / ".gitconfig"),
        }

    def init(self, path: Path) -> None:
        """A repository on the branch main."""
        path.mkdir(parents=True)
        git(path, "init", "--quiet", "--initial-branch=main")

    def commit(self, path: Path, message: str = "A version.") -> str:
        """Everything, as ``git add --all`` sees it."""
        git(path, "add", "--all")
        git(path, "commit", "--quiet", "--allow-empty", f"--message={message}")
        return git(path, "rev-parse", "HEAD")

    def add(self, path: Path, name: str) -> None:
        """Into the index, even where it is ignored."""
        git(path, "add", "--force", "--", name)

    def ignore(self, path: Path, pattern: str) -> None:
        """By ``.git/info/exclude``."""
        (path / ".git" / "info" / "exclude").write_text(f"{pattern}\n")

    def add_submodule(self, path: Path, at: str, source: Path) -> None:
        """With its own submodules."""
        git(path, "submodule", "--quiet", "add", "--", str(source), at)
        git(path, "submodule", "--quiet", "update", "--init", "--recursive")
        self.commit(path)

    def empty_submodule(self, path: Path, at: str) -> None:
        """As after a clone that did not ask for submodules."""
        git(path, "submodule", "--quiet", "deinit", "--force", at)

    def detach(self, path: Path) -> None:
        """HEAD names the commit itself."""
        git(path, "checkout", "--quiet", "--detach")

    def second_work_tree(self, path: Path, at: Path) -> None:
        """``git worktree``."""
        git(path, "worktree", "add", "--quiet", "--detach", str(at))

    def shallow(self, source: Path, at: Path) -> None:
        """``--depth 1``."""
        git(source.parent, "clone", "--quiet", "--depth=1", f"file://{source}", str(at))

    def hide_from_status(self, path: Path, name: str) -> None:
        """``--assume-unchanged``."""
        git(path, "update-index", "--assume-unchanged", "--", name)

    def make_bare(self, path: Path) -> None:
        """``core.bare``."""
        git(path, "config", "core.bare", "true")

    def give_away(self, path: Path) -> None:
        """To the user with the number 12345."""
        if os.geteuid():
            pytest.skip("only root can give a folder to another user")
        for place in (path, path / ".git"):
            os.chown(place, 12345, 12345)

    def convert_line_ends(self, path: Path, pattern: str) -> None:
        """By ``.gitattributes``."""
        (path / ".gitattributes").write_text(f"{pattern} text eol=crlf\n")

    def store_large(self, path: Path, name: str, content: bytes) -> bytes:
        """As git LFS does: the pointer in the index, the object in its store, the file in the work tree."""
        oid = hashlib.sha256(content).hexdigest()
        pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {len(content)}\n".encode()
        stored = path / ".git" / "lfs" / "objects" / oid[:2] / oid[2:4] / oid
        stored.parent.mkdir(parents=True)
        stored.write_bytes(content)
        (path / ".gitattributes").write_text(f"{name} filter=lfs diff=lfs merge=lfs -text\n")
        (path / name).write_bytes(content)
        # What the programs of LFS would do: "clean" gives the pointer.
        (path / ".git" / "pointer").write_bytes(pointer)
        git(path, "config", "filter.lfs.clean", "cat .git/pointer; true")
        git(path, "add", "--all")
        return pointer

    def forget_large(self, path: Path) -> None:
        """Without the store."""
        shutil.rmtree(path / ".git" / "lfs")

    def arm(self, path: Path, marker: Path) -> None:
        """Hooks, file-system monitor, filters, diff and pager programs, a remote that is a command."""
        script = path.parent / "evil.sh"
        script.write_text(f"#!/bin/sh\necho \"$0 $*\" >> '{marker}'\ncat\n")
        script.chmod(0o755)
        run = f"'{script}'"
        hooks = path / ".git" / "hooks"
        for name in ("post-checkout", "post-index-change", "pre-commit", "reference-transaction", "fsmonitor-watchman"):
            shutil.copy(script, hooks / name)
        (path / ".git" / "info" / "attributes").write_text("*.py filter=evil diff=evil\n*.bin filter=stay\n")
        for name in (
            "core.fsmonitor",
            "core.pager",
            "core.editor",
            "core.sshCommand",
            "core.alternateRefsCommand",
            "diff.external",
            "diff.evil.command",
            "diff.evil.textconv",
            "filter.evil.clean",
            "filter.evil.smudge",
            "filter.stay.process",
            "gpg.program",
            "credential.helper",
            "uploadpack.packObjectsHook",
            "core.gitProxy",
            "core.askPass",
        ):
            git(path, "-c", "core.fsmonitor=", "config", name, run)
        for name, value in {
            "filter.stay.required": "true",
            "remote.origin.url": f"ext::{run}",
            "remote.origin.promisor": "true",
            "protocol.ext.allow": "always",
            "submodule.recurse": "true",
            "remote.origin.uploadpack": run,
        }.items():
            git(path, "-c", "core.fsmonitor=", "config", name, value)
        # As if the index were written in the clock tick of the files, so that git has to look into them.
        now = (path / ".git" / "index").stat().st_mtime_ns
        for name in ("main.py", "data.bin", "lib/model.py"):
            os.utime(path / name, ns=(now, now))
        marker.unlink(missing_ok=True)

    def hostile_url(self, marker: Path) -> str:
        """The transport ``ext``."""
        return f"ext::sh -c touch% {marker}"

    def misleading(self, other: Path) -> Mapping[str, str]:
        """As in a hook of another repository."""
        return {
            "GIT_DIR": str(other / ".git"),
            "GIT_WORK_TREE": str(other),
            "GIT_INDEX_FILE": str(other / ".git" / "index"),
            "GIT_CONFIG_PARAMETERS": "'core.bare=true'",
        }


class DulwichMaker(GitMaker):
    """The same repositories; but dulwich runs nothing, so it trusts every owner."""

    def give_away(self, path: Path) -> None:
        """Skips the test."""
        pytest.skip("dulwich runs nothing, so it trusts every owner")
