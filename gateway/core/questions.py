"""What is remembered of an answered question: the noun shared by the log and its readers."""

from dataclasses import dataclass, field

from gateway.core.feedback import Rating, Resolution


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One Chat message and what became of it.

    Texts are empty where they are not kept. `whole` is false when a text was cut. `outcome`:
    answered, unanswered (suggestions, or nothing known), asked_back or handed_over;
    without an answer failed (`source`: the kind of error) or hung_up.
    `at_s`: epoch seconds.
    """

    at_s: float
    tenant: str
    request_id: str
    conversation_id: str = ""
    knowledge_base: str = ""
    question: str = ""
    answer: str = ""
    whole: bool = True
    language: str = ""
    intent: str = ""
    confidence: float = 0.0
    kind: str = ""
    outcome: str = ""
    source: str = ""
    deployment: str = ""
    model: str = ""
    model_version: str = ""
    degrade_reason: str = ""
    tools: tuple[str, ...] = ()
    latency_ms: float = 0.0
    model_latency_ms: float = 0.0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd_micros: int = 0
    cache_key: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A question with what people said about its answer, if anything."""

    question: Question
    rating: Rating | None = None
    corrected_answer: str = ""
    corrected_intent: str = ""
    resolution: Resolution | None = None
