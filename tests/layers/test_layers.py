"""Who may import whom, and what no package of ours does: read from the source, nothing is run."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = {path.name: path for path in ROOT.glob("p*/*/src/*") if (path / "__init__.py").exists()}
OURS = set(PACKAGES)
MAY_IMPORT = {
    "cawan": set(),
    "pyNN": {"cawan"},
    "sumatra": {"cawan"},
    **{name: {"cawan", "pyNN"} for name in OURS if name.startswith("pynn_")},
    **{name: {"cawan", "sumatra"} for name in OURS if name.startswith("sumatra_")},
}
FORBIDDEN = ("eval", "exec", "compile", "__import__", "os.system", "tempfile.mktemp", "yaml.load", "yaml.unsafe_load")
FORBIDDEN_MODULES = {"pickle", "shelve", "marshal", "dill"}
# Readers of old files by an allow-list of classes, each alone in its module; their own tests try hostile files.
RESTRICTED_READERS = {"pyNN/recording/pickles.py"}


def sources(package: str) -> Iterator[tuple[Path, ast.Module]]:
    """Every module of a package, parsed."""
    for path in sorted(PACKAGES[package].rglob("*.py")):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def imported(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Top-level names of all imports, wherever they stand, but not those for type checkers alone."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING"):
            continue
        if isinstance(node, ast.Import):
            yield from ((alias.name.partition(".")[0], node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0], node.lineno
        yield from imported(node)


@pytest.mark.parametrize("package", sorted(OURS))
def test_packages_import_only_the_layers_below_them(package: str) -> None:
    """A core imports cawan and not the other core; a plug-in imports its own domain's core and no other plug-in."""
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path, tree in sources(package)
        for name, line in imported(tree)
        if name in OURS - {package} and name not in MAY_IMPORT[package]
    ]

    assert not wrong


def test_cawan_imports_only_the_standard_library_and_pluggy_in_hooks() -> None:
    """cawan needs no NumPy at run time, and pluggy only in cawan.hooks."""
    wrong = [
        f"{path.name}:{line} imports {name}"
        for path, tree in sources("cawan")
        for name, line in imported(tree)
        if name not in sys.stdlib_module_names and name != "cawan" and (path.name, name) != ("hooks.py", "pluggy")
    ]

    assert not wrong


def executing(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Calls that run what they are given as text or bytes, and their lines."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            shell = any(k.arg == "shell" and getattr(k.value, "value", None) is not False for k in node.keywords)
            if called in FORBIDDEN or shell or any(k.arg == "allow_pickle" for k in node.keywords):
                yield called, node.lineno


@pytest.mark.parametrize(
    "line",
    [
        "eval(text)", "exec(text)", "compile(text, '', 'exec')", "__import__(name)", "os.system(line)",
        "subprocess.run(line, shell=True)", "subprocess.Popen(line, shell=asked)", "yaml.load(text)",
        "numpy.load(file, allow_pickle=True)",
        "import pickle", "from shelve import open", "def f():\n    import marshal",
    ],
)  # fmt: skip
def test_code_that_executes_what_it_reads_is_found(line: str) -> None:
    """The search for it sees each kind, so that a clean result means something."""
    tree = ast.parse(line)

    assert [*executing(tree)] or any(name in FORBIDDEN_MODULES for name, _ in imported(tree))


@pytest.mark.parametrize("package", sorted(OURS))
def test_packages_never_execute_what_they_read(package: str) -> None:
    """No package calls eval, exec, compile or a shell, or imports pickle and its like."""
    wrong = []
    for path, tree in sources(package):
        wrong += [f"{path.relative_to(ROOT)}:{line} {called}" for called, line in executing(tree)]
        if path.relative_to(PACKAGES[package].parent).as_posix() in RESTRICTED_READERS:
            assert any(isinstance(node, ast.FunctionDef) and node.name == "find_class" for node in ast.walk(tree))
            continue
        wrong += [f"{path.name}:{line} imports {name}" for name, line in imported(tree) if name in FORBIDDEN_MODULES]

    assert not wrong


@pytest.mark.parametrize("package", sorted(OURS))
def test_modules_of_a_package_import_each_other_without_cycles(package: str) -> None:
    """At import time, no module needs itself."""
    graph = {_module(path, package): _needs(path, tree, package) for path, tree in sources(package)}
    done: set[str] = set()

    def visit(module: str, above: tuple[str, ...]) -> None:
        assert module not in above, " → ".join((*above[above.index(module) :], module))
        if module not in done:
            for other in sorted(graph.get(module, ())):
                visit(other, (*above, module))
            done.add(module)

    for module in sorted(graph):
        visit(module, ())


def _module(path: Path, package: str) -> str:
    parts = path.relative_to(PACKAGES[package]).with_suffix("").parts
    return ".".join((package, *(part for part in parts if part != "__init__")))


def _needs(path: Path, tree: ast.Module, package: str) -> set[str]:
    """Modules of the same package that are imported at module level."""
    names = {_module(other, package) for other in PACKAGES[package].rglob("*.py")}
    found: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name in names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.partition(".")[0] == package:
            submodules = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= (submodules & names) or ({node.module} & names)
    return found - {_module(path, package)}


@pytest.mark.parametrize("module", ["cawan", "cawan.run"])
def test_importing_the_channel_costs_next_to_nothing(module: str) -> None:
    """cawan and cawan.run load none of the modules that make start-up slow."""
    code = f"import sys; before = set(sys.modules); import {module}; print(*sorted(set(sys.modules) - before))"
    loaded = subprocess.run([sys.executable, "-S", "-c", _with_path(code)], capture_output=True, text=True, check=True)

    heavy = {"dataclasses", "json", "typing", "importlib.metadata", "pluggy", "numpy", "inspect", "pathlib", "re"}
    assert not heavy & set(loaded.stdout.split())


def _with_path(code: str) -> str:
    return f"import sys; sys.path.insert(0, {str(PACKAGES['cawan'].parent)!r}); {code}"


@pytest.mark.parametrize("package", sorted(OURS))
def test_modules_stay_small(package: str) -> None:
    """No module has more than 700 lines, and half of them have at most 150."""
    lengths = sorted(len(path.read_text(encoding="utf-8").splitlines()) for path, _ in sources(package))

    assert lengths[-1] <= 700
    assert lengths[(len(lengths) - 1) // 2] <= 150
