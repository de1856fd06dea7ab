"""Replies that are framed oddly or wrongly, as HTTP or as server-sent events, or far too big."""

import struct
import zlib
from dataclasses import replace
from functools import lru_cache

from tests.faults.answer import CREATED, Event
from tests.faults.catalogue import Arguments, behaviour
from tests.faults.draft import Call, Draft, Item, Repeat

BLOCK = 65_536
BLOCKS_PER_MB = 16


@behaviour("chunked")
def chunked(draft: Draft, call: Call, arguments: Arguments) -> Draft:
    """A body without Content-Length, in HTTP chunks, unary too."""
    return replace(draft, framing="chunked")


@behaviour("until-close")
def until_close(draft: Draft, call: Call, arguments: Arguments) -> Draft:
    """A body that ends where the connection does: HTTP cannot tell a cut from an end."""
    return replace(draft, framing="until-close")


@behaviour("length", "long short")
def length(draft: Draft, call: Call, arguments: Arguments) -> Draft:
    """A Content-Length 100 bytes too long, or too short."""
    return replace(draft, framing="length-short" if arguments.one_of("short") else "length-long")


@behaviour("split")
def split(draft: Draft, call: Call, arguments: Arguments) -> Draft:
    """So many bytes per HTTP chunk and write; no number: inside every multi-byte character."""
    return replace(draft, split=arguments.whole(0, -1))


@behaviour("crlf")
def crlf(draft: Draft, call: Call, arguments: Arguments) -> Draft:
    r"""SSE lines that end with \r\n."""
    return replace(draft, line_end=b"\r\n")


@behaviour("comments")
def comments(draft: Draft, call: Call, arguments: Arguments) -> Draft:
    """A comment line and an empty one before every event, as keep-alives are sent."""
    return replace(draft, preamble=b": keep-alive\n\n")


@behaviour("pings")
def pings(draft: Draft, call: Call, arguments: Arguments) -> Draft:
    """An event of type `ping` with data of its own before every event."""
    return replace(draft, preamble=b'event: ping\ndata: {"type": "ping"}\n\n')


@behaviour("no-space")
def no_space(draft: Draft, call: Call, arguments: Arguments) -> Draft:
    """`data:{...}` without the space, which SSE allows."""
    return replace(draft, data_prefix=b"data:")


@behaviour("huge")
def huge(draft: Draft, call: Call, arguments: Arguments) -> Draft:
    """A body of so many MB, well-formed."""
    middle = Repeat(b"a" * BLOCK, arguments.whole(0, 100) * BLOCKS_PER_MB)
    before, after = _around(call.stream)
    kind = "text/event-stream" if call.stream else "application/json"
    return replace(draft, content_type=kind, body=(Event(before), middle, Event(after)))


@behaviour("gzip-bomb")
def gzip_bomb(draft: Draft, call: Call, arguments: Arguments) -> Draft:
    """A small gzip body that unpacks to so many MB, well-formed."""
    before, after = _around(call.stream)
    kind = "text/event-stream" if call.stream else "application/json"
    body = _bomb(before, arguments.whole(0, 100), after)
    headers = (*draft.headers, ("content-encoding", "gzip"))
    return replace(draft, content_type=kind, headers=headers, body=body)


@lru_cache(maxsize=8)
def _bomb(before: bytes, megabytes: int, after: bytes) -> tuple[Item, ...]:
    """One gzip member; a full flush makes every block of zeros compress to the same bytes."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    block = b"a" * BLOCK
    first = packer.compress(before) + packer.flush(zlib.Z_FULL_FLUSH)
    repeated = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    last = packer.compress(after) + packer.flush(zlib.Z_FINISH)
    times, checksum = megabytes * BLOCKS_PER_MB, zlib.crc32(before)
    for _ in range(times):
        checksum = zlib.crc32(block, checksum)
    size = len(before) + times * BLOCK + len(after)
    trailer = struct.pack("<II", zlib.crc32(after, checksum), size & 0xFFFFFFFF)
    header = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
    return Event(header + first), Repeat(repeated, times), Event(last + trailer)


def _around(stream: bool) -> tuple[bytes, bytes]:
    """What stands before and after a very long content."""
    kind, holder = ("chat.completion.chunk", "delta") if stream else ("chat.completion", "message")
    before = f'{{"id":"chatcmpl-fault","object":"{kind}","created":{CREATED},"model":"fault",'
    before += f'"choices":[{{"index":0,"{holder}":{{"role":"assistant","content":"'
    after = '"},"finish_reason":"stop"}]}'
    if stream:
        return f"data: {before}".encode(), f"{after}\n\ndata: [DONE]\n\n".encode()
    return before.encode(), after.encode()
