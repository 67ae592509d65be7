"""Whether the platform is well: for load balancers, for administrators, for the curious."""

from msgspec import Struct
from starlette.responses import Response

from allmende import __version__
from allmende.api.endpoints import Call, json
from allmende.api.threads import in_thread
from allmende.api.v1.shapes import Status
from allmende.observations import queries


async def show_status(call: Call, query: Struct) -> Response:
    """Whether writing works, and how much there is."""
    facts = await in_thread(queries.store_status)
    status = Status(
        version=__version__,
        writes=facts["writes_refused"] or "ok",
        waiting_rows=facts["tail_rows"],
        observations=facts["observations"],
        drain=facts["drain_failure"] or "ok",
    )
    return json(status, 200 if status.writes == "ok" else 503)
