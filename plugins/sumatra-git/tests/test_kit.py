"""The repository kit over both ways of reading git."""

import sys
from pathlib import Path

from sumatra.testing.repositories import RepositoryKit
from sumatra_git import GitRepository

sys.path.insert(0, str(Path(__file__).parent))
from git_maker import DulwichMaker, GitMaker


class TestGitProgram(RepositoryKit):
    """With the git program."""

    repository = GitRepository
    maker = GitMaker()
    options = {"program": "git"}


class TestDulwich(RepositoryKit):
    """With dulwich."""

    repository = GitRepository
    maker = DulwichMaker()
    options = {"program": "dulwich"}
