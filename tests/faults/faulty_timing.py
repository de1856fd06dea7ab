"""Replies that are late, slow, cut, stalled, broken or doubled on their way."""

from dataclasses import replace

from tests.faults.answer import Event
from tests.faults.catalogue import Arguments, behaviour
from tests.faults.draft import Call, Draft, Ending, Item, Pause, Repeat, position_after
from tests.faults.refusals import error_body

SETTLE_S = 0.05  # lets the caller read what came before a reset; a reset discards the unread
GARBAGE = b'{"id": "chatcmpl-broken", "choices": [{"delta": {"cont'


@behaviour("reset", "headers")
def reset(draft: Draft, call: Call, arguments: Arguments) -> Draft:
    """RST before any byte, or after the head."""
    if arguments.one_of("headers"):
        return draft.edited(lambda items: [Pause(SETTLE_S, scaled=False), Ending.RESET, *items])
    return replace(draft, instead=Ending.RESET)


@behaviour("close")
def close(draft: Draft, call: Call, arguments: Arguments) -> Draft:
    """FIN before any byte."""
    return replace(draft, instead=Ending.CLOSE)


@behaviour("silent", "headers")
def silent(draft: Draft, call: Call, arguments: Arguments) -> Draft:
    """The request is read and nothing is said: for ever, or for so many seconds and then FIN."""
    seconds = arguments.number(0, 0)
    if arguments.one_of("headers"):
        return draft.edited(lambda items: [Ending.HANG, *items])
    ending = Ending.CLOSE if seconds else Ending.HANG
    return replace(draft, instead=ending, wait_s=seconds)


@behaviour("wait")
def wait(draft: Draft, call: Call, arguments: Arguments) -> Draft:
    """Nothing at all for so many seconds, then the reply."""
    return replace(draft, wait_s=arguments.number(0, 1))


@behaviour("slow-first")
def slow_first(draft: Draft, call: Call, arguments: Arguments) -> Draft:
    """The head at once, the first event (or the body) after so many seconds."""
    return draft.edited(lambda items: [Pause(arguments.number(0, 20)), *items])


@behaviour("slow-token")
def slow_token(draft: Draft, call: Call, arguments: Arguments) -> Draft:
    """The head and the role at once, the first token after so many seconds."""
    return _inserted(draft, 0, Pause(arguments.number(0, 20)))


@behaviour("slow-bytes", "head")
def slow_bytes(draft: Draft, call: Call, arguments: Arguments) -> Draft:
    """So many bytes per write, so many seconds apart."""
    drip = (max(1, arguments.whole(0, 1)), arguments.number(1, 0.05))
    return replace(draft, drip=drip, drip_head=bool(arguments.one_of("head")))


@behaviour("pace")
def pace(draft: Draft, call: Call, arguments: Arguments) -> Draft:
    """So many seconds after every token."""
    gap = Pause(arguments.number(0, 0.02))

    def edit(items: list[Item]) -> list[Item]:
        return [out for item in items for out in ([item, gap] if _carries(item) else [item])]

    return draft.edited(edit)


@behaviour("stall")
def stall(draft: Draft, call: Call, arguments: Arguments) -> Draft:
    """After so many tokens, nothing for so many seconds; then the rest."""
    return _inserted(draft, arguments.whole(0, 20), Pause(arguments.number(1, 30)))


@behaviour("hang")
def hang(draft: Draft, call: Call, arguments: Arguments) -> Draft:
    """After so many tokens, nothing for ever."""
    return _inserted(draft, arguments.whole(0, 20), Ending.HANG)


@behaviour("cut", "reset clean event")
def cut(draft: Draft, call: Call, arguments: Arguments) -> Draft:
    """After so many tokens: FIN, RST, FIN inside an event, or an end of body like a good one."""
    count = arguments.whole(0, 40)
    if arguments.one_of("reset"):
        return _inserted(draft, count, Pause(SETTLE_S, scaled=False), Ending.RESET)
    if arguments.one_of("clean"):
        return draft.edited(lambda items: items[: position_after(items, count)])
    if arguments.one_of("event"):
        return _cut_inside(draft, count, b"data: " if call.stream else b"")
    return _inserted(draft, count, Ending.CLOSE)


