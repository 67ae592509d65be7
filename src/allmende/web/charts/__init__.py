"""Charts: specifications from numbers, a worker that draws them, and the same numbers as a table."""
