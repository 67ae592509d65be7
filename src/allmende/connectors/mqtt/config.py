"""What an administrator says about a broker."""

from typing import Annotated

from django.utils.translation import gettext_noop as _
from msgspec import Meta

from allmende.connectors.payload import MessageConfig, decoder_of, topic_of
from allmende.connectors.readings import Decoder
from allmende.connectors.wrong import WrongSetup


class MqttConfig(MessageConfig, kw_only=True):
    """Where the broker is, and who we are there; client_id: stable, so that the broker keeps messages while we are
    away."""

    host: Annotated[str, Meta(min_length=1, max_length=253)]
    port: Annotated[int, Meta(ge=1, le=65535)] = 1883
    tls: bool = False
    username: str = ""
    password: str = ""
    client_id: str = ""
    qos: Annotated[int, Meta(ge=0, le=1)] = 1


def decoder(config: MqttConfig) -> Decoder:
    """Raises ValueError for a mapping that cannot work, or that names no topic."""
    if not topic_of(config):
        raise WrongSetup(_("A «topic» is missing: which messages of the broker are meant."))
    return decoder_of(config)
