"""Routing as slow and obvious as it can be said: what the fast walk is compared with.

Nothing is kept between questions: whether a step is asked is worked out from the beginning each time.
"""

from survey.questionnaires.answers import Answer, Answers
from survey.questionnaires.model import AllOf, Answered, AnyOf, Condition, InArea, Questionnaire, Step, Text
from survey.questionnaires.routing import steps


class Reference:
    def __init__(
        self, questionnaire: Questionnaire, answers: Answers, purposes: frozenset[str], area: str | None
    ) -> None:
        self.all = steps(questionnaire)
        self.answers = answers
        self.purposes = purposes
        self.invited_area = area

    def path(self) -> list[Step]:
        return [step for step in self.all if self.is_asked(step)]

    def counting(self) -> dict[str, Answer]:
        found = {step.variable: self.counted(step) for step in self.all}
        return {variable: answer for variable, answer in found.items() if answer is not None}

    def stop(self) -> Text | None:
        return next((text for step in self.all if (text := self.stopped_by(step)) is not None), None)

    def is_asked(self, step: Step) -> bool:
        question = step.question
        return (
            not any(self.stopped_by(earlier) for earlier in self.before(step))
            and (not question.areas or self.area_before(step) in question.areas)
            and (question.purpose is None or question.purpose in self.purposes)
            and (question.when is None or self.holds(question.when, step))
        )

    def counted(self, step: Step) -> Answer | None:
        if not self.is_asked(step) or step.variable not in self.answers:
            return None
        answer = self.answers[step.variable]
        limited = {
            option.code: option.areas for option in getattr(step.question, "options", ()) if option.areas
        }
        area = self.area_before(step)
        if limited and isinstance(answer, tuple):
            return tuple(code for code in answer if area in limited.get(code, (area,))) or None
        return None if answer in limited and area not in limited[answer] else answer

    def stopped_by(self, step: Step) -> Text | None:
        answer = self.counted(step)
        options = getattr(step.question, "options", ())
        return next((option.stop for option in options if option.stop and option.code == answer), None)

    def area_before(self, step: Step) -> str | None:
        return self.area_after(self.before(step))

    def area_after(self, passed: list[Step]) -> str | None:
        told = [self.counted(step) for step in passed if step.kind == "neighbourhood"]
        return next((area for area in told if isinstance(area, str)), self.invited_area)

    def before(self, step: Step) -> list[Step]:
        return list(self.all[: self.all.index(step)])

    def holds(self, condition: Condition, step: Step) -> bool:
        match condition:
            case Answered(variable=variable, codes=codes):
                answer = next((self.counted(s) for s in self.before(step) if s.variable == variable), None)
                return bool(set(answer) & set(codes)) if isinstance(answer, tuple) else answer in codes
            case InArea(areas=areas):
                return self.area_before(step) in areas
            case AllOf(conditions=parts):
                return all(self.holds(part, step) for part in parts)
            case AnyOf(conditions=parts):
                return any(self.holds(part, step) for part in parts)
        return not self.holds(condition.condition, step)
