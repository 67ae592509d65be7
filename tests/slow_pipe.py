"""A TCP proxy on this machine that lets things through slowly, or not at all: what a bad line does to a connection."""

import socket
import threading
import time

_CHUNK = 256


class SlowPipe:
    """Between a client that connects to `port` and a server. delay: seconds for each 256 bytes of either way; stall():
    from now on nothing goes through, and nobody is told; flow(): new connections go through again."""

    def __init__(self, target: int, delay: float = 0.0) -> None:
        self.delay, self.connections = delay, 0
        self._target, self._stalled, self._closing = target, threading.Event(), False
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def stall(self) -> None:
        self._stalled.set()

    def flow(self) -> None:
        """Those that stalled stay as they are, as when a router has forgotten them."""
        self._stalled = threading.Event()

    def close(self) -> None:
        self._closing = True
        for each in (self._listener, *self._open):
            each.close()

    def _accept(self) -> None:
        while not self._closing:
            try:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._target))
            except OSError:
                continue
            self.connections += 1
            self._open += [client, server]
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=self._carry, args=(source, sink, self._stalled), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket, stalled: threading.Event) -> None:
        try:
            while data := source.recv(_CHUNK):
                if stalled.is_set():
                    return
                time.sleep(self.delay)
                sink.sendall(data)
        except OSError:
            pass
        if not stalled.is_set():
            for each in (source, sink):
                each.close()
