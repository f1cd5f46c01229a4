"""What a run really imported: the notes of its Python processes, turned into code files and dependencies."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from cawan.events import JSON

from sumatra.distributions import installed, providers

_OBSERVER = os.path.realpath(Path(__file__).parent.parent / "_observe" / "sitecustomize.py")
Stamp = tuple[int, float]
"""Size in bytes and time of change in seconds, of one file."""
_AT_START = frozenset({"_distutils_hack", "_virtualenv"})  # loaded by .pth files in every Python, whatever runs


@dataclass(slots=True)
class Notes:
    """What the Python processes of one run noted.

    Attributes
    ----------
    complete
        At least one process noted its modules at its end, and none that noted names did not.
    stamps, scripts
        By path, the stamps that a source file had when it was imported, or when it was run as the script.
    folders
        The real path of every folder that was asked for.
    """

    version: str = ""
    executable: str = ""
    prefix: str = ""
    path: list[str] = field(default_factory=list)
    modules: dict[str, str] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    complete: bool = False
    stamps: dict[str, set[Stamp]] = field(default_factory=dict)
    scripts: dict[str, set[Stamp]] = field(default_factory=dict)
    folders: dict[str, str] = field(default_factory=dict, repr=False)

    def real(self, path: str) -> str:
        """The path with links followed; a folder's links are followed once for all of its files."""
        folder, name = os.path.split(path)
        if folder not in self.folders:
            self.folders[folder] = os.path.realpath(folder)
        place = os.path.join(self.folders[folder], name)
        return os.path.realpath(place) if os.path.islink(place) else place


def read_notes(folder: Path) -> Notes:
    """Gather the ``.modules``, ``.names`` and ``.files`` files of a run's folder."""
    notes = Notes()
    ended = set()
    for file in sorted(folder.glob("*.modules")):
        ended.add(file.stem)
        for line in file.read_text(encoding="utf-8", errors="surrogateescape").splitlines():
            kind, *rest = line.split("\0")
            if kind == "module":
                notes.modules[f"{rest[0]}" if rest[0] != "__main__" else f"__main__:{rest[1]}"] = rest[1]
            elif kind == "path":
                notes.path.append(rest[0])
            elif kind in ("version", "executable", "prefix") and not getattr(notes, kind):
                setattr(notes, kind, rest[0])
    begun = set()
    for file in folder.glob("*.names"):
        begun.add(file.stem)
        notes.names |= set(file.read_text(encoding="utf-8", errors="replace").split())
    for file in folder.glob("*.files"):
        _read_stamps(notes, file.read_text(encoding="utf-8", errors="surrogateescape"))
    notes.complete = bool(ended) and begun <= ended
    return notes


def _read_stamps(notes: Notes, text: str) -> None:
    for line in text.split("\n"):
        kind, *rest = line.split("\0")
        if len(rest) == 3:  # a kill may have cut the last line short
            known = notes.scripts if kind == "script" else notes.stamps
            known.setdefault(notes.real(rest[2]), set()).add((int(rest[0]), float(rest[1])))


Digest = Callable[[Path, str], str]


def code_files(notes: Notes, code_root: Path, user_root: Path, digest: Digest) -> list[dict[str, JSON]]:
    """Imported files that belong to the working copy, by path in it, with digests of what ran.

    ``elsewhere`` marks files that a repeat imported from the user's tree although it ran in another; ``edited`` those
    that were edited while the run went on, whose digest is "".
    """
    found: dict[str, dict[str, JSON]] = {}
    roots = [(os.path.realpath(code_root), False)]
    if os.path.realpath(user_root) != roots[0][0]:
        roots.append((os.path.realpath(user_root), True))
    for place in {notes.real(file) for file in (*notes.modules.values(), *notes.stamps)}:
        for root, elsewhere in roots:
            if _below(place, root) and not _is_library(place):
                path = PurePosixPath(os.path.relpath(place, root)).as_posix()
                entry: dict[str, JSON] = {"path": path, "digest": digest(Path(place), path)}
                if elsewhere:
                    entry["elsewhere"] = True
                if not entry["digest"]:
                    entry["edited"] = True
                found[path] = entry
                break
    return [found[path] for path in sorted(found)]


