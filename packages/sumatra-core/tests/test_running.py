"""What a record says of a run: whose files, which code, which parameters; and what a repeat may claim."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from typing import Any

import pytest


def rows(notebook: Any) -> dict[str, dict[str, Any]]:
    """Records by label."""
    return {row["label"]: row for row in json.loads(notebook.smt("list", "--json"))["items"]}


def latest(notebook: Any) -> dict[str, Any]:
    """The latest record."""
    row: dict[str, Any] = json.loads(notebook.smt("list", "--json"))["items"][0]
    return row


def test_arguments_arrive_byte_for_byte(notebook: Any) -> None:
    """No shell: what is typed is what the program gets, and what the record keeps."""
    notebook.write("main.py", "import os, sys\nfor word in sys.argv[1:]: print(os.fsencode(word).hex())\n")
    notebook.commit()
    words = ["two words", "a; touch marker", "$HOME", "*", "", "new\nline", "--unknown=3", "-x", "ü", "<parameters>",
             os.fsdecode(b"\xff")]  # fmt: skip

    out = notebook.smt("run", "--label=words", *words)

    assert [os.fsencode(word).hex() for word in words] == out.splitlines()[1 : len(words) + 1]
    assert latest(notebook)["script_arguments"] == words
    assert not (notebook.path / "marker").exists()


def test_options_of_smt_may_follow_the_arguments(notebook: Any) -> None:
    """``smt run default.param --label=x --flag`` is smt's label and the program's flag, as in Sumatra."""
    out = notebook.smt("run", "default.param", "--label=x", "--flag")

    assert "done default.param --flag" in out
    assert latest(notebook)["label"] == "x"


def test_after_a_program_all_words_are_its(make_notebook: Any) -> None:
    """``smt run python main.py --label=x`` gives the program --label=x."""
    notebook = make_notebook()

    out = notebook.smt("run", "python", "main.py", "--label=x", "-l", "5")

    assert "done --label=x -l 5" in out


def test_an_argument_that_is_also_a_program(notebook: Any) -> None:
    """In a project with a script, a word like ``test`` is its argument, and python is still a program."""
    out = notebook.smt("run", "test", "--label=x")
    assert "done test" in out
    assert latest(notebook)["label"] == "x"

    assert "hello\n" in notebook.smt("run", "python", "-c", "print('hello')")


def test_the_packages_of_an_editable_install_have_names(notebook: Any) -> None:
    """A package whose distribution has another name is found by it, also where it is installed editable."""
    notebook.write("main.py", "import sumatra.notebook\n")
    notebook.commit()

    notebook.smt("run")

    assert {"cawan", "sumatra-core"} <= {entry["name"] for entry in latest(notebook)["dependencies"]}


def test_overrides_keep_the_file(notebook: Any) -> None:
    """An override gives the program a changed copy; the user's file stays, comments are in the copy."""
    notebook.write("main.py", "import sys\nprint(open(sys.argv[1]).read())\n")
    notebook.write("nested.json", '{"a": {"b": 1, "c": [1, 2]}, "d": "x"}\n')
    notebook.commit()

    out = notebook.smt("run", "default.param", "tau_m=10.5")
    assert "tau_m = 10.5  # ms" in out
    out = notebook.smt("run", "nested.json", "a.b=7", "d=y")

    row = latest(notebook)
    assert row["parameters"] == {"a": {"b": 7, "c": [1, 2]}, "d": "y"}
    assert row["parameter_file"]["overrides"] == {"a.b": "7", "d": "y"}
    assert json.loads((notebook.path / "nested.json").read_text())["a"]["b"] == 1
    assert notebook.smt("list", "--parameters", "tau_m=10.5").count("\n") == 1
    assert notebook.smt("list", "-p", "a.b=7,d=y").count("\n") == 1


