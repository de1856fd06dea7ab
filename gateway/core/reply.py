"""What a stream has of one deployment so far: its reply chunk by chunk, its turn of a talk."""

from dataclasses import dataclass

from gateway.core.asking import Candidate
from gateway.core.errors import StreamTruncated
from gateway.core.model import NO_USAGE, Chunk, Completion, Finish, ToolCall, Usage
from gateway.core.toolloop import Talk


@dataclass(slots=True)
class Reply:
    """What has come from one deployment so far."""

    texts: list[str]
    finish: Finish | None = None
    usage: Usage = NO_USAGE
    model: str = ""
    tool_calls: tuple[ToolCall, ...] = ()

    def take(self, chunk: Chunk) -> None:
        """Add what has come; the last of everything but the text counts."""
        if chunk.restart:
            self.texts.clear()
        if chunk.text:
            self.texts.append(chunk.text)
        self.finish = chunk.finish or self.finish
        self.usage = chunk.usage or self.usage
        self.model = chunk.model or self.model
        self.tool_calls = chunk.tool_calls or self.tool_calls

    def completion(self) -> Completion:
        """The whole reply; raises StreamTruncated when it has no end."""
        if self.finish is None:
            raise StreamTruncated("the stream ended before the answer was whole", usage=self.usage)
        return Completion(
            text="".join(self.texts),
            model=self.model,
            finish=self.finish,
            usage=self.usage,
            tool_calls=self.tool_calls,
        )

    def so_far(self) -> Completion:
        """What has come of a reply that is given up before its end."""
        return Completion(
            text="".join(self.texts), model=self.model, finish=Finish.STOP, usage=self.usage
        )


@dataclass(slots=True)
class Turn:
    """One turn of a deployment's talk; `wish`: it ended in a wish for tools, not in an answer."""

    candidate: Candidate
    talk: Talk
    wish: Completion | None = None
