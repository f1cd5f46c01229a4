"""Data files as Sumatra 0.8 names them: ``DataKey``, ``FileSystemDataStore``, ``get_data_store``, …"""

from sumatra.datastore.archivingfs import ArchivingFileSystemDataStore
from sumatra.datastore.base import IGNORE_DIGEST, DataItem, DataKey, DataStore
from sumatra.datastore.choosing import get_data_store
from sumatra.datastore.filesystem import DataFile, FileSystemDataStore
from sumatra.datastore.mirroredfs import MirroredFileSystemDataStore

__all__ = [
    "IGNORE_DIGEST", "ArchivingFileSystemDataStore", "DataFile", "DataItem", "DataKey", "DataStore",
    "FileSystemDataStore", "MirroredFileSystemDataStore", "get_data_store",
]  # fmt: skip
