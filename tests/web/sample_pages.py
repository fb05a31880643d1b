"""One page of every template and every kind of question, with all their parts: what tests render."""

from msgspec import Struct
from msgspec.structs import replace

from survey.web.views import (
    AccessibilityPage,
    AreaLink,
    CheckBlock,
    CheckPage,
    CheckRow,
    Choice,
    ChoiceField,
    ChoiceGroup,
    Chrome,
    CodePage,
    ConsentPage,
    ConsentTick,
    DisplayLink,
    DonePage,
    Evidence,
    Fault,
    HelpPage,
    Language,
    LanguageLink,
    MapEntry,
    MapNeed,
    NumberField,
    PostcodeField,
    PracticePage,
    PreviewBar,
    PreviewLink,
    PrivacyPage,
    QuestionPage,
    RefusedPage,
    Shown,
    SituationPage,
    SocialMap,
    SocialMapPage,
    StartPage,
    StopPage,
    StoppedPage,
    SurveyLink,
    SurveysPage,
    TextField,
    UsedPage,
    WithdrawnPage,
    WithdrawPage,
)

DUTCH = Language(tag="nl", name="Nederlands", direction="ltr")
ENGLISH = Language(tag="en", name="English", direction="ltr", draft=True)
HOME = "/brinkdorp/nl"

CHROME = Chrome(
    language=DUTCH,
    languages=(
        LanguageLink(language=DUTCH, href="/brinkdorp/nl/start", current=True),
        LanguageLink(language=ENGLISH, href="/brinkdorp/en/start", current=False),
    ),
    displays=tuple(
        DisplayLink(what=what, value=what, href=f"{HOME}/start?display={what}", current=what == "large")
        for what in ("normal", "large", "largest", "pictograms", "words")
    ),
    title=Shown(text="Vragen over Brinkdorp"),
    home=HOME,
    back=f"{HOME}/consent",
    csrf="token",
    switch_saves=True,
    can_stop=True,
)


def around(template: str, chrome: Chrome) -> Chrome:
    """What stands around a page: where something can be filled in, another language or display keeps it."""
    return replace(chrome, switch_saves=template in {"question.html", "consent.html", "code.html"})


def shown(text: str, lang: str | None = None) -> Shown:
    return Shown(text=text, lang=lang)


def choice(value: str, label: str, **more: bool | str) -> Choice:
    return Choice(value=value, label=shown(label), **{"chosen": False, **more})  # type: ignore[arg-type]


BRINK = Shown(text="De Brink", lang="nl", name=True)
DONT_KNOW = choice("-8", "Weet ik niet")
RATHER_NOT = choice("-9", "Dat zeg ik liever niet")


def fault(code: str, target: str = "answer", **values: int | str) -> tuple[Fault, ...]:
    return (Fault(target=target, code=code, values=values),)


def question(kind: str, field: Struct, **more: object) -> QuestionPage:
    parts = {
        "kind": kind,
        "variable": "q1",
        "action": f"{HOME}/page/q1",
        "block": shown("Uw buurt"),
        "question": shown("Hoe gaat het?"),
        "statement": None,
        "hint": shown("Denk aan de laatste 12 maanden."),
        "field": field,
        "reasons": (DONT_KNOW, RATHER_NOT),
        "may_skip": True,
    }
    return QuestionPage(**(parts | more))  # type: ignore[arg-type]


LEVELS = ChoiceField(
    several=False,
    groups=(
        ChoiceGroup(
            heading=None,
            choices=(
                choice("5", "Helemaal", pictogram="level-full"),
                choice("4", "Grotendeels", pictogram="level-most", chosen=True),
                choice("3", "Een beetje", pictogram="level-little"),
                choice("2", "Niet", pictogram="level-none"),
            ),
        ),
    ),
)
ACTIVITIES = ChoiceField(
    several=True,
    groups=(
        ChoiceGroup(
            heading=shown("Hulp"),
            choices=(
                choice("1", "Geld en papieren", pictogram="wallet"),
                choice("2", "Taal of computer", pictogram="laptop", chosen=True),
            ),
        ),
        ChoiceGroup(heading=shown("Meedoen"), choices=(choice("3", "Inloop", pictogram="coffee"),)),
        ChoiceGroup(
            heading=None,
            choices=(choice("99", "Niets van dit alles", exclusive=True, pictogram="ban"),),
        ),
    ),
)
GRADE = NumberField(
    minimum=1,
    maximum=10,
    low=shown("Heel slecht"),
    high=shown("Heel goed"),
    choices=tuple(choice(str(n), str(n), chosen=n == 7) for n in range(1, 11)),
    typed="",
)
AMOUNT = NumberField(minimum=0, maximum=120, low=None, high=None, choices=(), typed="12x")
OPEN = TextField(
    maximum_length=500, warning=shown("Schrijf geen namen of telefoonnummers op."), typed="Meer <b>licht</b>"
)
POSTCODE = PostcodeField(digits=4, example="9999", typed="99")

