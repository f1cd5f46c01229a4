"""Records as text: for people, for papers, for other programs, and as a script that makes the results again."""

from sumatra.formatting.base import Formatter, fields, get_diff_formatter, get_formatter
from sumatra.formatting.data import CSVFormatter, JSONFormatter, record2dict, record2json
from sumatra.formatting.difference import TextDiffFormatter
from sumatra.formatting.html import HTMLFormatter
from sumatra.formatting.latex import LaTeXFormatter
from sumatra.formatting.plain import TextFormatter, TextTable, human_readable_duration
from sumatra.formatting.shell import ShellFormatter

__all__ = [
    "CSVFormatter", "Formatter", "HTMLFormatter", "JSONFormatter", "LaTeXFormatter", "ShellFormatter",
    "TextDiffFormatter", "TextFormatter", "TextTable", "fields", "get_diff_formatter", "get_formatter",
    "human_readable_duration", "record2dict", "record2json",
]  # fmt: skip
