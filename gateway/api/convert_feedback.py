"""SubmitFeedback between protobuf and the core's nouns."""

from collections.abc import Mapping

from gateway.core.feedback import Feedback, Rating, Resolution
from gateway.v1 import feedback_pb2 as pb

RATING: Mapping[int, Rating | None] = {
    pb.RATING_UNSPECIFIED: None,
    pb.RATING_UP: Rating.UP,
    pb.RATING_DOWN: Rating.DOWN,
}
RESOLUTION: Mapping[int, Resolution | None] = {
    pb.RESOLUTION_UNSPECIFIED: None,
    pb.RESOLUTION_RESOLVED: Resolution.RESOLVED,
    pb.RESOLUTION_UNRESOLVED: Resolution.UNRESOLVED,
}


def feedback(message: pb.SubmitFeedbackRequest) -> Feedback:
    """A checked request in the core's words."""
    return Feedback(
        request_id=message.request_id,
        rating=RATING[message.rating],
        corrected_answer=message.corrected_answer,
        corrected_intent=message.corrected_intent,
        resolution=RESOLUTION[message.resolution],
    )


def feedback_response(*, matched: bool) -> pb.SubmitFeedbackResponse:
    """Whether the answer was still known."""
    return pb.SubmitFeedbackResponse(matched=matched)
