"""Benchmarks: each figure against a limit or a peer in the same run. `make bench`, or `python -m bench ROW…`."""
