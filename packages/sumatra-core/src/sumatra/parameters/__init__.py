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
    "TOMLParameterSet", "YAMLParameterSet", "build_parameters", "yaml_loaded",
]  # fmt: skip

yaml_loaded = True
"""Can YAML be read? Always; scripts for 0.8 ask."""
