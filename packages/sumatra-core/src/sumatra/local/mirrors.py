"""Reading one file from the URL at which a folder is mirrored; only when a user asks for that file."""

from __future__ import annotations

import urllib.request
from urllib.parse import urlsplit

from cawan.data import DataError


def fetch(url: str, most: int | None = None) -> bytes:
    """The bytes at a URL, of http, https or file alone; :class:`~cawan.data.DataError` where they cannot be had."""
    if urlsplit(url).scheme not in ("http", "https", "file"):
        raise DataError(f"{url!r} is no address of a mirror. Use one that begins with http, https or file.")
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310 - the schemes are checked above
            data: bytes = answer.read(most) if most else answer.read()
    except OSError as error:
        raise DataError(f"The mirror did not give {url!r}: {error}.") from error
    return data
