"""What recording a run costs: an empty script and one that imports NumPy, beside a bare Python and other notebooks.

The others are measured where these variables name a Python that has them (in an environment of its own):

    uv venv old && uv pip install --python old/bin/python sumatra==0.8.1 GitPython "django<6" "setuptools<80" numpy
    uv venv peers && uv pip install --python peers/bin/python sacred mlflow dvc "setuptools<80" numpy
    SUMATRA_081=old/bin/python PEERS=peers/bin/python python benchmarks/recording.py

Every run happens in a git repository of 1000 files. Seconds are those of a command over the same Python running the
same script alone: on the wall and of the processor, the best of several; ratios are of those.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

REPEATS = 5
SCRIPTS = {"empty": "", "NumPy": "import numpy\n"}
SACRED = """from sacred import Experiment
from sacred.observers import FileStorageObserver
ex = Experiment("bench")
ex.observers.append(FileStorageObserver("runs"))
@ex.automain
def main():
    {body}
"""
MLFLOW = """import mlflow
with mlflow.start_run():
    {body}
"""
DVC = "stages:\n  run:\n    cmd: {python} main.py\n"

Times = tuple[float, float]


def measured(command: Sequence[str], cwd: Path, environment: dict[str, str], repeats: int = REPEATS) -> Times:
    """The best of several: seconds on the wall, and processor seconds of the command and all its children."""
    best = (9e9, 9e9)
    for _ in range(repeats):
        before, start = os.times(), time.perf_counter()
        done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, check=False)
        wall, after = time.perf_counter() - start, os.times()
        if done.returncode:
            raise SystemExit(f"{' '.join(command)} failed: {done.stderr.decode()[-500:]}")
        cpu = after.children_user + after.children_system - before.children_user - before.children_system
        best = min(best[0], wall), min(best[1], cpu)
    return best


def repository(folder: Path, environment: dict[str, str], script: str = "", ignored: str = ".smt\nData\n") -> Path:
    """A git repository of 1000 files and a script."""
    folder.mkdir()
    for k in range(1000):
        place = folder / f"m{k // 100}" / f"f{k}.py"
        place.parent.mkdir(exist_ok=True)
        place.write_text(f"X = {k}\n")
    (folder / "main.py").write_text(script)
    (folder / ".gitignore").write_text(ignored)
    author = ["-c", "user.name=A", "-c", "user.email=a@localhost"]
    for words in (["init", "-q"], ["add", "."], [*author, "commit", "-qm", "first"]):
        subprocess.run(["git", *words], cwd=folder, env=environment, check=True)
    return folder


def show(name: str, found: Times, bar: float | None = None) -> None:
    """One line: wall and processor."""
    against = f"  (bar {bar} s)" if bar else ""
    print(f"{name:<34} {found[0]:7.2f} s wall {found[1]:7.2f} s processor{against}", flush=True)


def over(python: str, command: Sequence[str], project: Path, environment: dict[str, str], script: str) -> Times:
    """What a command costs over its own Python running the same script alone."""
    alone = project / "alone.py"
    alone.write_text(script)
    bare = measured([python, "alone.py"], project, environment)
    alone.unlink()
    found = measured(command, project, environment)
    return found[0] - bare[0], found[1] - bare[1]


def old_sumatra(python: str, folder: Path, environment: dict[str, str], script: str) -> Times:
    """Sumatra 0.8.1."""
    project = repository(folder, environment, script)
    command = [str(Path(python).parent / "smt")]
    words = ["init", "-e", python, "-m", "main.py", "x"]
    subprocess.run([*command, *words], cwd=project, env=environment, check=True, capture_output=True)
    return over(python, [*command, "run"], project, environment, script)


def peers(python: str, folder: Path, environment: dict[str, str], script: str) -> dict[str, Times]:
    """Sacred and MLflow, called in the script, and DVC, called around it."""
    body, found = script.strip() or "pass", {}
    for name, text in (("Sacred", SACRED), ("MLflow", MLFLOW)):
        project = repository(folder / name, environment, text.format(body=body), "runs\nml*\n")
        found[name] = over(python, [python, "main.py"], project, environment, script)
    project = repository(folder / "DVC", environment, script, "")
    program = str(Path(python).parent / "dvc")
    subprocess.run([program, "init", "-q"], cwd=project, env=environment, check=True, capture_output=True)
    (project / "dvc.yaml").write_text(DVC.format(python=python))
    found["DVC repro -f"] = over(python, [program, "repro", "-f"], project, environment, script)
    return found


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        environment = {"HOME": str(folder), "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
                       "DVC_NO_ANALYTICS": "1", "MLFLOW_DISABLE_TELEMETRY": "true"}  # fmt: skip
        smt = [str(Path(sys.executable).parent / "smt")]
        show("smt --help", measured([*smt, "--help"], folder, environment), 0.15)
        for name, script in SCRIPTS.items():
            place = folder / name
            place.mkdir()
            project = repository(place / "ours", environment, script)
            ours = over(sys.executable, [*smt, "run", "python", "main.py"], project, environment, script)
            show(f"{name}: smt run, over Python", ours, 0.3 if not script else None)
            others: dict[str, Times] = {}
            if old := os.environ.get("SUMATRA_081"):
                path = {**environment, "PATH": f"{Path(old).absolute().parent}:{environment['PATH']}"}
                others["Sumatra 0.8.1"] = old_sumatra(str(Path(old).absolute()), place / "theirs", path, script)
            if has := os.environ.get("PEERS"):
                others |= peers(str(Path(has).absolute()), place, environment, script)
            for other, found in others.items():
                show(f"{name}: {other}, over Python", found)
                print(f"{'':<34} {found[0] / ours[0]:7.1f} × ours    {found[1] / ours[1]:7.1f} × ours")


if __name__ == "__main__":
    main()
