"""Sumatra: an automated lab notebook for computational science.

``sumatra.notebook`` opens a notebook from Python; ``smt`` is its command line (``sumatra.cli``).
"""

from sumatra._installed import refuse_half_installed

__version__ = "0.1.0"
__all__ = ["__version__"]

refuse_half_installed()
