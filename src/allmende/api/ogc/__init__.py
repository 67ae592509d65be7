"""OGC API: layers of the catalogue as Features (parts 1, 2 and 3) and vector tiles, below /api/ogc."""
