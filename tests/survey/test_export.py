"""What an export says: rows, dispositions, the account of the fieldwork, and the folder itself."""

from pathlib import Path

import msgspec
import numpy as np
import pandas as pd
import pyreadstat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.__main__ import read_export
from survey.export.fieldwork import fieldwork
from survey.export.folder import ExportError, write_export
from survey.export.rows import columns, disposition, passed, rows
from survey.participation import Response
from survey.questionnaires.folder import read_folder
from survey.questionnaires.model import NOT_SHOWN, SKIPPED
from survey.questionnaires.parsing import parse
from survey.store import Archive, LedgerCount, StoredResponse, WithdrawalCount
from tests.survey.disk import no_file_larger_than

BRINKDORP = Path(__file__).parents[1] / "samples" / "brinkdorp"
FILES = read_folder(BRINKDORP)
CURRENT = parse(FILES)

EARLIER_FILES = FILES | {
    "questionnaire.toml": FILES["questionnaire.toml"]
    .replace(b"maximum = 10\n", b"maximum = 20\n")
    .replace(
        b'{ code = 3, label = "In de bibliotheek", group = "Verder weg", pictogram = "book-open" },', b""
    )
}
EARLIER = parse(EARLIER_FILES)
VERSIONS = {questionnaire.version: questionnaire for questionnaire in (CURRENT, EARLIER)}

ANSWERS = {
    "age": 2,
    "place": "BD01",
    "grade": 8,
    "visits": (1, 3),
    "house_a": 3,
    "house_b": -8,
    "wish": "=A1",
}


def response(**changes: object) -> Response:
    whole = Response(
        survey="brinkdorp-peiling",
        version=CURRENT.version,
        language="nl",
        channel="invited",
        sampled_area="BD02",
        week="2026-W48",
        purposes=frozenset({"taking_part", "opinion"}),
        answers=dict(ANSWERS),
        receipt_hash=b"r" * 32,
    )
    return msgspec.structs.replace(whole, **changes)


def stored(*responses: Response) -> list[StoredResponse]:
    return [StoredResponse(id=f"{number:020x}", response=one) for number, one in enumerate(responses)]


def exported(one: Response) -> dict[str, int | str]:
    return rows(stored(one), VERSIONS, CURRENT.version)[0]


def archive(*responses: Response, **changes: object) -> Archive:
    whole = Archive(
        version=CURRENT.version,
        simulated=True,
        versions={CURRENT.version: FILES, EARLIER.version: EARLIER_FILES},
        responses=stored(*responses),
        ledger=[],
        withdrawals=[],
        waiting=0,
    )
    return msgspec.structs.replace(whole, **changes)


# Rows


def test_a_row_has_a_cell_for_every_column() -> None:
    assert list(exported(response())) == columns(CURRENT)
    assert "place_postcode" not in columns(CURRENT)


def test_where_the_resident_lives_goes_before_where_the_letter_went() -> None:
    assert (exported(response())["sampled_area"], exported(response())["area"]) == ("BD02", "BD01")
    assert exported(response(answers={**ANSWERS, "place": -9}))["area"] == "BD02"
    unknown = response(answers={**ANSWERS, "place": -8}, channel="open", sampled_area=None)
    assert (exported(unknown)["area"], exported(unknown)["place"]) == ("", -8)


def test_ticks_are_columns_and_an_option_that_the_area_lacks_was_not_shown() -> None:
    ticked = [exported(response())[f"visits_{code}"] for code in (1, 2, 3, 99)]
    assert ticked == [1, NOT_SHOWN, 1, 0]
    on_ice = exported(response(answers={**ANSWERS, "place": "BD02", "visits": (2,)}))
    assert [on_ice[f"visits_{code}"] for code in (1, 2, 3, 99)] == [0, 1, 0, 0]


def test_a_missing_answer_to_ticks_is_missing_in_all_their_columns() -> None:
    refused = exported(response(answers={**ANSWERS, "visits": -9}))
    assert [refused[f"visits_{code}"] for code in (1, 2, 3, 99)] == [-9] * 4


