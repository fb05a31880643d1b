"""Exports that several files read; nobody writes in them."""

from pathlib import Path

import pytest

from tests.analysis.simulated import write_simulated_export

BRINKDORP = Path(__file__).parents[2] / "samples" / "brinkdorp"


@pytest.fixture(scope="session")
def brinkdorp(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The answers of an invented town of three areas."""
    folder = tmp_path_factory.mktemp("brinkdorp") / "export"
    write_simulated_export(folder, invited=400, respondents=300, definition=BRINKDORP)
    return folder
