"""Server-sent events, read incrementally from bytes: no text is decoded until an event is whole."""

from gateway.core.errors import OutputInvalid

MAX_EVENT_BYTES = 4 * 1024 * 1024


class EventReader:
    """Turns blocks of bytes, cut anywhere, into the data of events.

    Follows the HTML standard's parsing (lines end with LF, CR LF or CR; `data` lines join with a
    newline; comments and other fields are skipped), and hands out an unfinished last event at the
    end, because servers that close early are forgiven. An event over `max_event_bytes` (default
    4 MiB) raises OutputInvalid.
    """

    __slots__ = ("_bytes", "_data", "_first", "_max", "_rest", "_skip_lf")

    def __init__(self, max_event_bytes: int = MAX_EVENT_BYTES) -> None:
        self._rest = b""
        self._data: list[bytes] = []
        self._bytes = 0
        self._skip_lf = False
        self._first = True
        self._max = max_event_bytes

    def __repr__(self) -> str:
        return f"EventReader(waiting={len(self._rest)} bytes, lines={len(self._data)})"

    def feed(self, block: bytes) -> list[bytes]:
        """The data of every event that this block completes."""
        waiting = self._rest or self._data or self._skip_lf
        if not waiting and block.startswith(b"data: ") and block.endswith(b"\n\n"):
            data = block[6:-2]
            if b"\n" not in data and b"\r" not in data:  # one event: most blocks are just this
                self._first = False
                return [data]
        text = self._rest + block if self._rest else block
        if self._skip_lf and text:  # the CR was the last byte of the block before
            text = text.removeprefix(b"\n")
            self._skip_lf = False
        if b"\r" in text:
            self._skip_lf = text.endswith(b"\r")
            text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        lines = text.split(b"\n")
        self._rest = lines.pop()
        events: list[bytes] = []
        for line in lines:
            self._line(line, events)
        if len(self._rest) + self._bytes > self._max:
            raise OutputInvalid(f"an event of the stream is longer than {self._max} bytes")
        return events

    def end(self) -> list[bytes]:
        """What is left when the stream ends without its last empty line."""
        events = self.feed(b"\n") if self._rest else []
        self._line(b"", events)
        return events

    def _line(self, line: bytes, events: list[bytes]) -> None:
        if self._first:
            line = line.removeprefix(b"\xef\xbb\xbf")
            self._first = False
        if not line:
            if self._data:
                events.append(b"\n".join(self._data))
                self._data = []
                self._bytes = 0
        elif line.startswith(b"data:"):
            self._data.append(line[6:] if line[5:6] == b" " else line[5:])
            self._bytes += len(line)
