"""One module for each kind of source; pure functions from a document to plain data."""
