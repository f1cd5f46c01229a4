"""Planted bugs: of the classes here only the tests that must catch the bug run, and they must do so by an assertion.

A class without a bug, which shows what the planted ones differ from, names the tests that concern it in ``concerned``.
"""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests of a kit that a planted bug need not fail."""
    keep, leave = [], []
    for item in items:
        kit = getattr(item, "cls", None)
        catching = getattr(kit, "known_failures", {}) or getattr(kit, "concerned", ())
        is_control = bool(catching) and item.path.is_relative_to(Path(__file__).parent)
        name = getattr(item, "originalname", item.name)  # of a test with parameters, its name without them
        (leave if is_control and name not in catching else keep).append(item)
    config.hook.pytest_deselected(items=leave)
    items[:] = keep


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A crash is no proof that a kit sees a bug: it counts as a failure of the control."""
    report = yield
    seen = (AssertionError, pytest.fail.Exception)
    if call.excinfo is not None and hasattr(report, "wasxfail") and not isinstance(call.excinfo.value, seen):
        del report.wasxfail
        report.outcome = "failed"
    return report
