"""The trained model of a knowledge base: which entries a question is close to, and how sure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gateway.rules.chat.features import count_features
from gateway.rules.chat.joined import Cosines, Features, Joined
from gateway.rules.chat.knowledge import Entry, KnowledgeBase
from gateway.rules.chat.ranking import Ranked, Ranking

Admits = Callable[[Entry], bool]


@dataclass(frozen=True, slots=True, eq=False)
class ChatModel:
    """Made by `train`; picklable, read-only, safe to share between threads.

    `index`: finds the questions near a text, for both rankings: `answers` ranks the entries of the
    knowledge, `wishes` what else a customer may want (look-ups, a person), if that was learned.
    """

    knowledge: KnowledgeBase
    index: Joined
    answers: Ranking
    wishes: Ranking | None = None

    def __repr__(self) -> str:
        return (
            f"ChatModel({self.knowledge.name!r}, {len(self.knowledge.entries)} entries, "
            f"{int(self.answers.first[-1])} questions, "
            f"threshold {self.answers.calibration.threshold:.2f})"
        )

    def near(self, text: str | Features) -> Cosines:
        """Hold a text, or its counted features, against all questions, once for all rankings.

        Work is bounded by the text's bound.
        """
        return self.index.cosines(count_features(text) if isinstance(text, str) else text)

    def rank(
        self,
        text: str | Features,
        admits: Admits | None = None,
        top: int = 3,
        left_out: Sequence[int] = (),
    ) -> tuple[Ranked, ...]:
        """Return the `top` entries nearest to a question, best first; none if nothing is shared.

        `admits` leaves out entries (audience, validity); `left_out` says their numbers instead, if
        known.
        """
        if admits is not None:
            entries = self.knowledge.entries
            left_out = [e for e, entry in enumerate(entries) if not admits(entry)]
        return self.answers.ranked(self.near(text)[0], left_out, top)

    def sure_of(self, ranked: tuple[Ranked, ...]) -> bool:
        """Tell whether the best of `rank` may be acted on without asking."""
        return bool(ranked) and ranked[0].confidence >= self.answers.calibration.threshold

    def wished(self, cosines: Cosines, top: int = 1) -> tuple[Ranked, ...]:
        """Return the wishes nearest to what `near` was given, best first."""
        return self.wishes.ranked(cosines[1], (), top) if self.wishes else ()
