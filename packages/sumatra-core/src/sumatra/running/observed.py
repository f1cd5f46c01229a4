"""What a run really imported: the notes of its Python processes, turned into code files and dependencies.

Distributions are looked up in the folders that the *program* searched, so its environment need not be ours.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import unquote

from cawan.events import JSON

if TYPE_CHECKING:
    from importlib.metadata import Distribution

_OBSERVER = Path(os.path.realpath(Path(__file__).parent.parent / "_observe" / "sitecustomize.py"))
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
            known.setdefault(os.path.realpath(rest[2]), set()).add((int(rest[0]), float(rest[1])))


Digest = Callable[[Path, str], str]


def code_files(notes: Notes, code_root: Path, user_root: Path, digest: Digest) -> list[dict[str, JSON]]:
    """Imported files that belong to the working copy, by path in it, with digests of what ran.

    ``elsewhere`` marks files that a repeat imported from the user's tree although it ran in another; ``edited`` those
    that were edited while the run went on, whose digest is "".
    """
    found: dict[str, dict[str, JSON]] = {}
    roots = [(code_root.resolve(), False)]
    if user_root.resolve() != roots[0][0]:
        roots.append((user_root.resolve(), True))
    for file in {os.path.realpath(file) for file in (*notes.modules.values(), *notes.stamps)}:
        place = Path(file)
        for root, elsewhere in roots:
            if place.is_relative_to(root) and not _is_library(place):
                path = str(PurePosixPath(place.relative_to(root)))
                entry: dict[str, JSON] = {"path": path, "digest": digest(place, path)}
                if elsewhere:
                    entry["elsewhere"] = True
                if not entry["digest"]:
                    entry["edited"] = True
                found[path] = entry
                break
    return [found[path] for path in sorted(found)]


def _is_library(place: Path) -> bool:
    return "site-packages" in place.parts or "dist-packages" in place.parts


def dependencies(notes: Notes, code_root: Path, user_root: Path, digest: Digest) -> list[dict[str, JSON]]:
    """Imported packages outside the working copy and the standard library, with version and one digest each."""
    own = (code_root.resolve(), user_root.resolve())
    standard = _standard_library(notes)
    packages: dict[str, dict[str, Path]] = {}
    for name, file in notes.modules.items():
        place = Path(os.path.realpath(file))
        inside = any(place.is_relative_to(root) for root in own) and not _is_library(place)
        if name.startswith("__main__") or place == _OBSERVER or inside or name.partition(".")[0] in _AT_START:
            continue
        as_found = Path(os.path.realpath(os.path.dirname(file)), place.name)  # Debian's sitecustomize is a link to /etc
        if any(_in_library(where, folder) for where in (place, as_found) for folder in standard):
            continue
        packages.setdefault(name.partition(".")[0], {})[name] = place
    known = _distributions(packages, notes.path)
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


def lock_text(path: list[str]) -> str:
    """Every distribution that the program could have imported, with its version, a line each as pip writes them.

    By the names of their folders alone, which costs no reading.
    """
    found: dict[str, str] = {}
    for folder in path:
        try:
            with os.scandir(folder) as entries:
                names = [entry.name for entry in entries if entry.name.endswith((".dist-info", ".egg-info"))]
        except OSError:
            continue  # an archive, or a folder that is not there
        for name in names:
            distribution, _, version = name.rpartition(".")[0].partition("-")
            found.setdefault(_plain(distribution), version.partition("-")[0])
    return "".join(f"{name}=={version}\n" for name, version in sorted(found.items()) if version)


def _standard_library(notes: Notes) -> list[Path]:
    folder = f"python{'.'.join(notes.version.split('.')[:2])}"
    return [Path(os.path.realpath(entry)) for entry in notes.path if Path(entry).name in (folder, "lib-dynload")]


def _in_library(place: Path, folder: Path) -> bool:
    return place.is_relative_to(folder) and not _is_library(place)


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


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _distributions(packages: Mapping[str, Mapping[str, Path]], path: list[str]) -> dict[str, Distribution]:
    """Which distribution has which top-level module: by equal names first, which costs no reading of file lists."""
    if not packages:
        return {}
    from importlib.metadata import DistributionFinder, MetadataPathFinder  # 40 ms that a plain script need not wait for

    found: dict[str, Distribution] = {}
    others = []
    for distribution in MetadataPathFinder.find_distributions(DistributionFinder.Context(path=path)):
        name = _plain(distribution.metadata["Name"] or "")
        exact = next((top for top in packages if _plain(top) == name), None)
        if exact is not None:
            found.setdefault(exact, distribution)
        else:
            others.append(distribution)
    missing = {top: _root_of(top, files) for top, files in packages.items() if top not in found}
    for distribution in others if missing else ():
        tops, source = _tops(distribution), _editable_source(distribution)
        for top, place in missing.items():
            if top in tops or (source is not None and place.is_relative_to(source)):
                found.setdefault(top, distribution)
    return found


def _editable_source(distribution: Distribution) -> Path | None:
    """The folder that an editable install points to; its file list does not name the modules."""
    try:
        about = json.loads(distribution.read_text("direct_url.json") or "{}")
    except ValueError:
        return None
    url = str(about.get("url", ""))
    if not about.get("dir_info", {}).get("editable") or not url.startswith("file://"):
        return None
    return Path(os.path.realpath(unquote(url.removeprefix("file://"))))


def _tops(distribution: Distribution) -> set[str]:
    listed = distribution.read_text("top_level.txt")
    if listed:
        return set(listed.split())
    record = distribution.read_text("RECORD") or ""
    return {re.split(r"[/.]", line, maxsplit=1)[0] for line in record.splitlines()}
