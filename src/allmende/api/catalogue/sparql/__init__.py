"""A read-only SPARQL 1.1 endpoint over what is described of datasets. Each question runs in a sandbox of its own."""