@behaviour("badjson", "extra")
def badjson(draft: Draft, call: Call, arguments: Arguments) -> Draft:
    """The event of the given token is not JSON, or a further one after it; unary: half a body."""
    number = arguments.whole(0, 10)
    if not call.stream:
        return draft.edited(lambda items: items[: position_after(items, number)])
    if arguments.one_of("extra"):
        return _inserted(draft, number, Event(GARBAGE))
    return _broken(draft, number)


@behaviour("dup")
def dup(draft: Draft, call: Call, arguments: Arguments) -> Draft:
    """The event of the given token twice; streams only."""
    number = arguments.whole(0, 5)

    def edit(items: list[Item]) -> list[Item]:
        at = position_after(items, number)
        return [*items[:at], *items[at - 1 : at], *items[at:]]

    return draft.edited(edit) if call.stream else draft


@behaviour("swap")
def swap(draft: Draft, call: Call, arguments: Arguments) -> Draft:
    """The event of the given token after the one that should follow it; streams only."""
    number = arguments.whole(0, 5)

    def edit(items: list[Item]) -> list[Item]:
        at = position_after(items, number)
        return [*items[: at - 1], *items[at : at + 1], *items[at - 1 : at], *items[at + 1 :]]

    return draft.edited(edit) if call.stream else draft


@behaviour("midstream-error")
def midstream_error(draft: Draft, call: Call, arguments: Arguments) -> Draft:
    """After so many tokens an error event, and the end; unary: the error with status 200."""
    error = error_body("The server is overloaded.", "server_error", "server_error")
    if not call.stream:
        return draft.fixed(200, error)
    count = arguments.whole(0, 20)
    return draft.edited(lambda items: [*items[: position_after(items, count)], Event(error)])


@behaviour("no-end-open")
def no_end_open(draft: Draft, call: Call, arguments: Arguments) -> Draft:
    """The stream is complete, has no `[DONE]`, and the connection stays open for so long."""
    if not call.stream:
        return draft
    open_s = Pause(arguments.number(0, 30))
    return draft.saying(end_marker=False).edited(lambda items: [*items, open_s])


@behaviour("endless")
def endless(draft: Draft, call: Call, arguments: Arguments) -> Draft:
    """Tokens (unary: spaces) for ever after the answer's own."""
    if not call.stream:
        return draft.edited(lambda items: [*items, Repeat(b" " * 65_536, -1)])
    chunk = b'{"id":"chatcmpl-fault","object":"chat.completion.chunk","choices":[{"index":0,'
    chunk += b'"delta":{"content":" more"},"finish_reason":null}]}'
    forever = Repeat(b"data: " + chunk + b"\n\n", -1)
    return draft.edited(lambda items: [*filter(_carries, items), forever])


def _carries(item: Item) -> bool:
    return isinstance(item, Event) and item.token > 0


def _inserted(draft: Draft, token: int, *new: Item) -> Draft:
    def edit(items: list[Item]) -> list[Item]:
        at = position_after(items, token)
        return [*items[:at], *new, *items[at:]]

    return draft.edited(edit)


def _cut_inside(draft: Draft, token: int, prefix: bytes) -> Draft:
    """FIN in the middle of the event after the given token."""

    def edit(items: list[Item]) -> list[Item]:
        at = position_after(items, token)
        halves = [
            item.data[: len(item.data) // 2] for item in items[at:] if isinstance(item, Event)
        ]
        begun = [Repeat(prefix + half, 1) for half in halves[:1]]
        return [*items[:at], *begun, Ending.CLOSE, *items[at:]]

    return draft.edited(edit)


def _broken(draft: Draft, token: int) -> Draft:
    """The token's event cut in the middle, so that it cannot be JSON."""

    def edit(items: list[Item]) -> list[Item]:
        return [
            Event(item.data[: len(item.data) // 2], item.token)
            if isinstance(item, Event) and item.token == token
            else item
            for item in items
        ]

    return draft.edited(edit)
