"""The repository kit over Mercurial."""

import sys
from pathlib import Path

from sumatra.testing.repositories import RepositoryKit
from sumatra_mercurial import MercurialRepository

sys.path.insert(0, str(Path(__file__).parent))
from hg_maker import HgMaker


class TestMercurial(RepositoryKit):
    """With the Mercurial of PyPI, driven by python-hglib."""

    repository = MercurialRepository
    maker = HgMaker()
    known_failures = {
        name: "Mercurial brings its own dirstate and caches in .hg up to date when it is asked for the status"
        for name in ("test_reading_changes_nothing", "test_export_of_a_dirty_tree_changes_nothing",
                     "test_use_version_is_refused_where_work_would_be_lost")
    } | {"test_odd_names_are_kept": "Mercurial refuses names with a line break"}  # fmt: skip
