"""The notebook's folder in a Mercurial working copy."""

import sys
from pathlib import Path

import pytest
from sumatra.commands import init
from sumatra_mercurial._server import hg

sys.path.insert(0, str(Path(__file__).parent))
from hg_maker import HgMaker


def test_the_notebook_is_in_no_status_and_in_no_addremove(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``hg addremove`` would put every record under version control, and ``hg status`` would list it."""
    place = tmp_path / "work"
    for name, value in HgMaker().environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    HgMaker().init(place)
    (place / "main.py").write_text("print(1)\n")
    HgMaker().commit(place)
    monkeypatch.chdir(place)

    init(["trial"])
    (place / "new.py").write_text("")

    assert hg(place, "status") == b"? new.py\n"
    hg(place, "addremove", "--quiet")
    assert hg(place, "status") == b"A new.py\n"