def test_new_parameters_need_a_word(notebook: Any) -> None:
    """A name that the file lacks is refused with the nearest; with --new it is added."""
    notebook.smt("run", "default.param", "tau_n=1", code=2)

    notebook.smt("run", "--new", "default.param", "tau_n=1")

    assert latest(notebook)["parameters"] == {"tau_m": 20.0, "n": 4, "tau_n": 1}


def test_unknown_suffix_is_an_input(notebook: Any) -> None:
    """A file that is no parameter file by its name is an input with its digest, and is not read for parameters."""
    notebook.write("data.csv", "x=__import__('os').system('touch marker')\n")
    notebook.commit()

    notebook.smt("run", "data.csv", "a=b")

    row = latest(notebook)
    assert [entry["path"] for entry in row["input_data"]] == ["data.csv"]
    assert row["script_arguments"] == ["data.csv", "a=b"]
    assert row["parameters"] == {}
    assert not (notebook.path / "marker").exists()


def test_plain_passes_name_value_on(notebook: Any) -> None:
    """After ``configure --plain`` a name=value word is the program's own."""
    notebook.smt("configure", "--plain")

    assert "done default.param tau_m=1" in notebook.smt("run", "default.param", "tau_m=1")
    notebook.smt("configure", "--main=main.py")
    assert "done default.param tau_m=1" in notebook.smt("run", "default.param", "tau_m=1")


def test_standard_input_and_output_files(notebook: Any) -> None:
    """--stdin feeds a file, --stdout receives one; both are in the record."""
    notebook.write("main.py", "import sys\nprint(sys.stdin.read().upper())\n")
    notebook.write("in.txt", "hello")
    notebook.commit()

    notebook.smt("run", "--stdin=in.txt", "--stdout=Data/out.txt", code=None)
    (notebook.path / "Data").mkdir(exist_ok=True)
    notebook.smt("run", "--stdin=in.txt", "--stdout=Data/out.txt")

    row = latest(notebook)
    assert (notebook.path / "Data" / "out.txt").read_text() == "HELLO\n"
    assert [entry["path"] for entry in row["input_data"]] == ["in.txt"]
    assert [(entry["path"], entry["evidence"]) for entry in row["output_data"]] == [("out.txt", "declared")]


def test_a_sub_directory_works(notebook: Any) -> None:
    """From a folder below, the one notebook above is used, the program runs there, the script is found."""
    notebook.write("main.py", "import os\nprint(os.path.basename(os.getcwd()))\n")
    notebook.write("deep/er/own.param", "a = 1\n")
    notebook.commit()

    process = subprocess.run([sys.executable, "-m", "sumatra", "run", "own.param"], cwd=notebook.path / "deep" / "er",
                             env=notebook.environment, capture_output=True, check=True, text=True)  # fmt: skip

    assert "\ner\n" in process.stdout
    row = latest(notebook)
    assert (row["main_file"], row["working_directory"]) == ("main.py", "deep/er")
    assert row["parameter_file"]["path"] == "deep/er/own.param"
    assert "identical" in notebook.smt("repeat", "last")


def test_runs_at_the_same_time_contest_shared_files(notebook: Any) -> None:
    """A file that only a listing knows of, from two runs at once in one folder, names the other run in both records."""
    go = notebook.path.parent / "go"
    notebook.write("main.py", f"""\
import pathlib, sys, time
data = pathlib.Path('Data')
data.mkdir(exist_ok=True)
(data / sys.argv[1]).write_text('x')
while sys.argv[1] == 'a.txt' and not pathlib.Path({str(go)!r}).exists():
    time.sleep(0.02)
""")
    notebook.commit()
    first = notebook.start("run", "--label=A", "a.txt")
    while not (notebook.path / "Data" / "a.txt").exists():
        time.sleep(0.02)
    notebook.smt("run", "--label=B", "b.txt")
    go.touch()
    first.communicate(timeout=60)

    found = rows(notebook)

    outputs = {label: {entry["path"]: entry["contested"] for entry in found[label]["output_data"]} for label in "AB"}
    assert outputs == {"A": {"a.txt": ["B"], "b.txt": ["B"]}, "B": {"b.txt": ["A"]}}
    notebook.smt("delete", "--data", "A")
    assert (notebook.path / "Data" / "a.txt").exists(), "a contested file is deleted only with --force"


