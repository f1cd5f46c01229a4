"""How two records compare: one aspect each, and the verdict of a repeat, which is a claim and says what it rests on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from cawan.events import JSON
from cawan.parameters import flat, same

Document = Mapping[str, Any]
Result = Literal["same", "tolerated", "differs", "unknown"]
Overall = Literal["identical", "same within tolerance", "differs", "nothing to compare", "incomplete"]
ASPECTS = ("code", "dependencies", "environment", "parameters", "input", "output", "console")
EXIT_CODES: Mapping[str, int] = {
    "identical": 0, "same within tolerance": 0, "differs": 1, "nothing to compare": 3, "incomplete": 3,
}  # fmt: skip
# Variables that change results by themselves. Others, such as PATH, differ from one terminal to the next.
_STEERING = re.compile(
    r"LD_LIBRARY_PATH|DYLD_LIBRARY_PATH|LANG|LC_\w+|TZ|PYTHON\w+|CUDA_VISIBLE_DEVICES|(OMP|MKL|OPENBLAS|NUMEXPR|KMP)_\w+"
)
_SAME = "The new record exactly matches the original."
_OTHER = "The new record does not match the original."


@dataclass(frozen=True, slots=True)
class Aspect:
    """One side of the comparison: its result, and a line for each difference or doubt."""

    name: str
    result: Result
    differences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a repeat may claim.

    Attributes
    ----------
    observed
        In both runs the imports were observed to the end, so the code aspect rests on what really ran.
    digests
        What was compared, so that the verdict can be derived again.
    """

    overall: Overall
    aspects: tuple[Aspect, ...]
    observed: bool
    digests: Mapping[str, JSON]

    @property
    def text(self) -> str:
        """The sentence, the word, and what differs."""
        results = {aspect.name: aspect.result for aspect in self.aspects}
        alike = self.overall == "identical" or (
            self.overall == "incomplete" and results["output"] == results["console"] == "same"
        )
        lines = [_SAME if alike else _OTHER, f"Verdict: {self.overall} (inputs: as declared)"]
        for aspect in self.aspects:
            lines.append(f"  {aspect.name}: {aspect.result}")
            lines += [f"    {line}" for line in aspect.differences]
        return "\n".join(lines)

    def document(self) -> dict[str, JSON]:
        """The verdict as plain data."""
        return {**asdict(self), "aspects": [asdict(aspect) for aspect in self.aspects]}


Lenient = Callable[[tuple[Aspect, ...]], tuple[Aspect, ...]]


def _mappings(a: Mapping[str, Any], b: Mapping[str, Any], noun: str) -> tuple[str, ...]:
    lines = []
    for name in sorted({*a, *b}):
        if name not in b:
            lines.append(f"{noun} {name}: only in the first")
        elif name not in a:
            lines.append(f"{noun} {name}: only in the second")
        elif not same(a[name], b[name]):
            lines.append(f"{noun} {name}: {_short(a[name])} and {_short(b[name])}")
    return tuple(lines)


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 60 else f"{text[:24]}…"


def _aspect(name: str, lines: Iterable[str]) -> Aspect:
    found = tuple(lines)
    return Aspect(name, "differs" if found else "same", found)


def _program(a: Document) -> dict[str, Any]:
    program = a.get("executable", {})
    version = a.get("interpreter", {}).get("version") or program.get("version", "")
    return {"program": program.get("name", ""), "version": version, "options": program.get("options", [])}


def _loaded(document: Document, but: set[str]) -> dict[str, str]:
    """The files of the working copy that a run loaded, with their digests, but for those of doubt."""
    return {entry["path"]: entry["digest"] for entry in document.get("code", []) if entry["path"] not in but}


def _other_script(a: Document, b: Document, but: Sequence[str]) -> tuple[str, ...]:
    name = str(a.get("main_file", ""))
    differs = name not in but and a.get("main_digest") != b.get("main_digest")
    return (f"script {name}: other content",) if differs else ()


def _code(a: Document, b: Document) -> Aspect:
    """By what was really imported; where that was not observed, equal versions prove nothing."""
    edited = sorted({e["path"] for doc in (a, b) for e in doc.get("code", []) if e.get("edited")})
    lost = sorted({path for doc in (a, b) for path in doc.get("unrestored", [])})
    files = [_loaded(doc, {*edited, *lost}) for doc in (a, b)]
    doubts = (
        *(f"{path} was edited while the run went on, so nobody knows which text of it ran" for path in edited),
        *(f"{path} was kept without its secrets, and is another file in your folder now" for path in lost),
    )
    lines = _mappings(files[0], files[1], "file")
    lines += _other_script(a, b, lost)
    if lines:
        notes = [f"{entry['path']} was imported from the user's folder, not from the exported version"
                 for doc in (a, b) for entry in doc.get("code", []) if entry.get("elsewhere")]  # fmt: skip
        return Aspect("code", "differs", (*lines, *notes, *doubts))
    if not (a.get("observed") and b.get("observed")):
        doubts = ("what the program loaded was not observed to its end", *doubts)
    return Aspect("code", "unknown" if doubts else "same", doubts)


