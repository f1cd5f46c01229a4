"""``python -m cawan``."""

import sys

from cawan.cli import main

sys.exit(main())