QUESTIONS = {
    "single": question("single", LEVELS),
    "multiple": question("multiple", ACTIVITIES, reasons=()),
    "statement": question("statement", LEVELS, statement=shown("Mensen helpen elkaar.")),
    "neighbourhood": question("neighbourhood", LEVELS, earlier=BRINK),
    "number": question("number", GRADE),
    "number_typed": question("number", AMOUNT, faults=fault("not_a_number")),
    "open": question("open", OPEN, reasons=()),
    "postcode": question("postcode", POSTCODE, faults=fault("not_a_postcode")),
}

EXAMPLE = MapEntry(
    name="Taalcafé",
    place="Voorbeeldplek",
    address="Voorbeeldstraat 0",
    opening_hours="Woensdag van 19.00 tot 21.00 uur",
    contact="",
    checked_on="2026-11-23",
    example=True,
    lang="nl",
)
REAL = replace(EXAMPLE, example=False, contact="010 000 00 00", lang=None)
NEEDS = (
    MapNeed(heading=shown("Taal en computer"), entries=(EXAMPLE, REAL)),
    MapNeed(heading=shown("Contact met anderen"), entries=(EXAMPLE,)),
)
MAP = SocialMap(
    area=BRINK, needs=NEEDS, areas=(AreaLink(name=BRINK, href=f"{HOME}/social-map", current=True),)
)
TICKS = tuple(
    ConsentTick(
        key=key,
        label=shown(f"Ik vind dit goed: {key}."),
        explanation=shown(
            "Zonder dit kruisje kunt u niet beginnen." if required else "Dit mag u leeg laten."
        ),
        required=required,
        chosen=False,
    )
    for key, required in (("taking_part", True), ("quoting", False))
)
CONSENT = ConsentPage(
    action=f"{HOME}/consent",
    ticks=TICKS,
    decline=f"{HOME}/start",
    sender=shown("gemeente Brinkdorp"),
    withdrawal_until="2027-06-01",
    ethics_approval=None,
    contact=None,
)
PRIVACY = PrivacyPage(
    sender=shown("gemeente Brinkdorp"),
    purposes=TICKS,
    withdrawal_until="2027-06-01",
    closes="2027-05-01",
    ethics_approval=None,
    contact=shown("Bel 010 000 00 00."),
)
PRACTICE = PracticePage(action=f"{HOME}/practice", begin=f"{HOME}/consent", chosen="2", tried=False)
WITHDRAW = WithdrawPage(action=f"{HOME}/withdraw", typed="", until="2027-06-01", open=True)

EVIDENCE = Evidence(
    made="2026-11-28",
    programs={"axe-core": "4.11", "Chromium": "156.0"},
    pages=("start", "privacy"),
    languages=("nl", "en"),
    steps=70,
    faults={"wcag": 0, "contrast": 0, "targets": 0, "sideways": 2, "html": 0},
    journeys=(),
    files={},
)

