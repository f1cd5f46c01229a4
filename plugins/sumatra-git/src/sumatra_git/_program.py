"""The git program, through commands that convert nothing and run nothing that the repository's configuration names."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from cawan.repository import BrokenRepositoryError, RepositoryError, UnknownVersionError

from sumatra_git._plumbing import GITLINK, Entry, Plumbing, Read, Status
from sumatra_git._writing import fill_pointers

# A git started from a hook or an alias finds GIT_DIR, GIT_INDEX_FILE and more in the environment; these are the user's.
_KEPT = {"GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_EXEC_PATH", "GIT_SSH", "GIT_SSH_COMMAND"}
_OFF = {
    "core.fsmonitor": "",  # an empty value is "off" for every version of git; before 2.36 "false" was a program
    "core.hooksPath": os.devnull,
    "core.alternateRefsCommand": "",
    "protocol.ext.allow": "never",
    "submodule.recurse": "false",
}
_RAW = ("--raw", "-z", "--no-renames", "--abbrev=64")
_AHEAD = 500  # identifiers sent before the first answer is read; they must fit into a pipe's 64 kB
_NOT_PLAIN = re.compile(rb"\0(?!H 100|H 120)([^\0]+)")  # records of ls-files that are not plain tracked files


def find_program() -> str | None:
    """The git on PATH; relative folders on it are left out, since a work tree may hold a file called git."""
    for folder in os.get_exec_path():
        program = os.path.join(folder, "git")
        if os.path.isabs(folder) and os.access(program, os.X_OK) and Path(program).is_file():
            return program
    return None


def environment(config: Mapping[str, str], protocols: str = "none") -> dict[str, str]:
    """The environment for git: nothing that points it elsewhere, no network, no prompt, these settings on top."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_") or name in _KEPT}
    kept |= {"LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0", "GIT_LITERAL_PATHSPECS": "1", "GIT_NO_REPLACE_OBJECTS": "1"}
    kept |= {"GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": protocols, "GIT_TERMINAL_PROMPT": "0"}
    kept["GIT_CONFIG_COUNT"] = str(len(config))
    for k, (name, value) in enumerate(config.items()):
        kept[f"GIT_CONFIG_KEY_{k}"], kept[f"GIT_CONFIG_VALUE_{k}"] = name, value
    return kept


def without_filters(config: Mapping[str, str]) -> dict[str, str]:
    """Settings that take the command from every filter that a configuration names."""
    names = {key.rpartition(".")[0] for key in config if key.startswith("filter.")}
    empty = {f"{name}.{what}": "" for name in names for what in ("clean", "smudge", "process")}
    return empty | {f"{name}.required": "false" for name in names}


