"""The kit for what the notebook takes for a secret. No plug-in has to pass it: planted bugs are held against it."""

from __future__ import annotations

import io
from typing import Any

from sumatra import redacting
from sumatra.testing._kit import Kit
from sumatra.testing._repository_making import expect

__all__ = ["SecretsKit"]

# Put together here, so that no scanner takes them for real ones.
FORMS = (
    "AK" + "IA" + "B2" * 8, "ghp" + "_" + "a1" * 18, "sk" + "-" + "c3" * 12, "https://ada:pw12345@example.org/x",
    "-----BEGIN PRIVATE " + "KEY-----\nabc\n-----END PRIVATE KEY-----", "password = 'open sesame'",
)  # fmt: skip
ORDINARY = ("tau_m = 20.0", "n_tokens=4", "keyboard", "passive = 0.1", "https://example.org/a@b",
            "password = getpass()")  # fmt: skip


class SecretsKit(Kit):
    """Secrets go, and nothing else does."""

    @staticmethod
    def redact_text(text: str) -> str:
        """A text without secrets."""
        return redacting.redact_text(text)

    @staticmethod
    def redact_arguments(words: list[str]) -> list[str]:
        """A command line without secrets."""
        return redacting.redact_arguments(words)[0]

    @staticmethod
    def keep(data: bytes) -> tuple[bytes, dict[str, Any]]:
        """What is kept of a file, and what the record says of it."""
        kept: list[bytes] = []

        def put(file: Any) -> str:
            kept.append(file.read())
            return "sha256:x"

        about = redacting.keep_redacted(io.BytesIO(data), put)
        return kept[0], about

    def test_known_forms_go(self) -> None:
        """Keys of services, passwords in addresses, private keys and assigned passwords, wherever they stand."""
        for secret in FORMS:
            for text in (secret, f"before {secret} after\nnext line"):
                expect("[redacted]" in self.redact_text(text), True, f"redacted {secret[:12]!r}")

    def test_ordinary_text_stays(self) -> None:
        """Names that only look a little like those of secrets, and addresses without a password."""
        for text in ORDINARY:
            expect(self.redact_text(text), text, "ordinary text")
            words = text.split(" = ")
            expect(self.redact_arguments(words), words, "ordinary arguments")

    def test_options_by_their_names(self) -> None:
        """With "=" and as the next word; a number is no secret."""
        words = ["--password=x1", "--api-key", "abc", "db_token=y", "--pass=3", "main.py"]

        found = self.redact_arguments(words)

        wanted = ["--password=[redacted]", "--api-key", "[redacted]", "db_token=[redacted]", "--pass=3", "main.py"]
        expect(found, wanted, "arguments")

    def test_the_digest_of_the_true_bytes_is_kept(self) -> None:
        """Beside what is stored, so that a repeat can tell whether the user still has the same file."""
        data = FORMS[0].encode() + b"\n" + bytes(range(256))

        kept, about = self.keep(data)

        expect(FORMS[0].encode() in kept, False, "the secret is kept")
        expect(kept.endswith(bytes(range(256))), True, "other bytes are as they were")
        expect("true" in about and about["true"] != about["digest"], True, "both digests")
