"""A record store by its path or URI."""

from __future__ import annotations

import os

from sumatra.recordstore.events import EventRecordStore


def get_record_store(uri: str | os.PathLike[str]) -> EventRecordStore:
    """The record store at a path or URI; the plug-in that the scheme names is loaded when it is used."""
    return EventRecordStore(uri)
