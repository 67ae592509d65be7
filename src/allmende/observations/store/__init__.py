"""The observation store: a hot log that acknowledges, a columnar store that answers, and a drain between them.

Rows are (ds, t, v, q, x): Datastream.id, phenomenon time in µs UTC, value, quality flags, extras as JSON text.
The key is (ds, t); the last write wins. Only one process owns the store; see `runtime`.
"""