def test_shown_and_skipped_differs_from_not_on_the_route() -> None:
    without = exported(response(answers={**ANSWERS, "house_a": SKIPPED, "wish": SKIPPED}))
    assert (without["house_a"], without["wish"], without["wish_text"]) == (SKIPPED, SKIPPED, "")
    refused = {name: answer for name, answer in ANSWERS.items() if not name.startswith("house")}
    not_asked = exported(response(purposes=frozenset({"taking_part"}), answers=refused))
    assert (not_asked["house_a"], not_asked["consent_opinion"]) == (NOT_SHOWN, 0)


def test_an_open_answer_is_kept_as_it_was_written() -> None:
    assert (exported(response())["wish"], exported(response())["wish_text"]) == (1, "=A1")


def test_what_was_answered_was_asked_also_when_only_the_link_told_the_area() -> None:
    open_link = response(channel="open", sampled_area=None, answers={**ANSWERS, "place": -8, "visits": (2,)})
    assert exported(open_link)["visits_2"] == 1


def test_an_earlier_version_fills_the_columns_that_agree_and_leaves_the_others_not_shown() -> None:
    old = exported(response(version=EARLIER.version, answers={**ANSWERS, "grade": 15, "visits": (1,)}))
    assert old["version"] == EARLIER.version
    assert old["grade"] == NOT_SHOWN
    assert (old["visits_1"], old["visits_3"], old["visits_99"]) == (1, NOT_SHOWN, 0)
    assert old["house_a"] == 3


# Dispositions


@given(st.lists(st.sampled_from(["answer", "reason", "skip"]), min_size=7, max_size=7))
def test_the_disposition_is_the_share_answered_of_what_was_asked(fates: list[str]) -> None:
    reasons = {"answer": None, "reason": -8, "skip": SKIPPED}
    variables = ["age", "place", "grade", "visits", "house_a", "house_b", "wish"]
    answers = {
        variable: ANSWERS[variable]
        if reasons[fate] is None or variable in {"age", "visits"}
        else reasons[fate]
        for variable, fate in zip(variables, fates, strict=True)
    }
    one = response(answers=answers)
    route = passed(one, CURRENT)
    assert set(variables) <= route
    share = sum(answer != SKIPPED for answer in answers.values()) / len(route)
    found = disposition(one, route)
    assert found == ("complete" if share > 0.8 else "partial" if share >= 0.5 else "break_off")


@pytest.mark.parametrize(
    ("answered", "expected"), [(81, "complete"), (80, "partial"), (50, "partial"), (49, "break_off")]
)
def test_the_borders_are_above_80_and_from_50_percent(answered: int, expected: str) -> None:
    route = {f"v{number}" for number in range(100)}
    answers = {f"v{number}": 1 for number in range(answered)}
    assert disposition(response(answers=answers), route) == expected


# The account of the fieldwork

LEDGER = [
    LedgerCount(area="BD01", round="1", state="issued", count=60),
    LedgerCount(area="BD01", round="1", state="opened", count=5),
    LedgerCount(area="BD01", round="1", state="used", count=3),
    LedgerCount(area="BD01", round="2", state="used", count=2),
]
HALF = {"age": 2, "place": "BD01", "grade": 8, "visits": (99,), "wish": SKIPPED}
LITTLE = {"age": 2, "place": SKIPPED, "grade": SKIPPED, "visits": SKIPPED, "wish": SKIPPED}


def account_of(whole: Archive) -> dict[str, object]:
    made = rows(whole.responses, VERSIONS, CURRENT.version)
    areas = [area.code for area in CURRENT.municipality.areas]
    return msgspec.to_builtins(fieldwork(whole, made, areas))


def test_the_account_covers_every_code_and_the_open_link_apart() -> None:
    invited = [response(sampled_area="BD01", answers=answers) for answers in (ANSWERS, HALF, LITTLE)]
    visitor = response(channel="open", sampled_area=None)
    gone = [WithdrawalCount(channel="invited", area="BD01", count=1)]
    found = account_of(archive(*invited, visitor, ledger=LEDGER, withdrawals=gone, waiting=1))
    codes = found["areas"]["BD01"]["invited"]
    assert {name: codes[name] for name in ("issued", "opened", "used", "withdrawn")} == {
        "issued": 70, "opened": 10, "used": 5, "withdrawn": 1
    }  # fmt: skip
    assert codes["I"] + codes["P"] == 2
    assert codes["R"] == 5 + 1 + 1
    assert codes["I"] + codes["P"] + codes["R"] + codes["U"] + found["waiting"] == codes["issued"]
    assert found["areas"]["BD01"]["open"]["I"] == 1
    assert found["rounds"]["2"] == {"issued": 2, "opened": 2, "used": 2}
    assert found["withdrawn"] == 1