def test_links_and_pipes_in_the_data_folder(notebook: Any) -> None:
    """A link is recorded as a link, a dangling one too, a pipe is left out; nothing hangs."""
    notebook.write("main.py", "import os\nos.chdir(os.environ['SMT_OUTPUT'])\nos.symlink('/etc/passwd', 'link')\n"
                   "os.symlink('nothing', 'dangling')\nos.mkfifo('pipe')\n"
                   "open('new\\nline', 'w').close()\n")  # fmt: skip
    notebook.commit()

    notebook.smt("run", "--label=odd")

    row = latest(notebook)
    assert {entry["path"]: entry["mimetype"] for entry in row["output_data"]} == {
        "odd/dangling": "inode/symlink", "odd/link": "inode/symlink", "odd/new\nline": "",
    }  # fmt: skip


def test_imports_are_dependencies_with_versions(notebook: Any) -> None:
    """What the program really imported is in the record with its version; what it did not is not."""
    notebook.write("helper.py", "value = 1\n")
    notebook.write("main.py", "import helper, yaml\n")
    notebook.commit()

    notebook.smt("run")

    row = latest(notebook)
    import yaml

    assert {entry["name"]: entry["version"] for entry in row["dependencies"]} == {"PyYAML": yaml.__version__}
    assert [entry["path"] for entry in row["code"]] == ["helper.py"]
    assert row["main_digest"].startswith("sha256:")
    assert row["observed"] is True


def test_an_untracked_import_is_kept_and_repeated(make_notebook: Any) -> None:
    """An untracked helper is kept with the record; edited, the repeat still runs the old one and says identical."""
    notebook = make_notebook()
    notebook.write("main.py", "import helper\nprint(helper.value)\n")
    notebook.commit()
    notebook.write("helper.py", "value = 1\n")
    notebook.smt("run", "python", "main.py")
    notebook.write("helper.py", "value = 2\n")

    out = notebook.smt("repeat", "last")

    assert "\n1\n" in out
    assert "Verdict: identical" in out
    assert (notebook.path / "helper.py").read_text() == "value = 2\n"


def test_a_repeat_that_imports_the_users_tree_says_so(make_notebook: Any) -> None:
    """Code that comes from the user's folder although an old version was asked for is named, and is a difference."""
    notebook = make_notebook()
    notebook.write("lib/helper.py", "value = 1\n")
    notebook.write("main.py", "import helper\nprint('same')\n")
    notebook.commit()
    notebook.environment["PYTHONPATH"] = str(notebook.path / "lib")
    notebook.smt("run", "python", "main.py")
    notebook.write("lib/helper.py", "value = 2\n")

    out = notebook.smt("repeat", "last", code=1)

    assert "Verdict: differs" in out
    assert "lib/helper.py was imported from the user's folder" in out


@pytest.mark.parametrize("what", ["environment", "input", "dependency"])
def test_a_repeat_notices_what_changed(make_notebook: Any, what: str) -> None:
    """A changed environment variable that shows, an edited input file, another dependency: differs, and named."""
    notebook = make_notebook()
    outside = notebook.path.parent / "outside"
    (outside / "dep").mkdir(parents=True)
    (outside / "dep" / "__init__.py").write_text("value = 1\n")
    (outside / "in.txt").write_text("1")
    notebook.environment |= {"PYTHONPATH": str(outside), "MY_SETTING": "1"}
    notebook.write("main.py", "import os, sys, dep\n"
                   "print(os.environ['MY_SETTING'], dep.value, open(sys.argv[1]).read())\n")  # fmt: skip
    notebook.commit()
    notebook.smt("run", "python", "main.py", str(outside / "in.txt"))
    if what == "environment":
        notebook.environment["MY_SETTING"] = "2"
    elif what == "input":
        (outside / "in.txt").write_text("2")
    else:
        (outside / "dep" / "__init__.py").write_text("value = 22\n")

    out = notebook.smt("repeat", "last", code=1)

    assert "Verdict: differs" in out
    assert {"environment": "MY_SETTING", "input": "in.txt", "dependency": "package dep"}[what] in out


