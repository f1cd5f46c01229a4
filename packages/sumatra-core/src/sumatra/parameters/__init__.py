"""Parameter files: one module per format, found by the suffix of the file."""

from sumatra.parameters.building import build_parameters, format_of

__all__ = ["build_parameters", "format_of"]
