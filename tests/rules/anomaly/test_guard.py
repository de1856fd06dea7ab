import pytest

from gateway.rules.anomaly import Covariate, DetectResult, Point, Reason, check_text, detect
from tests.rules.anomaly.made import day, request, sales


@pytest.fixture(scope="module")
def result() -> DetectResult:
    stock = Covariate(
        "stock level 3", [Point(day(i), 0.0 if i > 199 else 80.0) for i in range(201)]
    )
    return detect(request([*sales(200, mean=12_000), 1234.0], unit="EUR", covariates=[stock]))


def test_the_facts_are_as_the_texts_below_assume(result: DetectResult) -> None:
    (found,) = result.anomalies
    assert found.value == 1234.0
    assert round(found.expected / 1000) == 13
    assert found.time_s == day(200)  # 2024-07-19


@pytest.mark.parametrize(
    "text",
    [
        "On 19 July 2024 sales fell to 1,234 EUR.",
        "Am 19.07.2024 fiel der Umsatz auf 1.234 EUR.",
        "2024年7月19日销售额降到1234 EUR，预期约1.3万。",
        "Le 19 juillet, les ventes sont tombées à 1 234 EUR, contre 13 mille attendus.",
        "On July 19th about 1,200 EUR came in; roughly 13 thousand were expected, 90% more.",
        "stock level 3 fell from 80 to 0.",
        "No figures at all.",
        "売上は１２３４でした。",
    ],
)
def test_figures_of_the_evidence_pass_in_any_spelling(text: str, result: DetectResult) -> None:
    assert check_text(text, result) == ()


@pytest.mark.parametrize(
    ("text", "found", "reason"),
    [
        ("Sales fell to 1,243 EUR.", "1,243", Reason.FIGURE_NOT_IN_EVIDENCE),
        ("Sales fell by 35 %.", "35", Reason.FIGURE_NOT_IN_EVIDENCE),
        ("On 20 July 2024 sales fell.", "20 July 2024", Reason.DATE_NOT_IN_EVIDENCE),
        ("On 2023-07-19 sales fell.", "2023-07-19", Reason.DATE_NOT_IN_EVIDENCE),
        ("7月18日下降。", "7月18日", Reason.DATE_NOT_IN_EVIDENCE),
        ("降到12亿。", "12", Reason.FIGURE_NOT_IN_EVIDENCE),
        ("It costs 2 million EUR.", "2", Reason.FIGURE_NOT_IN_EVIDENCE),
        ("At 14:30 sales stopped.", "14:30", Reason.DATE_NOT_IN_EVIDENCE),
    ],
)
def test_what_the_evidence_does_not_hold_is_named(
    text: str, found: str, reason: Reason, result: DetectResult
) -> None:
    (violation,) = check_text(text, result)
    assert (violation.found, violation.reason) == (found, reason)
    assert text[violation.position :].startswith(found)


def test_a_rounder_figure_than_five_percent_is_refused(result: DetectResult) -> None:
    assert check_text("About 1,000 EUR came in.", result) != ()
