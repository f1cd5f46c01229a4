"""What the record store costs: saving a record, lists of 10 000 and 100 000 records, hashing a large output.

    python benchmarks/storing.py            # hashes 6 GB; --size GB for less
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from cawan.data import digest_of
from cawan.events import Event, canonical
from recording import measured, repository, show
from sumatra.clocks import new_record
from sumatra.local.durable import sync_folder
from sumatra.notebook import open_notebook


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


def saving(project: Path, count: int = 50) -> None:
    """An event of 4 kB on the disk, beside the disk's own write, fsync, rename and fsync of the folder."""
    notebook = open_notebook(project)
    body = {"label": "x", "parameters": {f"p{k}": k for k in range(250)}}
    ours, disk = [], []
    for k in range(count):
        record = notebook.new_identity(notebook.clock())
        start = time.perf_counter()
        notebook.append(record, "created", body | {"label": f"saving-{k}"})
        ours.append(time.perf_counter() - start)
        data, place = canonical(body), project / ".smt" / "tmp" / f"bench-{k}"
        start = time.perf_counter()
        with place.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        place.rename(place.with_suffix(".done"))
        sync_folder(place.parent)
        disk.append(time.perf_counter() - start)
    extra = sorted(1e3 * (a - b) for a, b in zip(ours, disk, strict=True))
    whole, bare, over = (statistics.median(times) for times in (ours, disk, extra))
    print(f"saving a record: {1e3 * whole:.1f} ms, the disk alone {1e3 * bare:.1f} ms, over it {over:.1f} ms "
          f"({extra[count // 10]:.1f}-{extra[-count // 10]:.1f}; bar 10 ms)", flush=True)  # fmt: skip


def hashing(folder: Path, gigabytes: float) -> None:
    """SHA-256 of a large file, beside ``openssl``'s of the same, and the memory that it takes."""
    place = folder / "large"
    block = os.urandom(1 << 24)
    with place.open("wb") as file:
        for _ in range(int(gigabytes * (1 << 30)) >> 24):
            file.write(block)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    with place.open("rb") as file:
        found = digest_of(file)
    ours = time.perf_counter() - start
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    start = time.perf_counter()
    theirs = subprocess.run(["openssl", "dgst", "-sha256", "-r", place], capture_output=True, text=True, check=True)
    peer = time.perf_counter() - start
    if found != f"sha256:{theirs.stdout.split()[0]}":
        raise SystemExit(f"{found} is not what openssl says: {theirs.stdout}")
    start = time.perf_counter()
    with place.open("rb", buffering=0) as file:
        while file.read(1 << 20):
            pass
    read = time.perf_counter() - start
    place.unlink()
    print(f"hashing {gigabytes} GB: {ours:.1f} s, openssl {peer:.1f} s ({ours / peer:.2f}), reading {read:.1f} s, "
          f"{grown:.0f} MB of memory (bar 200 MB)", flush=True)  # fmt: skip


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    options.add_argument("--size", type=float, default=6.0, metavar="GB")
    size = options.parse_args().size
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        environment = {"HOME": str(folder), "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
        smt = [str(Path(sys.executable).parent / "smt")]
        for count, bar in ((10_000, 0.4), (100_000, 1.0)):
            made = repository(folder / f"list{count}", environment)
            subprocess.run([*smt, "init", "bench"], cwd=made, env=environment, check=True, capture_output=True)
            fill(made, count)
            start = time.perf_counter()
            subprocess.run([*smt, "list", "-n", "1"], cwd=made, env=environment, check=True, capture_output=True)
            print(f"index of {count} from nothing: {time.perf_counter() - start:.1f} s", flush=True)
            show(f"smt list, {count} records", measured([*smt, "list"], made, environment), bar)
            show(f"smt list -n 20, {count} records", measured([*smt, "list", "-n", "20"], made, environment), 0.2)
        saving(folder / "list10000")
        hashing(folder, size)


if __name__ == "__main__":
    main()
