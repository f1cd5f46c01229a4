"""Secrets never reach a record: what is one is decided by the name of a value, or by a form that is well known.

Events cannot be edited, so this happens before anything is written.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import IO, Any, BinaryIO

MARK = "[redacted]"
_WORDS = frozenset(("password", "passwd", "passphrase", "pwd", "secret", "token", "apikey", "credential",
                    "credentials", "pass"))  # fmt: skip
_BEFORE_KEY = frozenset(("api", "access", "private", "secret", "ssh", "encryption", "auth", "account", "signing"))
_NAME_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
# Forms that services have published for their keys, so that they can be found.
_FORMS = (
    rb"AKIA[0-9A-Z]{16}|ASIA[0-9A-Z]{16}", rb"gh[pousr]_[A-Za-z0-9]{36,}", rb"github_pat_\w{22,}", rb"glpat-[\w-]{20,}",
    rb"xox[abprs]-[\w-]{10,}", rb"sk-[A-Za-z0-9_-]{20,}", rb"AIza[\w-]{35}", rb"hf_[A-Za-z0-9]{30,}",
    rb"npm_[A-Za-z0-9]{36}", rb"pypi-[\w-]{50,}", rb"eyJ[\w-]{6,}\.eyJ[\w-]{6,}\.[\w-]{10,}",
    rb"-----BEGIN [A-Z ]*PRIVATE KEY-----.{0,20000}?-----END [A-Z ]*PRIVATE KEY-----",
)  # fmt: skip
_FORM = re.compile(rb"(?<![\w-])(?:" + b"|".join(_FORMS) + b")", re.DOTALL)
_CLOSED = re.compile(rb"-----END [A-Z ]*-----")
_URL = re.compile(rb"\b([a-z][a-z0-9+.-]{1,20}://)[^/@\s:'\"]{0,200}:[^/@\s'\"]{1,200}@", re.IGNORECASE)
_BEARER = re.compile(rb"\b(Bearer|Basic)[ \t]+[A-Za-z0-9+/_.~-]{16,}={0,2}")
# name = "text in quotes", or a bare word with a digit in it: not a name of a variable, a call, or a sentence.
_ASSIGNED = re.compile(
    rb"""\b([\w.-]*(?:password|passwd|passphrase|secret|api_?key|access_?key|auth_?token|access_?token|credentials?)
    ["']?\s{0,3}[=:]\s{0,3})
    (?: (["'])[^"'\n]{4,200}\2 | (?=[^\s"'(){}\[\],;.]*\d)[^\s"'(){}\[\],;.]{6,200}(?![\w.(\[]) )""",
    re.IGNORECASE | re.VERBOSE,
)
_TRIGGER = re.compile(
    rb"://|A[KS]IA|gh[pousr]_|github_pat_|glpat-|xox|sk-|AIza|hf_|npm_|pypi-|eyJ|PRIVATE KEY|Bearer|Basic|passw|passp|"
    rb"secret|api_?key|access|auth_?token|credential", re.IGNORECASE,
)  # fmt: skip
_BLOCK = 1 << 20


def is_secret_name(name: str) -> bool:
    """Does a name say that its value is a secret? ``db_password`` and ``apiKey`` do, ``n_tokens``, ``key`` do not."""
    words = [part.lower() for part in _NAME_PARTS.findall(name)]
    if not words:
        return False
    return words[-1] in _WORDS or any(a in _BEFORE_KEY and b == "key" for a, b in pairwise(words))


def redact_bytes(data: bytes) -> bytes:
    """The same bytes, every secret of a well-known form replaced."""
    if not _TRIGGER.search(data):
        return data
    mark = MARK.encode()
    data = _URL.sub(rb"\1" + mark + b"@", _FORM.sub(mark, data))
    return _ASSIGNED.sub(rb"\1" + mark, _BEARER.sub(rb"\1 " + mark, data))


def redact_text(text: str) -> str:
    """The same text, every secret of a well-known form replaced."""
    data = text.encode("utf-8", "surrogateescape")
    return redact_bytes(data).decode("utf-8", "surrogateescape")


def redact_value(name: str, value: Any) -> Any:
    """A value under a name: numbers stay, text under the name of a secret goes, other text loses what is in it."""
    if isinstance(value, Mapping):
        return {key: redact_value(str(key), item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [redact_value(name, item) for item in value]
    if not isinstance(value, str) or not value:
        return value
    return MARK if is_secret_name(name) and not _is_number(value) else redact_text(value)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def redact_arguments(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """The words of a command line without secrets, and the names of those that were there."""
    found: list[str] = []
    names: list[str] = []
    hidden = ""
    for word in words:
        name, sign, value = word.partition("=")
        option = name.lstrip("-")
        if hidden and not word.startswith("-"):
            found.append(MARK)
            names.append(hidden)
        elif sign and is_secret_name(option) and value and not _is_number(value):
            found.append(f"{name}={MARK}")
            names.append(name)
        else:
            plain = redact_text(word)
            found.append(plain)
            names += [name if sign else "an argument"] if plain != word else []
        hidden = name if not sign and name.startswith("-") and is_secret_name(option) else ""
    return found, names


def redact_parameter_text(text: str, values: Mapping[str, Any]) -> str:
    """The text of a parameter file without the values that have the name of a secret."""
    for name, value in values.items():
        if isinstance(value, Mapping):
            text = redact_parameter_text(text, value)
        elif isinstance(value, str) and value and is_secret_name(name) and not _is_number(value):
            text = text.replace(value, MARK)
    return redact_text(text)


def keep_redacted(file: BinaryIO, put: Callable[[BinaryIO], str]) -> dict[str, Any]:
    """Keep a file without its secrets: ``digest`` of what is kept, and ``true`` of the bytes where they differ.

    Read in blocks that end with a line, so a secret is never cut in two unless its line is longer than a megabyte.
    """
    import tempfile  # 10 ms with what it imports, which a start need not wait for

    true, changed = hashlib.sha256(), False
    with tempfile.TemporaryFile() as clean:
        rest = b""
        while block := file.read(_BLOCK):
            true.update(block)
            whole, rest = _cut(rest + block)
            changed |= _copy(whole, clean)
        changed |= _copy(rest, clean)
        if not changed:
            file.seek(0)
            return {"digest": put(file)}
        clean.seek(0)
        return {"digest": put(clean), "true": f"sha256:{true.hexdigest()}", "redacted": True}


def _cut(data: bytes) -> tuple[bytes, bytes]:
    """What can be looked at now, and what needs the next block; a key of many lines is never cut."""
    begun = data.rfind(b"-----BEGIN ")
    if begun >= 0 and not _CLOSED.search(data, begun) and len(data) - begun < 30_000:
        return data[:begun], data[begun:]
    end = data.rfind(b"\n") + 1
    return (data[:end], data[end:]) if end else (b"", data) if len(data) < 4 * _BLOCK else (data, b"")


def _copy(data: bytes, target: IO[bytes]) -> bool:
    plain = redact_bytes(data)
    target.write(plain)
    return plain != data


def redact_body(body: dict[str, Any]) -> list[str]:
    """Take every secret out of what is written about a run; gives in short where there were any."""
    places: list[str] = []
    arguments, names = redact_arguments(body.get("script_arguments", []))
    if names:
        body["script_arguments"] = arguments
        places += [f"arguments ({', '.join(dict.fromkeys(names))})"]
    options, names = redact_arguments(body.get("executable", {}).get("options", []))
    if names:
        body["executable"] = {**body["executable"], "options": options}
        places += [f"arguments ({', '.join(dict.fromkeys(names))})"]
    before = body.get("parameters") or {}
    plain = {name: redact_value(name, value) for name, value in before.items()}
    about = dict(body.get("parameter_file") or {})
    if about:
        text = redact_parameter_text(str(about.get("text", "")), before)
        overrides = {name: redact_value(name, value) for name, value in about.get("overrides", {}).items()}
        if plain != _plain(before) or text != about.get("text") or overrides != about.get("overrides", {}):
            body["parameters"], body["parameter_file"] = plain, {**about, "text": text, "overrides": overrides}
            places.append("parameters")
    for field in ("reason", "stdin", "stdout_file"):
        if body.get(field):
            body[field] = redact_text(str(body[field]))
    kept = [str(entry["path"]) for entry in body.get("changed_files", []) if entry.get("redacted")]
    return places + [f"changed code ({', '.join(kept)})"] * bool(kept)


def _plain(value: Any) -> Any:
    """Tuples as lists, as :func:`redact_value` gives them."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, (list, tuple)) else value
