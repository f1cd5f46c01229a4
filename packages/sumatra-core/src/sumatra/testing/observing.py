"""The kit for what watches a program: it must not be felt."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import ClassVar

from sumatra.running.observed import Notes, read_notes
from sumatra.testing._kit import Kit
from sumatra.testing._repository_making import expect

__all__ = ["ObservationKit"]

_STATE = "import sys; print(sys.path, sys.argv, sys.flags, __name__); print('e', file=sys.stderr); sys.exit(5)"
_LOOP = "import copy, logging\nx = [[i] for i in range(2000)]\nfor _ in range(20): copy.deepcopy(x)\n"


class ObservationKit(Kit):
    """With observation a program does what it does without, at the same speed.

    Attributes
    ----------
    observer
        The folder that is put first on ``PYTHONPATH``.
    """

    observer: ClassVar[Path]

    @staticmethod
    def read(run: Path) -> Notes:
        """What was noted into the folder of a run."""
        return read_notes(run)

    def run(self, folder: Path, code: str, *, observe: bool, path: str = "",
            options: tuple[str, ...] = ()) -> subprocess.CompletedProcess[bytes]:  # fmt: skip
        """Run a script in a folder, observed or not."""
        run = folder / "run"
        run.mkdir(exist_ok=True)
        script = folder / "script.py"
        script.write_text(code)
        env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "CAWAN", "COV"))}
        entries = [str(self.observer)] * observe + [path] * bool(path)
        if entries:
            env["PYTHONPATH"] = os.pathsep.join(entries)
        if observe:
            env["CAWAN_RUN"] = str(run)
        return subprocess.run([sys.executable, *options, str(script), "a b"], cwd=folder, env=env, check=False,
                              capture_output=True, timeout=120)  # fmt: skip

    def test_nothing_is_felt(self, tmp_path: Path) -> None:
        """Streams, exit code, sys.path, sys.argv and flags are the same with and without."""
        plain = self.run(tmp_path, _STATE, observe=False)
        observed = self.run(tmp_path, _STATE, observe=True)

        for name in ("stdout", "stderr", "returncode"):
            expect(getattr(observed, name), getattr(plain, name), name)

    def test_the_users_sitecustomize_runs_once(self, tmp_path: Path) -> None:
        """A sitecustomize of the user's on PYTHONPATH runs, once, and is the one that importing gives."""
        own = tmp_path / "own"
        own.mkdir()
        (own / "sitecustomize.py").write_text("print('mine')\nhere = True\n")

        done = self.run(tmp_path, "import sitecustomize; print(sitecustomize.here)", observe=True, path=str(own))

        expect(done.stdout, b"mine\nTrue\n", "output")

    def test_imports_are_noted(self, tmp_path: Path) -> None:
        """A module that was imported is noted with its file; one that was not is not."""
        for name in ("used", "unused"):
            (tmp_path / f"{name}.py").write_text("value = 1\n")

        self.run(tmp_path, "import used", observe=True)

        notes = self.read(tmp_path / "run")
        expect(notes.modules.get("used"), str(tmp_path / "used.py"), "file of the used module")
        expect(("unused" in notes.modules, notes.complete), (False, True), "unused module, and completeness")

    def test_a_user_module_named_like_ours_is_not_taken(self, tmp_path: Path) -> None:
        """Modules of the user called json, atexit or sumatra are imported by the user alone."""
        for name in ("json", "sumatra", "cawan", "socket"):
            (tmp_path / f"{name}.py").write_text(f"print('{name} of the user')\n")

        done = self.run(tmp_path, "import json, sumatra", observe=True)

        expect(done.stdout, b"json of the user\nsumatra of the user\n", "output")

    def test_names_survive_a_hard_end(self, tmp_path: Path) -> None:
        """After os._exit the names are there, and the notes say that they are not complete."""
        (tmp_path / "used.py").write_text("")

        self.run(tmp_path, "import used, os; os._exit(0)", observe=True)

        notes = self.read(tmp_path / "run")
        expect(("used" in notes.names, notes.complete), (True, False), "name noted, complete")

    def test_subprocesses_are_seen(self, tmp_path: Path) -> None:
        """A Python that the program starts is observed too."""
        (tmp_path / "used.py").write_text("")
        code = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import used'], check=True)"

        self.run(tmp_path, code, observe=True)

        expect("used" in self.read(tmp_path / "run").modules, True, "module of the subprocess")

    def test_isolated_mode_is_not_observed_and_known(self, tmp_path: Path) -> None:
        """Where Python ignores its environment nothing is noted, and the notes say so."""
        self.run(tmp_path, "import json", observe=True, options=("-I",))

        expect(self.read(tmp_path / "run").complete, False, "complete")

    def test_a_vanished_folder_is_no_error(self, tmp_path: Path) -> None:
        """A run folder that is gone at the program's end leaves the program alone."""
        done = self.run(tmp_path, "import shutil, os; shutil.rmtree(os.environ['CAWAN_RUN'])", observe=True)

        expect((done.returncode, done.stderr), (0, b""), "exit code and errors")

    def test_it_costs_little(self, tmp_path: Path) -> None:
        """At most 20 ms and 5 % of processor time on deepcopy and import, the best of several tries each."""
        def best(observe: bool) -> float:
            """Seconds of processor time, the least of five runs."""
            times = []
            for _ in range(5):
                before = os.times()
                self.run(tmp_path, _LOOP, observe=observe)
                after = os.times()
                times.append(after.children_user + after.children_system - before.children_user
                             - before.children_system)  # fmt: skip
                time.sleep(0.01)
            return min(times)

        plain, observed = best(False), best(True)

        # 20 ms more for the clock tick in which the system counts processor time (10 ms, at both ends).
        expect(observed <= plain * 1.05 + 0.040, True, f"{observed:.3f} s observed, {plain:.3f} s without")