def _package(name: str, first: Document, second: Document) -> str:
    """How a package differs between two runs, "" where it does not."""
    if first["version"] != second["version"]:
        return f"package {name}: {first['version']} and {second['version']}"
    if first.get("edited") or second.get("edited"):
        return ""
    if any(first[field] != second[field] for field in ("files", "modules") if field in first and field in second):
        return f"package {name} {first['version']}: other parts of it were imported"
    if first.get("digest", "") != second.get("digest", ""):
        return f"package {name} {first['version']}: other files under the same version"
    return ""


def _dependencies(a: Document, b: Document) -> Aspect:
    """Versions, and where they agree the files; one digest for all is known, so only of equal sets of modules."""
    known = [{entry["name"]: entry for entry in doc.get("dependencies", [])} for doc in (a, b)]
    pairs = {name: [found.get(name, {"version": "not imported"}) for found in known] for name in {*known[0], *known[1]}}
    lines = [line for name in sorted(pairs) if (line := _package(name, *pairs[name]))]
    doubts = [f"package {name} was edited while the run went on" for name in sorted(pairs)
              if any(entry.get("edited") for entry in pairs[name])]  # fmt: skip
    if not (a.get("observed") and b.get("observed")):
        doubts.append("imports were not observed to the end of the program")
    if doubts and not lines:
        return Aspect("dependencies", "unknown", tuple(doubts))
    return _aspect("dependencies", lines)


def _environment(a: Document, b: Document) -> Aspect:
    lines = list(_mappings(_program(a), _program(b), "program's"))
    shown = [doc.get("environment", {}).get("shown", {}) for doc in (a, b)]
    steering = [{name: value for name, value in known.items() if _STEERING.fullmatch(name)} for known in shown]
    lines += _mappings(steering[0], steering[1], "variable")
    machines = [doc.get("platforms", []) for doc in (a, b)]
    for first, second in zip(machines[0], machines[1], strict=False):
        kept = [{k: v for k, v in machine.items() if k not in ("network_name", "cores", "memory", "version")}
                for machine in (first, second)]  # fmt: skip
        lines += _mappings(kept[0], kept[1], "platform's")
    return _aspect("environment", lines)


def _parameters(a: Document, b: Document) -> Aspect:
    known = [flat(doc.get("parameters", {})) for doc in (a, b)]
    if all(found.get("sumatra_label") == doc["label"] for found, doc in zip(known, (a, b), strict=True)):
        known = [{name: found[name] for name in found if name != "sumatra_label"} for found in known]
    lines = list(_mappings(known[0], known[1], "parameter"))
    words = [doc.get("script_arguments", []) for doc in (a, b)]
    if words[0] != words[1]:
        lines.append(f"arguments: {' '.join(words[0])!r} and {' '.join(words[1])!r}")
    return _aspect("parameters", lines)


def output_name(entry: Document, label: str) -> str:
    """An output's name without the folder of its label, so that two runs can be set side by side."""
    path = str(entry["path"])
    for prefix in (f"{label}/", f"Data/{label}/"):
        path = path.removeprefix(prefix)
    return path


def side_by_side(a: Document, b: Document, field: str = "output_data") -> tuple[dict[str, Document], ...]:
    """The files of two records by name; two files that are called by their record's label have one name here.

    >>> one = {"label": "x1", "output_data": [{"path": "rate_x1.dat"}]}
    >>> two = {"label": "x2", "output_data": [{"path": "rate_x2.dat"}]}
    >>> [list(names) for names in side_by_side(one, two)]
    [['rate_<label>.dat'], ['rate_<label>.dat']]
    """
    labels = str(a["label"]), str(b["label"])
    known = [{output_name(entry, label): entry for entry in doc.get(field, [])}
             for doc, label in zip((a, b), labels, strict=True)]  # fmt: skip
    common = known[0].keys() & known[1].keys()
    bare = [{name: _unlabelled(name, label) for name in found if name not in common}
            for found, label in zip(known, labels, strict=True)]  # fmt: skip
    both = {*bare[0].values()} & {*bare[1].values()}
    return tuple({names[name] if names.get(name) in both else name: found[name] for name in found}
                 for found, names in zip(known, bare, strict=True))  # fmt: skip


def _unlabelled(text: str, label: str) -> str:
    """Text without a run's own label, where letters and digits do not adjoin it."""
    return re.sub(rf"(?<![^\W_]){re.escape(label)}(?![^\W_])", "<label>", text)


