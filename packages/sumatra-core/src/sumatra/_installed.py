"""Notices the upstream distribution "Sumatra" in the same place: both own the import name ``sumatra``."""

from __future__ import annotations

import os

# A file that upstream has and that this distribution has not.
_FOREIGN = os.path.join(os.path.dirname(__file__), "recordstore", "django_store", "__init__.py")


def refuse_half_installed() -> None:
    """Raise :class:`ImportError` where the files of two distributions are mixed."""
    if os.path.exists(_FOREIGN):
        raise ImportError(
            "The distributions 'Sumatra' and 'sumatra-core' are installed over each other. "
            "Repair it with: pip uninstall -y Sumatra && pip install --force-reinstall sumatra-core"
        )
