"""Problems in a researcher's files: where, what, and what to do, all of them at once."""

from collections.abc import Iterable, Iterator
from typing import Literal

from msgspec import Struct


class Problem(Struct, frozen=True, kw_only=True):
    """One fault, or one piece of advice.

    `place` says where in the file: `blocks[2].questions[3].when` (counted from 0), or `line 12`.
    `code` is stable and explained in docs/check-codes.md.
    """

    file: str
    place: str
    code: str
    message: str
    severity: Literal["error", "advice"] = "error"

    def __str__(self) -> str:
        return f"{self.file}: {self.place}: {self.code} {self.message}"


class QuestionnaireError(Exception):
    """The files do not make a questionnaire; `problems` holds every reason."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class Findings:
    """The problems found so far in one file."""

    def __init__(self, file: str) -> None:
        self.file = file
        self._found: list[Problem] = []

    def __iter__(self) -> Iterator[Problem]:
        return iter(self._found)

    def error(self, code: str, place: str, message: str) -> None:
        self._found.append(Problem(file=self.file, place=place, code=code, message=message))

    def advise(self, code: str, place: str, message: str) -> None:
        self._found.append(
            Problem(file=self.file, place=place, code=code, message=message, severity="advice")
        )
