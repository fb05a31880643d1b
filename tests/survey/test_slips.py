"""Slips for a kiosk: a tagged PDF with codes that work, of which the database knows the hash only."""

import subprocess
from collections import Counter
from pathlib import Path

import pikepdf
import pytest

from survey.invitations import code_hash, normalise
from survey.store import LedgerCount
from tests.analysis.verapdf import validate
from tests.survey.test_commands_kiosk import add
from tests.survey.test_commands_store import BRINKDORP, KEY, Office


@pytest.fixture
def office(tmp_path: Path) -> Office:
    office = Office(tmp_path, f"sqlite:///{tmp_path}/survey.sqlite")
    add(office)
    return office


def slips(
    office: Office, name: str = "slips.pdf", *, place: str = "het-anker", **options: str
) -> tuple[int, str]:
    named = [f"--{option}={text}" for option, text in {"count": "9", **options}.items()]
    result = office.run("slips", BRINKDORP, place, str(office.folder / name), *named)
    return result.exit_code, result.output


def printed(file: Path) -> str:
    """The words as they stand on the pages, one line each."""
    return subprocess.run(["pdftotext", str(file), "-"], check=True, capture_output=True, text=True).stdout


def ledger(office: Office) -> list[LedgerCount]:
    return list(office.do(lambda store: store.ledger_counts(KEY)))


def test_every_slip_has_a_code_that_works_once_for_the_place(office: Office) -> None:
    assert slips(office)[0] == 0
    lines = printed(office.folder / "slips.pdf").splitlines()
    codes = [line for line in lines if line.count("-") == 3]
    assert (len(codes), len(set(codes))) == (9, 9)
    assert Counter(lines)["Het Anker"] == Counter(lines)["Typ deze code in op de tablet:"] == 9
    assert ledger(office) == [
        LedgerCount(area="BD01", round="het-anker", state="issued", count=9, kind="slip")
    ]
    for code in codes:
        found = office.do(
            lambda store, code=code: store.redeem(code_hash(normalise(code), office.settings.secret), KEY)
        )
        assert (found.area, found.kind) == ("BD01", "slip")


def test_the_file_is_an_accessible_pdf_that_its_owner_alone_can_read(office: Office) -> None:
    slips(office)
    slips(office, "english.pdf", language="en")
    files = [office.folder / "slips.pdf", office.folder / "english.pdf"]
    verdict = validate(files)
    assert [f"PASS {file}" in verdict for file in files] == [True, True]
    assert [file.stat().st_mode & 0o777 for file in files] == [0o600, 0o600]
    for file, language in zip(files, ("nl", "en"), strict=True):
        with pikepdf.open(file) as document:
            assert str(document.Root.Lang) == language
            assert len(document.pages) == 2  # eight on the first


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"place": "elders"}, "has no place elders"),
        ({"language": "xx"}, "has no language xx"),
        ({"count": "0"}, "--count"),
    ],
)
def test_what_cannot_be_printed_is_refused_and_no_code_issued(
    office: Office, options: dict[str, str], said: str
) -> None:
    code, output = slips(office, **options)
    assert code != 0
    assert said in output
    assert ledger(office) == []
    assert not (office.folder / "slips.pdf").exists()


def test_an_earlier_file_stays_and_no_code_is_issued(office: Office) -> None:
    (office.folder / "slips.pdf").write_text("earlier")
    code, output = slips(office)
    assert (code, "exists. Choose another file" in output) == (1, True)
    assert (office.folder / "slips.pdf").read_text() == "earlier"
    assert ledger(office) == []
