"""Secrets never reach a record, and what is no secret is never touched."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import pytest
from sumatra.redacting import (
    MARK,
    is_secret_name,
    keep_redacted,
    redact_arguments,
    redact_bytes,
    redact_text,
    redact_value,
)

# Made up, in the forms that services have published; each is put together here so that no scanner takes it for real.
TEXTS = [
    "AK" + "IAABCDEFGHIJKLMNOP", "ghp" + "_" + "a1" * 18, "glpat" + "-" + "b2" * 10, "xoxb" + "-1234567890-abcdef",
    "sk" + "-" + "c3" * 12, "AI" + "za" + "d" * 35, "hf" + "_" + "e" * 34, "npm" + "_" + "f" * 36,
    "eyJ" + "hbGciOiJI" + ".eyJ" + "zdWIiOiIx" + "." + "g" * 20, "github" + "_pat_" + "h" * 30,
    "-----BEGIN RSA PRIVATE " + "KEY-----\nMIIE\nabc\n-----END RSA PRIVATE KEY-----",
    "postgres://ada:hunter22@db.example.org/x", "https://user:s3cr3tpw@example.org/repo.git",
    "Authorization: Bearer abcdefghijklmnop1234", "password = 'correct horse'", 'API_KEY="abcd1234"',
    "db_password: hunter2222", '"secret": "do not tell"', "aws_secret_access_key = abc123def456",
    "export AUTH_TOKEN=abc123def", "client-secret='xyzxyz'", "Basic dXNlcjpwYXNzd29yZDEy",
]  # fmt: skip
NAMES = ["password", "db_password", "apiKey", "API_KEY", "access_token", "secret", "client_secret", "--password", "pwd",
         "github_token", "passphrase", "credentials", "ssh_key", "private-key", "auth.token"]  # fmt: skip
ORDINARY_NAMES = ["tau_m", "n_tokens", "key", "keys", "passive", "g_pas", "pass_band", "keyboard", "monkey_id",
                  "passes",
                  "secretion_rate", "author", "authority", "token_count", "tokens", "compass", "bypass_filter",
                  "n_keys", "keyframe", "passenger", "oauthor", "hotkey"]  # fmt: skip
ORDINARY_TEXTS = [
    "sha256:" + "a1b2" * 16, "d3c5e4638429060e07e16e062aa370d09ca3a8fe", "key = value", "password = getpass()",
    "password = config.password", "tokens = text.split()", "secret = compute(42)", "https://example.org/a:b/c@d",
    "see https://doi.org/10.1000/182", "ada@example.org", "12:30:45", "C:/data/file.txt", "mailto:ada@example.org",
    "token = next(tokens)", "the password is checked", "no secret here", "scp file host:/path",
    "git@github.com:a/b.git",
    "api_key = os.environ['API_KEY']", "credentials = load()", "access_key = args.access_key", "x = 'sk-short'",
    "http://localhost:8000/", "passphrase = None", "file:///tmp/x", "Bearer of news", "key: value", "Basic usage",
    "The secret of synapses", "password: str", "secret: bytes = b''", "def token(self) -> str:", "AKIA",
    "risk-averse-" * 3,
]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
def test_known_forms_are_found(text: str) -> None:
    """What is secret in a line goes, alone and in the middle of a page."""
    for page in (text, f"before\n{text}\nafter {text} end\n"):
        redacted = redact_text(page)

        assert MARK in redacted
        assert not any(part in redacted for part in (text, "hunter22", "s3cr3tpw", "correct horse", "do not tell",
                                                     "abcd1234", "abc123def", "xyzxyz", "MIIE"))  # fmt: skip


def test_ordinary_text_is_left_alone() -> None:
    """200 strings that look a little like secrets, and are none."""
    ordinary = [f"{a} {b}" for a in ORDINARY_TEXTS for b in ("", "n = 4", "# done", "0.5", "ms", "=")]

    assert len(ordinary) >= 200
    assert [text for text in ordinary if redact_text(text) != text] == []


def test_names_say_what_is_secret() -> None:
    """By whole words, so that passive conductances and keyboards stay."""
    assert [name for name in NAMES if not is_secret_name(name)] == []
    assert [name for name in ORDINARY_NAMES if is_secret_name(name)] == []


def test_arguments() -> None:
    """With "=", as the next word, as a parameter, in a URL; numbers and paths stay."""
    words = ["--password=hunter2", "--api-key", "abcdef", "--token", "--verbose", "db_password=x1", "n=4", "--pass=3",
             "https://a:b@c.org", "main.py"]  # fmt: skip

    redacted, names = redact_arguments(words)

    assert redacted == ["--password=[redacted]", "--api-key", "[redacted]", "--token", "--verbose",
                        "db_password=[redacted]", "n=4", "--pass=3", "https://[redacted]@c.org",
                        "main.py"]  # fmt: skip
    assert names == ["--password", "--api-key", "db_password", "an argument"]


def test_nested_values() -> None:
    """Sections and lists are searched; numbers under any name stay."""
    values = {"net": {"tau": 20.0, "api_key": "abc", "token": 5}, "urls": ["ftp://a:b@c"], "secret": ["x", "y"]}

    assert redact_value("", values) == {
        "net": {"tau": 20.0, "api_key": MARK, "token": 5}, "urls": ["ftp://[redacted]@c"], "secret": [MARK, MARK],
    }  # fmt: skip


def test_a_secret_across_blocks_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A long file is read in pieces, and no key is cut in two by that; other bytes stay as they are."""
    monkeypatch.setattr("sumatra.redacting._BLOCK", 64)
    text = b"".join(b"%d %s\n" % (k, TEXTS[k % len(TEXTS)].encode()) for k in range(200)) + bytes(range(256))
    stored: list[bytes] = []

    kept = keep_redacted(io.BytesIO(text), lambda file: (stored.append(file.read()), "sha256:x")[1])

    assert kept["redacted"] and stored[0].endswith(bytes(range(256)))
    assert stored[0] == redact_bytes(text)


