"""From the tree of a filter to what answers it: Django expressions for entities, terms of the store for observations.

`compiler` knows what the operators mean, once for both; a `Dialect` knows how to write them.
"""