def test_a_repeat_needs_its_input(notebook: Any) -> None:
    """An input that is gone is one sentence, and nothing runs."""
    notebook.write("in.csv", "1\n")
    notebook.commit()
    outside = notebook.path.parent / "gone.csv"
    outside.write_text("1")
    notebook.smt("run", str(outside))
    outside.unlink()

    notebook.smt("repeat", "last", code=65)

    assert len(rows(notebook)) == 1


def test_what_the_program_reports_is_in_the_record(notebook: Any) -> None:
    """Facts, outputs and inputs said through cawan.run are in the record; ranks that say the same count once."""
    said = "cawan.run.report('pyNN', {'backend': 'nest', 'timestep': 0.1, 'seeds': [1, 2]})"
    notebook.write("main.py", f"""\
import os, cawan.run
open('said.txt', 'w').write('x')
open('read.txt', 'w').write('y')
{said}
cawan.run.output('said.txt')
cawan.run.input('read.txt')
if os.fork() == 0:
    {said}
    os._exit(0)
os.wait()
cawan.run.report('pyNN', {{'populations': {{'all': 4000}}}})
""")
    notebook.commit()

    out = notebook.smt("run")

    row = latest(notebook)
    expected = {"backend": "nest", "timestep": 0.1, "seeds": [1, 2], "populations": {"all": 4000}}
    assert row["facts"]["pyNN"] == expected
    assert "populations.all = 4000" in out
    assert [entry["evidence"] for entry in row["output_data"]] == ["declared"]
    assert [entry["path"] for entry in row["input_data"]] == ["read.txt"]


def test_secrets_stay_out(notebook: Any) -> None:
    """The values of variables that are not on the list of harmless ones are nowhere in the notebook."""
    notebook.environment |= {"MY_TOKEN": "s3cr3t-value-1", "SLURM_JWT": "s3cr3t-value-2", "OTHER": "s3cr3t-value-3"}

    notebook.smt("run", "default.param")

    found = [path for path in (notebook.path / ".smt").rglob("*") if path.is_file() and b"s3cr3t" in path.read_bytes()]
    assert found == []
    assert set(latest(notebook)["environment"]["others"]) >= {"MY_TOKEN", "SLURM_JWT", "OTHER"}


def test_delete_with_data(notebook: Any) -> None:
    """delete --data removes the record's own files, and the label is free at once."""
    notebook.smt("run", "--label=gone", "default.param")
    assert (notebook.path / "Data" / "gone" / "result.txt").exists()

    notebook.smt("delete", "--data", "gone")

    assert not (notebook.path / "Data" / "gone" / "result.txt").exists()
    assert notebook.smt("list") == ""
    notebook.smt("run", "--label=gone", "default.param")


def test_delete_by_tag_is_exact(notebook: Any) -> None:
    """``delete -t foo`` leaves the record tagged foobar."""
    notebook.smt("run", "--label=one", "--tag=foo", "default.param")
    notebook.smt("run", "--label=two", "--tag=foobar", "default.param")

    assert notebook.smt("delete", "-t", "foo") == "1 record deleted.\n"

    assert notebook.smt("list") == "two\n"


