"""The content of versions: Parquet files named by their SHA-256, built once, never changed, read through DuckDB.

`files` keeps them, `building` makes them from what a loader gave, `reading` answers questions, `comparing` tells two
versions apart. Knows nothing of datasets and rights; `catalogue.services` and `catalogue.queries` do.
"""
