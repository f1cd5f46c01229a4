"""Parameter files: one module per format, found by the suffix of the file."""

from sumatra.parameters.building import build_parameters, format_of
from sumatra.parameters.ini import ConfigParameters
from sumatra.parameters.json_format import JSONParameters
from sumatra.parameters.simple import SimpleParameters
from sumatra.parameters.toml_format import TOMLParameters
from sumatra.parameters.yaml_format import YAMLParameters

__all__ = ["ConfigParameters", "JSONParameters", "SimpleParameters", "TOMLParameters", "YAMLParameters",
           "build_parameters", "format_of"]  # fmt: skip