def test_lists_are_filtered_and_ordered(notebook: Any) -> None:
    """By tag, by script, by day, oldest first, and as JSON with a schema."""
    for label in ("one", "two", "three"):
        notebook.smt("run", f"--label={label}", "default.param")
    notebook.smt("tag", "good", "one", "three")

    assert notebook.smt("list").split() == ["three", "two", "one"]
    assert notebook.smt("list", "-r").split() == ["one", "two", "three"]
    assert notebook.smt("list", "good").split() == ["three", "one"]
    assert notebook.smt("list", "-m", "main").count("\n") == 3
    assert notebook.smt("list", "-d", "today").count("\n") == 3
    assert notebook.smt("list", "-d", "20010101") == ""
    assert json.loads(notebook.smt("list", "--json"))["schema"] == "smt.list/1"
    notebook.smt("tag", "--remove", "good", "one")
    assert notebook.smt("list", "good").split() == ["three"]


def test_diff_says_where(notebook: Any) -> None:
    """diff names the aspects, with -l the values; 0 for the same, 1 for a difference."""
    notebook.smt("run", "--label=one", "default.param")
    notebook.smt("run", "--label=two", "default.param", "tau_m=10.0")

    out = notebook.smt("diff", "--long", "one", "two", code=1)

    assert "parameter tau_m: 20.0 and 10.0" in out
    assert "code          same" in out


def test_both_ways_to_say_python_work(make_notebook: Any) -> None:
    """A script named first is run by the program of its suffix; ``python -m`` and ``-c`` are run as they are."""
    notebook = make_notebook()

    assert "done x" in notebook.smt("run", "main.py", "x")
    assert "hello" in notebook.smt("run", "python", "-c", "print('hello')")
    assert latest(notebook)["main_file"] == ""


def test_settings_that_make_no_sense(notebook: Any) -> None:
    """A settings file with an unknown name or value is refused with the nearest, exit code 78."""
    path = notebook.path / ".smt" / "config.toml"
    path.write_text(path.read_text().replace("datapath", "datapaht"))
    process = notebook.start("list")
    _, err = process.communicate(timeout=60)

    assert process.returncode == 78
    assert b"Did you mean 'datapath'" in err


def test_no_commit_yet(make_notebook: Any) -> None:
    """Before the first commit a run without init keeps the files it used, and can be repeated."""
    notebook = make_notebook()
    notebook.write("main.py", "import os\nopen(os.environ['SMT_OUTPUT'] + '/x.txt', 'w').write('x')\n")
    subprocess.run(["git", "update-ref", "-d", "HEAD"], cwd=notebook.path, env=notebook.environment, check=True)

    out = notebook.smt("run", "python", "main.py", "default.param")

    assert "none yet" in out
    assert "Verdict: identical" in notebook.smt("repeat", "last")


def test_the_supervisor_runs_inside_a_job(notebook: Any) -> None:
    """What a batch job calls: a run that was begun elsewhere is run to its end from its folder alone."""
    from sumatra.notebook import open_notebook
    from sumatra.running.request import Request
    from sumatra.running.start import begin

    project = open_notebook(notebook.path)
    folder, job = begin(project, Request(("default.param",), label="batch"), notebook.path)
    assert latest(notebook)["status"] == "created"

    subprocess.run([sys.executable, "-m", "sumatra.supervise", str(folder)], env=notebook.environment, check=True)

    row = latest(notebook)
    assert (job.label, row["status"], row["exit_code"]) == ("batch", "finished", 0)
    assert [entry["path"] for entry in row["output_data"]] == ["batch/result.txt"]
    assert not folder.exists()


def test_a_repository_that_breaks_meanwhile_costs_nothing(notebook: Any) -> None:
    """A program that ruins its own repository still gets a finished record, with the code that it used."""
    notebook.smt("configure", "--on-changed=store-diff")
    notebook.write("helper.py", "")
    notebook.write("main.py", "import helper, shutil\nshutil.rmtree('.git')\nprint('done')\n")

    notebook.smt("run", "--label=ruin")

    store = notebook.path / ".smt" / "events"
    events = [json.loads(line) for path in store.rglob("*.jsonl") for line in path.read_text().splitlines()]
    bodies = {event["kind"]: event["body"] for event in events}
    assert "finished" in bodies
    assert [entry["path"] for entry in bodies["captured"]["changed_files"]] == ["helper.py"]
    assert bodies["captured"]["warnings"] == []


