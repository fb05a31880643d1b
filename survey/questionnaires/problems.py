"""Problems in a researcher's files: where, what, and what to do, all of them at once."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

from msgspec import Struct


class Problem(Struct, frozen=True, kw_only=True):
    """One fault, or one piece of advice.

    `place` says where in the file: `blocks[2].questions[3].when` (counted from 0), or `line 12`;
    `question` is the key of the question there. `code` is stable and explained in docs/check-codes.md.
    """

    file: str
    place: str
    code: str
    message: str
    severity: Literal["error", "advice"] = "error"
    question: str | None = None

    def __str__(self) -> str:
        where = f"{self.file}: {self.place}" if self.place else self.file
        where += f" ({self.question})" if self.question else ""
        kind = "" if self.severity == "error" else " (advice)"
        return f"{where}: {self.code}{kind}: {self.message}"


class QuestionnaireError(Exception):
    """The files do not make a questionnaire; `problems` holds every reason."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class Findings:
    """The problems found so far in one file. `questions` names the question at a place."""

    def __init__(self, file: str, questions: Mapping[str, str] | None = None) -> None:
        self.file = file
        self.questions = dict(questions or {})
        self._found: list[Problem] = []

    def __iter__(self) -> Iterator[Problem]:
        return iter(self._found)

    def error(self, code: str, place: str, message: str) -> None:
        self._add(code, place, message, "error")

    def advise(self, code: str, place: str, message: str) -> None:
        self._add(code, place, message, "advice")

    def _add(self, code: str, place: str, message: str, severity: Literal["error", "advice"]) -> None:
        block_and_question = ".".join(place.split(".")[:2])
        question = self.questions.get(block_and_question)
        self._found.append(
            Problem(
                file=self.file, place=place, code=code, message=message, severity=severity, question=question
            )
        )


def exit_code(problems: Iterable[Problem]) -> int:
    """0: nothing to say; 1: advice only; 2: errors."""
    return max(({"error": 2, "advice": 1}[problem.severity] for problem in problems), default=0)


MOST_ALIKE = 10
"""Lines of advice of one code about one file that are printed; the rest is counted."""


def listing(problems: Sequence[Problem]) -> Iterator[str]:
    """The problems as lines for a reader: all errors, and advice of which there is a lot in short."""
    printed: Counter[tuple[str, str]] = Counter()
    for problem in problems:
        alike = (problem.file, problem.code)
        printed[alike] += 1
        if problem.severity == "error" or printed[alike] <= MOST_ALIKE:
            yield str(problem)
    for (file, code), times in printed.items():
        advice = all(problem.severity == "advice" for problem in problems if problem.code == code)
        if advice and times > MOST_ALIKE:
            yield f"{file}: {code} (advice): and {times - MOST_ALIKE} more; --json lists them all."


def summary(problems: Sequence[Problem]) -> str:
    errors = sum(problem.severity == "error" for problem in problems)
    advice = len(problems) - errors
    if not problems:
        return "Nothing to say: this questionnaire is in order."
    return f"{_count(errors, 'error')}, {_count(advice, 'piece of advice', 'pieces of advice')}."


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