PAGES: dict[str, tuple[str, Struct]] = {
    **{name: ("question.html", page) for name, page in QUESTIONS.items()},
    "surveys": (
        "surveys.html",
        SurveysPage(surveys=(SurveyLink(title=shown("Vragen over Brinkdorp"), href="/brinkdorp"),)),
    ),
    "start": (
        "start.html",
        StartPage(
            introduction=shown("Wij willen weten wat goed gaat en wat beter kan."),
            sender=shown("gemeente Brinkdorp"),
            area=BRINK,
            minutes=12,
            begin=f"{HOME}/consent",
            closes="2027-05-01",
            practice=f"{HOME}/practice",
        ),
    ),
    "practice": ("practice.html", PRACTICE),
    "practice_tried": ("practice.html", replace(PRACTICE, tried=True)),
    "practice_skipped": ("practice.html", replace(PRACTICE, tried=True, chosen="")),
    "consent": ("consent.html", CONSENT),
    "consent_fault": (
        "consent.html",
        replace(CONSENT, faults=fault("consent_required", "purpose-taking_part")),
    ),
    "code": ("code.html", CodePage(action=f"{HOME}/code", typed="")),
    "code_fault": (
        "code.html",
        CodePage(action=f"{HOME}/code", typed="ABCD", faults=fault("code_mistyped", "code")),
    ),
    "check": (
        "check.html",
        CheckPage(
            action=f"{HOME}/submit",
            blocks=(
                CheckBlock(
                    title=shown("Uw buurt"),
                    rows=(
                        CheckRow(
                            question=shown("Welk cijfer geeft u het wonen in uw buurt?"),
                            statement=None,
                            answers=(shown("7"),),
                            change=f"{HOME}/page/q2?from=check",
                        ),
                        CheckRow(
                            question=shown("Hoe zijn de mensen in uw buurt?"),
                            statement=shown("Mensen helpen elkaar."),
                            answers=(),
                            change=f"{HOME}/page/q3_a?from=check",
                        ),
                        CheckRow(
                            question=shown("Hoe zijn de mensen in uw buurt?"),
                            statement=shown("Mensen kennen elkaar."),
                            answers=(shown("Mee eens"),),
                            change=f"{HOME}/page/q3_b?from=check",
                        ),
                        CheckRow(
                            question=shown("Waaraan deed u mee?"),
                            statement=None,
                            answers=(shown("Taal of computer"), shown("Inloop")),
                            change=f"{HOME}/page/q7?from=check",
                        ),
                    ),
                ),
            ),
        ),
    ),
    "social_map": ("social_map.html", SocialMapPage(social_map=MAP)),
    "social_map_choose": (
        "social_map.html",
        SocialMapPage(social_map=replace(MAP, area=None, needs=())),
    ),
    "done": (
        "done.html",
        DonePage(
            receipt=("fiets", "appel", "vis", "paraplu"),
            withdrawal_until="2027-06-01",
            social_map=MAP,
            leave=f"{HOME}/stop",
        ),
    ),
    **{
        f"stop_{kept}": ("stop.html", StopPage(action=f"{HOME}/stop", kept=kept, resume=f"{HOME}/page/q1"))
        for kept in ("nothing", "cookie", "draft", "code")
    },
    **{
        f"stopped_{outcome}": ("stopped.html", StoppedPage(outcome=outcome, start=f"{HOME}/start"))
        for outcome in ("erased", "later_code", "later_browser", "left")
    },
    "refused": (
        "refused.html",
        RefusedPage(
            text=shown("Deze vragen zijn voor mensen vanaf 18 jaar."), social_map=f"{HOME}/social-map"
        ),
    ),
    "used": ("used.html", UsedPage(withdraw=f"{HOME}/withdraw", social_map=f"{HOME}/social-map")),
    "withdraw": ("withdraw.html", WITHDRAW),
    "withdraw_fault": ("withdraw.html", replace(WITHDRAW, faults=fault("receipt_unknown", "receipt"))),
    "withdraw_late": ("withdraw.html", replace(WITHDRAW, open=False)),
    "withdrawn": ("withdrawn.html", WithdrawnPage(start=f"{HOME}/start")),
    "help": ("help.html", HelpPage(sender=shown("gemeente Brinkdorp"), contact=None)),
    "privacy": ("privacy.html", PRIVACY),
    "accessibility": (
        "accessibility.html",
        AccessibilityPage(evidence=EVIDENCE, sender=shown("gemeente Brinkdorp"), contact=None),
    ),
    **{
        f"situation_{kind}": ("situation.html", SituationPage(kind=kind, resume=f"{HOME}/start"))
        for kind in (
            "not_found",
            "method_not_allowed",
            "too_large",
            "malformed",
            "closed",
            "busy",
            "too_many_attempts",
            "no_cookie",
            "fault",
        )
    },
    "situation_stale_form": (
        "situation.html",
        SituationPage(
            kind="stale_form",
            resume=f"{HOME}/page/q1",
            retry=f"{HOME}/page/q1",
            fields=(("answer", "Meer licht"),),
            typed=("Meer licht",),
        ),
    ),
}

PREVIEW = PreviewBar(
    action="/preview/nl/page",
    areas=(PreviewLink(label="De Brink", value="WK999901", current=True),),
    steps=(PreviewLink(label="q1", value="q1", current=True),),
)
