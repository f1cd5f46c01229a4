"""The repository kit over Subversion."""

import sys
from pathlib import Path

from sumatra.testing.repositories import RepositoryKit
from sumatra_subversion import SubversionRepository

sys.path.insert(0, str(Path(__file__).parent))
from svn_maker import SvnMaker


class TestSubversion(RepositoryKit):
    """With the Subversion that subvertpy's wheel carries."""

    repository = SubversionRepository
    maker = SvnMaker()
    known_failures = {
        "test_odd_names_are_kept": "Subversion's names are UTF-8 without line breaks",
        "test_line_ends_are_converted": "Subversion converts the file in the work tree, too, when it is committed",
    }
