"""The texts of a questionnaire as pages show them, in one language; and the languages themselves."""

from collections.abc import Container, Mapping
from functools import cache

from survey.questionnaires.answers import Answer
from survey.questionnaires.model import SKIPPED, Questionnaire, Step, Text
from survey.questionnaires.recordings import recording_name
from survey.questionnaires.routing import Journey, walk
from survey.questionnaires.translations import reachable_texts, translate
from survey.questionnaires.wording import answer_texts, area_of, direction_of, language_name, word
from survey.web.views import Language, Shown


class Wording:
    """The texts of one questionnaire in one language. Texts without inserts are looked up once.

    `complete`: no text falls back to the source language.
    `recordings` are the addresses of recordings, by name.
    """

    def __init__(self, questionnaire: Questionnaire, tag: str, recordings: Mapping[str, str]) -> None:
        self.questionnaire = questionnaire
        self.tag = tag
        self._recordings = recordings
        self._plain: dict[str, Shown] = {}
        self._nobody = walk(questionnaire, {}, purposes=frozenset(), area=None)
        self.complete = all(
            translate(questionnaire, text, tag)[1] == tag for text in reachable_texts(questionnaire)
        )

    def __call__(self, text: Text, journey: Journey | None = None) -> Shown:
        """The sentence for a resident on this journey, or for anybody."""
        known = self._plain.get(text.key)
        if known is not None:
            return known
        sentence, tag = word(self.questionnaire, text, self.tag, journey or self._nobody)
        recording = self._recordings.get(recording_name(tag, sentence), "")
        shown = Shown(text=sentence, lang=None if tag == self.tag else tag, recording=recording)
        if "{" not in text.source:
            self._plain[text.key] = shown
        return shown

    def maybe(self, text: Text | None, journey: Journey | None = None) -> Shown | None:
        return None if text is None else self(text, journey)

    def name(self, text: str) -> Shown:
        """The name of a place, for a screen reader to say in the language that it comes from."""
        source = self.questionnaire.source_language
        own = self.tag.partition("-")[0] == source.partition("-")[0]
        return Shown(text=text, lang=None if own else source, name=True)

    def area(self, code: str | None) -> Shown | None:
        """The name of an area; None when the municipality does not have it."""
        area = area_of(self.questionnaire.municipality, code)
        return None if area is None else self.name(area.name)


def said(step: Step, answer: Answer, wording: Wording, journey: Journey) -> tuple[Shown, ...]:
    """An answer in words; empty when the question was skipped."""
    if answer == SKIPPED:
        return ()
    labels = answer_texts(step, answer)
    if labels:
        return tuple(wording(label, journey) for label in labels)
    if step.kind == "neighbourhood" and isinstance(answer, str):
        return (wording.area(answer) or wording.name(answer),)
    return (Shown(text=str(answer)),)


def languages(questionnaire: Questionnaire, interface: Mapping[str, bool]) -> tuple[Language, ...]:
    """What residents can choose: the source language first, then its registers and the others by tag.

    A language is offered when questionnaire and interface both have it, and is a draft when one of them
    is. `interface`: its languages, and whether they are drafts.
    """
    drafts = {catalogue.tag: catalogue.state == "draft" for catalogue in questionnaire.offered}
    source = questionnaire.source_language
    both = {source: False} | {
        tag: drafts[tag] for tag in sorted(drafts, key=lambda tag: (tag.partition("-")[0] != source, tag))
    }
    return tuple(
        language(tag, draft=draft or interface[own])
        for tag, draft in both.items()
        if (own := spoken_as(tag, interface)) is not None
    )


def spoken_as(tag: str, interface: Container[str]) -> str | None:
    """The language of the interface for a tag: its own, or the one that it is a register or region of."""
    return next((own for own in (tag, tag.partition("-")[0]) if own in interface), None)


@cache
def language(tag: str, *, draft: bool = False) -> Language:
    """A language by its tag, with the name it gives itself; an unknown tag names itself."""
    name = language_name(tag, reader=tag)
    return Language(tag=tag, name=name[:1].upper() + name[1:], direction=direction_of(tag), draft=draft)
