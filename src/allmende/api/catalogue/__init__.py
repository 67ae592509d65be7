"""The faces of the catalogue's metadata: DCAT-AP.de, CKAN's way of asking, SPARQL, a feed. All of them read only."""
