"""Messages that others hand in over HTTP, at /api/hooks/<code>: read by a mapping, or as SenML."""

from django.utils.translation import gettext_lazy as _

from allmende.connectors.kind import Kind
from allmende.connectors.payload import MessageConfig, decoder_of

KIND = Kind(
    name="webhook",
    label=_("Webhook"),
    about=_("Others send JSON or SenML to an address of this server, with a secret."),
    config=MessageConfig,
    check=decoder_of,
    decoder=decoder_of,
    hook=True,
)
