"""The data plane's faces: one folder per standard; each decodes, checks the action, calls a domain, encodes."""
