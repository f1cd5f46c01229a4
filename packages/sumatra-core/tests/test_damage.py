"""R8: bits that flip on the disk are named by fsck, and cost at most the record that they are in."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sumatra import verifying
from sumatra.folding import Records
from sumatra.local.events import EventFileStore
from sumatra.notebook import Notebook, open_notebook
from sumatra.testing.stores import Writer

FLIPS = 100 if "CAWAN_ENDURANCE" in os.environ else 25  # of events; as many of the index


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Notebook:
    """Twelve records in a store of files, each with an edit, and an index."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / ".smt").mkdir()
    (tmp_path / ".smt" / "config.toml").write_text('name = "p"\n')
    store = EventFileStore.open(str(tmp_path / ".smt"))
    writer = Writer()
    for k in range(12):
        created = writer.created(f"r{k}", reason=f"try {k}", parameters={"n": k})
        store.append("p", [created], claim=f"r{k}")
        store.append("p", [writer.event(created.record, "amended", add={"tags": [f"tag {k}"]})])
    store.close()
    return open_notebook(tmp_path)


def documents(project: Notebook) -> dict[str, Any]:
    """Every record as the store gives it, in a new connection."""
    store = EventFileStore.open(str(project.path / ".smt"))
    found = {label: record.document() for label, record in Records(store, "p").all().items()}
    store.close()
    return found


def flipped(file: Path, draw: random.Random) -> Iterator[None]:
    """The file with one bit the other way, and afterwards as it was."""
    data, mode = file.read_bytes(), file.stat().st_mode
    place = draw.randrange(len(data))
    file.chmod(0o644)
    with file.open("r+b") as opened:  # in place, as a disk does it: a label's claim is the same file
        opened.seek(place)
        opened.write(bytes([data[place] ^ (1 << draw.randrange(8))]))
    yield
    with file.open("r+b") as opened:
        opened.write(data)
    file.chmod(mode)


def unnamed(project: Notebook, tmp_path: Path) -> list[str]:
    """Flips in event files that fsck does not name; asserts that they harm no other record."""
    draw = random.Random(8)
    files = sorted((project.path / ".smt" / "events").rglob("*.jsonl"))
    before = documents(project)
    missed = []
    for _ in range(FLIPS):
        file = draw.choice(files)
        mine = json.loads(file.read_text().splitlines()[0])["record"]
        for _ in flipped(file, draw):
            for index in (tmp_path / "cache").rglob("*.sqlite*"):
                index.unlink()  # so that everything is read again
            after = documents(project)
            others = {label: known for label, known in before.items() if known["record"] != mine}
            assert {label: after.get(label) for label in others} == others, file
            if not any(str(file) in line for line in verifying.check_store(project)):
                missed.append(str(file))
    return missed


def test_a_flipped_bit_of_an_event_is_named_and_costs_no_other_record(project: Notebook, tmp_path: Path) -> None:
    """Whichever bit of whichever event file: fsck names the file, all other records are as they were."""
    assert unnamed(project, tmp_path) == []


def test_a_check_that_only_parses_is_seen(
    project: Notebook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: a fsck that reads the events and hashes nothing misses bits in the middle of words."""

    def parsed(root: Path) -> Iterator[str]:
        for file in sorted((root / "events").glob("*/*.jsonl")):
            try:
                json.loads(file.read_bytes().splitlines()[0])
            except ValueError as error:
                yield f"{file}: {error}"

    monkeypatch.setattr(verifying, "_events", parsed)

    assert unnamed(project, tmp_path)


def test_a_flipped_bit_of_the_index_costs_nothing(project: Notebook, tmp_path: Path) -> None:
    """Whatever happens to the index: after fsck every record is there as it was written."""
    before, draw = documents(project), random.Random(9)
    for _ in range(FLIPS):
        (index,) = (tmp_path / "cache").rglob("*.sqlite")
        place = draw.randrange(index.stat().st_size)
        with index.open("r+b") as file:
            file.seek(place)
            (bits,) = file.read(1)
            file.seek(place)
            file.write(bytes([bits ^ (1 << draw.randrange(8))]))

        verifying.check_store(open_notebook(project.path))

        assert documents(project) == before


def test_a_flipped_bit_of_the_settings_is_said(notebook: Any) -> None:
    """Settings that cannot be read are refused with the file's name; another project's name is seen by fsck."""
    notebook.smt("run", "--label=one", "default.param")
    settings = notebook.path / ".smt" / "config.toml"
    text = settings.read_text()
    for old, new, code in (('"trial"', '"tryal"', 65), ("name", "namf", 78), ('"trial"', '"trial\x02', 65)):
        settings.write_text(text.replace(old, new, 1))
        process = notebook.start("fsck")
        out, err = process.communicate(timeout=60)

        assert process.returncode in (code, 65, 78), (new, out, err)
        assert len(err.splitlines()) + len(out.splitlines()) <= 3 and b"Traceback" not in err
        assert b"trial" in out + err or b"config.toml" in out + err
    settings.write_text(text)
    notebook.smt("fsck")
