"""Entry point of ``python3 devtools``: puts the project on the path and hands over to the CLI."""

import sys
from pathlib import Path

# Run as a folder, Python puts devtools/ itself first on the path; its module
# names must not hide those of the standard library, so the project replaces it.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from devtools.cli import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
