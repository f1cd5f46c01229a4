"""Lets the tests of this folder import what they share, in whatever mode pytest imports them."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
