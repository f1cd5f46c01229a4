"""Entry points are read from folders as importlib.metadata reads them, and remembered between processes."""

from __future__ import annotations

import os
import sys
import time
import zipfile
from importlib import metadata
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

import pytest
from cawan import _entry_points
from cawan._distributions import normalised, scan
from cawan._entry_points import installed
from cawan.groups import GROUPS, Plugin


def test_it_finds_what_importlib_metadata_finds() -> None:
    """Every entry point of this environment, with its distribution's name, version and summary."""
    expected: set[Plugin] = set()
    seen: set[str] = set()
    for distribution in metadata.distributions():
        name = normalised(distribution.metadata["Name"])
        if name not in seen:
            seen.add(name)
            about = name, distribution.version, distribution.metadata["Summary"] or ""
            expected |= {Plugin(p.group, p.name, p.value, *about) for p in distribution.entry_points}

    found, sources = scan()

    assert set(found) == {p for p in expected if p.group in GROUPS or p.group == "cawan.hooks"}
    assert len(found) == len(set(found)) > len(sources) > 0


def test_comments_blanks_and_what_is_not_ours_are_passed_over(site: Any) -> None:
    """Lines are read as the specification of entry points allows them to be written."""
    site.install("pynn-fake", "pynn_fake", "")
    info = site.folder / "pynn_fake-0.1.dist-info"
    (info / "entry_points.txt").write_text(
        "# pynn.backends\n[console_scripts]\nfake = x:main\n\n[ pynn.backends ]\n# a = b\n  fake=pynn_fake : F \nodd\n",
        encoding="utf-8",
    )

    found = [p for p in scan()[0] if p.distribution == "pynn-fake"]

    assert found == [Plugin("pynn.backends", "fake", "pynn_fake : F", "pynn-fake", "0.1", "A fake simulator")]


def test_what_pip_could_not_remove_is_no_plugin(site: Any) -> None:
    """A folder "~ynn_fake…" is what pip leaves behind of a distribution that it replaced."""
    site.install("pynn-fake", "pynn_fake", "")
    (site.folder / "pynn_fake-0.1.dist-info").rename(site.folder / "~ynn_fake-0.1.dist-info")

    assert not [p for p in scan()[0] if p.distribution == "pynn-fake"]


def test_a_distribution_in_an_archive_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python imports from a wheel on sys.path, so its entry points count."""
    wheel = tmp_path / "pynn_zipped-0.3-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as file:
        file.writestr("pynn_zipped-0.3.dist-info/METADATA", "Metadata-Version: 2.1\nName: pynn-zipped\nVersion: 0.3\n")
        file.writestr("pynn_zipped-0.3.dist-info/entry_points.txt", "[pynn.backends]\nzipped = pynn_zipped:Zipped\n")
    monkeypatch.syspath_prepend(str(wheel))

    assert Plugin("pynn.backends", "zipped", "pynn_zipped:Zipped", "pynn-zipped", "0.3", "") in scan()[0]


def test_a_finder_that_has_distributions_of_its_own_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """What importlib.metadata is told by a finder on sys.meta_path is found here too."""

    class Frozen(metadata.Distribution):
        def read_text(self, filename: str) -> str | None:
            return {
                "METADATA": "Name: pynn-frozen\nVersion: 1.0\n", "entry_points.txt": "[pynn.backends]\nfrozen = f:F\n",
            }.get(filename)  # fmt: skip

        def locate_file(self, path: Any) -> Any:
            return Path(path)

    class Finder(metadata.DistributionFinder):
        def find_spec(self, *_: object) -> ModuleSpec | None:
            return None

        def find_distributions(self, context: Any = None) -> list[metadata.Distribution]:
            return [Frozen()]

    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, Finder()])

    assert Plugin("pynn.backends", "frozen", "f:F", "pynn-frozen", "1.0", "") in scan()[0]


@pytest.fixture
def remembered(site: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that a process left behind; a second process has read nothing yet."""
    site.install("pynn-fake", "pynn_fake", "")
    old = time.time() - 60
    for path in (site.folder, *site.folder.glob("*.dist-info"), *site.folder.glob("*.dist-info/*")):
        os.utime(path, (old, old))
    monkeypatch.setattr(_entry_points, "_read", {})
    installed()
    monkeypatch.setattr(_entry_points, "_read", {})
    (file,) = (site.folder.parent / "cache").iterdir()
    return file


def test_a_second_process_reads_the_remembered_list(remembered: Path) -> None:
    """What the first process wrote is what the second one gets; it does not look at distributions again."""
    text = remembered.read_text(encoding="utf-8")
    remembered.write_text(text.replace("A fake simulator", "As remembered"), encoding="utf-8", newline="\n")

    (plugin,) = [p for p in installed() if p.name == "fake"]

    assert plugin.summary == "As remembered"


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[: len(text) // 2],
        lambda text: text.replace(sys.prefix + "\t", "/another\t", 1),
        lambda text: text.replace("cawan plug-ins 4", "cawan plug-ins 3"),
        lambda text: "",
        lambda text: "\x00\xff" + text,
    ],
    ids=["cut", "another Python", "another format", "empty", "no text"],
)
def test_a_remembered_list_that_is_no_good_is_made_anew(remembered: Path, damage: Any) -> None:
    """A file that is damaged, or of another Python, costs time and never a plug-in."""
    text = remembered.read_text(encoding="utf-8").replace("A fake simulator", "As remembered")
    remembered.write_bytes(damage(text).encode("latin-1", errors="replace"))

    (plugin,) = [p for p in installed() if p.name == "fake"]

    assert plugin.summary == "A fake simulator"
