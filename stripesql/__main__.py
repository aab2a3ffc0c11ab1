"""Run the command as ``python -m stripesql``."""

import sys

from stripesql.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
