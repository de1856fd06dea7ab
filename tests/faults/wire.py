"""From a draft to what goes over the socket: bytes, pauses, and how it ends. Pure."""

from http import HTTPStatus

from tests.faults.answer import Event, chunks, completion
from tests.faults.draft import Call, Draft, Ending, Item, Pause, Repeat

Step = bytes | Pause | Repeat | Ending

BETWEEN_WRITES_S = 0.002  # makes the kernel send two writes as two segments


def steps_of(draft: Draft, call: Call) -> tuple[Step, ...]:
    """Everything the connection has to do, in order."""
    if draft.instead is not None:
        return (*_waiting(draft.wait_s), draft.instead)
    streamed = call.stream and draft.body is None
    items = _items(draft, call, streamed=streamed)
    body: list[Step] = [step for item in items for step in _dressed(draft, item, streamed)]
    if draft.split:
        body = [piece for step in body for piece in _split(step, draft.split)]
    framed = _framed(draft, body, streamed)
    head: list[Step] = [_head(draft, body, streamed)]
    if draft.drip is not None:
        every, pause_s = draft.drip
        framed = _drip(framed, every, pause_s)
        head = _drip(head, every, pause_s) if draft.drip_head else head
    return (*_waiting(draft.wait_s), *_merged([*head, *framed]))


def _waiting(seconds: float) -> tuple[Step, ...]:
    return (Pause(seconds),) if seconds else ()


def _items(draft: Draft, call: Call, *, streamed: bool) -> list[Item]:
    items: list[Item]
    if draft.body is not None:
        items = list(draft.body)
    elif streamed:
        items = list(chunks(draft.answer, include_usage=call.include_usage))
    else:
        items = list(_slices(completion(draft.answer), len(draft.answer.tokens)))
    for edit in draft.edits:
        items = edit(items)
    return items


def _slices(body: bytes, count: int) -> list[Event]:
    """A unary body in as many slices as it has tokens, so that `cut-40` means the same for both."""
    size = max(1, -(-len(body) // max(1, count)))
    starts = range(0, len(body), size)
    return [Event(body[at : at + size], n) for n, at in enumerate(starts, start=1)]


def _dressed(draft: Draft, item: Item, streamed: bool) -> list[Step]:
    if not isinstance(item, Event):
        return [item]
    if not streamed:
        return [item.data]
    line = draft.data_prefix + item.data + draft.line_end * 2
    return [draft.preamble.replace(b"\n", draft.line_end) + line]


def _split(step: Step, size: int) -> list[Step]:
    if not isinstance(step, bytes):
        return [step]
    cuts = _inside_characters(step) if size < 0 else list(range(size, len(step), size))
    pieces: list[Step] = []
    for start, end in zip([0, *cuts], [*cuts, len(step)], strict=True):
        pieces += [step[start:end], Pause(BETWEEN_WRITES_S, scaled=False)]
    return pieces


def _inside_characters(text: bytes) -> list[int]:
    """The places just after the first byte of every multi-byte UTF-8 character."""
    return [at + 1 for at, byte in enumerate(text) if byte >= 0xC0]


def _framed(draft: Draft, body: list[Step], streamed: bool) -> list[Step]:
    if _chunked(draft, body, streamed):
        return [*(_chunk(step) for step in body), b"0\r\n\r\n"]
    if draft.framing == "length-long":
        return [*body, Ending.CLOSE]
    return [*body, Ending.CLOSE] if draft.framing in ("until-close", "length-short") else body


def _chunked(draft: Draft, body: list[Step], streamed: bool) -> bool:
    endless = any(isinstance(step, Repeat) and step.times < 0 for step in body)
    return draft.framing == "chunked" or (draft.framing == "auto" and (streamed or endless))


def _chunk(step: Step) -> Step:
    if isinstance(step, Repeat):
        return Repeat(_chunk_bytes(step.block), step.times)
    return _chunk_bytes(step) if isinstance(step, bytes) else step


def _chunk_bytes(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data) if data else b""


def _length(step: Step) -> int:
    if isinstance(step, Repeat):
        return len(step.block) * step.times
    return len(step) if isinstance(step, bytes) else 0


def _head(draft: Draft, body: list[Step], streamed: bool) -> bytes:
    kind = draft.content_type or ("text/event-stream" if streamed else "application/json")
    lines = [f"HTTP/1.1 {draft.status} {_reason(draft.status)}", f"content-type: {kind}"]
    lines += [f"{name}: {value}" for name, value in draft.headers]
    length = sum(_length(step) for step in body)
    if _chunked(draft, body, streamed):
        lines.append("transfer-encoding: chunked")
    elif draft.framing == "until-close":
        lines.append("connection: close")
    else:
        lies = {"length-long": length + 100, "length-short": max(0, length - 100)}
        lines.append(f"content-length: {lies.get(draft.framing, length)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


def _drip(steps: list[Step], every: int, pause_s: float) -> list[Step]:
    dripped: list[Step] = []
    for step in steps:
        if isinstance(step, bytes):
            for at in range(0, len(step), every):
                dripped += [step[at : at + every], Pause(pause_s)]
        else:
            dripped.append(step)
    return dripped


def _merged(steps: list[Step]) -> list[Step]:
    """Neighbouring bytes as one write: a healthy reply is a single one."""
    merged: list[Step] = []
    for step in steps:
        if isinstance(step, bytes) and merged and isinstance(merged[-1], bytes):
            merged[-1] += step
        elif step != b"":
            merged.append(step)
    return merged
