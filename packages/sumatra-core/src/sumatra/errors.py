"""The mistakes that a user of the notebook can mend; each says what to do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from cawan.errors import CawanError, listing, suggestion


class UsageError(CawanError, ValueError):
    """Something on the command line that cannot be meant."""

    exit_code = 2


class ProjectNotFoundError(CawanError, LookupError, OSError):
    """No project here or above."""

    exit_code = 66

    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(
            f"No Sumatra project exists in the current directory or above it ({path}). "
            "Create one with: smt init NAME"
        )


class ProjectExistsError(CawanError):
    """There is a project here already."""

    exit_code = 73

    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(
            f"A Sumatra project exists already in {str(path)!r}. Change its settings with: smt configure"
        )


class ConfigurationError(CawanError, ValueError):
    """A setting that has no meaning, or a settings file that cannot be read."""

    exit_code = 78


class UnknownSettingError(ConfigurationError):
    """A setting of a name or value that does not exist."""

    def __init__(self, what: str, value: str, allowed: Sequence[str]) -> None:
        self.what, self.value, self.allowed = what, value, list(allowed)
        super().__init__(f"There is no {what} {value!r}. There are: {listing(allowed)}.{suggestion(value, allowed)}")


class CodeChangedError(CawanError):
    """The policy is not to run code that is in no version."""

    exit_code = 1

    def __init__(self, paths: Iterable[str]) -> None:
        self.paths = sorted(paths)
        super().__init__(
            "Code has changed, please commit your changes\n"
            f"Changed: {listing(self.paths, most=5)}. To run all the same, keeping the changed files with the "
            "record: smt configure --on-changed=store-diff"
        )


class LabelError(UsageError):
    """A label that would not survive every store, file system and web address."""

    def __init__(self, label: str, reason: str) -> None:
        self.label = label
        super().__init__(
            f"The label {label!r} {reason}. A label has letters, digits, '.', '_', '-' and single spaces inside, "
            "at most 200 bytes, does not begin with '.' or '-', and is not 'last'."
        )


class NothingToRunError(UsageError):
    """No program and no script."""

    def __init__(self) -> None:
        super().__init__(
            "There is nothing to run. Name program and script (smt run python main.py default.param) or set them "
            "once (smt configure --executable=python --main=main.py)."
        )


class FileMissingError(CawanError, FileNotFoundError):
    """A file that a run needs is not there."""

    exit_code = 66


class CannotWriteError(CawanError, OSError):
    """A file or folder that the user named cannot be made."""

    exit_code = 73

    def __init__(self, place: str, error: OSError) -> None:
        self.place = place
        super().__init__(f"{place!r} could not be written: {error.strerror or error}. Name another place.")


class CannotRepeatError(CawanError):
    """The record does not say enough, or what it needs is gone."""

    exit_code = 65


class StillRunningError(CawanError):
    """The run has not ended yet."""

    exit_code = 75

    def __init__(self, label: str) -> None:
        self.label = label
        super().__init__(
            f"The record {label!r} is still running. Repeat it when it has ended; if it died elsewhere, "
            f"say so with: smt tag _crashed_ {label}"
        )