def _below(place: str, folder: str) -> bool:
    """Is a real path that of a real folder, or of something in it? Hundreds of modules are asked about."""
    return place == folder or place.startswith(os.path.join(folder, ""))


def _is_library(place: str) -> bool:
    return not {"site-packages", "dist-packages"}.isdisjoint(place.split(os.sep))


def dependencies(notes: Notes, code_root: Path, user_root: Path, digest: Digest) -> list[dict[str, JSON]]:
    """Imported packages outside the working copy and the standard library, with version and one digest each."""
    packages = _packages(notes, (os.path.realpath(code_root), os.path.realpath(user_root)))
    known = providers({top: _root_of(top, files) for top, files in packages.items()}, notes.path)
    found = []
    for top, files in sorted(packages.items()):
        distribution = known.get(top)
        joint = _joint_digest(files, digest)
        entry: dict[str, JSON] = {
            "name": distribution.metadata["Name"] if distribution else top, "module": top,
            "version": distribution.version if distribution else "unknown", "path": str(_root_of(top, files)),
            "source": "importlib.metadata" if distribution else "", "language": "python",
            "files": len(files), "digest": joint, "modules": _names_digest(files),
        }  # fmt: skip
        found.append(entry if joint else {**entry, "edited": True})
    return found


def _packages(notes: Notes, own: tuple[str, str]) -> dict[str, dict[str, Path]]:
    """The files of each imported package that is neither the user's ``own`` nor Python's."""
    standard = _standard_library(notes)
    packages: dict[str, dict[str, Path]] = {}
    for name, file in notes.modules.items():
        place = notes.real(file)
        inside = any(_below(place, root) for root in own) and not _is_library(place)
        if name.startswith("__main__") or place == _OBSERVER or inside or name.partition(".")[0] in _AT_START:
            continue
        # Debian's sitecustomize is a link to /etc
        as_found = os.path.join(notes.folders[os.path.dirname(file)], os.path.basename(place))
        if any(_below(where, folder) and not _is_library(where) for where in {place, as_found} for folder in standard):
            continue
        packages.setdefault(name.partition(".")[0], {})[name] = Path(place)
    return packages


def lock_text(path: list[str]) -> str:
    """Every distribution that the program could have imported, with its version, a line each as pip writes them.

    By the names of their folders alone, which costs no reading.
    """
    found: dict[str, str] = {}
    for name, version, _ in installed(path):
        found.setdefault(name, version)
    return "".join(f"{name}=={version}\n" for name, version in sorted(found.items()) if version)


def _standard_library(notes: Notes) -> list[str]:
    folder = f"python{'.'.join(notes.version.split('.')[:2])}"
    return [os.path.realpath(entry) for entry in notes.path if os.path.basename(entry) in (folder, "lib-dynload")]


def _root_of(top: str, files: Mapping[str, Path]) -> Path:
    place = files.get(top) or next(iter(files.values()))
    return place.parent if place.name.startswith("__init__.") else place


def _joint_digest(files: Mapping[str, Path], digest: Digest) -> str:
    """One digest of all the files; "" where one of them was edited while the run went on."""
    joint = hashlib.sha256()
    for name, place in sorted(files.items()):
        of_file = digest(place, "")
        if not of_file:
            return ""
        joint.update(f"{name} {of_file}\n".encode("utf-8", "surrogateescape"))
    return f"sha256:{joint.hexdigest()}"


def _names_digest(files: Mapping[str, Path]) -> str:
    """Tells whether two runs imported the same modules of a package, and not which."""
    return hashlib.sha256("\n".join(sorted(files)).encode("utf-8", "surrogateescape")).hexdigest()[:16]
