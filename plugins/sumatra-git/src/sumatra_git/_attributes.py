"""Which conversions ``.gitattributes`` asks for, by path (gitattributes(5)); a filter is only a name here."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache

Value = str | bool | None
_RELEVANT = {"text", "crlf", "eol", "ident", "filter", "working-tree-encoding"}


class Attributes:
    """The rules of all attribute files of one commit.

    Parameters
    ----------
    sources
        Folder ("" is the top) and text of each file, the weakest first: system, user, top folder, deeper folders,
        ``info/attributes``.
    """

    def __init__(self, sources: Iterable[tuple[str, bytes]]) -> None:
        self._macros: dict[str, dict[str, Value]] = {"binary": {"text": False}}
        self._rules: list[tuple[str, bool, Callable[[str], object], dict[str, Value]]] = []
        for folder, text in sources:
            for line in os.fsdecode(text).splitlines():
                self._add(f"{folder}/" if folder else "", line.strip(" \t\r"))

    def __bool__(self) -> bool:
        return bool(self._rules)

    def of(self, path: str) -> Mapping[str, Value]:
        """The attributes of one file that matter for its bytes; a missing one is unspecified."""
        found: dict[str, Value] = {}
        name = path.rpartition("/")[2]
        for folder, whole, matches, values in self._rules:
            if path.startswith(folder) and matches(path[len(folder) :] if whole else name):
                found.update(values)
        return found

    def _add(self, folder: str, line: str) -> None:
        if not line or line.startswith("#"):
            return
        pattern, rest = _first_word(line)
        values: dict[str, Value] = {}
        for word in rest.split():
            name, value = _assignment(word)
            values.update(self._macros.get(name, {}) if value is True else {})
            values[name] = value
        if pattern.startswith("[attr]"):
            self._macros[pattern[6:]] = values
            return
        values = {name: value for name, value in values.items() if name in _RELEVANT}
        if values and not pattern.startswith("!") and not pattern.endswith("/"):
            self._rules.append((folder, "/" in pattern, _matcher(pattern.removeprefix("/")), values))


def _first_word(line: str) -> tuple[str, str]:
    quoted = re.match(r'"((?:[^"\\]|\\.)*)"\s*(.*)', line)
    if quoted:
        escaped = os.fsencode(quoted[1])
        plain = re.sub(rb"\\([0-7]{3}|.)", lambda found: _unescaped(found[1]), escaped)
        return os.fsdecode(plain), quoted[2]
    word, _, rest = line.replace("\t", " ").partition(" ")
    return word, rest


def _unescaped(code: bytes) -> bytes:
    names = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"a": b"\a", b"b": b"\b", b"f": b"\f", b"v": b"\v"}
    return bytes([int(code, 8) & 255]) if len(code) == 3 else names.get(code, code)


def _assignment(word: str) -> tuple[str, Value]:
    name, equals, value = word.partition("=")
    if equals:
        return name, value
    return (word[1:], False) if word[0] == "-" else (word[1:], None) if word[0] == "!" else (word, True)


@lru_cache(maxsize=1000)
def _matcher(pattern: str) -> Callable[[str], object]:
    return re.compile("".join(_pieces(pattern)), re.DOTALL).fullmatch


def _pieces(pattern: str) -> Iterator[str]:
    """A wildcard pattern as pieces of a regular expression."""
    token = re.compile(r"^\*\*/|/\*\*/|/\*\*$|\*+|\?|\\.|\[[!^]?\]?(?:\[:\w+:\]|\\.|[^\]])*\]|.", re.DOTALL)
    fixed = {"**/": "(?:.*/)?", "/**/": "/(?:.*/)?", "/**": "/.*", "?": "[^/]"}
    for found in token.finditer(pattern):
        text = found[0]
        if text in fixed:
            yield fixed[text]
        elif text.startswith("*"):
            yield "[^/]*"
        elif text.startswith("[") and len(text) > 1:
            inner = text[1:-1].replace("\\]", "]").replace("[:alnum:]", "a-zA-Z0-9").replace("[:digit:]", "0-9")
            inner = inner.replace("[:alpha:]", "a-zA-Z").replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
            yield f"(?!/)[^{inner[1:]}]" if inner[0] in "!^" else f"[{inner}]"
        else:
            yield re.escape(text[1] if len(text) == 2 else text)
