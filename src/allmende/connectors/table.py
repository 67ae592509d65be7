"""The table of kinds. A new kind is a folder with a KIND, and a line here."""

from allmende.connectors import chirpstack, csv_folder, http_poll, mqtt, sta_pull, ttn, webhook
from allmende.connectors.kind import Kind

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        mqtt.KIND,
        webhook.KIND,
        chirpstack.KIND,
        ttn.KIND,
        http_poll.KIND,
        sta_pull.KIND,
        csv_folder.KIND,
    )
}
