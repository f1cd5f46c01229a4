"""The kit for what the notebook decides itself: whose file it is, whether a run is gone, whether a repeat is the same.

No plug-in has to pass it: it is here so that planted bugs can be held against it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import Any

from cawan.data import Evidence

from sumatra import comparing, processes
from sumatra.comparing import Verdict
from sumatra.running import outputs
from sumatra.testing._kit import Kit
from sumatra.testing._repository_making import expect

__all__ = ["JudgingKit"]


KNOWN: tuple[Evidence, ...] = ("own", "declared", "traced")


def record(**fields: Any) -> dict[str, Any]:
    """A record of a run that was observed and wrote one file."""
    known = {
        "record": "r", "label": "a", "exit_code": 0, "signal": 0, "observed": True, "main_digest": "sha256:m",
        "code": [{"path": "main.py", "digest": "sha256:1"}], "dependencies": [{"name": "numpy", "version": "2"}],
        "output_data": [{"path": "a/x", "digest": "sha256:2", "size": 3}], "stdout": {"size": 1, "digest": "sha256:3"},
        "stderr": {"size": 0, "digest": ""}, "parameters": {"tau_m": 20.0}, "input_data": [],
    }  # fmt: skip
    return {**known, **fields}


class JudgingKit(Kit):
    """What the notebook says of files, processes and repeats is no more than it knows."""

    @staticmethod
    def judge(original: Mapping[str, Any], repeated: Mapping[str, Any]) -> Verdict:
        """The verdict on a repeat."""
        return comparing.judge(original, repeated)

    @staticmethod
    def written(
        root: Path, before: Mapping[str, str], own: Path, declared: Iterable[Path], others: Iterable[Path] = ()
    ) -> list[tuple[PurePosixPath, str]]:
        """The files that a run wrote."""
        return list(outputs.written(root, before, own, declared, others))

    @staticmethod
    def contested(evidence: Evidence, rivals: Iterable[str]) -> tuple[str, ...]:
        """Who else may have written a file, by how we know of it."""
        return outputs.contested_with(evidence, rivals)

    @staticmethod
    def is_gone(process: Mapping[str, Any]) -> bool | None:
        """Whether a process is gone."""
        return processes.is_gone(process)

    def test_old_time_is_still_output(self, tmp_path: Path) -> None:
        """A file that the run copied with its old time, or wrote again with the same bytes, is its output."""
        (tmp_path / "same").write_text("x")
        before = outputs.snapshot(tmp_path)
        (tmp_path / "same").write_text("x")
        (tmp_path / "copied").write_text("y")
        os.utime(tmp_path / "copied", (0, 0))

        found = {str(path) for path, _ in self.written(tmp_path, before, tmp_path / "own", [])}

        expect(found, {"same", "copied"}, "outputs")

    def test_a_file_from_before_is_no_output(self, tmp_path: Path) -> None:
        """A file that was there and that the run left alone is not its output, whatever its time says."""
        (tmp_path / "old").write_text("x")
        later = (datetime.now(UTC) + timedelta(hours=1)).timestamp()
        os.utime(tmp_path / "old", (later, later))
        before = outputs.snapshot(tmp_path)

        expect(self.written(tmp_path, before, tmp_path / "own", []), [], "outputs")

    def test_anothers_folder_is_anothers(self, tmp_path: Path) -> None:
        """What lies in the own folder of a run at the same time is never ours."""
        for name in ("mine", "theirs"):
            (tmp_path / name).mkdir()
            (tmp_path / name / "x").write_text("x")

        found = self.written(tmp_path, {}, tmp_path / "mine", [], [tmp_path / "theirs"])

        expect([(str(path), evidence) for path, evidence in found], [("mine/x", "own")], "outputs")

    def test_a_window_is_contested(self) -> None:
        """Of a file that was only new in a listing every run at the same time may be the writer."""
        expect(self.contested("window", ["b", "a"]), ("a", "b"), "rivals of a file in the window")
        expect([self.contested(e, ["b"]) for e in KNOWN], [(), (), ()], "rivals of the others")

    def test_a_living_process_is_not_gone(self) -> None:
        """This process lives, however long nobody heard of it; one with another start is gone."""
        me = processes.identity()

        expect(self.is_gone(me), False, "this process")
        expect(self.is_gone({**me, "start": "1"}), True, "an earlier process of the same number")
        expect(self.is_gone({**me, "boot": "another"}), True, "a process before the last start of the machine")

    def test_elsewhere_nobody_knows(self) -> None:
        """Of a process on another machine or in another container nothing is said."""
        me = processes.identity()

        expect(self.is_gone({**me, "machine": "node12/0"}), None, "another machine")
        expect(self.is_gone({**me, "namespace": "pid:[1]"}), None, "another container")

    def test_identical(self) -> None:
        """All the same and all observed is identical."""
        expect(self.judge(record(), record(label="b", output_data=[
            {"path": "b/x", "digest": "sha256:2", "size": 3}])).overall, "identical", "verdict")  # fmt: skip

    def test_unobserved_is_never_identical(self) -> None:
        """Where imports were not observed the verdict is incomplete at best."""
        verdict = self.judge(record(observed=False), record())

        expect((verdict.overall, verdict.observed), ("incomplete", False), "verdict")
        expect("exactly matches" in verdict.text, True, "the first sentence, as output and console are the same")

    def test_other_files_under_the_same_version_differ(self) -> None:
        """An editable install that gave other code than the recorded version differs, and the file is named."""
        other = record(code=[{"path": "main.py", "digest": "sha256:9", "elsewhere": True}])

        verdict = self.judge(record(), other)

        expect((verdict.overall, "main.py" in verdict.text), ("differs", True), "verdict")

    def test_what_was_edited_meanwhile_is_unknown(self) -> None:
        """A file that was edited while the run went on is named, and proves nothing, not even a difference."""
        edited = record(code=[{"path": "main.py", "digest": "", "edited": True}])

        verdict = self.judge(edited, record())

        expect(verdict.overall, "incomplete", "verdict")
        expect("main.py was edited while the run went on" in verdict.text, True, "the sentence")

    def test_other_parts_of_a_package_are_said(self) -> None:
        """Fewer imports from the same version of a package are not called other files."""
        def imported(*, count: int, names: str, digest: str) -> dict[str, Any]:
            about = {"name": "numpy", "version": "2", "files": count, "modules": names, "digest": digest}
            return record(dependencies=[about])

        fewer = self.judge(imported(count=2, names="a", digest="x"), imported(count=1, names="b", digest="y")).text
        other = self.judge(imported(count=2, names="a", digest="x"), imported(count=2, names="a", digest="y")).text

        expect("package numpy 2: other parts of it were imported" in fewer, True, "fewer modules")
        expect("package numpy 2: other files under the same version" in other, True, "other files")

    def test_console_counts(self) -> None:
        """A difference only in console text is a difference."""
        verdict = self.judge(record(), record(stdout={"size": 2, "digest": "sha256:8"}))

        expect(verdict.overall, "differs", "verdict")

    def test_an_additional_file_counts(self) -> None:
        """A file that only the repeat wrote is a difference."""
        more = [*record()["output_data"], {"path": "a/y", "digest": "sha256:4", "size": 1}]

        expect(self.judge(record(), record(output_data=more)).overall, "differs", "verdict")

    def test_nothing_is_not_a_match(self) -> None:
        """Without a byte of output or console there is nothing to compare."""
        nothing = record(output_data=[], stdout={"size": 0, "digest": ""})

        verdict = self.judge(nothing, nothing)

        expect((verdict.overall, "exactly matches" in verdict.text), ("nothing to compare", False), "verdict")

    def test_variables_that_steer_count(self) -> None:
        """OMP_NUM_THREADS is a difference; PATH, and what only a digest is known of, are at most possible causes."""
        def environment(**shown: str) -> dict[str, Any]:
            return {"environment": {"shown": shown, "others": {"TOKEN": shown.get("PATH", "")}}}

        before = record(**environment(OMP_NUM_THREADS="1", PATH="a"))
        printed = {"stdout": {"size": 2, "digest": "sha256:8"}}

        expect(self.judge(before, record(**environment(OMP_NUM_THREADS="2", PATH="a"))).overall, "differs", "threads")
        expect(self.judge(before, record(**environment(OMP_NUM_THREADS="1", PATH="b"))).overall, "identical", "path")
        causes = self.judge(before, record(**environment(OMP_NUM_THREADS="1", PATH="b"), **printed)).text
        expect("possible causes, environment variables that changed: PATH, TOKEN" in causes, True, "the causes named")

    def test_dependencies_parameters_and_input_count(self) -> None:
        """Another version, value or input file is named."""
        for changed, name in (({"dependencies": [{"name": "numpy", "version": "3"}]}, "numpy"),
                              ({"parameters": {"tau_m": 10.0}}, "tau_m"),
                              ({"input_data": [{"path": "in.txt", "digest": "sha256:5"}]}, "in.txt")):  # fmt: skip
            verdict = self.judge(record(), record(**changed))

            expect((verdict.overall, name in verdict.text), ("differs", True), f"verdict with other {name}")
