"""Records as text for people."""

from sumatra.formatting.text import format_long, format_run, format_short

__all__ = ["format_long", "format_run", "format_short"]