def test_slips_kiosks_and_the_open_link_stand_apart_and_in_no_rate() -> None:
    slips = LedgerCount(area="BD01", round="slips", state="issued", count=500, kind="slip")
    letters_only = account_of(archive(ledger=LEDGER))
    came = {"slip": 3, "kiosk": 2, "open": 1}
    sent = [
        response(channel=channel, sampled_area=None if channel == "open" else "BD01")
        for channel, count in came.items()
        for _ in range(count)
    ]
    gone = [WithdrawalCount(channel="slip", area="BD01", count=1)]
    found = account_of(archive(*sent, ledger=[*LEDGER, slips], withdrawals=gone))
    for account in (found["areas"]["BD01"], found["totals"]):
        assert {channel: account[channel]["I"] for channel in came} == came
        assert account["slip"]["withdrawn"] == 1
    assert found["areas"]["BD01"]["invited"] == letters_only["areas"]["BD01"]["invited"]
    assert found["totals"]["rates"] == letters_only["totals"]["rates"]
    assert found["rounds"] == letters_only["rounds"]


def test_the_rates_are_those_of_the_definitions() -> None:
    whole = account_of(archive(response(sampled_area="BD01"), ledger=LEDGER))
    codes, rates = whole["totals"]["invited"], whole["totals"]["rates"]
    known = codes["I"] + codes["P"] + codes["R"] + codes["NC"] + codes["O"]
    assert rates["RR1"] == rates["RR3"] == codes["I"] / (known + codes["U"])
    assert rates["RR6"] == (codes["I"] + codes["P"]) / known
    assert rates["e"] == 1


def test_nobody_invited_gives_no_rate() -> None:
    rates = account_of(archive(response(channel="open", sampled_area=None)))["totals"]["rates"]
    assert {rates[f"RR{number}"] for number in range(1, 7)} == {None}


# The folder


def export(folder: Path, whole: Archive, *, replace: bool = False) -> None:
    write_export(whole, "brinkdorp-peiling", folder, week="2026-W48", replace=replace)


def test_the_analysis_reads_what_the_export_writes(tmp_path: Path) -> None:
    old = response(version=EARLIER.version, answers={**ANSWERS, "grade": 15})
    export(tmp_path / "out", archive(response(), old, ledger=LEDGER))
    dataset = read_export(tmp_path / "out")
    assert dataset.questionnaire.version == CURRENT.version
    assert dataset.codes["grade"].tolist() == [8, NOT_SHOWN]
    assert dataset.fieldwork.areas["BD01"].invited.issued == 70
    assert read_folder(tmp_path / "out" / "versions" / EARLIER.version / "questionnaire") == EARLIER_FILES


def test_the_files_for_other_programs_hold_the_same_with_labels_and_missing_values(tmp_path: Path) -> None:
    export(tmp_path / "out", archive(response(), response(channel="open", sampled_area=None)))
    table = pd.read_csv(tmp_path / "out" / "responses.csv", dtype=str, keep_default_na=False)
    parquet = pd.read_parquet(tmp_path / "out" / "responses.parquet")
    spss, about = pyreadstat.read_sav(tmp_path / "out" / "responses.sav", user_missing=True)
    assert list(parquet) == list(spss) == list(table) == columns(CURRENT)
    for name in columns(CURRENT):
        assert parquet[name].astype(str).tolist() == table[name].str.removeprefix("'").tolist(), name
    assert spss["grade"].tolist() == [8, 8]
    assert spss["wish_text"].tolist() == ["=A1", "=A1"]
    assert about.variable_value_labels["house_a"][3] == "Eens"
    assert about.column_names_to_labels["visits_3"].endswith("In de bibliotheek")
    assert about.missing_ranges["grade"] == [{"lo": -9.0, "hi": -5.0}]
    assert np.issubdtype(parquet["grade"].dtype, np.int32)


