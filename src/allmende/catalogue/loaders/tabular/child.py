"""What runs in the sandbox: the functions that `tabling` names. Knows no Django."""

from allmende.catalogue.loaders.tabular.look import look
from allmende.catalogue.loaders.tabular.rows import rows
from allmende.catalogue.loaders.tabular.trial import trial

__all__ = ["look", "rows", "trial"]