def test_a_killed_repeat_leaves_the_repository(notebook: Any) -> None:
    """Kill everything in the middle of a repeat: HEAD, index and work tree are as they were."""
    notebook.write("main.py", "import time\nprint('begun', flush=True)\ntime.sleep(0.5)\n")
    notebook.commit()
    notebook.smt("run", "--label=slow")
    notebook.write("default.param", "tau_m = 1.0\n")

    notebook.environment["TMPDIR"] = notebook.environment["HOME"]

    def tree() -> dict[str, bytes]:
        return {str(p): p.read_bytes() for p in notebook.path.rglob("*") if p.is_file() and ".smt" not in p.parts}

    before, draw = tree(), random.Random(2)
    for _ in range(50 if "CAWAN_ENDURANCE" in os.environ else 3):
        process = notebook.start("repeat", "slow")
        while b"begun" not in process.stdout.readline():
            continue
        time.sleep(draw.uniform(0.0, 0.8))  # in the middle of the run, at its end, or while it is judged
        notebook.kill_everything()
        process.communicate(timeout=60)

    assert tree() == before
    assert {row["status"] for row in rows(notebook).values()} <= {"finished", "lost"}
    assert list((notebook.path.parent / "home").glob("smt-repeat-*")) == [], "what was laid out is left behind"


def test_nan_is_a_value(notebook: Any) -> None:
    """NaN and infinity in a parameter file are in the record, strict JSON in the list, and equal to themselves."""
    notebook.write("odd.param", "a = nan\nb = -inf\n")
    notebook.commit()
    notebook.smt("run", "--label=one", "odd.param")

    row = json.loads(notebook.smt("list", "--json"), parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))

    assert row["items"][0]["parameters"] == {"a": {"$float": "nan"}, "b": {"$float": "-inf"}}
    assert "parameters: same" in notebook.smt("repeat", "one", code=None)


def test_a_program_that_is_part_of_the_code(make_notebook: Any) -> None:
    """An executable of the repository is repeated as it was, not as it is; what it loads nobody observed."""
    notebook = make_notebook()
    notebook.write("model", "#!/bin/sh\necho one\n")
    (notebook.path / "model").chmod(0o755)
    notebook.commit()
    notebook.smt("run", "./model")
    notebook.write("model", "#!/bin/sh\necho two\n")

    out = notebook.smt("repeat", "last", code=3)

    assert "\none\n" in out
    assert "The new record exactly matches the original." in out
    assert "Verdict: incomplete" in out


def test_a_dirty_submodule_is_kept(make_notebook: Any) -> None:
    """A change in a submodule is kept with the record: cleaned up, the repeat still runs the changed code."""
    notebook = make_notebook()
    sub = notebook.path.parent / "sub"
    git = ["git", "-c", "protocol.file.allow=always", "-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    for folder, *words in (
        (sub, "init", "-q"), (sub, "commit", "-q", "--allow-empty", "-m", "one"),
        (notebook.path, "submodule", "--quiet", "add", str(sub), "lib"),
    ):  # fmt: skip
        folder.mkdir(exist_ok=True)
        subprocess.run([*git, *words], cwd=folder, env=notebook.environment, check=True)
    notebook.write("main.py", "import sys\nsys.path.insert(0, 'lib')\nimport helper\nprint(helper.value)\n")
    notebook.commit()
    notebook.write("lib/helper.py", "value = 'dirty'\n")
    assert "dirty" in notebook.smt("run", "--label=dirty", "python", "main.py")
    notebook.write("lib/helper.py", "value = 'clean'\n")

    out = notebook.smt("repeat", "dirty")

    assert "\ndirty\n" in out
    assert "Verdict: identical" in out


