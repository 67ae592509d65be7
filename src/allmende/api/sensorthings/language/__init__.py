"""The query language of SensorThings 1.1: resource paths and query options become typed trees, without a database.

The doors: `query.parse_query`, `paths.parse_path`. Whatever is wrong with text from outside is a `faults.QueryError`.
"""
