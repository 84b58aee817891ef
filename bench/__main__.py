"""`python -m bench`: measures everything and writes the table into the README; `python -m bench gpu`: see `gpu.py`."""

from __future__ import annotations

import re
import sys
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"
BETWEEN = re.compile(r"(<!-- bench -->\n).*?(<!-- /bench -->)", re.S)


def main() -> None:
    """Print the table and put it between the marks in the README."""
    from bench import browser, engine, libraries, maps, sweeps, training

    rows = [("What", "Measured", "Bar"), ("---", "---", "---")]
    for part in (engine, libraries, maps, sweeps, training, browser):
        rows += part.rows()
    table = "".join(f"| {' | '.join(row)} |\n" for row in rows)
    print(table)
    README.write_text(BETWEEN.sub(lambda marks: marks[1] + table + marks[2], README.read_text()))


if __name__ == "__main__":
    if sys.argv[1:2] == ["gpu"]:  # with what a bare machine has
        from bench import gpu

        sys.exit(gpu.main(sys.argv[2:]))
    main()