class Program(Plumbing):
    """A repository read by the git program."""

    def __init__(self, program: str, top: Path) -> None:
        self._program, self.top = program, top
        self._env = environment(_OFF)
        self._config: Mapping[str, str] | None = None
        inside, up, common = self._git(["rev-parse", "--is-inside-work-tree", "--show-cdup", "--git-common-dir"]).split(
            b"\n", 2
        )
        if inside != b"true" or up:  # up: the way to the top folder
            reason = "it is bare, so it has no files" if not up else "git takes another folder for its top"
            raise BrokenRepositoryError(top, reason, "Look with: git rev-parse --show-toplevel --is-bare-repository")
        self.common = (top / os.fsdecode(common[:-1])).resolve()

    @classmethod
    def clone(cls, program: str, url: str, into: Path) -> Program:
        """A clone, its files not yet written."""
        command = [program, "clone", "--quiet", "--no-checkout", "--template=", "--", url, str(into)]
        env = environment(_OFF, "file:git:http:https:ssh")
        done = subprocess.run(command, env=env, capture_output=True, stdin=subprocess.DEVNULL, check=False)
        if done.returncode:
            raise RepositoryError(f"git could not clone {url!r}: {_last_line(done.stderr)}")
        return cls(program, into)

    def config(self) -> Mapping[str, str]:
        """The configuration in force; every command after this one knows its filters and leaves them out."""
        if self._config is not None:
            return self._config
        pairs = (record.partition(b"\n") for record in self._git(["config", "--list", "-z"]).split(b"\0") if record)
        config = {os.fsdecode(key): os.fsdecode(value) for key, _, value in pairs}
        self._env = environment(_OFF | without_filters(config))
        self._config = {key: value for key, value in config.items() if key not in _OFF}
        return self._config

    def head(self) -> str:
        """The commit of HEAD, "" where there is none yet."""
        return self._git(["rev-parse", "--verify", "--quiet", "HEAD^{commit}"], ok=(0, 1)).decode().strip()

    def resolve(self, version: str) -> str:
        """The commit that this expression names."""
        command = ["rev-parse", "--verify", "--quiet", "--end-of-options", f"{version}^{{commit}}"]
        found = self._git(command, ok=(0, 1, 128)).decode().strip() if version and "\0" not in version else ""
        if not found:
            raise UnknownVersionError(version, self.top, "List its versions with: git log --all --oneline")
        return found

    def ref(self, name: str) -> str:
        """The commit of a full reference name."""
        if name == "HEAD" and not self._git(["symbolic-ref", "-q", "HEAD"], ok=(0, 1)):
            return ""
        return self._git(["rev-parse", "--verify", "--quiet", name], ok=(0, 1)).decode().strip()

    def status(self, base: str) -> Status:
        """What may differ; three commands at once, and Python looks only at what is not plainly unchanged."""
        listing, *changed = self._side_by_side(
            ["ls-files", "-z", "-v", "--stage", "--others", "--exclude-standard"],
            ["diff-files", *_RAW, "--ignore-submodules=all"],
            ["diff-index", *_RAW, "--cached", "--ignore-submodules=dirty", base or self._empty_tree()],
        )
        suspects: dict[str, Entry | None] = {}
        untracked, gitlinks = [], {}
        for record in _NOT_PLAIN.findall(b"\0" + listing):
            tag, _, rest = os.fsdecode(record).partition(" ")
            if tag == "?":
                untracked.append(rest)
                continue
            facts, _, path = rest.partition("\t")
            mode, oid, stage = facts.split(" ")
            if int(mode, 8) == GITLINK:
                gitlinks[path] = oid
            elif tag.upper() == "S" and not os.path.lexists(self.top / path):
                continue  # left out by a sparse checkout
            elif stage == "0":  # "assume unchanged" and "skip worktree" do not make a changed file the same
                suspects[path] = Entry(int(mode, 8), oid)
        for output in changed:
            suspects |= _raw(output)
        links = {path: oid for path, oid in gitlinks.items() if suspects.get(path) is None}
        attributed = b".gitattributes\0" in listing or any(path.endswith(".gitattributes") for path in suspects)
        return Status(suspects, untracked, links, attributed)

    def tree(self, commit: str) -> Mapping[str, Entry]:
        """Every file and submodule of a commit."""
        found = {}
        for record in os.fsdecode(self._git(["ls-tree", "-r", "-z", "--full-tree", commit])).split("\0")[:-1]:
            facts, _, path = record.partition("\t")  # "100644 blob 0a1b…"
            found[path] = Entry(int(facts[:6], 8), facts.rpartition(" ")[2])
        return found

    @contextmanager
    def reading(self) -> Iterator[Read]:
        """A function that gives the bytes of blobs; one process serves them all."""
        command = [self._program, "cat-file", "--batch"]
        with subprocess.Popen(
            command,
            cwd=self.top,
            env=self._env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as process:
            sink, source = process.stdin, process.stdout
            if sink is None or source is None:
                raise RepositoryError("git cat-file could not be reached.")

            def read(oids: Sequence[str]) -> Iterator[bytes]:
                """The bytes of these blobs, in this order."""
                for first in range(0, len(oids), _AHEAD):
                    some = oids[first : first + _AHEAD]
                    sink.write("".join(f"{oid}\n" for oid in some).encode())
                    sink.flush()
                    for oid in some:
                        answer = source.readline().split()
                        if len(answer) != 3:
                            reason = f"object {oid} is not here"
                            raise BrokenRepositoryError(self.top, reason, "Get it with: git fetch --refetch")
                        yield source.read(int(answer[2]) + 1)[:-1]

            yield read

    def switch(self, commit: str) -> None:
        """Bring work tree, index and HEAD to a commit."""
        self.config()
        self._git(["checkout", "--quiet", "--detach", "--no-recurse-submodules", commit, "--"])
        fill_pointers(self, self.tree(commit))

    def _empty_tree(self) -> str:
        return self._git(["hash-object", "-t", "tree", "--stdin"]).decode().strip()

    def _side_by_side(self, *commands: Sequence[str]) -> list[bytes]:
        """What several commands print; they run at once, since most of their time is their start."""
        with ExitStack() as stack:
            started = [
                stack.enter_context(subprocess.Popen(
                    [self._program, *command], cwd=self.top, env=self._env, stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                ))
                for command in commands
            ]  # fmt: skip
            answers = [process.communicate() for process in started]
            for process, (_, complaint) in zip(started, answers, strict=True):
                if process.returncode:
                    raise _explained(self.top, complaint)
        return [output for output, _ in answers]

    def _git(self, arguments: Sequence[str], ok: tuple[int, ...] = (0,)) -> bytes:
        command = [self._program, *arguments]
        done = subprocess.run(
            command, cwd=self.top, env=self._env, capture_output=True, stdin=subprocess.DEVNULL, check=False
        )
        if done.returncode in ok:
            return done.stdout
        raise _explained(self.top, done.stderr)


def _raw(output: bytes) -> dict[str, Entry | None]:
    """Path and old entry of each record of a raw diff; an unmerged one has been in the base if it has a mode."""
    fields = os.fsdecode(output).split("\0")
    found: dict[str, Entry | None] = {}
    for facts, path in zip(fields[::2], fields[1::2], strict=False):
        mode, _, oid, *_ = facts.lstrip(":").split(" ")
        found[path] = Entry(int(mode, 8), oid) if int(mode, 8) else None
    return found


def _last_line(text: bytes) -> str:
    lines = text.decode(errors="replace").strip().splitlines()
    return lines[-1].removeprefix("fatal: ") if lines else "it gives no reason"


def _explained(top: Path, text: bytes) -> RepositoryError:
    """git's refusal as one sentence with the remedy."""
    if b"dubious ownership" in text:
        remedy = f"If you trust it: git config --global --add safe.directory {str(top)!r}"
        return BrokenRepositoryError(top, "it belongs to another user, and git does not trust it", remedy)
    if b"must be run in a work tree" in text:
        return BrokenRepositoryError(top, "it is bare, so it has no files", "Clone it, and work in the clone.")
    if b"not a git repository" in text:
        return BrokenRepositoryError(top, "there is a .git, but git does not recognise it", "Look with: git status")
    return BrokenRepositoryError(top, f"git says: {_last_line(text)}", "Look with: git status")
