"""Descriptions of networks for people, from templates: Python's ``string.Template``, Jinja2 or Cheetah.

A script may give a template of its own as text, or as the path of a file; ``None`` gives the values themselves.
"""

from __future__ import annotations

import string
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

_TEMPLATES = Path(__file__).parent / "templates"


class TemplateEngine:
    """Fills values into a template."""

    @classmethod
    def get_template(cls, template: Any) -> Any:
        """The template of a text, or of the file of that name."""
        raise NotImplementedError(f"{cls.__name__} must define get_template().")

    @classmethod
    def render(cls, template: Any, context: Mapping[str, Any]) -> str:
        """The text with the values of ``context`` filled in."""
        raise NotImplementedError(f"{cls.__name__} must define render().")


class StringTemplateEngine(TemplateEngine):
    """Python's ``string.Template``: ``$name``."""

    template_dir = str(_TEMPLATES / "string")

    @classmethod
    def get_template(cls, template: Any) -> string.Template:
        """The template of a text, or of the file of that name."""
        return string.Template(_text(template, cls.template_dir))

    @classmethod
    def render(cls, template: Any, context: Mapping[str, Any]) -> str:
        """The text; a name without a value stays as it is."""
        return cls.get_template(template).safe_substitute(context)


class Jinja2TemplateEngine(TemplateEngine):
    """Jinja2, in its sandbox: ``{{ name }}``."""

    template_dir = str(_TEMPLATES / "jinja2")
    env: Any = None

    @classmethod
    def _environment(cls) -> Any:
        if cls.env is None:
            from jinja2 import FileSystemLoader
            from jinja2.sandbox import SandboxedEnvironment

            cls.env = SandboxedEnvironment(loader=FileSystemLoader(cls.template_dir), autoescape=False)
        return cls.env

    @classmethod
    def get_template(cls, template: Any) -> Any:
        """The template of a text, or of the file of that name."""
        from jinja2 import TemplateNotFound

        try:
            return cls._environment().get_template(str(template))
        except TemplateNotFound:
            return cls._environment().from_string(_text(template, cls.template_dir))

    @classmethod
    def render(cls, template: Any, context: Mapping[str, Any]) -> str:
        """The text with the values filled in."""
        return str(cls.get_template(template).render(dict(context)))


class CheetahTemplateEngine(TemplateEngine):
    """Cheetah: ``$name``, of a text; needs the package ``CT3``."""

    template_dir = StringTemplateEngine.template_dir

    @classmethod
    def get_template(cls, template: Any) -> Any:
        """The template class of a text, or of the file of that name."""
        from Cheetah.Template import Template

        return Template.compile(source=_text(template, cls.template_dir))

    @classmethod
    def render(cls, template: Any, context: Mapping[str, Any]) -> str:
        """The text with the values filled in."""
        return str(cls.get_template(template)(searchList=[dict(context)])())


TEMPLATE_ENGINES: dict[str, type[TemplateEngine]] = {"string": StringTemplateEngine}
if find_spec("jinja2") is not None:
    TEMPLATE_ENGINES["jinja2"] = Jinja2TemplateEngine
if find_spec("Cheetah") is not None:
    TEMPLATE_ENGINES["cheetah"] = CheetahTemplateEngine
DEFAULT_TEMPLATE_ENGINE: str | None = None


def get_default_template_engine() -> type[TemplateEngine]:
    """The engine that is used where none is named: :data:`DEFAULT_TEMPLATE_ENGINE`, or Python's own."""
    return TEMPLATE_ENGINES[DEFAULT_TEMPLATE_ENGINE or "string"]


def render(engine: Any, template: Any, context: Mapping[str, Any]) -> Any:
    """Values filled into a template; the values themselves where ``template`` is None.

    Parameters
    ----------
    engine
        "default", the name of an engine, or its class.
    """
    if template is None:
        return context
    if engine in (None, "default"):
        engine = get_default_template_engine()
    elif isinstance(engine, str):
        from pyNN.errors import UnknownNameError

        if engine not in TEMPLATE_ENGINES:
            raise UnknownNameError("pyNN.descriptions", engine, TEMPLATE_ENGINES)
        engine = TEMPLATE_ENGINES[engine]
    return engine.render(template, context)


def _text(template: Any, folder: str) -> str:
    """The text itself, or that of the file of this name, in the script's folder or among ours."""
    name = str(template)
    if "\n" not in name and len(name) < 250:
        for path in (Path(name), Path(folder) / name):
            if path.is_file():
                return path.read_text(encoding="utf-8")
    return name
