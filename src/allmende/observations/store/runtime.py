"""Which store this process uses: its own, or that of the owner on this machine."""

import threading
from pathlib import Path

from allmende.observations.store.errors import StoreClosed, StoreOwned
from allmende.observations.store.listener import StoreListener, socket_path
from allmende.observations.store.owner import DRAIN_SECONDS, Store
from allmende.observations.store.port import StorePort
from allmende.observations.store.remote import RemoteStore


class _Here:
    """The store of this process, once opened."""

    port: StorePort | None = None
    owned: Store | None = None
    listener: StoreListener | None = None


_opening = threading.Lock()


def own(folder: Path, memory_limit: str = "1GB", drain_seconds: float = DRAIN_SECONDS) -> Store:
    """Opens the store as its owner and listens for other processes. Raises StoreOwned when another process has it."""
    with _opening:
        if _Here.owned:
            return _Here.owned
        _Here.owned = Store(folder, memory_limit=memory_limit, drain_seconds=drain_seconds)
        _Here.listener = StoreListener(_Here.owned)
        _Here.port = _Here.owned
        return _Here.owned


def connect(folder: Path) -> StorePort:
    """The store of this process; else the running owner's; else, where nobody owns it, opened here."""
    if _Here.port:
        return _Here.port
    if Path(socket_path(folder)).exists():
        try:
            with _opening:
                _Here.port = RemoteStore(socket_path(folder))
            return _Here.port
        except StoreClosed:  # left over by a process that was killed
            pass
    try:
        return own(folder)
    except StoreOwned as error:
        raise StoreOwned(f"{error} It does not answer; wait until it has started, or stop it.") from error


def current() -> StorePort | None:
    """The store that this process uses already, if any."""
    return _Here.port


def attach(folder: Path) -> StorePort:
    """Uses the owner's store only; never opens it here. Raises StoreClosed when nobody answers."""
    with _opening:
        _Here.port = _Here.port or RemoteStore(socket_path(folder))
        return _Here.port


def release() -> None:
    """Closes what this process opened; the next call opens anew."""
    with _opening:
        if _Here.listener:
            _Here.listener.close()
        if _Here.owned:
            _Here.owned.close()
        _Here.port = _Here.owned = _Here.listener = None
