"""The views of the house's own pages: thin, each declaring its action."""
