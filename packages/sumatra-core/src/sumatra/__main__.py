"""``python -m sumatra`` is ``smt``."""

from sumatra.cli import main

if __name__ == "__main__":
    main()