def test_delete_takes_the_data_along(make_notebook: Any) -> None:
    """Files in the data folder go with their record; where nothing was set up, what is not surely a result stays."""
    made = make_notebook()
    source = "from pathlib import Path\nPath('Data').mkdir(exist_ok=True)\nPath('Data/new').write_text('x')\n"
    made.write("main.py", source)
    made.commit()
    made.smt("run", "--label=before", "python", "main.py")
    made.smt("delete", "--data", "before")
    assert (made.path / "Data" / "new").exists()

    made.smt("init", "trial", "--executable=python", "--main=main.py")
    made.smt("run", "--label=one")
    made.smt("run", "--label=two")
    made.smt("delete", "--data", "one")
    assert (made.path / "Data" / "new").exists(), "the other record has it too"
    made.smt("delete", "--data", "two")

    assert not (made.path / "Data" / "new").exists()


def test_a_run_inside_a_run(make_notebook: Any) -> None:
    """A recorded program that calls smt run gives two records, the inner one without traces of the outer."""
    notebook = make_notebook()
    notebook.write("outer.py", "import subprocess, sys\n"
                   "words = [sys.executable, '-m', 'sumatra', 'run', '-l', 'in', 'python', 'main.py']\n"
                   "subprocess.run(words, check=True)\n")  # fmt: skip
    notebook.commit()

    notebook.smt("run", "--label=out", "python", "outer.py")

    found = rows(notebook)
    assert {label: row["status"] for label, row in found.items()} == {"in": "finished", "out": "finished"}
    assert "PYTHONPATH" not in found["in"]["environment"]["shown"]
    assert "result.txt" in found["in"]["output_data"][0]["path"]


def test_a_program_that_prints_its_folder_matches_within_tolerance(notebook: Any) -> None:
    """Console text that differs in the run's own label and folders alone is tolerated; any other byte is not."""
    source = "import os, sys\nprint(sys.argv[1], 'gives', os.environ['SMT_OUTPUT'], os.environ['SMT_LABEL'])\n"
    (notebook.path / "main.py").write_text(source)
    notebook.commit()
    notebook.smt("run", "--label=one", "default.param", "n=5")  # so the file is a copy in the run's own folder

    out = notebook.smt("repeat", "one")
    (notebook.path / "main.py").write_text(source + "print(os.getpid())\n")
    notebook.commit()
    notebook.smt("run", "--label=two", "default.param")
    other = notebook.smt("repeat", "two", code=1)

    assert "Verdict: same within tolerance" in out and "console: tolerated" in out
    assert "The new record does not match the original.\nVerdict" in out, "exactly is said of what is identical"
    assert "the same but for label and folders" in out
    assert "Verdict: differs" in other and "console: differs" in other


def test_dates_in_files_are_those_of_the_first_run(notebook: Any) -> None:
    """SOURCE_DATE_EPOCH, which PDF writers take for their date, is the start of the run, and again in its repeat."""
    notebook.write("main.py", "import os\nfile = open(os.environ['SMT_OUTPUT'] + '/figure', 'w')\n"
                   "file.write(os.environ['SOURCE_DATE_EPOCH'])\n")  # fmt: skip
    notebook.commit()
    before = int(time.time())
    notebook.smt("run", "--label=one")
    time.sleep(max(0.0, before + 2 - time.time()))

    out = notebook.smt("repeat", "one")
    notebook.environment["SOURCE_DATE_EPOCH"] = "86400"
    notebook.smt("run", "--label=mine")

    assert "Verdict: identical" in out
    assert before <= int((notebook.path / "Data" / "one" / "figure").read_text()) <= before + 2
    assert (notebook.path / "Data" / "mine" / "figure").read_text() == "86400"


def test_a_repeat_may_ignore_files(notebook: Any) -> None:
    """``smt repeat -i REGEX`` tolerates output files of such a name, and says which."""
    notebook.write("main.py", "import os\nopen(os.environ['SMT_OUTPUT'] + '/pid.log', 'w').write(str(os.getpid()))\n"
                   "print('done')\n")  # fmt: skip
    notebook.commit()
    notebook.smt("run", "--label=one")

    assert "Verdict: differs" in notebook.smt("repeat", "one", code=1)
    out = notebook.smt("repeat", "-i", r"\.log$", "one")

    assert "Verdict: same within tolerance" in out
    assert "file pid.log: ignored" in out