def test_no_secret_reaches_the_notebook(notebook: Any) -> None:
    """40 secrets in environment, arguments, parameters, console and changed code: none is in .smt or in an export."""
    secrets = [f"planted{k}secret{k}" for k in range(40)]
    notebook.write("login.param", "".join(f"password{k}_password = '{secrets[k]}'\n" for k in range(10)) + "n = 4\n")
    notebook.commit()
    notebook.smt("configure", "--on-changed=store-diff")
    code = "".join(f"db_password = '{secret}'\n" for secret in secrets[10:20])
    notebook.write("main.py", f"import sys\n{code}assert len(sys.argv) > 12\n"
                              + "".join(f"print('api_key: {secret}')\n" for secret in secrets[20:30]))  # fmt: skip
    notebook.environment |= {f"MY_TOKEN_{k}": secrets[k] for k in range(30, 35)}
    words = [f"--password={secrets[k]}" for k in range(35, 38)]
    more = ["--api-key", secrets[38], f"https://ada:{secrets[39]}@example.org", *map(str, range(10))]

    shown = notebook.smt("run", "--label=one", "login.param", *words, *more)
    notebook.smt("export")
    notebook.smt("export", "--rocrate", "one.zip")

    assert "Secrets were left out of the record" in shown
    everything = b"".join(file.read_bytes() for file in (notebook.path / ".smt").rglob("*") if file.is_file())
    everything += b"".join(file.read_bytes() for file in Path(notebook.environment["HOME"]).rglob("*.sqlite"))
    assert [secret for secret in secrets if secret.encode() in everything] == []
    process = notebook.start("repeat", "one")
    _, err = process.communicate()
    assert process.returncode == 65 and b"secrets that no record holds" in err


def test_changed_code_with_a_secret_is_repeated_from_the_users_file(notebook: Any) -> None:
    """As long as the user's file is the same; afterwards the verdict is incomplete, and says why."""
    notebook.smt("configure", "--on-changed=store-diff")
    notebook.write("main.py", "password = 'hunter2hunter2'\nprint(len(password))\n")
    notebook.smt("run", "--label=one")

    assert "identical" in notebook.smt("repeat", "one")
    notebook.write("main.py", "print(14)\n")
    shown = notebook.smt("repeat", "one", code=None)
    assert "kept without its secrets" in shown
    assert os.environ.get("HOME")
