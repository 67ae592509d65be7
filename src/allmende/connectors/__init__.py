"""Ways in: one folder per source or protocol. Each decodes what arrives and calls observations.services."""
