"""Random questionnaires and answers: small, but with every kind of question, condition and limit.

Made from a plain random generator instead of many hypothesis draws: a hundred times as fast, and the
seed that hypothesis prints makes the same case again.
"""

from random import Random

from survey.questionnaires.answers import Answer
from survey.questionnaires.model import (
    DONT_KNOW,
    RATHER_NOT_SAY,
    SKIPPED,
    AllOf,
    Answered,
    AnyOf,
    Area,
    Battery,
    Block,
    Condition,
    Fieldwork,
    InArea,
    Item,
    MultipleChoice,
    Municipality,
    Neighbourhood,
    Not,
    Number,
    OpenText,
    Option,
    Place,
    Provenance,
    Purpose,
    Question,
    Questionnaire,
    Reason,
    SingleChoice,
    Text,
)
from survey.questionnaires.routing import steps

AREAS = ("W1", "W2", "W3")
PURPOSES = ("taking_part", "health")
CODES = (1, 2, 3, 99)


def text(key: str) -> Text:
    return Text(key=key, source=key)


TOWN = Municipality(
    key="oord",
    code="GM9999",
    name="Oord",
    attribution="verzonnen",
    areas=tuple(Area(code=code, name=f"Wijk {code}") for code in AREAS),
    neighbourhoods=tuple(Neighbourhood(code=f"B{code}", name=f"Buurt {code}", area=code) for code in AREAS),
    postcodes={"9001": ("W1",), "9002": ("W1", "W2"), "9003": ("W3",)},
)

REASONS = (
    Reason(code=DONT_KNOW, label=text("reason.dont_know")),
    Reason(code=RATHER_NOT_SAY, label=text("reason.rather_not_say")),
)


def some_areas(random: Random) -> tuple[str, ...]:
    return tuple(random.sample(AREAS, random.choice((0, 0, 0, 1, 2))))


def an_area(random: Random) -> str | None:
    return random.choice((None, *AREAS))


def some_purposes(random: Random) -> frozenset[str]:
    return frozenset(random.sample(PURPOSES, random.choice((0, 1, 2, 2))))


def a_condition(random: Random, variables: list[str], depth: int = 0) -> Condition:
    if depth == 3:
        return InArea(areas=some_areas(random))
    if variables and random.random() < 0.6:
        codes = random.sample((*CODES, SKIPPED, DONT_KNOW), random.randint(0, 3))
        return Answered(variable=random.choice(variables), codes=tuple(codes))
    parts = tuple(a_condition(random, variables, depth + 1) for _ in range(random.randint(0, 2)))
    negated = Not(condition=a_condition(random, variables, depth + 1))
    return random.choice(
        (InArea(areas=some_areas(random)), AllOf(conditions=parts), AnyOf(conditions=parts), negated)
    )


def some_options(random: Random, key: str, *, may_stop: bool) -> tuple[Option, ...]:
    return tuple(
        Option(
            code=code,
            label=text(f"{key}.option.{code}"),
            exclusive=code == 99,
            areas=some_areas(random),
            stop=text(f"{key}.option.{code}.stop") if may_stop and random.random() < 0.2 else None,
        )
        for code in random.sample(CODES, random.randint(2, 4))
    )


def a_question(random: Random, key: str, earlier: list[str], *, opening: bool, place: bool) -> Question:
    kind = random.choice(
        (SingleChoice, SingleChoice, MultipleChoice, MultipleChoice, Number, OpenText, Battery)
    )
    shared = {
        "key": key,
        "label": text(f"{key}.label"),
        "short": text(f"{key}.short"),
        "provenance": Provenance(number=key),
        "when": a_condition(random, earlier) if random.random() < 0.6 else None,
        "areas": some_areas(random),
        "purpose": random.choice((None, None, None, *PURPOSES)),
        "reasons": random.choice(((), REASONS)),
    }
    if place:
        return Place(**shared, neighbourhood_label=text(f"{key}.neighbourhood_label"))
    if kind is Number:
        return Number(**shared, minimum=0, maximum=10)
    if kind is OpenText:
        return OpenText(**shared, maximum_length=20)
    choices = some_options(random, key, may_stop=opening and kind is SingleChoice)
    if kind is Battery:
        items = tuple(Item(key=name, label=text(f"{key}.item.{name}")) for name in ("a", "b"))
        return Battery(**shared, items=items, options=choices)
    return kind(**shared, options=choices)


def a_questionnaire(random: Random) -> Questionnaire:
    place_at = random.randint(0, 4)
    earlier: list[str] = []
    questions: list[Question] = []
    for number in range(random.randint(2, 8)):
        asked = a_question(random, f"q{number}", earlier, opening=number < 2, place=number == place_at)
        questions.append(asked)
        names = (
            [f"{asked.key}_{item.key}" for item in asked.items] if isinstance(asked, Battery) else [asked.key]
        )
        earlier += names
    return Questionnaire(
        key="proef",
        version="0",
        title=text("title"),
        introduction=text("introduction"),
        source_language="nl",
        fieldwork=Fieldwork(sender=text("fieldwork.sender")),
        purposes=tuple(
            Purpose(
                key=key, label=text(f"purpose.{key}.label"), explanation=text(f"purpose.{key}.explanation")
            )
            for key in PURPOSES
        ),
        blocks=(
            Block(key="first", title=text("block.first.title"), questions=tuple(questions[:2]), opening=True),
            Block(key="rest", title=text("block.rest.title"), questions=tuple(questions[2:])),
        ),
        municipality=TOWN,
    )


def an_answer(random: Random) -> Answer:
    """Any value that a draft could hold, whether it fits the question or not."""
    code = random.choice((*CODES, SKIPPED, DONT_KNOW, 0, 7))
    ticked = tuple(random.sample(CODES, random.randint(0, 3)))
    return random.choice((code, ticked, random.choice((*AREAS, "9001", "", "iets"))))


def some_answers(random: Random, questionnaire: Questionnaire) -> dict[str, Answer]:
    """Answers to most steps, mostly fitting ones, so that the journey goes on."""
    answers: dict[str, Answer] = {"unknown": 1}
    for step in steps(questionnaire):
        if random.random() < 0.85:
            fitting: Answer = random.choice(CODES)
            if step.kind == "neighbourhood":
                fitting = random.choice(AREAS)
            if step.kind == "multiple":
                fitting = tuple(random.sample(CODES, random.randint(1, 3)))
            answers[step.variable] = fitting if random.random() < 0.8 else an_answer(random)
    return answers
