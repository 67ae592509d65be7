"""Control packets of MQTT 3.1.1 (OASIS 2014) and MQTT 5 (OASIS 2019), as far as a broker of this kind needs them."""

from collections.abc import Iterable
from enum import IntEnum
from typing import NamedTuple


class Malformed(Exception):
    """The bytes are no packet of MQTT, or one that must not come now."""


class Kind(IntEnum):
    """Types of control packets (MQTT 5 § 2.1.2)."""

    CONNECT = 1
    CONNACK = 2
    PUBLISH = 3
    PUBACK = 4
    PUBREC = 5
    PUBREL = 6
    PUBCOMP = 7
    SUBSCRIBE = 8
    SUBACK = 9
    UNSUBSCRIBE = 10
    UNSUBACK = 11
    PINGREQ = 12
    PINGRESP = 13
    DISCONNECT = 14


class Packet(NamedTuple):
    """flags: the lower half of the first byte; body: what follows the fixed header."""

    kind: Kind
    flags: int
    body: bytes


class Connect(NamedTuple):
    """version: 4 or 5; keep_alive: seconds, 0 for never."""

    version: int
    client_id: str
    keep_alive: int
    user: str
    password: str


class Publish(NamedTuple):
    """packet: its number, 0 at QoS 0."""

    topic: str
    payload: bytes
    qos: int
    packet: int


class Subscribe(NamedTuple):
    """topics: (filter, options byte)."""

    packet: int
    topics: list[tuple[str, int]]


def split(buffer: bytearray, largest: int) -> list[Packet]:
    """The whole packets at the beginning of the buffer, which are taken out of it. Raises Malformed."""
    packets, at, size = [], 0, len(buffer)
    while size - at >= 2:
        length, shift, place = 0, 0, at + 1
        while place < size:
            byte = buffer[place]
            length |= (byte & 0x7F) << shift
            place += 1
            shift += 7
            if not byte & 0x80:
                break
            if shift > 21:
                raise Malformed("The length of the packet is not one.")
        else:
            break
        if length > largest:
            raise Malformed(f"The packet is larger than {largest:,} bytes.")
        if size - place < length:
            break
        try:
            kind = Kind(buffer[at] >> 4)
        except ValueError:
            raise Malformed("There is no such type of packet.") from None
        packets.append(Packet(kind, buffer[at] & 0x0F, bytes(buffer[place : place + length])))
        at = place + length
    del buffer[:at]
    return packets


class _Body:
    """Reads a packet's body from its beginning."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def take(self, count: int) -> bytes:
        """So many bytes."""
        part = self.data[self.at : self.at + count]
        if len(part) < count:
            raise Malformed("The packet ends early.")
        self.at += count
        return part

    def number(self, width: int = 2) -> int:
        """A whole number of so many bytes."""
        return int.from_bytes(self.take(width), "big")

    def binary(self) -> bytes:
        """Bytes with their length before them."""
        return self.take(self.number())

    def text(self) -> str:
        """A UTF-8 string without the null character (MQTT 5 § 1.5.4)."""
        try:
            text = self.binary().decode()
        except UnicodeDecodeError as error:
            raise Malformed("A text is not UTF-8.") from error
        if "\0" in text:
            raise Malformed("A text holds a null character.")
        return text

    def skip_properties(self) -> None:
        """The properties of MQTT 5, none of which changes anything here."""
        length, shift = 0, 0
        while True:
            byte = self.number(1)
            length |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                break
            if shift > 21:
                raise Malformed("The length of the properties is not one.")
        self.take(length)

    def rest(self) -> bytes:
        """All that is left."""
        return self.take(len(self.data) - self.at)


def connect(body: bytes) -> Connect:
    """Reads CONNECT. A will is read over: nothing is published in a client's name here. Raises Malformed."""
    reader = _Body(body)
    name, version, flags, keep_alive = reader.text(), reader.number(1), reader.number(1), reader.number()
    if name != "MQTT" or version not in (4, 5):
        raise Malformed("Only MQTT 3.1.1 and MQTT 5 are spoken here.")
    if flags & 1:
        raise Malformed("A reserved flag is set.")
    if version == 5:
        reader.skip_properties()
    client_id = reader.text()
    if flags & 0x04:
        if version == 5:
            reader.skip_properties()
        reader.text()
        reader.binary()
    user = reader.text() if flags & 0x80 else ""
    try:
        password = reader.binary().decode() if flags & 0x40 else ""
    except UnicodeDecodeError as error:
        raise Malformed("The password is not UTF-8.") from error
    return Connect(version, client_id, keep_alive, user, password)