def _files(a: Document, b: Document, field: str, hidden: Iterable[str] = ()) -> tuple[str, ...]:
    # A file that carries its record's label is compared as it was before the label went in.
    one, two = ({name: entry.get("unstamped") or entry["digest"] for name, entry in found.items() if name not in hidden}
                for found in side_by_side(a, b, field))  # fmt: skip
    return _mappings(one, two, "file")


def _output(a: Document, b: Document, ignore: Sequence[str]) -> Aspect:
    """Names and digests; files whose name fits a pattern are tolerated, and named where they differ."""
    names = {name for found in side_by_side(a, b) for name in found}
    hidden = {name for name in names if any(re.search(pattern, name) for pattern in ignore)}
    lines = _files(a, b, "output_data", hidden)
    ignored = tuple(f"{line.partition(': ')[0]}: ignored" for line in _files(a, b, "output_data", names - hidden))
    if ignored and not lines:
        return Aspect("output", "tolerated", ignored)
    return _aspect("output", lines)


def _console(a: Document, b: Document) -> Aspect:
    """Byte by byte; text that differs only in the run's own label and folders is tolerated."""
    lines: list[str] = []
    tolerated: list[str] = []
    for name in ("stdout", "stderr"):
        one, two = a.get(name) or {}, b.get(name) or {}
        if one.get("digest", "") != two.get("digest", ""):
            alike = bool(one.get("neutral")) and one["neutral"] == two.get("neutral")
            sizes = f"{name}: {one.get('size', 0)} and {two.get('size', 0)} bytes"
            (tolerated if alike else lines).append(f"{sizes}{', the same but for label and folders' if alike else ''}")
    if tolerated and not lines:
        return Aspect("console", "tolerated", tuple(tolerated))
    return _aspect("console", lines + tolerated)


def compare(a: Document, b: Document, *, ignore: Sequence[str] = ()) -> tuple[Aspect, ...]:
    """The seven aspects of two records, the original first; ``ignore`` are patterns of output names."""
    return (
        _code(a, b), _dependencies(a, b), _environment(a, b), _parameters(a, b),
        _aspect("input", _files(a, b, "input_data")), _output(a, b, ignore),
        _console(a, b),
    )  # fmt: skip


def _causes(a: Document, b: Document) -> tuple[str, ...]:
    """Variables that changed and that steer no computation as such: possible causes, never a difference themselves."""
    known = [doc.get("environment", {}) for doc in (a, b)]
    one, two = ({**about.get("shown", {}), **about.get("others", {})} for about in known)
    names = [name for name in sorted({*one, *two}) if one.get(name) != two.get(name) and not _STEERING.fullmatch(name)]
    return (f"possible causes, environment variables that changed: {', '.join(names)}",) if names else ()


def judge(
    original: Document, repeated: Document, *, ignore: Sequence[str] = (), lenient: Lenient | None = None
) -> Verdict:
    """The verdict on a repeat; ``lenient`` may turn aspects that differ into tolerated ones.

    *Identical* needs every aspect the same, the code observed in both runs, and at least one byte of output or
    console to compare.
    """
    found = compare(original, repeated, ignore=ignore)
    if lenient is not None:
        found = lenient(found)
    aspects = tuple(_explained(aspect, original, repeated) for aspect in found)
    observed = bool(original.get("observed") and repeated.get("observed"))
    results = {aspect.result for aspect in aspects}
    overall: Overall = "identical"
    if "differs" in results:
        overall = "differs"
    elif not (_something(original) or _something(repeated)):
        overall = "nothing to compare"
    elif "unknown" in results or not observed:
        overall = "incomplete"
    elif "tolerated" in results:
        overall = "same within tolerance"
    return Verdict(overall, aspects, observed, {"original": _digests(original), "repeat": _digests(repeated)})


def _explained(aspect: Aspect, original: Document, repeated: Document) -> Aspect:
    """The aspect, with how the runs ended where that differs, and with possible causes where the results do."""
    lines = aspect.differences
    if aspect.name == "console":
        ended = [(doc.get("exit_code"), doc.get("signal")) for doc in (original, repeated)]
        lines += () if ended[0] == ended[1] else (f"ended with exit code and signal {ended[0]} and {ended[1]}",)
    if aspect.name in ("output", "console") and lines and (aspect.result == "differs" or lines != aspect.differences):
        return Aspect(aspect.name, "differs", lines + _causes(original, repeated))
    return aspect


def _something(document: Document) -> bool:
    streams = (document.get("stdout") or {}, document.get("stderr") or {})
    return any(entry.get("size") for entry in (*document.get("output_data", []), *streams))


def _digests(document: Document) -> dict[str, JSON]:
    label = str(document["label"])
    return {
        "record": document.get("record", ""), "code": document.get("code", []),
        "output": [[output_name(entry, label), entry.get("unstamped") or entry["digest"]]
                   for entry in document.get("output_data", [])],
        "stdout": (document.get("stdout") or {}).get("digest", ""),
        "stderr": (document.get("stderr") or {}).get("digest", ""),
    }  # fmt: skip
