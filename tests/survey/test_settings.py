"""What an operator sets: read whole, or refused with everything that is wrong with it."""

import base64
from pathlib import Path

import pytest

from survey.settings import SettingsError, read_settings

SECRET = base64.b64encode(bytes(range(32))).decode()


def test_everything_that_is_wrong_is_said_at_once_and_nothing_is_made(tmp_path: Path) -> None:
    data = tmp_path / "data"
    wrong = {
        "WIJKPEIL_DATA": str(data),
        "WIJKPEIL_DATABASE_URL": "mysql://user:hidden@localhost/x",
        "WIJKPEIL_PORT": "80000",
        "WIJKPEIL_RELEASE_BATCH": "1",
        "WIJKPEIL_SIMULATED": "yes",
        "WIJKPEIL_SECRET": "hidden",
        "WIJKPEIL_PROT": "8000",
    }
    with pytest.raises(SettingsError) as refused:
        read_settings(wrong)
    first = [line.split()[0] for line in refused.value.message.splitlines()]
    assert first == [
        "WIJKPEIL_DATABASE_URL",
        "WIJKPEIL_PORT",
        "WIJKPEIL_RELEASE_BATCH",
        "WIJKPEIL_SIMULATED",
        "WIJKPEIL_SECRET",
        "Unknown",
    ]
    assert "WIJKPEIL_PROT" in refused.value.message
    assert "hidden" not in refused.value.message
    assert not data.exists()


def test_a_secret_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    environment = {"WIJKPEIL_DATA": str(tmp_path / "data")}
    first, second = read_settings(environment), read_settings(environment)
    assert first.secret == second.secret
    assert len(first.secret) >= 32
    assert (tmp_path / "data" / "secret").stat().st_mode & 0o077 == 0


def test_what_is_given_goes_before_what_is_usual(tmp_path: Path) -> None:
    usual = read_settings({"WIJKPEIL_DATA": str(tmp_path)})
    assert (usual.host, usual.port, usual.release_batch, usual.simulated) == ("127.0.0.1", 8000, 25, False)
    given = {
        "WIJKPEIL_DATA": str(tmp_path),
        "WIJKPEIL_HOST": "0.0.0.0",
        "WIJKPEIL_PORT": "0",
        "WIJKPEIL_SIMULATED": "1",
        "WIJKPEIL_THEME": "huisstijl",
        "WIJKPEIL_SECRET": SECRET,
        "HOME": "/nowhere",
    }
    found = read_settings(given)
    assert (found.host, found.port, found.simulated, found.theme) == ("0.0.0.0", 0, True, Path("huisstijl"))
    assert found.secret == bytes(range(32))
