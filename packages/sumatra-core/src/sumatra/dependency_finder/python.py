"""Python: every import in the script and in the modules of the same tree that it imports, read as text."""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from sumatra.dependency_finder.core import BaseDependency, find_versions, find_versions_from_versioncontrol
from sumatra.distributions import providers


class Dependency(BaseDependency):
    """A Python package or module."""

    module = "python"

    @classmethod
    def from_module(cls, module: ModuleType, executable_path: str | None = None) -> Dependency:
        """The package or module that was imported; nothing is asked of the program."""
        place = next(iter(getattr(module, "__path__", ())), getattr(module, "__file__", None))
        return cls(module.__name__, place)


def find_version_by_attribute(module: ModuleType) -> str:
    """What a module that is already imported says of its version, as a value or by ``get_version()``."""
    for name in ("__version__", "version", "get_version", "VERSION", "Version"):
        value = getattr(module, name, None)
        if name == "get_version" and callable(value):
            value = value()
        if isinstance(value, ModuleType):
            return find_version_by_attribute(value)
        if isinstance(value, tuple):
            return ".".join(map(str, value))
        if isinstance(value, str):
            return value
    return "unknown"


def find_versions_from_egg(dependencies: Sequence[BaseDependency]) -> Sequence[BaseDependency]:
    """Versions from an ``EGG-INFO`` folder beside a module, where they are unknown."""
    for dependency in dependencies:
        about = Path(dependency.path or "").parent / "EGG-INFO" / "PKG-INFO"
        if dependency.version == "unknown" and about.is_file():
            lines = about.read_text(encoding="utf-8", errors="replace").splitlines()
            found = next((line.partition(":")[2].strip() for line in lines if line.startswith("Version:")), "")
            if found:
                dependency.version, dependency.source = found, "egg-info"
    return dependencies


def imported_names(text: str, source: str = "<text>") -> Iterator[tuple[str, int]]:
    """Dotted names that a text imports, each with its level of relative import; nothing where it is not Python."""
    try:
        tree = ast.parse(text, source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, 0) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            yield (base, node.level) if base else ("", node.level)
            yield from ((f"{base}.{alias.name}".lstrip("."), node.level) for alias in node.names if alias.name != "*")


def _local(name: str, folder: Path) -> list[Path]:
    """The files of a dotted name below a folder, packages' ``__init__`` on the way included."""
    found, place = [], folder
    for part in name.split(".") if name else []:
        init, plain = place / part / "__init__.py", place / f"{part}.py"
        if init.is_file():
            found.append(init)
        elif plain.is_file():
            return [*found, plain]
        elif not (place / part).is_dir():
            break
        place = place / part
    return found


def find_imported(filename: str, folders: Sequence[str] = ()) -> tuple[list[Path], set[str]]:
    """The files of the script's own tree that it imports, and the top-level names of everything else."""
    script = Path(filename).absolute()
    files: list[Path] = []
    others: set[str] = set()
    waiting = [script]
    while waiting:
        current = waiting.pop(0)
        for name, level in imported_names(current.read_text(encoding="utf-8", errors="replace"), str(current)):
            base = current.parents[level - 1] if level and level <= len(current.parents) else script.parent
            roots = (base, *map(Path, folders))
            places = next((found for root in roots if (found := _local(name, root))), [])
            if not places and not level:
                others.add(name.partition(".")[0])
            new = [place for place in places if place not in files and place != script]
            files += new
            waiting += new
    return files, others


def search_path(executable: Any = None) -> list[str]:
    """Where packages of the program's environment are, found without starting it."""
    path = str(getattr(executable, "path", "") or sys.executable)
    if os.path.realpath(path) == os.path.realpath(sys.executable) and sys.prefix in os.path.abspath(path):
        return [entry for entry in sys.path if entry]
    root = Path(os.path.abspath(path)).parent.parent
    return sorted(str(found) for found in root.glob("lib/python3*/*-packages"))


def find_imported_packages(
    filename: str, executable_path: str, debug: int = 0, exclude_stdlib: bool = True
) -> dict[str, Any]:
    """Top-level packages and modules that a script imports, each with the folder or file that it is in."""
    _, names = find_imported(filename)
    found: dict[str, Any] = {}
    for name in sorted(names):
        if not name or (exclude_stdlib and name in sys.stdlib_module_names):
            continue
        found[name] = _place(name, search_path(None))
    return found


def _place(name: str, folders: Sequence[str]) -> str | None:
    for folder in folders:
        for place in (Path(folder, name), Path(folder, f"{name}.py")):
            if place.exists():
                return str(place)
    return None


def find_dependencies(filename: str, executable: Any = None) -> list[BaseDependency]:
    """Packages with versions from their own metadata, and modules of the script's tree with that of its repository."""
    files, names = find_imported(filename)
    folders = search_path(executable)
    wanted = sorted(name for name in names if name and name not in sys.stdlib_module_names)
    places = {name: _place(name, folders) for name in wanted}
    known = providers(
        {name: Path(os.path.realpath(place) if place else name) for name, place in places.items()}, folders
    )
    found: list[Dependency] = []
    for name, place in places.items():
        distribution = known.get(name)
        if distribution is None and place is None:
            continue
        version = distribution.version if distribution else "unknown"
        found.append(Dependency(name, place, version, "", "importlib.metadata" if distribution else None))
    root = Path(filename).absolute().parent
    own: dict[str, Dependency] = {}
    for file in files:
        top = file.relative_to(root).parts[0] if file.is_relative_to(root) else file.name
        own.setdefault(top.removesuffix(".py"), Dependency(top.removesuffix(".py"), str(root / top)))
    find_versions(list(own.values()), [find_versions_from_versioncontrol])
    return [*found, *own.values()]
