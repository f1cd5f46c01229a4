"""Figures in papers and pages, included by the label of the run that made them, and checked."""

from sumatra.publishing.figures import Figure, FigureError, Reference, find_figure, parse_reference, place_figure

__all__ = ["Figure", "FigureError", "Reference", "find_figure", "parse_reference", "place_figure"]
