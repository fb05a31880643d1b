"""Generated questionnaires and answers: small, but with every kind of question, condition and limit."""

from hypothesis import strategies as st

from survey.questionnaires.answers import Answers
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

areas = st.lists(st.sampled_from(AREAS), max_size=2, unique=True).map(tuple)
known_area = st.none() | st.sampled_from(AREAS)
purposes = st.frozensets(st.sampled_from(PURPOSES))


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


def conditions(variables: list[str]) -> st.SearchStrategy[Condition]:
    leaves: st.SearchStrategy[Condition] = st.builds(InArea, areas=areas)
    if variables:
        codes = st.lists(st.sampled_from((*CODES, SKIPPED, DONT_KNOW)), max_size=3).map(tuple)
        leaves |= st.builds(Answered, variable=st.sampled_from(variables), codes=codes)
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.builds(AllOf, conditions=st.lists(inner, max_size=3).map(tuple)),
            st.builds(AnyOf, conditions=st.lists(inner, max_size=3).map(tuple)),
            st.builds(Not, condition=inner),
        ),
        max_leaves=5,
    )


@st.composite
def options(draw: st.DrawFn, key: str, *, may_stop: bool) -> tuple[Option, ...]:
    codes = draw(st.lists(st.sampled_from(CODES), min_size=2, max_size=4, unique=True))
    return tuple(
        Option(
            code=code,
            label=text(f"{key}.option.{code}"),
            exclusive=code == 99,
            areas=draw(areas),
            stop=text(f"{key}.option.{code}.stop") if may_stop and draw(st.integers(0, 5)) == 0 else None,
        )
        for code in codes
    )


@st.composite
def question(draw: st.DrawFn, key: str, earlier: list[str], *, opening: bool, place: bool) -> Question:
    kind = draw(st.sampled_from((SingleChoice, MultipleChoice, Number, OpenText, Battery)))
    reasons = (
        Reason(code=DONT_KNOW, label=text("reason.dont_know")),
        Reason(code=RATHER_NOT_SAY, label=text("reason.rather_not_say")),
    )
    shared = {
        "key": key,
        "label": text(f"{key}.label"),
        "short": text(f"{key}.short"),
        "provenance": Provenance(number=key),
        "when": draw(st.none() | conditions(earlier)),
        "areas": draw(areas),
        "purpose": draw(st.none() | st.sampled_from(PURPOSES)),
        "reasons": draw(st.sampled_from(((), reasons))),
    }
    if place:
        return Place(**shared, neighbourhood_label=text(f"{key}.neighbourhood_label"))
    if kind is Number:
        return Number(**shared, minimum=0, maximum=10)
    if kind is OpenText:
        return OpenText(**shared, maximum_length=20)
    choices = draw(options(key, may_stop=opening and kind is SingleChoice))
    if kind is Battery:
        items = tuple(Item(key=name, label=text(f"{key}.item.{name}")) for name in ("a", "b"))
        return Battery(**shared, items=items, options=choices)
    return kind(**shared, options=choices)


@st.composite
def questionnaires(draw: st.DrawFn) -> Questionnaire:
    earlier: list[str] = []
    blocks = []
    place_at = draw(st.none() | st.integers(0, 5))
    for number in range(draw(st.integers(1, 3))):
        opening = number == 0
        questions = []
        for _ in range(draw(st.integers(1, 3))):
            count = sum(len(block.questions) for block in blocks) + len(questions)
            asked = draw(question(f"q{count}", list(earlier), opening=opening, place=count == place_at))
            questions.append(asked)
            earlier += (
                [f"{asked.key}_{item.key}" for item in asked.items]
                if isinstance(asked, Battery)
                else [asked.key]
            )
        blocks.append(
            Block(
                key=f"b{number}",
                title=text(f"block.b{number}.title"),
                questions=tuple(questions),
                opening=opening,
            )
        )
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
        blocks=tuple(blocks),
        municipality=TOWN,
    )


answer = st.one_of(
    st.sampled_from((*CODES, SKIPPED, DONT_KNOW, 0, 7)),
    st.sampled_from((*AREAS, "9001", "", "iets")),
    st.lists(st.sampled_from(CODES), max_size=3, unique=True).map(tuple),
)


def answers_to(questionnaire: Questionnaire) -> st.SearchStrategy[Answers]:
    variables = [step.variable for step in steps(questionnaire)]
    return st.dictionaries(st.sampled_from([*variables, "unknown"]), answer)
