"""Advice on wording and design: what a survey methodologist would say on reading the questionnaire.

Rules about words are for Dutch (plain Dutch at level B1). The published wording of an instrument is
never advised upon: changing it would break the instrument.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches

from survey.questionnaires.answers import options_of
from survey.questionnaires.meaning import PlacedBlock, PlacedQuestion
from survey.questionnaires.model import (
    DONT_KNOW,
    RATHER_NOT_SAY,
    Battery,
    MultipleChoice,
    Number,
    OpenText,
    Question,
    Questionnaire,
    SingleChoice,
)
from survey.questionnaires.municipal_figures import read_figures
from survey.questionnaires.parsing import DEFINITION, read
from survey.questionnaires.problems import Findings, Problem
from survey.questionnaires.translations import PLACEHOLDER

LONGEST_STEM = 12
"""Words in a question; longer ones are read twice or not at all."""

MOST_OPTIONS = 5
"""Options that can be surveyed at a glance without headings."""

LONGEST_VARIABLE_LABEL = 256
"""Bytes of UTF-8 in a variable label of an SPSS file."""

LONGEST_VALUE_LABEL = 120
"""Bytes of UTF-8 in a value label of an SPSS file."""

PICTOGRAMS = frozenset(
    """
    accessibility armchair arrow-left baby ban bike blocks book-open briefcase bus calendar check
    chevron-down circle-check clock coffee dog door-open ear ellipsis file-text footprints globe
    graduation-cap hammer hand hand-coins hand-heart handshake heart heart-handshake heart-pulse
    hourglass house info key languages laptop level-full level-half level-little level-most
    level-none lightbulb lock mail map-pin megaphone message-circle message-circle-question-mark
    moon music newspaper palette pencil phone school scissors shield-check shopping-basket
    smartphone smile sprout stethoscope sun toy-brick trees triangle-alert user user-x users
    utensils volleyball volume-2 wallet
    """.split()  # noqa: SIM905 - a list would take a line for each
)
"""The pictures of the icon set that pages are drawn with."""

PLAINER = {
    "aangaande": "over",
    "beleid": "plannen",
    "betreffende": "over",
    "conform": "volgens",
    "derhalve": "daarom",
    "echter": "maar",
    "faciliteren": "helpen",
    "faciliteit": "plek, hulp",
    "frequentie": "hoe vaak",
    "indien": "als",
    "initiatief": "plan, idee",
    "interventie": "hulp",
    "middels": "met, door",
    "mobiliteit": "zich verplaatsen",
    "omtrent": "over",
    "participatie": "meedoen",
    "participeren": "meedoen",
    "perspectief": "blik, kans",
    "professional": "hulpverlener, medewerker",
    "respondent": "deelnemer, u",
    "signalering": "opmerken",
    "sociaal domein": "hulp en ondersteuning",
    "sociale kaart": "overzicht van hulp",
    "teneinde": "om",
    "tevens": "ook",
    "traject": "hulp, cursus",
    "voorziening": "hulp, plek",
    "welke mate": "hoe veel, hoe vaak",
    "zelfredzaamheid": "zelf kunnen regelen",
}
"""Words of policy and research, each with what residents say."""

_DOUBLE = re.compile(
    r"\?.*\?|\ben/of\b|\ben (?:bent|doet|geeft|heeft|hebt|kent|kunt|vindt|weet|wilt) u\b", re.IGNORECASE
)
_NEGATION = re.compile(r"\b(?:niet|geen|nooit|niemand|niets|nergens)\b", re.IGNORECASE)


def check(files: Mapping[str, bytes]) -> tuple[Problem, ...]:
    """Every error and all advice about the files of a questionnaire."""
    reading = read(files)
    findings = Findings(DEFINITION)
    if reading.layout is not None:
        findings.questions = {place: question.key for place, question in reading.layout.questions}
        dutch = (reading.layout.source_language or "").partition("-")[0] == "nl"
        _advise(reading.layout.blocks, findings, dutch=dutch)
    if reading.questionnaire is not None:
        for principle in uncovered(reading.questionnaire):
            findings.advise(
                "WP521", "principles", f"No question serves {principle}. Add one, or say why in the plan."
            )
        for theme in _unused_themes(reading.questionnaire):
            findings.advise("WP523", "themes", f"No question is about {theme}. Add one, or remove it.")
    figures = read_figures(files)
    if reading.layout is not None and figures.published is not None:
        _advise_comparisons(reading.layout.questions, figures.published, findings)
    return (*reading.problems, *figures.problems, *findings)


def coverage(questionnaire: Questionnaire) -> dict[str, tuple[str, ...]]:
    """Per principle the keys of the questions that serve it."""
    questions = [question for block in questionnaire.blocks for question in block.questions]
    return {
        principle: tuple(
            question.key for question in questions if principle in question.provenance.principles
        )
        for principle in questionnaire.principles
    }


def uncovered(questionnaire: Questionnaire) -> tuple[str, ...]:
    """The principles that no question serves."""
    return tuple(principle for principle, keys in coverage(questionnaire).items() if not keys)


def _unused_themes(questionnaire: Questionnaire) -> tuple[str, ...]:
    questions = (question for block in questionnaire.blocks for question in block.questions)
    used = {theme for question in questions for theme in question.provenance.themes}
    return tuple(theme for theme in questionnaire.themes if theme not in used)


def _advise_comparisons(
    questions: Iterable[PlacedQuestion], published: frozenset[str], findings: Findings
) -> None:
    for place, question in questions:
        key = question.provenance.comparison
        if key is not None and key not in published:
            where = f"{place}.meta.comparison"
            findings.advise("WP524", where, f"No line of comparison.csv has the key `{key}`. Correct one.")


def _advise(blocks: Iterable[PlacedBlock], findings: Findings, *, dutch: bool) -> None:
    scales: dict[frozenset[str], tuple[str, ...]] = {}
    for block in blocks:
        for place, question in block.questions:
            _advise_design(place, question, findings)
            _advise_pictograms(place, question, findings)
            _advise_provenance(place, question, findings)
            _advise_lengths(place, question, findings)
            _advise_direction(place, question, scales, findings)
            if not block.block.opening:
                _advise_dont_know(place, question, findings)
            if dutch and question.provenance.wording == "own":
                for where, sentence in _sentences(place, question):
                    _advise_wording(where, sentence, findings)


def _sentences(place: str, question: Question) -> Iterator[tuple[str, str]]:
    yield f"{place}.label", question.label.source
    if isinstance(question, Battery):
        for n, item in enumerate(question.items):
            yield f"{place}.items[{n}].label", item.label.source


def _advise_wording(place: str, sentence: str, findings: Findings) -> None:
    words = PLACEHOLDER.sub("x", sentence).split()
    if len(words) > LONGEST_STEM:
        findings.advise("WP501", place, f"{len(words)} words; {LONGEST_STEM} at most is easier to read.")
    if _DOUBLE.search(sentence):
        findings.advise("WP502", place, "This looks like two questions in one. Ask one thing at a time.")
    if _NEGATION.search(sentence):
        findings.advise(
            "WP503", place, "A negation is easily read over. Say it the other way round if you can."
        )
    for hard, plain in PLAINER.items():
        if re.search(rf"\b{hard}", sentence, re.IGNORECASE):
            findings.advise("WP504", place, f"`{hard}` is not a word of every day. Perhaps: {plain}.")


def _advise_pictograms(place: str, question: Question, findings: Findings) -> None:
    for n, option in enumerate(options_of(question)):
        if option.pictogram is not None and option.pictogram not in PICTOGRAMS:
            near = get_close_matches(option.pictogram, PICTOGRAMS, n=1)
            hint = f"Did you mean `{near[0]}`?" if near else "docs/questionnaire-format.md lists them."
            where = f"{place}.options[{n}].pictogram"
            findings.advise("WP522", where, f"There is no pictogram `{option.pictogram}`. {hint}")


def _advise_design(place: str, question: Question, findings: Findings) -> None:
    if question.provenance.wording == "own":
        plain = [option for option in options_of(question) if not option.exclusive and option.group is None]
        if len(plain) > MOST_OPTIONS:
            findings.advise(
                "WP511",
                f"{place}.options",
                f"{len(plain)} options without a heading. Put them in groups (`group`).",
            )
    if isinstance(question, OpenText) and question.warning is None:
        findings.advise("WP512", place, "Ask not to write names or telephone numbers (`warning`).")
    sensitivity = question.provenance.sensitivity
    if sensitivity == "special" and question.purpose is None:
        findings.advise("WP513", place, "Special personal data need a consent of their own (`purpose`).")
    if sensitivity != "none" and RATHER_NOT_SAY not in _reasons(question):
        findings.advise("WP514", place, 'A personal question needs also = ["rather_not_say"].')


def _advise_dont_know(place: str, question: Question, findings: Findings) -> None:
    asks_opinion = isinstance(question, SingleChoice | Number | Battery)
    if (
        asks_opinion
        and question.provenance.wording == "own"
        and not {DONT_KNOW, RATHER_NOT_SAY} & _reasons(question)
    ):
        findings.advise("WP515", place, 'Who does not know has no answer to choose: also = ["dont_know"].')


def _advise_direction(
    place: str, question: Question, scales: dict[frozenset[str], tuple[str, ...]], findings: Findings
) -> None:
    """The same answers stand in the same order everywhere, or people answer the wrong way round."""
    labels = tuple(option.label.source for option in options_of(question))
    if labels and scales.setdefault(frozenset(labels), labels) != labels:
        findings.advise(
            "WP516", f"{place}.options", "The same options stand in another order in an earlier question."
        )


def _advise_lengths(place: str, question: Question, findings: Findings) -> None:
    for where, label in _variable_labels(place, question):
        if len(label.encode()) > LONGEST_VARIABLE_LABEL:
            findings.advise(
                "WP517", where, f"SPSS cuts this off after {LONGEST_VARIABLE_LABEL} bytes. Shorten it."
            )
    for n, option in enumerate(options_of(question)):
        if len(option.label.source.encode()) > LONGEST_VALUE_LABEL:
            where = f"{place}.options[{n}].label"
            findings.advise(
                "WP517", where, f"SPSS cuts this off after {LONGEST_VALUE_LABEL} bytes. Shorten it."
            )


def _variable_labels(place: str, question: Question) -> Iterator[tuple[str, str]]:
    """The labels of a question's variables as an export writes them, and where to shorten each."""
    label = question.label.source
    match question:
        case Battery(items=items):
            yield from (
                (f"{place}.items[{n}].label", f"{label} {i.label.source}") for n, i in enumerate(items)
            )
        case MultipleChoice(options=options):
            yield from (
                (f"{place}.options[{n}].label", f"{label} {option.label.source}")
                for n, option in enumerate(options)
            )
        case _:
            yield f"{place}.label", label


def _advise_provenance(place: str, question: Question, findings: Findings) -> None:
    about = question.provenance
    if not (about.principles or about.themes or about.requirements):
        findings.advise(
            "WP518", f"{place}.meta", "Say what this is asked for: `principles`, `themes` or `requirements`."
        )
    if about.wording != "own" and not (about.instrument and about.source and about.licence):
        findings.advise(
            "WP519",
            f"{place}.meta",
            "Wording that is not our own needs `instrument`, `source` and `licence`.",
        )


def _reasons(question: Question) -> set[int]:
    return {reason.code for reason in question.reasons}
