"""The main job, end to end: a small git project, recorded on two simulators, and both runs side by side.

Usage: python demo.py [FOLDER]     (a new folder; ./demo/vogels_abbott, numbered where it exists)

Every command is shown as you would type it.
"""

import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
FILES = ("model.py", "default.param")


def new_folder(wanted):
    """A folder that does not exist yet."""
    folder, number = wanted, 1
    while folder.exists():
        number += 1
        folder = wanted.with_name(f"{wanted.name}-{number}")
    return folder


def environment():
    """The shell's environment, with the commands of this Python first on the path."""
    own = Path(sys.executable).parent
    return {**os.environ, "PATH": f"{own}{os.pathsep}{os.environ['PATH']}"}


def type_in(folder, command):
    """Run one command as a user types it; a failure ends the demo with its exit code."""
    print(f"\n$ {command}", flush=True)
    done = subprocess.run(shlex.split(command), cwd=folder, env=environment(), check=False)
    if done.returncode:
        sys.exit(done.returncode)


def rates(folder):
    """What each recorded run wrote to its own output folder, the oldest first."""
    listed = subprocess.run(
        ["smt", "list", "--json"], cwd=folder, env=environment(), check=True, capture_output=True, text=True
    )
    records = sorted(json.loads(listed.stdout)["items"], key=lambda record: record["begun"])
    return [json.loads((folder / "Data" / record["label"] / "rates.json").read_text()) for record in records]


def main(folder):
    folder.mkdir(parents=True)
    for name in FILES:
        shutil.copy(HERE / name, folder / name)
    print(f"$ cd {folder}", flush=True)
    type_in(folder, "git init --quiet")
    type_in(folder, "git add model.py default.param")
    identity = "-c user.name=Demo -c user.email=demo@localhost"
    type_in(folder, f"git {identity} commit --quiet --message 'The Vogels-Abbott network'")
    type_in(folder, "smt init VogelsAbbott")
    type_in(folder, "smt configure --executable=python --main=model.py")
    type_in(folder, "smt run default.param")
    type_in(folder, "smt run default.param backend=nest")
    type_in(folder, "smt list -l")

    native, nest = rates(folder)
    print("\nThe same network on both simulators:\n")
    print(f"{'':12} {'':8} {native['backend']:>10} {nest['backend']:>10}")
    for label in ("excitatory", "inhibitory"):
        print(f"{label:12} {'rate':8} {native[label]['rate']:7.2f} Hz {nest[label]['rate']:7.2f} Hz")
        print(f"{'':12} {'CV ISI':8} {native[label]['cv_isi']:10.2f} {nest[label]['cv_isi']:10.2f}")
    print(f"\nThe project is in {folder}. Try there: smt list, smt diff, smt repeat last.")


if __name__ == "__main__":
    main(new_folder(Path(sys.argv[1] if len(sys.argv) > 1 else "demo/vogels_abbott").resolve()))
