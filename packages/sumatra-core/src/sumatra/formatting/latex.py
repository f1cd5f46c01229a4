"""LaTeX: a document with a section for each record."""

from __future__ import annotations

import re
from typing import Any

from sumatra.core import component
from sumatra.formatting.base import Formatter, fields, text_of

_SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}", ">": r"\textgreater{}",
}  # fmt: skip
_HEAD = r"""\documentclass[a4paper,10pt]{article}
\usepackage[margin=2.5cm]{geometry}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{longtable}
\title{%s}
\date{}
\begin{document}
\maketitle
\tableofcontents
"""


def escape_tex(value: Any) -> str:
    """Text that LaTeX prints as it is; line ends become line breaks."""
    text = re.sub(r"[\\{}$&#%_~^<>]", lambda found: _SPECIAL[found[0]], str(value))
    return text.replace("\n", r"\newline ")


@component
class LaTeXFormatter(Formatter):
    """A whole document."""

    name = "latex"

    def short(self) -> str:
        """The same as the long form."""
        return self.long()

    def long(self) -> str:
        """A section for each record, with a table of its fields."""
        title = getattr(self.project, "name", "") or "Records"
        return _HEAD % escape_tex(title) + "".join(map(self._section, self.records)) + "\\end{document}\n"

    @staticmethod
    def _section(record: Any) -> str:
        rows = "".join(
            f"{escape_tex(field.replace('_', ' ').capitalize())} & {escape_tex(text_of(record, field))} \\\\\n"
            for field in fields[1:]
        )
        return (
            f"\\section{{{escape_tex(record.label)}}}\n\\begin{{longtable}}{{p{{0.2\\textwidth}}p{{0.75\\textwidth}}}}\n"
            f"{rows}\\end{{longtable}}\n"
        )
