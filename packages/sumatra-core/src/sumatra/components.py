"""Modules of the user's own that register components, as ``smt configure --add-plugin MODULE`` names them.

They come from the Python path alone, never from the project's folder: reading a project must not run its code.
"""

from __future__ import annotations

import importlib
import logging
import sys
from collections.abc import Iterable
from pathlib import Path

_log = logging.getLogger(__name__)


def load_components(modules: Iterable[str], project: Path) -> list[str]:
    """Import modules; gives those that could not be, each with one warning."""
    missing = []
    for name in modules:
        if name in sys.modules:
            continue
        before = list(sys.path)
        try:
            sys.path[:] = [entry for entry in sys.path if not Path(entry or ".").resolve().is_relative_to(project)]
            importlib.import_module(name)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a stranger's module must not stop the notebook
            _log.warning("The plug-in %s is left out: %s. Forget it with: smt configure --remove-plugin %s",
                         name, error, name)  # fmt: skip
            missing.append(name)
        finally:
            sys.path[:] = before
    return missing