@pytest.mark.parametrize(
    ("written", "in_csv"),
    [
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("-2+3|x", "'-2+3|x"),
        ("+31", "'+31"),
        ("Meer bomen = fijn", "Meer bomen = fijn"),
    ],
)
def test_what_a_resident_wrote_is_no_formula_in_the_csv_file(
    tmp_path: Path, written: str, in_csv: str
) -> None:
    export(tmp_path / "out", archive(response(answers={**ANSWERS, "wish": written, "house_b": -8})))
    table = pd.read_csv(tmp_path / "out" / "responses.csv", dtype=str)
    assert table["wish_text"].tolist() == [in_csv]
    assert table["house_b"].tolist() == ["-8"]
    assert pd.read_parquet(tmp_path / "out" / "responses.parquet")["wish_text"].tolist() == [written]


def test_the_spss_file_describes_every_variable(tmp_path: Path) -> None:
    export(tmp_path / "out", archive(response()))
    _, about = pyreadstat.read_sav(tmp_path / "out" / "responses.sav", user_missing=True)
    assert all(about.column_names_to_labels.values())
    assert about.column_names_to_labels["house_a"].startswith("Wat vindt u van het dorpshuis?")
    levels = {name: about.variable_measure[name] for name in ("grade", "house_a", "visits_1", "area")}
    assert levels == {"grade": "scale", "house_a": "ordinal", "visits_1": "nominal", "area": "nominal"}
    assert about.variable_value_labels["area"]["BD03"] == "Buitengebied"
    assert about.variable_value_labels["place"]["-5"] == "skipped"
    assert [span["lo"] for span in about.missing_ranges["place"]] == ["-5", "-8", "-9"]
    assert about.notes == ["SIMULATED: no resident gave these answers."]


def test_a_key_that_ends_like_the_text_of_an_open_question_stays_a_number(tmp_path: Path) -> None:
    files = FILES | {"questionnaire.toml": FILES["questionnaire.toml"].replace(b'"grade"', b'"grade_text"')}
    version = parse(files).version
    answers = {name: answer for name, answer in ANSWERS.items() if name != "grade"} | {"grade_text": 8}
    one = response(version=version, answers=answers)
    export(tmp_path / "out", archive(one, version=version, versions={version: files}, simulated=False))
    spss, about = pyreadstat.read_sav(tmp_path / "out" / "responses.sav")
    assert spss["grade_text"].tolist() == [8]
    assert about.notes == []


def test_an_export_without_responses_is_written_too(tmp_path: Path) -> None:
    export(tmp_path / "out", archive())
    assert (tmp_path / "out" / "responses.csv").read_text().splitlines() == [",".join(columns(CURRENT))]


def test_a_folder_that_is_no_export_is_never_touched(tmp_path: Path) -> None:
    (tmp_path / "own.txt").write_text("mine")
    for replace in (False, True):
        with pytest.raises(ExportError, match="is not an export"):
            export(tmp_path, archive(), replace=replace)
    assert [path.name for path in tmp_path.iterdir()] == ["own.txt"]


def test_an_earlier_export_stays_unless_replacing_is_asked_for(tmp_path: Path) -> None:
    export(tmp_path / "out", archive())
    with pytest.raises(ExportError, match="--replace"):
        export(tmp_path / "out", archive(response()))
    export(tmp_path / "out", archive(response()), replace=True)
    assert len((tmp_path / "out" / "responses.csv").read_text().splitlines()) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("room", [100, 2500, 5000, 12_000])
def test_a_disk_without_room_is_one_message_and_leaves_the_earlier_export(tmp_path: Path, room: int) -> None:
    export(tmp_path / "out", archive())
    before = {path: path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()}
    with no_file_larger_than(room), pytest.raises(ExportError, match="Make room"):
        export(tmp_path / "out", archive(*[response()] * 200), replace=True)
    after = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert after == before


def test_a_version_that_this_program_cannot_read_is_one_message(tmp_path: Path) -> None:
    broken = archive(
        response(version="old"), versions={CURRENT.version: FILES, "old": {"questionnaire.toml": b"x"}}
    )
    with pytest.raises(ExportError, match="cannot read a version"):
        export(tmp_path / "out", broken)
    assert not (tmp_path / "out").exists()


def test_an_earlier_version_that_nobody_answered_does_not_matter(tmp_path: Path) -> None:
    export(tmp_path / "out", archive(response(), versions={CURRENT.version: FILES, "old": {}}))
    assert not (tmp_path / "out" / "versions").exists()
