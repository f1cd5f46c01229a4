"""``.. smtimage:: LABEL`` and ``:smtlink:`LABEL` `` for Sphinx and for plain docutils.

In ``conf.py``: ``extensions = ["sumatra.publishing.sphinxext"]``, and where the notebook is not the one around the
documents ``sumatra_record_store`` and ``sumatra_project``. Plain docutils: import this module.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, ClassVar

from cawan.errors import CawanError
from docutils import nodes
from docutils.parsers.rst import directives, roles
from docutils.parsers.rst.directives.images import Image

from sumatra.publishing.figures import find_figure, parse_reference, place_figure

_CONFIG = {"sumatra_record_store": None, "sumatra_project": None, "sumatra_link_icon": "icon_info.png"}


class SumatraImage(Image):  # type: ignore[misc]  # of a package without types
    """A figure by the label of its run; a wrong or changed one is an error of the document, at its line."""

    required_arguments = 1
    optional_arguments = 1
    option_spec: ClassVar[dict[str, Any]] = {
        **Image.option_spec, "project": directives.unchanged, "record_store": directives.unchanged,
        "digest": directives.unchanged,
    }  # fmt: skip

    def run(self) -> list[nodes.Node]:
        """The image node, its file in ``smt_images`` beside the documents."""
        document = self.state.document
        settings = _settings(document)
        own = {name: self.options.pop(name, None) for name in ("project", "record_store", "digest")}
        top, base = _folders(document)
        reference = " ".join(self.arguments)
        try:
            figure = find_figure(
                reference, record_store=own["record_store"] or settings["sumatra_record_store"],
                project=own["project"] or settings["sumatra_project"], digest=own["digest"], start=base,
            )  # fmt: skip
            place = place_figure(figure, top)
        except CawanError as error:
            raise self.error(str(error)) from error
        self.arguments[:] = [Path(os.path.relpath(place, base)).as_posix()]
        self.options.setdefault("alt", f"Figure from the computation {figure.label}")
        if figure.link:
            self.options.setdefault("target", figure.link)
        return list(super().run())


def link_role(
    name: str, rawtext: str, text: str, lineno: int, inliner: Any, options: Any = None, content: Any = None
) -> tuple[list[nodes.Node], list[nodes.Node]]:
    """The label, as a link where its record can be looked at in the web."""
    settings = _settings(inliner.document)
    store = settings["sumatra_record_store"] or ""
    try:
        label = parse_reference(text).label
    except CawanError as error:
        message = inliner.reporter.error(str(error), line=lineno)
        return [inliner.problematic(rawtext, rawtext, message)], [message]
    if not store.startswith(("http://", "https://")):
        return [nodes.literal(rawtext, label)], []
    target = f"{store.rstrip('/')}/{settings['sumatra_project'] or ''}/{label}/"
    icon = nodes.image(uri=settings["sumatra_link_icon"], alt=label)
    return [nodes.reference(rawtext, "", icon, refuri=target)], []


def _settings(document: Any) -> dict[str, Any]:
    environment = getattr(document.settings, "env", None)
    return {name: getattr(environment.config, name) if environment is not None else value
            for name, value in _CONFIG.items()}  # fmt: skip


def _folders(document: Any) -> tuple[Path, Path]:
    """Where all documents are, and where this one is."""
    environment = getattr(document.settings, "env", None)
    source = Path(document.current_source or ".").absolute()
    base = source.parent if source.is_file() else Path.cwd()
    return (Path(environment.srcdir) if environment is not None else base), base


def _register() -> None:
    directives.register_directive("smtimage", SumatraImage)
    roles.register_local_role("smtlink", link_role)


def setup(app: Any) -> dict[str, Any]:
    """Called by Sphinx."""
    for name, value in _CONFIG.items():
        app.add_config_value(name, value, "env")
    app.add_directive("smtimage", SumatraImage, override=True)
    app.add_role("smtlink", link_role, override=True)
    return {"version": "0.1", "parallel_read_safe": True, "parallel_write_safe": True}


_register()
