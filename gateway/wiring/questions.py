"""The question log, where it is switched on."""

import time

from gateway.adapters.sqlite import Masks, QuestionLog
from gateway.core.options import QuestionLogOptions
from gateway.tasks.chat.asked import (
    feedback_without_texts,
    masked,
    masked_feedback,
    without_texts,
)


def question_log(options: QuestionLogOptions) -> QuestionLog | None:
    """The log; None where nothing is to be kept."""
    if not options.enabled:
        return None
    masks = (
        Masks(masked, masked_feedback)
        if options.keep_text
        else Masks(without_texts, feedback_without_texts)
    )
    return QuestionLog(options, masks, time.monotonic, time.time)
