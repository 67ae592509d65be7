"""`python -m bench [ROW…]`: prints the table. Exit code 0 whatever the figures: they are facts, not tests."""

import argparse
import importlib
import os
import platform
import sys

from bench.table import HEAD

# row → (module, function)
ROWS = {
    "single": ("ingest", "single"),
    "batches": ("ingest", "batches"),
    "arrow": ("ingest", "arrow"),
    "large": ("reads", "large"),
    "load": ("loads", "parking"),
    "demo": ("pages", "demo"),
    "features": ("features", "features"),
    "sta-single": ("sensorthings", "single"),
    "sta-arrays": ("sensorthings", "arrays"),
    "sta-reading": ("sensorthings", "reading"),
    "sta-mqtt": ("sensorthings", "mqtt"),
    "dcat": ("catalogue", "dcat"),
    "search": ("search", "search"),
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("rows", nargs="*", choices=[[], *ROWS], help="only these (default: all)")
    wanted = parser.parse_args().rows or list(ROWS)
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    print(HEAD, flush=True)
    for name in wanted:
        module, function = ROWS[name]
        try:
            for row in getattr(importlib.import_module(f"bench.{module}"), function)():
                print(row.line(), flush=True)
        except Exception as error:
            print(f"| {name} | not measured: {type(error).__name__}: {error} | | | | |", flush=True)
    sys.exit(0)


if __name__ == "__main__":
    main()
