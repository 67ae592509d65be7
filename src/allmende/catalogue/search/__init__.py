"""Finding datasets: German word forms, compounds, typing errors; only among what the actor may read.

`find` ranks datasets, `suggest` completes what is being typed, `facets` counts, `indexing` keeps the index.
"""
