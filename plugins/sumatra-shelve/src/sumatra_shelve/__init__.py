"""The record stores of Sumatra 0.1 to 0.8, read and never run."""

from sumatra_shelve.store import OldRecordStore

__all__ = ["OldRecordStore"]
