"""Parameters of a computation: files in several formats, none of which is ever executed."""

from sumatra.parameters.upstream import (
    ConfigParserParameterSet,
    JSONParameterSet,
    NTParameterSet,
    ParameterSet,
    SimpleParameterSet,
    TOMLParameterSet,
    YAMLParameterSet,
    build_parameters,
)

__all__ = [
    "ConfigParserParameterSet", "JSONParameterSet", "NTParameterSet", "ParameterSet", "SimpleParameterSet",
    "TOMLParameterSet", "YAMLParameterSet", "build_parameters",
]  # fmt: skip
