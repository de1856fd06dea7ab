"""What leaves for a provider as it is, and what as a placeholder."""

from dataclasses import dataclass

from gateway.core.model import PersonalData

MASKED = (
    PersonalData.ADDRESS,
    PersonalData.EMAIL,
    PersonalData.IBAN,
    PersonalData.NAME,
    PersonalData.NATIONAL_ID,
    PersonalData.PHONE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyOptions:
    """Personal data that models see as placeholders; explained and measured in docs/privacy.md."""

    mask: tuple[PersonalData, ...] = MASKED
    """Replaced by placeholders such as [EMAIL_1] before text leaves for a provider, and put back
    into the answer. Default all but `number` (order-like numbers of eight digits and more). Card
    numbers, keys and passwords never leave, whatever stands here."""
