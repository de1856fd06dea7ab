"""What can be tuned of the conversations that the gateway keeps."""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Gt, Le


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationOptions:
    """Conversations of chat calls with `remember`: kept in Redis, or else in this process."""

    keep_s: Annotated[float, Gt(0), Le(86_400)] = 1_800.0
    """Life of a conversation after its last message. Default 1,800 s: thirty minutes."""
    max_kept: Annotated[int, Ge(1)] = 20_000
    """Most conversations kept; those longest silent go first. Default 20,000."""
    max_bytes: Annotated[int, Ge(1024)] = 64 * 1024 * 1024
    """Most bytes of them. Default 64 MiB."""
