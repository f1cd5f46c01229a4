"""The sessions that a maintainer and the README use; each has an environment of its own, filled from uv.lock.

demo    the main job: a small project, recorded on two simulators
tests   everything that needs no server
changed the every-change lane: style, import rules, and the tests of what a change can break
kits    the conformance kits alone; writes kit-report.json
types   mypy --strict on our packages
lint    ruff, import rules
mpi     networks on several processes, with the PyPI mpich
wheels  every wheel built, installed alone and together in empty environments, and used
bench   benchmarks/, for a quiet machine
agreement   networks on all simulators, with their statistics over seeds, and the table of the documentation
endurance   kills, crowds, a full disk, large files: minutes
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import nox

os.environ["UV_PYTHON_DOWNLOADS"] = "never"  # the interpreter that runs nox is the one that is used
os.environ.setdefault("UV_SYSTEM_CERTS", "true")  # institutes' proxies are known to the system, not to uv
# Two threads that wait by spinning cost a factor of 15 where cores are shared.
os.environ["OMP_WAIT_POLICY"] = "passive"

nox.needs_version = ">=2025.2.9"
nox.options.default_venv_backend = "uv"
nox.options.sessions = ["tests"]
nox.options.reuse_existing_virtualenvs = True

ROOT = Path(__file__).parent
SOURCES = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("p*/*/src"))


def sync(session: nox.Session, *groups: str) -> None:
    """Install all members and these dependency groups, as locked."""
    chosen = [part for group in groups for part in ("--group", group)]
    environment = {"UV_PROJECT_ENVIRONMENT": session.virtualenv.location}
    session.run_install("uv", "sync", "--quiet", "--locked", "--all-packages", *chosen, env=environment)


@nox.session
def demo(session: nox.Session) -> None:
    """Record the Vogels-Abbott network on the embedded engine and on NEST."""
    sync(session, "demo")
    session.run("python", "examples/vogels_abbott/demo.py", *session.posargs)


@nox.session
def tests(session: nox.Session) -> None:
    """Run everything that needs no server; what cannot run says in one line what is missing."""
    sync(session, "test", "mpich")
    everything = ["-n", "auto", "--dist", "loadfile", "packages", "plugins", "tests"]  # a file's tests share results
    session.run("python", "-m", "pytest", "-rs", "--durations=10", *(session.posargs or everything))


@nox.session
def changed(session: nox.Session) -> None:
    """Run the tests of what differs from main, or from the commit that is named, and of all that builds on it."""
    sync(session, "test", "mpich", "lint")
    session.run("ruff", "check", ".")
    chosen = session.run("python", ".ci/changed.py", *session.posargs, silent=True)
    if paths := str(chosen).split():
        session.run("python", "-m", "pytest", "-rs", "--durations=10", "-n", "auto", "--dist", "loadfile", *paths)
    else:
        session.log("Nothing differs.")


@nox.session
def mpi(session: nox.Session) -> None:
    """Run networks on 1, 2 and 4 processes with the PyPI mpi4py and mpich."""
    sync(session, "test", "mpich")
    tests = [
        "packages/pynn-core/tests/test_processes.py",
        "plugins/pynn-native/tests/test_ranks.py",
        "plugins/pynn-neuron/tests/test_processes.py",
    ]
    session.run("python", "-m", "pytest", *tests, env={"CAWAN_LONG": "1"})


@nox.session
def agreement(session: nox.Session) -> None:
    """Compare all simulators, ten seeds each, and write the table of the documentation."""
    sync(session, "test")
    session.run("python", "-m", "pytest", "tests/agreement", env={"CAWAN_LONG": "1"})
    session.run("python", "tests/agreement/measuring.py")


@nox.session
def kits(session: nox.Session) -> None:
    """Run the conformance kits of all plug-ins, or of those named; count them into kit-report.json."""
    sync(session, "test")
    names = session.posargs or [
        "pynn-core", "pynn-native", "pynn-nest", "pynn-neuron", "pynn-brian2", "pynn-arbor", "sumatra-core",
        "sumatra-git", "sumatra-mercurial", "sumatra-bazaar", "sumatra-subversion",
    ]  # fmt: skip
    report: dict[str, dict[str, int]] = {}
    for name in names:
        files = [str(path) for path in ROOT.glob(f"p*/{name}/tests/test_kit*.py")]
        output = Path(session.create_tmp()).resolve() / f"{name}.xml"
        session.run("python", "-m", "pytest", *files, f"--junit-xml={output}", success_codes=[0, 1])
        report[name] = _counts(output)
    (ROOT / "kit-report.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    session.log("\n".join(f"{name}: {counts}" for name, counts in report.items()))
    if any(counts["failures"] or counts["errors"] for counts in report.values()):
        session.error("A kit failed.")


def _counts(report: Path) -> dict[str, int]:
    from xml.etree import ElementTree

    suite = next(ElementTree.parse(report).getroot().iter("testsuite"))  # noqa: S314 - pytest has just written it
    return {name: int(suite.get(name, "0")) for name in ("tests", "failures", "errors", "skipped")}


@nox.session
def types(session: nox.Session) -> None:
    """Check our packages with mypy --strict."""
    sync(session, "types")
    session.run("python", "-m", "mypy", *SOURCES, "noxfile.py") if session.posargs else session.run(
        "python", "-m", "mypy", *SOURCES
    )


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, and who may import whom."""
    sync(session, "lint", "test")
    session.run("ruff", "check", ".")
    session.run("python", "-m", "pytest", "tests/layers")


@nox.session
def wheels(session: nox.Session) -> None:
    """Build every wheel; install each alone, and the user's choice together, in empty environments; use them."""
    folder = Path(session.create_tmp()).resolve() / "dist"
    shutil.rmtree(folder, ignore_errors=True)
    session.run_install("uv", "build", "--quiet", "--all-packages", "--wheel", "--out-dir", str(folder))
    session.run_install("uv", "pip", "install", "--quiet", "pytest>=8,<10", "uv>=0.13,<1")
    session.run(
        "python", "-m", "pytest", "tests/wheels", env={"CAWAN_WHEELS": str(folder), "CAWAN_PYTHON": sys.executable}
    )


@nox.session
def endurance(session: nox.Session) -> None:
    """Do to the notebook what a day on a cluster does: 200 kills, or as many as are named."""
    sync(session, "test")
    kills = session.posargs[0] if session.posargs else "200"
    names = ("every_write", "damage", "odd_files", "running")  # which do more where they see the variable
    longer = [f"packages/sumatra-core/tests/test_{name}.py" for name in names]
    session.run("python", "-m", "pytest", "-s", "-q", "tests/endurance", *longer, env={"CAWAN_ENDURANCE": kills})


@nox.session
def bench(session: nox.Session) -> None:
    """Run the benchmarks; each prints ratios against a peer in the same run."""
    sync(session, "bench")
    for script in session.posargs or sorted(str(path) for path in (ROOT / "benchmarks").glob("*.py")):
        session.run("python", script)
