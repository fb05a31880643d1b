"""The commands of kiosks on both databases."""

from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from survey.deliveries import Queue
from survey.invitations import mistake, normalise
from survey.kiosk import Envelope, Kiosk, place_code_hash
from survey.store import Store
from tests.survey.kiosks import FILLED, PLACE, Device
from tests.survey.test_commands_store import BRINKDORP, FILES, KEY, VERSION, Office

ADD = {"place": PLACE, "name": "Het Anker", "area": "BD01"}


@pytest.fixture
def office(tmp_path: Path, database_url: str) -> Office:
    return Office(tmp_path, database_url)


def add(office: Office, *flags: str, **changes: str) -> str:
    named = [f"--{option}={text}" for option, text in {**ADD, **changes}.items()]
    return office.run("kiosk", "add", BRINKDORP, *named, *flags).output


def place_code(output: str) -> str:
    return output.splitlines()[0].removeprefix("Place code: ")


def kiosks(office: Office) -> dict[bytes, Kiosk]:
    return office.do(lambda store: store.kiosks(KEY))


def paired(office: Office) -> Device:
    """A device at the place, paired in the store of the office, whose survey was opened."""
    device = Device(survey=KEY, area="BD01")

    async def pair(store: Store) -> None:
        await store.register(KEY, VERSION, FILES, simulated=False)
        await store.issue_kiosks({device.hash: device.issued})
        await store.pair_kiosk(PLACE, device.hash, device.public_key)

    office.do(pair)
    return device


def sealed(office: Office, device: Device, version: str = VERSION) -> Envelope:
    return device.sent(FILLED, survey=KEY, version=version, secret=office.settings.secret)


def carried_off(office: Office, *envelopes: Envelope, place: str = PLACE) -> str:
    file = office.folder / "queue.json"
    file.write_bytes(msgspec.json.encode(Queue(place=place, envelopes=envelopes)))
    return str(file)


def test_add_prints_a_place_code_of_which_only_the_hash_is_kept(office: Office) -> None:
    code = normalise(place_code(add(office, "--needs-code")))
    assert mistake(code) is None
    assert kiosks(office) == {
        place_code_hash(code, office.settings.secret): Kiosk(
            survey=KEY, place=PLACE, name="Het Anker", area="BD01", needs_code=True
        )
    }


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"place": "Het Anker"}, "cannot stand in an address"),
        ({"place": ""}, "cannot stand in an address"),
        ({"name": " "}, "--name must have"),
        ({"name": "x" * 101}, "--name must have"),
        ({"area": "WK01"}, "WK01 is not an area of"),
    ],
)
def test_add_refuses_what_cannot_be_a_place(office: Office, changes: dict[str, str], said: str) -> None:
    assert said in add(office, **changes)
    assert kiosks(office) == {}


def test_a_second_tablet_is_another_device_and_another_place_has_another_key(office: Office) -> None:
    add(office)
    assert "Place code" in add(office)
    assert "There is a place het-anker already: Het Anker in BD01" in add(office, name="De Kooi")
    listed = office.run("kiosk", "list", BRINKDORP)
    assert len(kiosks(office)) == 2
    assert listed.stdout.count("het-anker\tHet Anker\tBD01\tno code needed\tnot paired\n") == 2


def test_a_device_is_revoked_by_its_short_name_and_the_others_stay(office: Office) -> None:
    add(office)
    device = paired(office)
    short = device.hash.hex()[:8]
    assert (
        f"{short}\thet-anker\tHet Anker\tBD01\tno code needed\tpaired\n"
        in office.run("kiosk", "list", KEY).stdout
    )
    assert office.run("kiosk", "revoke", KEY, short).exit_code == 0
    assert {one.revoked for key, one in kiosks(office).items() if key == device.hash} == {True}
    assert {one.revoked for key, one in kiosks(office).items() if key != device.hash} == {False}
    unknown = office.run("kiosk", "revoke", KEY, "01234567")
    assert (unknown.exit_code, "has no device 01234567" in unknown.output) == (1, True)


def test_a_queue_that_was_carried_off_counts_once_however_often_it_comes(office: Office) -> None:
    device = paired(office)
    envelopes = [sealed(office, device) for _ in range(3)]
    file = carried_off(office, *envelopes, envelopes[0])
    first, second = office.run("kiosk", "receive", file), office.run("kiosk", "receive", file)
    assert (first.exit_code, first.stdout) == (0, "3\taccepted\n1\treceived_before\n")
    assert (second.exit_code, second.stdout) == (0, "4\treceived_before\n")
    assert office.do(lambda store: store.waiting(KEY)) == 3


def test_what_is_refused_is_counted_by_its_reason_and_the_rest_is_taken_in(office: Office) -> None:
    device = paired(office)
    good = sealed(office, device)
    file = carried_off(office, good, sealed(office, device, "0" * 16), replace(good, delivery="0" * 32))
    result = office.run("kiosk", "receive", file)
    assert result.exit_code == 1
    assert result.stdout == "1\taccepted\n1\tunknown_version\n1\twrong_signature\n"
    assert "1 of 3 are here now." in result.stderr
    elsewhere = office.run("kiosk", "receive", carried_off(office, good, place="elders"))
    assert (elsewhere.exit_code, elsewhere.stdout) == (1, "1\tunknown_kiosk\n")


@pytest.mark.parametrize("cut", [0, 1, 100, -1])
def test_half_a_file_is_refused_and_nothing_taken_in(office: Office, cut: int) -> None:
    file = Path(carried_off(office, sealed(office, paired(office))))
    file.write_bytes(file.read_bytes()[:cut])
    result = office.run("kiosk", "receive", str(file))
    assert (result.exit_code, "nothing was taken in" in result.output) == (1, True)
    assert office.do(lambda store: store.waiting(KEY)) == 0


@pytest.mark.parametrize(("name", "limits"), [("KEY", "1 to 1000"), ("IDLE", "30 to 600")])
def test_a_setting_that_cannot_be_is_refused(office: Office, name: str, limits: str) -> None:
    office.environment[f"WIJKPEIL_KIOSK_{name}"] = "0"
    assert f"WIJKPEIL_KIOSK_{name} must be a whole number from {limits}" in add(office)
