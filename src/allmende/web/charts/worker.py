"""A process that draws: Vega-Lite specifications in, SVG out. Ends by itself when nobody asks for a while.

Run as `python -m allmende.web.charts.worker SECONDS`. Frames on stdin and stdout: four bytes of length, then the body;
an answer begins with one byte, 1 for an SVG and 0 for an error's text. Drawing needs 100 MB of memory and some 60 ms a
chart (measured on two cores), which is why it does not live in the server.
"""

import json
import os
import select
import struct
import sys
from typing import BinaryIO


def read_frame(stream: BinaryIO) -> bytes | None:
    """The body of the next frame, None at the end of the stream."""
    head = stream.read(4)
    if len(head) < 4:
        return None
    return stream.read(struct.unpack(">I", head)[0])


def write_frame(stream: BinaryIO, body: bytes) -> None:
    """Writes one frame and sends it off."""
    stream.write(struct.pack(">I", len(body)) + body)
    stream.flush()


def _draw(body: bytes) -> bytes:
    import vl_convert  # noqa: PLC0415 - the weight for which this process exists

    job = json.loads(body)
    svg = vl_convert.vegalite_to_svg(
        job["spec"],
        allowed_base_urls=[],  # charts carry their data; nothing is fetched
        format_locale=job["number_locale"],
        time_format_locale=job["time_locale"],
    )
    return str(svg).encode()


def main(patience: float) -> None:
    """Serves until the parent closes the pipe or nobody asks for so many seconds."""
    os.nice(5)  # taking in measurements comes first
    inbox, outbox = sys.stdin.buffer, sys.stdout.buffer
    while select.select([inbox], [], [], patience)[0]:
        body = read_frame(inbox)
        if body is None:
            return
        try:
            answer = b"\1" + _draw(body)
        except Exception as error:
            answer = b"\0" + str(error).encode()
        write_frame(outbox, answer)


if __name__ == "__main__":
    main(float(sys.argv[1]))
