"""Labels: which ones are allowed, and how one is made."""

from __future__ import annotations

import os
import unicodedata
from datetime import UTC, datetime

from sumatra.errors import LabelError

MOST_BYTES = 200
_ALPHABET = "23456789abcdefghjkmnpqrstvwxyz"
TIMESTAMP_FORMAT = "%Y%m%d-%H%M%S"


def check_label(label: str) -> str:
    """The label itself, or :class:`~sumatra.errors.LabelError` with the rule it breaks."""
    if not label or label != label.strip() or "  " in label:
        raise LabelError(label, "is empty or has blanks at its ends or two in a row")
    if label == "last":
        raise LabelError(label, "is reserved for the latest record")
    if label[0] in ".-":
        raise LabelError(label, f"begins with {label[0]!r}")
    composed = unicodedata.normalize("NFC", label)
    if composed != label:  # else two labels could look alike
        raise LabelError(label, f"is not in Unicode's composed form (NFC), which is {composed!r},")
    wrong = next((c for k, c in enumerate(label) if not (c.isalnum() or c in "._- " or (k and _is_mark(c)))), "")
    if wrong or not label.isprintable():
        raise LabelError(label, f"contains {wrong!r}")
    try:
        size = len(label.encode("utf-8"))
    except UnicodeEncodeError as error:
        raise LabelError(label, "is not valid text") from error
    if size > MOST_BYTES:
        raise LabelError(label, f"is {size} bytes long")
    return label


def _is_mark(character: str) -> bool:
    """Whether it belongs to the letter before it, as vowels do in many scripts of India and South-East Asia."""
    return unicodedata.category(character) in ("Mn", "Mc")


def generate_label(generator: str, timestamp_format: str, attempt: int = 0) -> str:
    """A new label: the UTC time or twelve random digits; from the second attempt on with a random suffix."""
    if generator == "uuid":
        return os.urandom(6).hex()
    label = datetime.now(UTC).strftime(timestamp_format or TIMESTAMP_FORMAT)
    return with_suffix(label, attempt) if attempt else label


def with_suffix(label: str, attempt: int = 0) -> str:
    """A label with random characters: runs that start together would all try the same next number."""
    return label + "-" + "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in os.urandom(3 + attempt // 4))
