"""What the lab notebook costs: help, an empty run, lists of 10 000 and 100 000 records; beside a bare Python.

Where ``SUMATRA_081`` names a Python that has Sumatra 0.8.1 (in an environment of its own), the same is measured there.
Processor seconds of a command and its children are what counts on a machine that others use too; seconds on the wall
are given beside them.

    uv venv old && uv pip install --python old/bin/python sumatra==0.8.1 GitPython "django<6" setuptools
    SUMATRA_081=old/bin/python python benchmarks/recording.py
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from cawan.events import Event, canonical
from sumatra.clocks import new_record

REPEATS = 5


def measured(command: list[str], cwd: Path, environment: dict[str, str]) -> tuple[float, float]:
    """The best of several: seconds on the wall, and processor seconds of the command and all its children."""
    best = (9e9, 9e9)
    for _ in range(REPEATS):
        before, start = os.times(), time.perf_counter()
        done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, check=False)
        wall, after = time.perf_counter() - start, os.times()
        if done.returncode:
            raise SystemExit(f"{' '.join(command)} failed: {done.stderr.decode()[-500:]}")
        cpu = after.children_user + after.children_system - before.children_user - before.children_system
        best = min(best[0], wall), min(best[1], cpu)
    return best


def repository(folder: Path, environment: dict[str, str]) -> Path:
    """A git repository of 1000 files and an empty script."""
    folder.mkdir()
    for k in range(1000):
        place = folder / f"m{k // 100}" / f"f{k}.py"
        place.parent.mkdir(exist_ok=True)
        place.write_text(f"X = {k}\n")
    (folder / "main.py").write_text("")
    (folder / ".gitignore").write_text(".smt\nData\n")
    author = ["-c", "user.name=A", "-c", "user.email=a@localhost"]
    for words in (["init", "-q"], ["add", "."], [*author, "commit", "-qm", "first"]):
        subprocess.run(["git", *words], cwd=folder, env=environment, check=True)
    return folder


def fill(project: Path, count: int) -> None:
    """So many finished records, in one event file for each thousand."""
    start = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp() * 1000)
    for block in range(0, count, 1000):
        lines = []
        for k in range(block, min(block + 1000, count)):
            stamp = start + k * 60_000
            clock = f"{stamp:015d}-00000-bench"
            when = datetime.fromtimestamp(stamp / 1000, UTC)
            record = new_record(clock)
            body = {"label": f"run-{k:06d}", "reason": "a benchmark", "tags": [f"set {k % 10}"], "main_file": "main.py",
                    "version": "abc", "parameters": {"tau_m": 10.0 + k, "n": k}}  # fmt: skip
            ended = {"exit_code": 0, "signal": 0, "duration": 1.0, "ended": when.isoformat()}
            for number, (kind, what) in enumerate((("created", body), ("finished", ended))):
                event = Event(record, kind, f"{stamp:015d}-{number:05d}-bench", when, "bench", what)
                lines.append(canonical({"project": "bench", **event.document()}) + b"\n")
        date = datetime.fromtimestamp((start + block * 60_000) / 1000, UTC).date().isoformat()
        day = project / ".smt" / "events" / date
        day.mkdir(parents=True, exist_ok=True)
        (day / f"pack-{block:016d}.jsonl").write_bytes(b"".join(lines))


Times = tuple[float, float]


def show(name: str, found: Times, bar: float | None = None, bare: Times | None = None) -> None:
    """One line: wall, processor, and how that compares."""
    over = f"  over bare Python {found[0] - bare[0]:.2f} / {found[1] - bare[1]:.2f} s" if bare else ""
    print(f"{name:<34} {found[0]:7.2f} s wall {found[1]:7.2f} s processor{over}{f'  (bar {bar} s)' if bar else ''}",
          flush=True)  # fmt: skip


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        environment = {"HOME": str(folder), "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
        project = repository(folder / "work", environment)
        smt = [str(Path(sys.executable).parent / "smt")]
        bare = measured([sys.executable, "main.py"], project, environment)
        show("python main.py", bare)
        show("smt --help", measured([*smt, "--help"], project, environment), 0.15)
        run = measured([*smt, "run", "python", "main.py"], project, environment)
        show("smt run python main.py", run, 0.3, bare)
        old = os.environ.get("SUMATRA_081")
        if old:
            path = {**environment, "PATH": f"{Path(old).absolute().parent}:{environment['PATH']}"}
            theirs = repository(folder / "theirs", environment)
            command = [str(Path(old).absolute().parent / "smt")]
            words = ["init", "-e", str(Path(old).absolute()), "-m", "main.py", "x"]
            subprocess.run([*command, *words], cwd=theirs, env=path, check=True, capture_output=True)
            other = measured([*command, "run"], theirs, path)
            show("smt run, Sumatra 0.8.1", other, None, bare)
            ratio = [(other[k] - bare[k]) / (run[k] - bare[k]) for k in (0, 1)]
            print(f"overhead of Sumatra 0.8.1 / ours: {ratio[0]:.1f} wall, {ratio[1]:.1f} processor")
        for count, bar in ((10_000, 0.4), (100_000, 1.0)):
            made = repository(folder / f"list{count}", environment)
            subprocess.run([*smt, "init", "bench"], cwd=made, env=environment, check=True, capture_output=True)
            fill(made, count)
            start = time.perf_counter()
            subprocess.run([*smt, "list", "-n", "1"], cwd=made, env=environment, check=True, capture_output=True)
            print(f"index of {count} from nothing: {time.perf_counter() - start:.1f} s")
            show(f"smt list, {count} records", measured([*smt, "list"], made, environment), bar)
            show(f"smt list -n 20, {count} records", measured([*smt, "list", "-n", "20"], made, environment), 0.2)


if __name__ == "__main__":
    main()
