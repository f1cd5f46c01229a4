"""The repository kit over Bazaar."""

import sys
from pathlib import Path

from sumatra.testing.repositories import RepositoryKit
from sumatra_bazaar import BazaarRepository

sys.path.insert(0, str(Path(__file__).parent))
from bzr_maker import BzrMaker


class TestBazaar(RepositoryKit):
    """With Breezy."""

    repository = BazaarRepository
    maker = BzrMaker()
    known_failures = {
        "test_odd_names_are_kept": "Bazaar's names are Unicode without line breaks",
        "test_use_version_keeps_untracked_files": "Bazaar commits at the tip of a branch only",
    }
