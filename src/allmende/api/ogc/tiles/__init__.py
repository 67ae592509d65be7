"""Vector tiles of layers (OGC API Tiles, part 1; Mapbox Vector Tile 2.1).

`grid` knows where a tile lies, `content` which features it has, `shaping` brings them into its coordinates, `packing`
writes them, `serving` answers.
"""
