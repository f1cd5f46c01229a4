"""Record stores as Sumatra 0.8 names them, over the stores of events."""

from sumatra.recordstore.base import RecordStore, RecordStoreAccessError
from sumatra.recordstore.choosing import get_record_store
from sumatra.recordstore.events import DefaultRecordStore, EventRecordStore

__all__ = ["DefaultRecordStore", "EventRecordStore", "RecordStore", "RecordStoreAccessError", "get_record_store"]
