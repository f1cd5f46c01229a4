"""Runs first in every Python of a recorded run: notes what is imported, when it is and at exit.

It stands alone: only modules that the interpreter has loaded already are imported, so that nothing of the user's
can be shadowed, and it must be valid for every Python that a user may have. It writes three plain files into the
folder of the run: at once ``<host>-<pid>.names`` (a name per line) and ``<host>-<pid>.files`` (size and time of each
source file as it was loaded), and ``<host>-<pid>.modules`` at exit.
"""

import atexit
import os
import sys


class _Noting:
    """An import finder that finds nothing and notes what is looked for."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        """Note the name; None lets the next finder answer."""
        try:
            os.write(self.descriptor, name.encode("utf-8", "replace") + b"\n")
        except OSError:
            # The folder's disk is full or the program closed our descriptor: the program must not suffer.
            sys.meta_path.remove(self)


def _note_file(descriptor: int, kind: str, size: int, mtime: float, path: str) -> None:
    line = "\0".join([kind, str(size), repr(mtime), os.path.abspath(path).replace("\n", " ")]) + "\n"
    try:
        os.write(descriptor, line.encode("utf-8", "surrogateescape"))
    except OSError:
        return  # as for the names: the program must not suffer


def _note_sources(descriptor: int) -> None:
    """From now on note size and time of each source file, which the importer asks for just before it reads it."""
    loader = getattr(sys.modules.get("_frozen_importlib_external"), "SourceFileLoader", None)
    plain = getattr(loader, "path_stats", None)
    if loader is None or plain is None:
        return

    def path_stats(self: object, path: str) -> object:
        found = plain(self, path)
        _note_file(descriptor, "import", int(found["size"]), found["mtime"], path)
        return found

    loader.path_stats = path_stats
    script = sys.argv[0] if getattr(sys, "argv", None) else ""
    try:
        about = os.stat(script)
    except (OSError, ValueError):
        return  # -c, -m, or no script at all
    _note_file(descriptor, "script", about.st_size, about.st_mtime, script)


def _modules(base: str) -> None:
    """At exit: the interpreter, its search path, and every module with its file, separated by NUL."""
    lines = ["version\0" + sys.version.split()[0], "executable\0" + str(sys.executable), "prefix\0" + sys.prefix]
    lines += ["path\0" + entry for entry in sys.path if isinstance(entry, str)]
    main = sys.modules.get("__main__")
    for name, module in list(sys.modules.items()):
        known = getattr(module, "__dict__", None)
        file = known.get("__file__") if isinstance(known, dict) else None
        if isinstance(file, str) and isinstance(name, str):
            lines.append("module\0" + ("__main__" if module is main else name) + "\0" + os.path.abspath(file))
    text = "\n".join(line.replace("\n", " ") for line in lines) + "\n"
    try:
        descriptor = os.open(base + ".modules", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        try:
            os.write(descriptor, text.encode("utf-8", "surrogateescape"))
        finally:
            os.close(descriptor)
    except OSError:
        return  # the run's folder is gone: the notebook has closed the record


def _observe() -> None:
    folder = os.environ.get("CAWAN_RUN", "")
    if not os.path.isdir(folder):
        return
    host = os.uname()[1] if hasattr(os, "uname") else "host"
    base = os.path.join(folder, host + "-" + str(os.getpid()))
    try:
        descriptor = os.open(base + ".names", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        files = os.open(base + ".files", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    except OSError:
        return  # a read-only or full disk: nothing is observed, and the record says so
    sys.meta_path.insert(0, _Noting(descriptor))
    _note_sources(files)
    atexit.register(lambda: _modules(os.path.join(folder, host + "-" + str(os.getpid()))))


def _give_way() -> None:
    """Leave the search path as it would be without us, and run the sitecustomize that we stood before."""
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry) != here]
    ours = sys.modules.pop("sitecustomize", None)
    try:
        import sitecustomize  # type: ignore[import-not-found]  # noqa: F401 - the user's own
    except ImportError as error:
        if getattr(error, "name", "sitecustomize") != "sitecustomize":
            raise
        if ours is not None:
            sys.modules["sitecustomize"] = ours


_give_way()
_observe()
