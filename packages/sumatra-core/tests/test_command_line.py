"""The command line of Sumatra 0.8.1, every subcommand and every flag, and what it prints and writes."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import click
import pytest
from sumatra.cli.main import COMMANDS, smt

# What 0.8.1 takes: of each subcommand its positional words, and its flags, the spellings of one option together.
_SETTINGS = (
    "-d --datapath|-i --input|-l --addlabel|-e --executable|-r --repository|-m --main|-c --on-changed|-s --store|"
    "-g --labelgenerator|-t --timestamp_format|-L --launch_mode|-o --launch_mode_options|-W --webdav|-A --archive|"
    "-M --mirror"
)
FLAGS = {
    "init": ("project_name", _SETTINGS),
    "configure": ("", f"{_SETTINGS}|-p --plain|--no-plain|--ignore-parameters|--parse-parameters|--add-plugin|"
                      "--remove-plugin"),
    "info": ("", ""),
    "run": ("arguments", "-v --version|-l --label|-r --reason|-e --executable|-m --main|-n --num_processes|-t --tag|"
                         "-D --debug|-i --stdin|-o --stdout|--simulator"),
    "list": ("tags", "-l --long|-T --table|-f --format|-r --reverse|-m --main_file|-O --output_table|"
                     "-P --parameter_table|-p --parameters|-d --date"),
    "delete": ("labels", "-t --tag|-d --data"),
    "comment": ("words", "-r --replace|-f --file"),
    "tag": ("tag labels", "-r --remove"),
    "repeat": ("original_label", "-l --label"),
    "diff": ("label1 label2", "-i --ignore|-l --long"),
    "help": ("cmd", ""),
    "export": ("", ""),
    "upgrade": ("", ""),
    "sync": ("path1 path2", ""),
    "migrate": ("", "-d --datapath|-i --input|-A --archive|-M --mirror"),
    "version": ("", ""),
    "view": ("label", "-s --script"),
}  # fmt: skip


def command(name: str) -> click.Command:
    """A subcommand, imported."""
    found = smt.get_command(click.Context(smt), name)
    assert found is not None
    return found


@pytest.mark.parametrize("name", FLAGS)
def test_every_subcommand_has_every_flag(name: str) -> None:
    """Each flag of 0.8.1 is there, and the spellings of one option are one option."""
    positional, flags = FLAGS[name]
    options = [{*option.opts, *option.secondary_opts} for option in command(name).params
               if isinstance(option, click.Option)]  # fmt: skip
    words = [param.name for param in command(name).params if isinstance(param, click.Argument)]

    for spellings in flags.split("|") if flags else ():
        assert any(set(spellings.split()) <= known for known in options), spellings
    assert set(positional.split()) <= set(words)
    assert "--help" in command(name).get_help_option_names(click.Context(command(name))) or name == "run"


def test_usage_lists_them_in_their_order() -> None:
    """The subcommands of 0.8.1 come first, in its order; ours follow."""
    old = [name for name in COMMANDS if name in FLAGS]

    assert list(COMMANDS)[: len(FLAGS)] == old
    assert old[:9] == ["init", "configure", "info", "run", "list", "delete", "comment", "tag", "repeat"]


def test_info_has_the_fourteen_lines(only_read: Any) -> None:
    """In the order and with the names of 0.8.1; program and repository as it shows them."""
    lines = only_read.smt("info").splitlines()

    assert [line.split(":")[0].strip() for line in lines] == [
        "Project name", "Default executable", "Default repository", "Default main file", "Default launch mode",
        "Data store (output)", ".          (input)", "Record store", "Code change policy", "Append label to",
        "Label generator", "Timestamp format", "Plug-ins", "Sumatra version",
    ]  # fmt: skip
    assert re.fullmatch(r"Default executable  : Python \(version: [\d.]+\) at \S+", lines[1])
    assert lines[2] == f"Default repository  : GitRepository at {only_read.path}"


def test_the_forms_of_a_list(only_read: Any) -> None:
    """Short, long, tables, and every format; the latest first, or with -r the oldest."""
    assert only_read.smt("list") == "two\none\n"
    assert only_read.smt("list", "-r") == "one\ntwo\n"
    assert only_read.smt("list", "fig 3") == "two\n"
    assert only_read.smt("list", "-p", "tau_m=10") == "two\n"
    assert only_read.smt("list", "-d", "today", "-m", "main") == "two\none\n"
    assert only_read.smt("list", "-d", "19700101") == ""
    long = only_read.smt("list", "-l")
    fields = re.findall(r"^(\w+) *: ", long, re.MULTILINE)[:17]
    assert fields == [
        "Label", "Timestamp", "Reason", "Outcome", "Duration", "Repository", "Main_File", "Version", "Script_Arguments",
        "Executable", "Parameters", "Input_Data", "Launch_Mode", "Output_Data", "User", "Tags", "Repeats",
    ]  # fmt: skip
    assert "Reason           : a first try" in long and "Tags             : _finished_, fig 3" in long
    assert only_read.smt("list", "-T").count("\n") == 3
    assert "result.txt" in only_read.smt("list", "-O")
    assert re.search(r"\| two +\| .*\| 10.0 +\| 4 +\|", only_read.smt("list", "-P"))
    assert only_read.smt("list", "-f", "html") == "<ul>\n<li>two</li>\n<li>one</li>\n</ul>\n"
    assert r"\section{two}" in only_read.smt("list", "-f", "latex")
    assert only_read.smt("list", "-f", "csv").splitlines()[0].endswith("parameters.tau_m,parameters.n")
    assert [record["label"] for record in json.loads(only_read.smt("list", "-f", "json"))] == ["two", "one"]
    only_read.smt("list", "-T", "-f", "json", code=2)
    only_read.smt("list", "-T", "-O", code=2)
    only_read.smt("list", "-f", "docx", code=2)


def test_export_has_the_keys_of_old(only_read: Any) -> None:
    """A list of mappings with 0.8.1's keys; the status is one tag; paths are relative to the data root."""
    only_read.smt("export")

    records = json.loads((only_read.path / ".smt" / "records_export.json").read_text())
    assert list(records[0]) == [
        "label", "timestamp", "reason", "duration", "executable", "repository", "main_file", "version", "parameters",
        "input_data", "script_arguments", "launch_mode", "datastore", "input_datastore", "outcome", "stdout_stderr",
        "output_data", "tags", "diff", "user", "dependencies", "platforms", "repeats",
    ]  # fmt: skip
    two = records[0]
    assert two["tags"] == ["_finished_", "fig 3"]
    assert two["parameters"] == {"content": "tau_m = 10.0 # ms\nn = 4", "type": "SimpleParameterSet"}
    assert two["script_arguments"] == "<parameters>" and two["stdout_stderr"].startswith("done ")
    assert [entry["path"] for entry in two["output_data"]] == ["two/result.txt"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\+0000", two["timestamp"])
    assert json.loads((only_read.path / ".smt" / "project_export.json").read_text())["name"] == "trial"


def test_a_list_as_shell_script_stands_alone(used: Any, tmp_path: Path) -> None:
    """In a clean clone it recreates the outputs, the oldest run first; listing writes no file."""
    used.write("main.py", (used.path / "main.py").read_text() + "print('changed')\n")
    used.smt("run", "--label=three", "default.param", code=1)
    used.smt("configure", "--on-changed=store-diff")
    used.smt("run", "--label=three", "default.param", "n=5")
    before = sorted(used.path.iterdir())

    script = used.smt("list", "-f", "shell")
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", str(used.path), str(clone)], env=used.environment, check=True)
    done = subprocess.run(
        ["sh"], input=script.encode(), cwd=clone, env=used.environment, capture_output=True, check=True
    )

    assert sorted(used.path.iterdir()) == before
    assert script.index("# one") < script.index("# two") < script.index("# three")
    assert done.stdout.count(b"done") == 3 and done.stdout.endswith(b"changed\n")
    for label in ("one", "two", "three"):
        assert (clone / "Data" / label / "result.txt").read_text() == f"{label}\n"


def test_view_and_show(used: Any) -> None:
    """The record in 0.8.1's form, its script as it ran, its console byte for byte, its history."""
    assert used.smt("view", "one").splitlines()[1] == "Label            : one"
    assert used.smt("view", "-s", "one") == (used.path / "main.py").read_text()
    assert used.smt("show", "--console", "one").startswith("done ")
    locked = used.smt("show", "--lock", "one").splitlines()
    assert any(re.fullmatch(r"click==[\d.]+", line) for line in locked) and len(set(locked)) == len(locked)
    used.smt("comment", "one", "works fine")
    assert [line.split()[1] for line in used.smt("show", "--history", "one").splitlines()] == [
        "created", "launched", "captured", "finished", "amended",
    ]  # fmt: skip
    assert json.loads(used.smt("show", "--json"))["items"][0]["label"] == "two"
    used.smt("view", "three", code=66)


@pytest.mark.parametrize(("words", "found"), [
    (["tau_m>15"], "one\n"), (["tau_m=10"], "two\n"), (["tag:fig 3"], "two\n"), (["-tag:fig 3"], "one\n"),
    (["status:finished", "since:1h"], "two\none\n"), (["before:2020-01-01"], ""), (["first TRY"], "one\n"),
    (["output:two/"], "two\n"), (["script:main", "n=4"], "two\none\n"), (["duration>3600"], ""),
])  # fmt: skip
def test_search(only_read: Any, words: list[str], found: str) -> None:
    """Parameters, tags, times, scripts and free text find what they say."""
    assert only_read.smt("search", "--", *words) == found


def test_sync_joins_two_stores(used: Any, tmp_path: Path) -> None:
    """Records, tags and console text travel; a label of two records keeps both and exits 1; again changes nothing."""
    other = tmp_path / "other"
    used.smt("sync", str(other))
    used.smt("configure", f"--store={other}")
    assert used.smt("list") == "two\none\n"
    assert used.smt("list", "fig 3") == "two\n"
    assert used.smt("show", "--console", "one").startswith("done ")
    used.smt("delete", "one")
    used.smt("run", "--label=one", "default.param", "n=9")

    used.smt("sync", str(other), str(used.path / ".smt"))
    assert used.smt("list", "-p", "n=9") == "one\n"

    used.smt("configure", f"--store={tmp_path / 'third'}")
    used.smt("sync", str(other), str(tmp_path / "third"))
    assert used.smt("list") == "one\ntwo\n"


def test_two_records_under_one_label_stay(used: Any, tmp_path: Path) -> None:
    """Two stores that gave one label to two runs: both are kept and named, and the exit code says so."""
    settings = used.path / ".smt" / "config.toml"
    settings.write_text(settings.read_text().replace('store = ""', f'store = "{tmp_path / "other"}"'))
    used.smt("run", "--label=one", "default.param", "n=9")

    shown = used.smt("sync", str(used.path / ".smt"), code=1)

    assert "one" in shown
    assert len([label for label in used.smt("list").split() if label.startswith("one")]) == 2


def test_migrate_says_where_data_are(used: Any, tmp_path: Path) -> None:
    """Every record and the settings name the new folder; without an option nothing changes."""
    assert "Please specify" in used.smt("migrate")
    assert used.smt("migrate", f"--datapath={tmp_path / 'moved'}", "-i", "/data") == "2 records changed.\n"

    records = json.loads(used.smt("list", "-f", "json"))
    assert {record["datastore"]["parameters"]["root"] for record in records} == {str(tmp_path / "moved")}
    assert {record["input_datastore"]["parameters"]["root"] for record in records} == {"/data"}


def test_verify_names_what_is_not_as_recorded(used: Any) -> None:
    """A changed, a gone and an overwritten file are named, and the exit code is 1."""
    assert "nothing wrong" in used.smt("verify")
    (used.path / "Data" / "one" / "result.txt").write_text("forged")
    (used.path / "Data" / "two" / "result.txt").unlink()
    shown = used.smt("verify", code=1)

    assert "one: one/result.txt: has changed since" in shown
    assert "two: two/result.txt: is gone" in shown
    assert json.loads(used.smt("verify", "--json", "two", code=1))["items"][0]["what"] == "is gone"


def test_the_later_run_owns_a_file(notebook: Any) -> None:
    """Two runs write one file: the earlier record says by whom it was overwritten, and verify names it."""
    notebook.write("main.py", "import sys\nfrom pathlib import Path\nPath('Data').mkdir(exist_ok=True)\n"
                              "Path('Data/shared.txt').write_text(sys.argv[1])\n")  # fmt: skip
    notebook.commit()
    notebook.smt("run", "--label=one", "first")
    notebook.smt("run", "--label=two", "second")

    assert "one: shared.txt: overwritten by two" in notebook.smt("verify", code=1)
    one = json.loads(notebook.smt("show", "--json", "one"))["items"][0]
    assert one["overwritten"] == [{"by": "two", "path": "shared.txt"}]
    notebook.smt("delete", "--data", "--force", "one")
    assert (notebook.path / "Data" / "shared.txt").read_text() == "second"


def test_fsck_names_damage(used: Any) -> None:
    """A flipped bit in an event or in stored content is named with its file, and the exit code is 65."""
    assert used.smt("fsck") == "The record store is sound.\n"
    event = next((used.path / ".smt" / "events").glob("*/*.jsonl"))
    event.chmod(0o644)
    event.write_bytes(event.read_bytes().replace(b"one", b"onf").replace(b"two", b"twp"))

    assert event.name in used.smt("fsck", code=65)


def test_whence_knows_a_file_again(used: Any, tmp_path: Path) -> None:
    """Also renamed and copied; a file that nobody made is 66."""
    copy = tmp_path / "anything.dat"
    copy.write_bytes((used.path / "Data" / "two" / "result.txt").read_bytes())
    copy.rename(tmp_path / "other.dat")

    assert "made by two" in used.smt("whence", str(tmp_path / "other.dat"))
    used.smt("whence", "main.py", code=66)
    used.smt("whence", "nowhere.txt", code=66)


def test_open_lays_the_code_out(used: Any, tmp_path: Path) -> None:
    """The version, the changes and the parameters as they were, in a folder of its own."""
    place = Path(used.smt("open", "--into", str(tmp_path / "there"), "two").strip())

    assert (place / "main.py").read_text() == (used.path / "main.py").read_text()
    assert "tau_m = 10.0  # ms" in (place / "default.param").read_text()
    assert "20.0" in (used.path / "default.param").read_text()
    used.smt("open", "--into", str(used.path), "two", code=2)


def test_collect_takes_what_came_later(used: Any) -> None:
    """A file that a background job put into the run's own folder becomes the record's."""
    (used.path / "Data" / "one" / "late.txt").write_text("late")

    assert used.smt("collect", "one").splitlines() == ["one/late.txt", "1 new file."]
    assert used.smt("collect", "one") == "No new files.\n"
    assert "| late.txt " in used.smt("list", "-O", "one")


def test_pack_loses_nothing(used: Any) -> None:
    """Finished days become one file each; records, labels and the index stay as they were, also from nothing."""
    import os
    import shutil

    for day in (used.path / ".smt" / "events").iterdir():
        os.utime(day, (1, 1))
    before = used.smt("list", "-l")
    assert re.fullmatch(r"\d+ files of 1 days packed.\n", used.smt("pack"))

    assert used.smt("list", "-l") == before
    assert len(list((used.path / ".smt" / "events").glob("*/*.jsonl"))) == 1
    shutil.rmtree(Path(used.environment["HOME"]) / ".cache", ignore_errors=True)
    assert used.smt("list", "-l") == before
    used.smt("run", "--label=one", "default.param", code=2)


def test_the_shell_completes_labels(only_read: Any) -> None:
    """smt completion prints the line; with it labels, tags and options come back."""
    assert "_SMT_COMPLETE" in only_read.smt("completion", "bash")
    asked = {"_SMT_COMPLETE": "bash_complete", "COMP_CWORD": "2", "COMP_WORDS": "smt view t"}
    same = type(only_read)(only_read.path, {**only_read.environment, **asked})

    assert same.smt().split() == ["plain,two"]


def test_tolerance(notebook: Any) -> None:
    """Numbers that differ by less than allowed are tolerated and named; by more they differ."""
    notebook.write("main.py", "import os\nfrom pathlib import Path\nout = Path(os.environ['SMT_OUTPUT'])\n"
                              "(out / 'rate.txt').write_text(f\"rate {os.environ['RATE']} Hz\\n\")\n")  # fmt: skip
    notebook.commit()
    notebook.environment["RATE"] = "10.0"
    notebook.smt("run", "--label=one")
    notebook.environment["RATE"] = "10.00001"

    shown = notebook.smt("repeat", "--tolerance=1e-5", "one")
    assert "same within tolerance" in shown and "rate.txt: largest relative difference 1e-06" in shown
    assert "largest relative difference" in notebook.smt("repeat", "--tolerance=1e-8", "one", code=1)
    notebook.smt("repeat", "--tolerance=ten", "one", code=2)


def test_archives(notebook: Any) -> None:
    """Output is moved into one archive for each label, is verified there, and comes back from there."""
    notebook.smt("configure", "--archive=true")
    notebook.smt("run", "--label=one", "default.param")

    assert not (notebook.path / "Data" / "one").exists()
    assert (notebook.path / ".smt" / "archive" / "one.tar.gz").is_file()
    assert "nothing wrong" in notebook.smt("verify")
    assert "console: same" in notebook.smt("repeat", "one", code=1)  # its output holds its label
    notebook.smt("configure", "--archive=a", "--mirror=http://localhost", code=2)
    notebook.smt("configure", "--webdav=http://localhost", code=None)


def test_labels_inside_figures(notebook: Any) -> None:
    """PNG, SVG and PDF carry the label where readers skip it; a repeat compares what was there before it."""
    notebook.write("main.py", """\
import os, struct, zlib
from pathlib import Path
out = Path(os.environ["SMT_OUTPUT"])
def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
png = b"\\x89PNG\\r\\n\\x1a\\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
(out / "a.png").write_bytes(png + chunk(b"IDAT", zlib.compress(b"\\0\\0")) + chunk(b"IEND", b""))
(out / "b.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'></svg>\\n")
(out / "c.pdf").write_bytes(b"%PDF-1.4\\n%%EOF\\n")
""")
    notebook.commit()
    notebook.smt("run", "--label=one")
    own = notebook.path / "Data" / "one"

    for name in ("a.png", "b.svg", "c.pdf"):
        renamed = notebook.path / f"renamed{Path(name).suffix}"
        renamed.write_bytes((own / name).read_bytes())
        assert b"one" in renamed.read_bytes()
        assert "made by one" in notebook.smt("whence", renamed.name)
    assert (own / "b.svg").read_text().rstrip().endswith("</metadata></svg>")
    assert "identical" in notebook.smt("repeat", "one")
    assert "nothing wrong" in notebook.smt("verify")


def test_a_crate_is_repeated_elsewhere(used: Any, tmp_path: Path) -> None:
    """smt export --rocrate writes a Process Run Crate; smt repeat crate.zip runs it again where nothing else is."""
    used.write("main.py", "import sys\nfrom pathlib import Path\n"
                          "Path('Data/x.txt').write_text(open(sys.argv[1]).read())\n")  # fmt: skip
    used.commit()
    used.smt("run", "--label=three", "default.param", "n=9")
    used.smt("export", "--rocrate", str(tmp_path / "three.zip"), "three")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    used.path = elsewhere

    shown = used.smt("repeat", str(tmp_path / "three.zip"))

    assert "The new record exactly matches the original." in shown
    assert "Verdict: identical" in shown
    assert used.smt("list").split()[1:] == ["three"]


def test_prov(used: Any, tmp_path: Path) -> None:
    """A run is an activity that used code and generated its files."""
    used.smt("export", "--prov", str(tmp_path / "prov.json"))

    document = json.loads((tmp_path / "prov.json").read_text())
    assert len(document["activity"]) == 2 and len(document["wasGeneratedBy"]) == 2


ON = """\
import cawan.run

run = cawan.run.current()
backend = (run.backend if run and HONOURED else "") or "native"
cawan.run.report("pyNN", {"backend": backend})
print("spikes 42")
"""


@pytest.mark.parametrize("honoured", [True, False])
def test_a_record_on_another_simulator(notebook: Any, honoured: bool) -> None:
    """The run is told the backend; where pyNN did not take it, the result is not passed off as that backend's."""
    pytest.importorskip("pyNN", reason="pynn-core is not installed, so there is no simulator")
    notebook.write("main.py", f"HONOURED = {honoured}\n{ON}")
    notebook.commit()
    notebook.smt("run", "--label=one")

    process = notebook.start("repeat", "--on", "reference", "one")
    out, err = process.communicate()

    if honoured:
        assert process.returncode == 0 and b"output: same" in out, err
    else:
        assert process.returncode == 65 and b"not on 'reference'" in err
    notebook.smt("repeat", "--on", "no-such-simulator", "one", code=69)


def test_a_record_without_simulation_runs_on_no_simulator(only_read: Any) -> None:
    """It says so, and nothing runs."""
    process = only_read.start("repeat", "--on", "reference", "one")
    _, err = process.communicate()

    assert process.returncode == 65 and b"says nothing of pyNN" in err