def test_a_running_record_is_not_repeated(notebook: Any) -> None:
    """A run that is still under way cannot be repeated yet; that is one sentence and exit code 75."""
    notebook.write("main.py", "import time\nprint('begun', flush=True)\ntime.sleep(60)\n")
    notebook.commit()
    process = notebook.start("run", "--label=slow")
    while b"begun" not in process.stdout.readline():
        continue

    asked = notebook.start("repeat", "slow")
    _, said = asked.communicate(timeout=60)
    process.terminate()
    process.communicate(timeout=60)

    assert asked.returncode == 75
    assert b"'slow' is still running" in said and len(said.splitlines()) == 1
    assert list(rows(notebook)) == ["slow"]


def said(notebook: Any, *words: str, code: int, folder: str = ".") -> str:
    """The one line on standard error with which ``smt`` refuses, with this exit code."""
    done = subprocess.run([sys.executable, "-m", "sumatra", *words], cwd=notebook.path / folder, check=False,
                          env=notebook.environment, capture_output=True, text=True, timeout=60)  # fmt: skip
    assert (done.returncode, len(done.stderr.splitlines())) == (code, 1), done
    return done.stderr


def test_a_misspelt_option_is_not_the_programs(notebook: Any) -> None:
    """An option that is nearly one of smt's is refused; after -- it is the program's, as is any other."""
    text = said(notebook, "run", "--lable=x", "default.param", code=2)
    assert "smt run has no option '--lable'. Did you mean '--label'?" in text
    assert "put it after --" in text
    assert rows(notebook) == {}

    assert "done --lable=x" in notebook.smt("run", "--", "--lable=x")
    assert "done default.param --lable=x" in notebook.smt("run", "default.param", "--", "--lable=x")
    assert "done default.param --seed=3 --min 4" in notebook.smt("run", "default.param", "--seed=3", "--min", "4")


def test_a_parameter_file_that_is_not_there_is_said(notebook: Any) -> None:
    """A first argument with the name of a parameter file must exist; the nearest is named, and nothing runs."""
    (notebook.path / "sub").mkdir()

    assert "'defualt.param' does not exist. Did you mean 'default.param'?" in said(
        notebook, "run", "defualt.param", code=66)  # fmt: skip
    assert "The nearest is '../default.param'" in said(notebook, "run", "default.param", code=66, folder="sub")
    assert rows(notebook) == {}
    assert "done out.json" in notebook.smt("run", "--", "out.json")
    assert "done out.json" in notebook.smt("run", "python", "main.py", "out.json")


QUOTES = {'"native"  # c': '"nest"  # c', "'native'": "'nest'", "native  # c": "nest  # c", "3": "'nest'"}


@pytest.mark.parametrize(("before", "after"), QUOTES.items())
def test_overrides_keep_the_quotes(notebook: Any, before: str, after: str) -> None:
    """A word is written in the quotes that the file had, double, single or none."""
    notebook.write("main.py", "import sys\nprint(open(sys.argv[1]).read())\n")
    notebook.write("quoted.param", f"n = 1\nbackend = {before}\n")
    notebook.commit()

    assert f"n = 1\nbackend = {after}\n" in notebook.smt("run", "quoted.param", "backend=nest")


def test_a_label_lists_its_record(notebook: Any) -> None:
    """``smt list`` takes a label where it takes tags, and says so where nothing has either."""
    notebook.smt("run", "--label=one", "default.param")
    notebook.smt("run", "--label=two", "default.param")

    assert notebook.smt("list", "one").split() == ["one"]
    _, said = notebook.start("list", "three").communicate(timeout=60)
    assert b"No record has 'three' as its tag or label" in said