def publish(packet: Packet, version: int) -> Publish:
    """Reads PUBLISH. Raises Malformed."""
    body, qos = packet.body, packet.flags >> 1 & 3
    if qos == 3:
        raise Malformed("There is no QoS 3.")
    if version == 4 and qos and len(body) >= 4:  # what sensors send by the thousand, without a reader
        end = 2 + (body[0] << 8 | body[1])
        name = body[2:end]
        if len(body) >= end + 2 and name.isascii() and b"\0" not in name:
            return Publish(name.decode(), body[end + 2 :], qos, body[end] << 8 | body[end + 1])
    reader = _Body(body)
    topic = reader.text()
    number = reader.number() if qos else 0
    if version == 5:
        reader.skip_properties()
    return Publish(topic, reader.rest(), qos, number)


def subscribe(packet: Packet, version: int) -> Subscribe:
    """Reads SUBSCRIBE, or UNSUBSCRIBE (whose topics have no options). Raises Malformed."""
    reader, topics = _Body(packet.body), []
    number = reader.number()
    if version == 5:
        reader.skip_properties()
    while reader.at < len(reader.data):
        topic = reader.text()
        topics.append((topic, reader.number(1) if packet.kind == Kind.SUBSCRIBE else 0))
    if not topics or not number:
        raise Malformed("Nothing is named.")
    return Subscribe(number, topics)


def number_of(body: bytes) -> int:
    """The packet number of PUBACK, PUBREC, PUBREL, PUBCOMP. Raises Malformed."""
    return _Body(body).number()


def _frame(kind: Kind, body: bytes, flags: int = 0) -> bytes:
    length, digits = len(body), bytearray()
    while True:
        length, digit = length >> 7, length & 0x7F
        digits.append(digit | (0x80 if length else 0))
        if not length:
            return bytes([kind << 4 | flags, *digits]) + body


# What this broker does not do, said to MQTT 5 clients (§ 3.2.2.3): retained messages sent by clients, wildcards,
# subscription identifiers, shared subscriptions.
_CANNOT = bytes([0x25, 0, 0x28, 0, 0x29, 0, 0x2A, 0])


def connack(version: int, reason: int, client_id: str = "") -> bytes:
    """reason: 0 for welcome. client_id: the one that was given to a client without."""
    if version != 5:
        return _frame(Kind.CONNACK, bytes([0, reason]))
    properties = _CANNOT if not reason else b""
    if client_id:
        properties += b"\x12" + _text(client_id)
    return _frame(Kind.CONNACK, bytes([0, reason, len(properties)]) + properties)


def acknowledgement(kind: Kind, packet: int, version: int, reason: int = 0) -> bytes:
    """PUBACK, PUBREC, PUBREL or PUBCOMP; only MQTT 5 can say a reason."""
    body = packet.to_bytes(2, "big")
    if version == 5 and reason:
        body += bytes([reason])
    return _frame(kind, body, 2 if kind == Kind.PUBREL else 0)


def suback(kind: Kind, packet: int, reasons: Iterable[int], version: int) -> bytes:
    """SUBACK, or UNSUBACK (which has no reasons in 3.1.1)."""
    body = packet.to_bytes(2, "big")
    if version == 5:
        body += b"\0"
    if version == 5 or kind == Kind.SUBACK:
        body += bytes(reasons)
    return _frame(kind, body)


def message(topic: str, payload: bytes, version: int, *, retained: bool = False) -> bytes:
    """PUBLISH at QoS 0."""
    return _frame(Kind.PUBLISH, _text(topic) + (b"\0" if version == 5 else b"") + payload, int(retained))


def pingresp() -> bytes:
    """The answer to PINGREQ."""
    return _frame(Kind.PINGRESP, b"")


def disconnect(reason: int) -> bytes:
    """Said by the server; MQTT 5 only."""
    return _frame(Kind.DISCONNECT, bytes([reason, 0]))


def _text(text: str) -> bytes:
    data = text.encode()
    return len(data).to_bytes(2, "big") + data
