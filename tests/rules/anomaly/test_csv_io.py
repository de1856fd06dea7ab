import json

import pytest

from gateway.rules.anomaly import CsvError, CsvOptions, Interval, Kind, detect_csv, read_csv

ROWS = [f"2024-{1 + i // 28:02}-{1 + i % 28:02},{100 + (i * 7) % 9}" for i in range(200)]


def test_a_plain_file_is_read_with_and_without_heading() -> None:
    bare = read_csv("2025-11-01,5\n2025-11-02,6\n")
    headed = read_csv("date,value\n2025-11-01,5\n2025-11-02,6\n")
    assert bare.series.points == headed.series.points
    assert [p.value for p in bare.series.points] == [5.0, 6.0]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("01.11.2025;1.234,5\n", None),
        ("01.11.2025;1234,5\n", [1234.5]),
        ('2025/11/01,"1,234.5"\n', [1234.5]),
        ("\ufeffdate\tvalue\n20251101\t7\n", [7.0]),
        ("date,value\r\n2025-11-01,\r\n", [None]),
        ("2025-11-01 , 7 \n", [7.0]),
        ('日期,销量\n2025-11-01,"−3"\n', [-3.0]),
    ],
)
def test_common_spellings_are_understood(text: str, values: list[float | None] | None) -> None:
    if values is None:
        with pytest.raises(CsvError, match="is no number"):
            read_csv(text)
    else:
        assert [p.value for p in read_csv(text).series.points] == values


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file holds no row"),
        ("date,value\n", "the file holds no row"),
        ("2025-11-01,5\n2025-11-", "line 2: 1 of 2 columns; is the row only half-written?"),
        ("date,value,price\n2025-11-01,5\n", "line 2: 2 of 3 columns"),
        ("2025-11-01,5\n2025-13-01,6\n", "line 2: '2025-13-01' is no day of the calendar"),
        ("2025-11-01,5\nyesterday,6\n", "line 2: 'yesterday' is no date"),
        ("2025-11-01,5\n2025-11-02,many\n", "line 2: 'many' is no number"),
        ("2025-11-01,5\n2025-11-02,nan\n", "line 2: 'nan' is not finite"),
        ("11/01/2025,5\n", "line 1: '11/01/2025' is no date"),
    ],
)
def test_a_bad_row_is_named_with_its_line(text: str, message: str) -> None:
    with pytest.raises(CsvError) as caught:
        read_csv(text)
    assert message in str(caught.value)


def test_all_bad_rows_are_named_up_to_twenty() -> None:
    with pytest.raises(CsvError) as caught:
        read_csv("2025-11-01,5\n" + "x,y\n" * 50)
    assert len(str(caught.value).splitlines()) == 20


def test_further_columns_are_covariates_and_events() -> None:
    request = read_csv("date,value,stock,event\n2025-11-10,5,3,\n2025-11-11,9,2,Double 11\n")
    assert [(c.name, [p.value for p in c.points]) for c in request.covariates] == [
        ("stock", [3.0, 2.0])
    ]
    assert [e.name for e in request.events] == ["Double 11"]


def test_the_interval_is_found_from_the_distance() -> None:
    hourly = read_csv("2025-11-01 00:00,1\n2025-11-01 01:00,2\n2025-11-01 02:00,2\n")
    weekly = read_csv("2025-11-03,1\n2025-11-10,2\n2025-11-17,2\n")
    assert (hourly.series.interval, weekly.series.interval) == (Interval.HOUR, Interval.WEEK)


def test_the_anomalies_come_as_csv_and_as_json() -> None:
    text = "\n".join([*ROWS, "2024-08-05,12000"])
    heading, *rows = detect_csv(text, CsvOptions(unit="EUR")).splitlines()
    assert rows[-1].startswith("2024-08-05,12000,")
    assert heading.split(",")[7] == "kind"
    found = json.loads(detect_csv(text, form="json"))
    assert found["anomalies"][-1]["kind"] == Kind.SCALE_ERROR.value
    assert found["band"][-1]["date"] == "2024-08-05"


def test_another_form_is_refused() -> None:
    with pytest.raises(ValueError, match="form is 'xml': use 'csv' or 'json'"):
        detect_csv("2025-11-01,5\n", form="xml")
