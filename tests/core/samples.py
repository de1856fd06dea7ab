"""Values that the policies' tests share."""

from gateway.core.model import Caller, Deadline
from gateway.core.options import Deployment


class Fixed:
    """Randomness that always says the same."""

    def __init__(self, value: float = 0.0) -> None:
        self.value = value

    def random(self) -> float:
        return self.value


def caller(**fields: object) -> Caller:
    return Caller(request_id="r", deadline=Deadline(30.0), **fields)  # type: ignore[arg-type]


def deployment(name: str = "a", **fields: object) -> Deployment:
    return Deployment(name=name, provider="openai", model="m", **fields)  # type: ignore[arg-type]
