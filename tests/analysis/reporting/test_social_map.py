"""What a profile tells of the way to help: an address that can be read, heard and scanned."""

import subprocess
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from pypdf import PdfReader

from analysis.__main__ import gathered, made_of
from analysis.reporting import report
from analysis.reporting.files import printing
from tests.analysis.reporting.test_pdf import elements
from tests.analysis.reporting.test_report import BRINKDORP, passed, run
from tests.analysis.simulated import write_simulated_export
from tests.analysis.verapdf import ARCHIVAL, validate

ADDRESS = "https://example.org/brinkdorp-peiling/social-map/BD02"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export, and a plan that names the address of the social map."""
    folder = tmp_path_factory.mktemp("town")
    write_simulated_export(folder / "export", invited=200, respondents=150, definition=BRINKDORP)
    address = ADDRESS.replace("BD02", "{area}")
    plan = (BRINKDORP / "plan.toml").read_text(encoding="utf-8")
    named = plan.replace("[report]\n", f'[report]\nsocial_map = "{address}"\n')
    (folder / "plan.toml").write_text(named, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def profile(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = gathered(folder / "export", folder / "plan.toml")
    job = next(job for job in report.jobs(made_of(found)) if "BD02" in job.name)
    out = tmp_path_factory.mktemp("out")
    assert printing.write_pdf(job, out, found.made_from) == 2
    return out / job.name


def test_a_telephone_reads_the_address_of_the_area_from_the_printed_page(
    profile: Path, tmp_path: Path
) -> None:
    subprocess.run(["pdftoppm", "-r", "150", "-png", "-f", "2", profile, tmp_path / "page"], check=True)
    (page,) = tmp_path.glob("page-*.png")
    with Image.open(page) as picture:
        (code,) = zxingcpp.read_barcodes(picture)
    assert code.text == ADDRESS


def test_the_address_stands_in_words_too_and_the_code_says_what_it_is(profile: Path) -> None:
    reader = PdfReader(profile)
    assert ADDRESS in "".join(reader.pages[1].extract_text().split())
    spoken = [str(each.Alt) for each in elements(profile) if each.S == "/Figure"]
    assert f"Code die uw telefoon kan lezen: {ADDRESS}" in spoken
    assert validate([profile], ARCHIVAL) == passed([profile])


def test_a_profile_without_an_address_tells_of_none(folder: Path) -> None:
    found = gathered(folder / "export", BRINKDORP / "plan.toml")
    profiles = [job.html for job in report.jobs(made_of(found)) if job.name.startswith("wijkprofiel")]
    assert profiles
    assert not any("sociale kaart" in page for page in profiles)


@pytest.mark.parametrize("address", ["http://example.org/{area}", "https://example.org/{house}", "{area}"])
def test_an_address_that_no_telephone_could_open_is_refused(
    folder: Path, tmp_path: Path, address: str
) -> None:
    plan = (folder / "plan.toml").read_text(encoding="utf-8")
    wrong = plan.replace(ADDRESS.replace("BD02", "{area}"), address)
    (tmp_path / "plan.toml").write_text(wrong, encoding="utf-8")
    result = run("report", folder / "export", tmp_path / "plan.toml", tmp_path / "out")
    assert result.exit_code == 2
    assert "social_map" in result.output
