"""Who is at the keyboard."""

from __future__ import annotations

import getpass
import json
import logging
from pathlib import Path
from typing import Any

_log = logging.getLogger(__name__)


def get_user(working_copy: Any = None) -> str:
    """The name in ``~/.smtrc``, else that of the version control, else that of the account; "" where there is none."""
    settings = Path("~/.smtrc").expanduser()
    if settings.is_file():
        try:
            name = json.loads(settings.read_text(encoding="utf-8")).get("username")
        except (ValueError, OSError, AttributeError) as error:
            _log.warning("%s cannot be read and is left out: %s", settings, error)
            name = None
        if name:
            return str(name)
    found = working_copy.get_username() if working_copy is not None else ""
    if found:
        return str(found)
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""
