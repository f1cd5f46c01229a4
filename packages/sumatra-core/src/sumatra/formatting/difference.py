"""What differs between two records, in words."""

from __future__ import annotations

from typing import Any

from sumatra.core import component
from sumatra.formatting.base import Formatter


@component
class TextDiffFormatter(Formatter):
    """Yes-or-no lines, or what differs."""

    name = "textdiff"

    def __init__(self, diff: Any) -> None:
        self.diff = diff
        super().__init__([])

    def short(self) -> str:
        """A line for each side of the comparison."""
        d = self.diff
        lines = [
            f"Record 1                : {d.recordA.label}", f"Record 2                : {d.recordB.label}",
            f"Executable differs      : {_yes(d.executable_differs)}",
            f"Code differs            : {_yes(d.code_differs)}",
            f"  Repository differs    : {_yes(d.repository_differs)}",
            f"  Main file differs     : {_yes(d.main_file_differs)}",
            f"  Version differs       : {_yes(d.version_differs)}",
            f"  Non checked-in code   : {_yes(d.diff_differs)}",
            f"  Dependencies differ   : {_yes(d.dependencies_differ)}",
            f"Launch mode differs     : {_yes(d.launch_mode_differs)}",
            f"Input data differ       : {_yes(d.input_data_differ)}",
            f"Script arguments differ : {_yes(d.script_arguments_differ)}",
            f"Parameters differ       : {_yes(d.parameters_differ)}",
            f"Data differ             : {_yes(d.output_data_differ)}",
        ]  # fmt: skip
        return "\n".join(lines) + "\n"

    def long(self) -> str:
        """The same, and below it what differs."""
        d, a, b = self.diff, self.diff.recordA, self.diff.recordB
        parts = [self.short()]
        for name, differs in (("executable", d.executable_differs), ("repository", d.repository_differs),
                              ("main_file", d.main_file_differs), ("version", d.version_differs),
                              ("launch_mode", d.launch_mode_differs),
                              ("script_arguments", d.script_arguments_differ)):  # fmt: skip
            if differs:
                parts.append(f"{name}:\n  {a.label}: {getattr(a, name)}\n  {b.label}: {getattr(b, name)}\n")
        if d.parameters_differ:
            one, two = d.parameter_differences
            parts.append("parameters:\n" + "".join(
                f"  {name}: {one.get(name, '(none)')} and {two.get(name, '(none)')}\n" for name in sorted({*one, *two})
            ))  # fmt: skip
        if d.dependencies_differ:
            parts.append("dependencies:\n" + "".join(
                f"  {name}: {getattr(first, 'version', '(none)')} and {getattr(second, 'version', '(none)')}\n"
                for name, (first, second) in d.dependency_differences.items()
            ))  # fmt: skip
        for direction in ("input", "output"):
            one, two = getattr(d, f"{direction}_data_differences", ((), ()))
            if one or two:
                parts.append(f"{direction} data:\n" + "".join(f"  {a.label}: {key}\n" for key in one)
                             + "".join(f"  {b.label}: {key}\n" for key in two))  # fmt: skip
        return "\n".join(parts)


def _yes(differs: object) -> str:
    return "yes" if differs else "no"
