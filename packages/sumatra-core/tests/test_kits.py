"""The kits over what the core itself brings: no privileges, the same entry points and the same promises."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import strategies as st
from sumatra.local.archiving import ArchivingFiles
from sumatra.local.events import EventFileStore
from sumatra.local.files import LocalFiles
from sumatra.local.mirroring import MirroredFiles
from sumatra.local.serial import SerialLaunchMode
from sumatra.parameters.ini import ConfigParameters
from sumatra.parameters.json_format import JSONParameters
from sumatra.parameters.neurotools import NTParameters
from sumatra.parameters.simple import SimpleParameters
from sumatra.parameters.toml_format import TOMLParameters
from sumatra.parameters.yaml_format import YAMLParameters
from sumatra.running.start import OBSERVER
from sumatra.testing.data import DataKit
from sumatra.testing.judging import JudgingKit
from sumatra.testing.launching import LaunchKit
from sumatra.testing.observing import ObservationKit
from sumatra.testing.parameters import NAMES, TEXTS, ParametersKit
from sumatra.testing.secrets import SecretsKit
from sumatra.testing.stores import JSON, StoreKit


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))


class TestEventFileStore(StoreKit):
    """The store of files."""

    store = EventFileStore

    def coarsen(self, folder: Path) -> None:
        """Every day folder has the same time stamp, as on a file system that counts in ticks of 2 s."""
        for day in (folder / "events").iterdir():
            stamp = day.stat().st_mtime_ns // 2_000_000_000 * 2_000_000_000
            os.utime(day, ns=(stamp, stamp))


class TestLocalFiles(DataKit):
    """Files below a folder."""

    store = LocalFiles


class TestSerial(LaunchKit):
    """One process here."""

    mode = SerialLaunchMode


class TestObserver(ObservationKit):
    """The sitecustomize that notes imports."""

    observer = OBSERVER


class TestJudging(JudgingKit):
    """The notebook's own decisions."""


class TestSimple(ParametersKit):
    """.param"""

    parameters = SimpleParameters
    example = "# network\ntau_m = 20.0   # ms, as in Brette et al.\nname = 'a # b'\nsizes=[1, 2]\n\nfree = some text\n"
    values: ClassVar[dict[str, Any]] = {"tau_m": 20.0, "name": "a # b", "sizes": [1, 2], "free": "some text"}
    typed = ("10.5", 10.5)
    comment = "# ms, as in Brette et al."
    wrong = ("just text\n", "[section]\n")
    strategy = st.dictionaries(
        NAMES, st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.none() | st.lists(st.integers()),
        max_size=6,
    )  # fmt: skip


class TestJSON(ParametersKit):
    """.json"""

    parameters = JSONParameters
    example = '{\n  "tau_m":   20.0,\n  "cells": {"n": 4, "name": "a: {b}"},\n  "list": [1, 2]\n}\n'
    values: ClassVar[dict[str, Any]] = {"tau_m": 20.0, "cells.n": 4, "cells.name": "a: {b}", "list": [1, 2]}
    typed = ("7", 7)
    wrong = ("[1, 2]", "{", '{"a": }')
    strategy = st.dictionaries(st.text(), JSON, max_size=5)


class TestYAML(ParametersKit):
    """.yaml"""

    parameters = YAMLParameters
    example = "tau_m: 20.0   # ms\ncells:\n  n: 4\n  name: 'a # b'\nlist: [1, 2]\n"
    values: ClassVar[dict[str, Any]] = {"tau_m": 20.0, "cells.n": 4, "cells.name": "a # b", "list": [1, 2]}
    typed = ("1e-3", 0.001)
    comment = "# ms"
    wrong = ("- 1\n- 2\n", "a: [1\n", "a: b: c\n")


class TestTOML(ParametersKit):
    """.toml"""

    parameters = TOMLParameters
    example = 'tau_m = 20.0   # ms\n\n[cells]\nn = 4   # number\nname = "a # b"\n'
    values: ClassVar[dict[str, Any]] = {"tau_m": 20.0, "cells.n": 4, "cells.name": "a # b"}
    typed = ("1e-3", 0.001)
    comment = "# ms"
    wrong = ("a = \n", "a = 1\na = 2\n")


class TestINI(ParametersKit):
    """.ini"""

    parameters = ConfigParameters
    example = "; network\n[cells]\ntau_m = 20.0\nName: a b\n"
    values: ClassVar[dict[str, Any]] = {"cells.tau_m": "20.0", "cells.Name": "a b"}
    typed = ("10.0", "10.0")
    comment = "; network"
    wrong = ("no section = 1\n", "[a]\n[a]\n")
    strategy = st.dictionaries(
        NAMES, st.dictionaries(NAMES, TEXTS.map(lambda text: text.strip()), max_size=4), max_size=4
    )


class TestNeuroTools(ParametersKit):
    """.ntparameterset"""

    parameters = NTParameters
    example = "{  # network\n 'tau_m': 20.0,  # ms\n 'cells': {'n': 4, 'name': 'a # b'},\n}"
    values: ClassVar[dict[str, Any]] = {"tau_m": 20.0, "cells.n": 4, "cells.name": "a # b"}
    typed = ("1e-3", 0.001)
    comment = "# ms"
    wrong = ("[1, 2]", "{'a': ", "{'a': url('x')}")


class TestArchivingFiles(DataKit):
    """Files that are moved into archives."""

    store = ArchivingFiles


class TestMirroredFiles(DataKit):
    """Files that others find at a URL."""

    store = MirroredFiles


class TestSecrets(SecretsKit):
    """What is taken for a secret."""
