"""The main report and the area profiles as values: chapters with texts, figures and tables in order."""

from collections.abc import Iterator, Sequence

from markupsafe import Markup
from msgspec import Struct

from analysis import charts, wording
from analysis.background import Background, Published
from analysis.charts import Comparison, Palette
from analysis.dataset import Account
from analysis.disclosure import Suppressed
from analysis.figures import Column, Figure, Line, Maker, Printed, plain
from analysis.outcomes import AreaPeople, ClosedQuestion, Distribution, Outcome, Outcomes, response_rates
from analysis.plan import AnalysisPlan, ReportPlan
from analysis.wording import whole, with_unit
from survey.questionnaires.model import Area, Battery, Number, OpenText

AGREEMENT_ANSWERS = 5


class KeyNumber(Struct, frozen=True, kw_only=True):
    """A large number with what it is and its margin; `few` when it cannot be given."""

    value: str
    what: str
    margin: str
    few: bool = False


class Conclusion(Struct, frozen=True, kw_only=True):
    title: str
    sentences: tuple[str, ...]


class Chapter(Struct, frozen=True, kw_only=True):
    """`running` stands at the foot of the pages; `paragraphs` come between the lead and the figures."""

    anchor: str
    kicker: str
    title: str
    running: str
    lead: str
    paragraphs: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()


class MainReport(Struct, frozen=True, kw_only=True):
    """Everything that templates/report/main.html prints."""

    title: str
    subtitle: str
    sender: str
    month: str
    status: str
    cover: Markup
    guide: Markup
    attribution: str
    lead: str
    numbers: tuple[KeyNumber, ...]
    numbers_note: str
    conclusions: tuple[Conclusion, ...]
    method: Chapter
    chapters: tuple[Chapter, ...]


class Profile(Struct, frozen=True, kw_only=True):
    """Everything that templates/report/profile.html prints, for one area."""

    area: Area
    title: str
    status: str
    month: str
    locator: Markup | None
    attribution: str
    sentences: tuple[str, ...]
    facts: tuple[KeyNumber, ...]
    facts_note: str
    shares: Figure
    means: Figure | None
    reasons: Figure
    questions: tuple[str, ...]


class NoReportPlan(Exception):
    """The plan does not say what stands where in the reports."""


def report_plan(plan: AnalysisPlan) -> ReportPlan:
    """Raises NoReportPlan."""
    if plan.report is None:
        raise NoReportPlan(
            "The plan has no part [report], which says what stands where in the reports. "
            "docs/guide-evaluators.md tells what to write in it."
        )
    return plan.report


# --- main report ----------------------------------------------------------------------------------


def main_report(outcomes: Outcomes, background: Background, colours: Palette) -> MainReport:
    report = report_plan(outcomes.plan)
    maker = Maker(outcomes, background, colours)
    headline = _chosen(outcomes, report.headline)
    # Numbered in the order of the pages.
    method = _method(maker, outcomes)
    chapters = (
        _participants(maker, outcomes, report),
        _overview(maker, outcomes, report, background),
        *_principles(maker, outcomes, report),
        _areas(maker, outcomes, report),
        _open(maker, outcomes, report),
        _account(maker, outcomes, report),
        _questions(maker, outcomes),
        _area_tables(maker, outcomes, report),
    )
    return MainReport(
        title=outcomes.plan.title,
        subtitle=report.subtitle,
        sender=outcomes.questionnaire.fieldwork.sender.source,
        month=wording.month(outcomes.dataset.export.week),
        status=_status(outcomes),
        cover=Markup(charts.cover(colours, background.shapes)),  # noqa: S704
        guide=Markup(charts.reading_guide(colours)),  # noqa: S704
        attribution=maker.municipality.attribution,
        lead=_summary_lead(outcomes, maker),
        numbers=tuple(_key_number(outcome) for outcome in headline),
        numbers_note=f"Basis: {report.population}, uit de steekproef, gewogen. Tussen haakjes de marge van 95%. {maker.source}",
        conclusions=tuple(_conclusions(maker, outcomes, report, background)),
        method=method,
        chapters=chapters,
    )


def _status(outcomes: Outcomes) -> str:
    return wording.SIMULATED if outcomes.dataset.export.simulated else ""


def _chosen(outcomes: Outcomes, keys: Sequence[str]) -> tuple[Outcome, ...]:
    by_key = {outcome.indicator.key: outcome for outcome in outcomes.indicators}
    return tuple(by_key[key] for key in keys)


def _key_number(outcome: Outcome) -> KeyNumber:
    kind, cell = outcome.indicator.kind, outcome.whole
    label = outcome.indicator.label
    if isinstance(cell, Suppressed):
        return KeyNumber(value=charts.TOO_FEW, what=wording.lower_first(label), margin="", few=True)
    return KeyNumber(
        value=with_unit(cell.value, kind),
        what=wording.lower_first(label),
        margin=f"({wording.interval(cell, kind)}; n = {wording.base(cell)})",
    )


def _summary_lead(outcomes: Outcomes, maker: Maker) -> str:
    people = whole(outcomes.respondents)
    sentence = (
        f"In {wording.month(outcomes.dataset.export.week)} waren er antwoorden van {people} mensen uit de steekproef "
        f"in {maker.municipality.name}."
    )
    if outcomes.open_respondents:
        sentence += f" Nog {whole(outcomes.open_respondents)} mensen deden mee via de open link; zij staan apart."
    return sentence


def _conclusions(
    maker: Maker, outcomes: Outcomes, report: ReportPlan, background: Background
) -> Iterator[Conclusion]:
    """What the figures say, by rules: the highest and lowest share, the marked areas, who is missed."""
    town = maker.municipality.name
    shown = [
        (outcome.whole, outcome.indicator.label)
        for outcome in _chosen(outcomes, report.profile)
        if outcome.indicator.kind == "proportion" and not isinstance(outcome.whole, Suppressed)
    ]
    facts = [
        f"{with_unit(cell.value, 'proportion')} {wording.lower_first(label)} "
        f"({wording.margin(cell, 'proportion')})."
        for cell, label in shown
        if not isinstance(cell, Suppressed)
    ]
    yield Conclusion(title="Wat bewoners zeggen", sentences=tuple(facts[:4]) or (f"Er zijn {charts.TOO_FEW}.",))
    marked = [
        (outcome, [each for each in outcome.areas if each.mark in ("higher", "lower")])
        for outcome in _chosen(outcomes, report.profile)
    ]
    sentences = [
        f"{outcome.indicator.label}: "
        + wording.lower_first(
            wording.areas_title(
                [each.area.name for each in areas if each.mark == "higher"],
                [each.area.name for each in areas if each.mark == "lower"],
                town,
            )
        )
        + "."
        for outcome, areas in marked
        if areas
    ]
    yield Conclusion(
        title="Verschillen tussen de wijken" if sentences else "Geen duidelijke verschillen tussen de wijken",
        sentences=tuple(sentences[:3])
        or (f"Bij de {wording.counted(len(marked), 'uitkomst', 'uitkomsten')} per wijk is geen verschil duidelijk.",),
    )
    groups = [row for row in _groups(outcomes, report) if row.unweighted is not None]
    missed = [row.label for row in groups if row.population - (row.unweighted or 0) >= 5]
    yield Conclusion(
        title="Wie wij minder bereikten" if missed else "De deelnemers lijken op de bevolking",
        sentences=(
            (
                f"Naar verhouding deden minder vaak mee: {wording.listed([wording.quoted(name) for name in missed])}.",
                "Hun antwoorden tellen zwaarder mee. Zo gaan de uitkomsten over alle inwoners.",
            )
            if missed
            else ("Geen groep wijkt 5 procentpunten of meer af van het CBS.",)
        ),
    )


# --- chapters -------------------------------------------------------------------------------------


def _method(maker: Maker, outcomes: Outcomes) -> Chapter:
    questionnaire = outcomes.questionnaire
    lines = [
        Line(
            label=(block.title.source,),
            cells=(
                Printed(text=", ".join(dict.fromkeys(each.provenance.number for each in block.questions))),
                Printed(text=whole(_acts(block.questions))),
            ),
        )
        for block in questionnaire.blocks
    ]
    figures = (
        _participation_table(maker, outcomes),
        maker.table(
            f"De vragenlijst heeft {wording.counted(len(questionnaire.blocks), 'onderdeel', 'onderdelen')}",
            "Onderdelen, nummers van de vragen, en het aantal keren dat iemand antwoordt als alle vragen langskomen",
            (
                Column(label="Onderdeel", width=56, style=""),
                Column(label="vragen", width=84, style="mark"),
                Column(label="antwoorden"),
            ),
            lines,
            "Iedereen mocht elke vraag overslaan. De teksten van de vragen staan in bijlage B.",
        ),
    )
    return Chapter(
        anchor="gevraagd",
        kicker="Over het onderzoek",
        title="Wat is gevraagd, en aan wie?",
        running="Wat is gevraagd?",
        lead="Mensen kregen een brief met een eigen code. Wie geen code had, kon meedoen via een open link. "
        "Die antwoorden tellen wij apart.",
        figures=figures,
    )


def _acts(questions: Sequence[object]) -> int:
    return sum(len(each.items) if isinstance(each, Battery) else 1 for each in questions)


def _participation_table(maker: Maker, outcomes: Outcomes) -> Figure:
    invited, others = outcomes.invited, outcomes.participation
    rate = response_rates(invited)[1]
    lines = (
        Line(
            label=("Steekproef: mensen met een code",),
            cells=_account_cells(invited, whole(invited.issued), wording.NONE if rate is None else f"{charts.percent(100 * rate)}%"),
        ),
        Line(label=("Open deelname: mensen zonder code",), cells=_account_cells(others, wording.NONE, "geen")),
    )
    title = (
        f"{whole(invited.complete + invited.partial)} van de {whole(invited.issued)} mensen met een code deden mee"
        if invited.issued
        else f"{whole(invited.complete + invited.partial)} mensen met een code deden mee"
    )
    return maker.table(
        title,
        "Deelname per route, aantallen mensen",
        (
            Column(label="Route", width=58, style=""),
            Column(label="codes"),
            Column(label="volledig ingevuld"),
            Column(label="voor een deel ingevuld"),
            Column(label="te weinig ingevuld"),
            Column(label="respons"),
        ),
        lines,
        "Respons volgens AAPOR (RR2): volledig en voor een deel ingevuld, gedeeld door alle codes. Bij open deelname "
        "is niet bekend hoeveel mensen de link zagen. Daarom is er geen respons en geen marge. "
        f"{maker.source}",
    )


def _account_cells(account: Account, codes: str, rate: str) -> tuple[Printed, ...]:
    return (
        Printed(text=codes),
        Printed(text=whole(account.complete)),
        Printed(text=whole(account.partial)),
        Printed(text=whole(account.refused)),
        Printed(text=rate, style="strong"),
    )


def _participants(maker: Maker, outcomes: Outcomes, report: ReportPlan) -> Chapter:
    rows = _groups(outcomes, report)
    counts = _group_counts(outcomes, report)
    estimated = any(row.status == "estimate" for row in outcomes.dataset.population)
    note = (
        f"Basis: {report.population}, uit de steekproef, n = {whole(outcomes.respondents)}. Percentages zijn berekend "
        "over wie antwoord gaf. Bron van de bevolkingscijfers: CBS"
        + (", voor een deel met een eigen schatting (bijlage A). " if estimated else ". ")
        + maker.source
    )
    figures = list(maker.participants(rows, counts, note))
    figures += [
        maker.distribution(distribution, report.population)
        for key in report.background
        for distribution in outcomes.distributions
        if distribution.question.key == key
    ]
    return Chapter(
        anchor="deelnemers",
        kicker="Over het onderzoek",
        title="Wie deden mee?",
        running="Wie deden mee?",
        lead="Niet elke groep deed even vaak mee. Door de weging telt elke groep zo zwaar als zij in de bevolking "
        "voorkomt. Daarna staan hier de andere kenmerken van de deelnemers.",
        figures=tuple(figures),
    )


def _groups(outcomes: Outcomes, report: ReportPlan) -> list[Comparison]:
    """Every category of the margins, in percent of those whose answer is known."""
    return [comparison for comparison, _ in _groups_and_counts(outcomes, report)]


def _group_counts(outcomes: Outcomes, report: ReportPlan) -> list[int]:
    return [count for _, count in _groups_and_counts(outcomes, report)]


def _groups_and_counts(outcomes: Outcomes, report: ReportPlan) -> Iterator[tuple[Comparison, int]]:
    for margin in outcomes.plan.weighting.margins:
        levels = [
            level
            for level in outcomes.weighting.margins
            if level.margin == margin.population and level.population is not None
        ]
        names = report.margins.get(margin.population)
        people = sum(level.respondents for level in levels) or 1
        after = sum(level.after for level in levels) or 1
        population = sum(level.population or 0 for level in levels) or 1
        for category in margin.categories:
            here = [level for level in levels if level.category == category]
            count = sum(level.respondents for level in here)
            yield (
                Comparison(
                    group=margin.population if names is None else names.label,
                    label=category if names is None else names.categories.get(category, category),
                    unweighted=100 * count / people,
                    weighted=100 * sum(level.after for level in here) / after,
                    population=100 * sum(level.population or 0 for level in here) / population,
                ),
                count,
            )


def _overview(maker: Maker, outcomes: Outcomes, report: ReportPlan, background: Background) -> Chapter:
    shares = [each for each in outcomes.indicators if each.indicator.kind == "proportion"]
    means = [each for each in outcomes.indicators if each.indicator.kind == "mean"]
    figures = [maker.overview(part, report.population) for part in _parts(shares, 18)]
    if means:
        figures.append(maker.means(means, report.population))
    compared = list(_comparisons(outcomes, background))
    if compared:
        figures.append(_comparison_table(maker, compared))
    return Chapter(
        anchor="totaalbeeld",
        kicker="Uitkomsten",
        title="Totaalbeeld",
        running="Totaalbeeld",
        lead=f"Alle uitkomsten voor {maker.municipality.name} bij elkaar. De hoofdstukken hierna zetten de antwoorden "
        "op rij per leidend principe.",
        figures=tuple(figures),
    )


def _parts(outcomes: Sequence[Outcome], size: int) -> Iterator[Sequence[Outcome]]:
    """In pieces of about the same length, so that each fits on a page."""
    number = -(-len(outcomes) // size) or 1
    length = -(-len(outcomes) // number) or 1
    return (outcomes[start : start + length] for start in range(0, len(outcomes), length))


def _comparisons(outcomes: Outcomes, background: Background) -> Iterator[tuple[Outcome, Published]]:
    """Published figures about the same question, in the same unit, that may be compared."""
    for outcome in outcomes.indicators:
        key = outcome.question.provenance.comparison
        unit = "%" if outcome.indicator.kind == "proportion" else outcome.question
        for published in background.published:
            known = published.comparable in ("yes", "limited") and published.key == key
            same = published.unit == "%" if unit == "%" else published.unit in {"1-10", "0-10"}
            whole_area = published.area in (outcomes.questionnaire.municipality.code, "NL")
            if known and same and whole_area:
                yield outcome, published


def _comparison_table(maker: Maker, compared: Sequence[tuple[Outcome, Published]]) -> Figure:
    lines = [
        Line(
            label=charts.wrapped(published.indicator, 40),
            cells=(
                Printed(text=published.area_name),
                Printed(text=published.year or "onbekend"),
                Printed(
                    text=f"{wording.decimal(published.value, 0)}%"
                    if published.unit == "%"
                    else wording.decimal(published.value)
                ),
                Printed(
                    text=wording.NONE
                    if isinstance(outcome.whole, Suppressed)
                    else with_unit(outcome.whole.value, outcome.indicator.kind),
                    style="strong",
                ),
                Printed(text=wording.interval(outcome.whole, outcome.indicator.kind)),
                Printed(text="uit de tweede hand" if published.source_kind == "secondary" else "eerste hand"),
            ),
        )
        for outcome, published in compared
    ]
    sources = "; ".join(dict.fromkeys(published.source for _, published in compared))
    return maker.table(
        "Eerdere cijfers geven richting, geen trend",
        "Gepubliceerde cijfers naast de uitkomst nu; de vraag of de doelgroep was niet precies dezelfde",
        (
            Column(label="Onderwerp in de bron", width=58, style=""),
            Column(label="gebied", width=22, style="mark"),
            Column(label="jaar", width=13),
            Column(label="toen", width=13),
            Column(label="nu", width=13),
            Column(label="marge nu", width=18),
            Column(label="soort bron", width=29, style="mark"),
        ),
        lines,
        "Uit de tweede hand: overgenomen uit een krant of een weblog over het onderzoek; controleer dit bij het "
        f"origineel. Bronnen: {sources}. {maker.source}",
    )


def _principles(maker: Maker, outcomes: Outcomes, report: ReportPlan) -> Iterator[Chapter]:
    background = set(report.background)
    placed: dict[str, list[str]] = {}
    for code, name in report.principles.items():
        mine = [each for each in outcomes.distributions if code in each.question.provenance.principles]
        fresh = [
            each for each in mine if each.question.key not in placed and each.question.key not in background
        ]
        figures = tuple(_question_figures(maker, fresh, report)) or tuple(_shared_figures(maker, outcomes, code, report))
        elsewhere = [
            f"{placed[key][0]} ({label})"
            for key, label in dict.fromkeys((each.question.key, each.question.short.source) for each in mine)
            if key in placed
        ]
        for each in fresh:
            placed.setdefault(each.question.key, _placed(each.question, figures))
        yield Chapter(
            anchor=code.lower(),
            kicker=f"Leidend principe {code}",
            title=name,
            running=f"{code} {name}",
            lead=_principle_lead(outcomes, code, bool(mine)),
            paragraphs=_also(elsewhere),
            figures=figures,
        )


def _shared_figures(maker: Maker, outcomes: Outcomes, code: str, report: ReportPlan) -> Iterator[Figure]:
    """For a principle whose questions all stand elsewhere: its indicators."""
    shares = [
        each
        for each in outcomes.indicators
        if code in each.question.provenance.principles and each.indicator.kind == "proportion"
    ]
    if shares:
        yield maker.overview(shares, report.population)


def _also(elsewhere: Sequence[str]) -> tuple[str, ...]:
    return (f"Bij dit principe horen ook: {wording.listed(elsewhere)}.",) if elsewhere else ()


def _placed(question: ClosedQuestion, figures: Sequence[Figure]) -> list[str]:
    """The names of the figures in which a question stands."""
    number = f"{question.provenance.number}: "
    return [figure.name.lower() for figure in figures if number in figure.note]


def _principle_lead(outcomes: Outcomes, code: str, asked: bool) -> str:
    if not asked:
        return (
            "Over dit principe zijn geen vragen aan bewoners gesteld. Het wordt onderzocht bij medewerkers en "
            "partners en in documenten."
        )
    shown = [
        f"{with_unit(each.whole.value, each.indicator.kind)} {wording.lower_first(each.indicator.label)}"
        for each in outcomes.indicators
        if code in each.question.provenance.principles
        and each.indicator.kind == "proportion"
        and not isinstance(each.whole, Suppressed)
    ]
    return f"{wording.capital(wording.listed(shown[:3]))}." if shown else ""


def _question_figures(
    maker: Maker, distributions: Sequence[Distribution], report: ReportPlan
) -> Iterator[Figure]:
    """Agreement statements that follow each other together, batteries as one figure, the rest one by one."""
    waiting: list[Distribution] = []
    for distribution in distributions:
        agreement = _is_agreement(distribution, report)
        together = waiting and (
            waiting[-1].question is distribution.question or (agreement and _is_agreement(waiting[-1], report))
        )
        if waiting and not together:
            yield _joint_figure(maker, waiting, report)
            waiting = []
        if agreement or isinstance(distribution.question, Battery):
            waiting.append(distribution)
        else:
            yield maker.distribution(distribution, report.population)
    if waiting:
        yield _joint_figure(maker, waiting, report)


def _joint_figure(maker: Maker, distributions: Sequence[Distribution], report: ReportPlan) -> Figure:
    make = maker.agreement if _is_agreement(distributions[0], report) else maker.ordered
    return make(distributions, report.population)


def _is_agreement(distribution: Distribution, report: ReportPlan) -> bool:
    question = distribution.question
    if isinstance(question, Number) or len(distribution.answers) != AGREEMENT_ANSWERS:
        return False
    return question.options[0].label.key.startswith(f"scale.{report.agreement}.")


def _areas(maker: Maker, outcomes: Outcomes, report: ReportPlan) -> Chapter:
    chosen = _chosen(outcomes, report.profile)
    (mapped,) = _chosen(outcomes, (report.map,))
    drawn = maker.map(mapped)
    others = [each for each in chosen if each is not mapped and any(area.mark in ("higher", "lower") for area in each.areas)]
    figures = [
        *((drawn,) if drawn is not None else ()),
        maker.area_dots(mapped, report.population),
        *(maker.area_dots(each, report.population) for each in others[:3]),
        *(maker.area_matrix(part) for part in _parts(chosen, 7)),
    ]
    return Chapter(
        anchor="wijken",
        kicker="Uitkomsten",
        title="Verschillen tussen de wijken",
        running="Verschillen tussen de wijken",
        lead="Elke wijk staat naast de rest van de stad. Een teken staat er alleen als het verschil geen toeval lijkt "
        "en groot genoeg is om ertoe te doen.",
        figures=tuple(figures),
    )


def _open(maker: Maker, outcomes: Outcomes, report: ReportPlan) -> Chapter:
    lines = []
    for outcome in _chosen(outcomes, dict.fromkeys((*report.headline, *report.profile))):
        kind, seen = outcome.indicator.kind, outcome.open
        hidden = isinstance(seen, Suppressed)
        lines.append(
            Line(
                label=(outcome.indicator.label,),
                cells=(
                    Printed(text=wording.base(seen)),
                    Printed(
                        text="te weinig antwoorden" if isinstance(seen, Suppressed) else with_unit(seen.value, kind),
                        style="few" if hidden else "strong",
                    ),
                    Printed(
                        text=wording.NONE
                        if isinstance(outcome.whole, Suppressed)
                        else with_unit(outcome.whole.value, kind)
                    ),
                ),
            )
        )
    table = maker.table(
        f"{wording.capital(whole(outcomes.open_respondents))} mensen deden mee via de open link",
        "Open deelname ongewogen en zonder marge, naast de gewogen uitkomst van de steekproef",
        (
            Column(label="Uitkomst", width=80, style=""),
            Column(label="n open deelname"),
            Column(label="open deelname"),
            Column(label="steekproef"),
        ),
        lines,
        "Wie via de open link meedoet, kiest daar zelf voor. Wij weten niet hoeveel mensen de link zagen, en meer dan "
        "één keer meedoen is niet uit te sluiten. Daarom is er geen respons en geen marge, en zeggen deze cijfers "
        f"niets over alle inwoners. {maker.source}",
    )
    return Chapter(
        anchor="open",
        kicker="Uitkomsten",
        title="Open deelname",
        running="Open deelname",
        lead="Iedereen kon meedoen via een open link. Deze antwoorden staan hier apart. Ze tellen niet mee in de "
        "andere figuren.",
        figures=(table,),
    )


# --- annexes --------------------------------------------------------------------------------------


def _account(maker: Maker, outcomes: Outcomes, report: ReportPlan) -> Chapter:
    weighting = outcomes.weighting
    figures = (
        _dispositions(maker, outcomes),
        _rates(maker, outcomes),
        _weighting_figure(maker, outcomes),
        _weighting_numbers(maker, outcomes),
        *_weighting_changes(maker, outcomes, report),
        _missing_table(maker, outcomes),
    )
    steps = (
        "Startgewicht: voor elke wijk het aantal volwassenen gedeeld door het aantal antwoorden uit de steekproef.",
        f"Raking op wijk en op {wording.listed([_margin_name(each.population, report).lower() for each in outcomes.plan.weighting.margins])}, "
        f"in {wording.counted(weighting.rounds, 'ronde', 'rondes')}, tot alle aantallen kloppen.",
        f"Gewichten onder {wording.decimal(outcomes.plan.weighting.smallest)} en boven {wording.decimal(outcomes.plan.weighting.largest)} keer het "
        f"startgewicht zijn ingekort ({whole(weighting.trimmed)}), waarna opnieuw is gewogen.",
        "Wie een kenmerk niet invulde, telt mee met het aandeel dat deze groep in de steekproef had.",
        "Marges: Taylor-linearisatie voor een gestratificeerde steekproef, met de residuen op de weegkenmerken.",
        "Verschillen tussen wijken: tweezijdige toets per wijk tegenover de rest van de stad, met correctie voor meer "
        "toetsen (Benjamini en Hochberg) over de wijken.",
        "Geheimhouding: geen cijfer bij minder dan 30 antwoorden; per wijk is 30 tot en met 49 ‘indicatief’. Een "
        "antwoord dat minder dan 5 mensen gaven wordt niet getoond, en ook niet wat nodig is om dat uit te rekenen. "
        "Bij gezondheid en herkomst vervalt een cijfer ook als bijna iedereen in een kleine groep hetzelfde zei.",
        "Open antwoorden: er zijn nog geen citaten vrijgegeven. Citaten komen pas in een rapport nadat iemand ze heeft "
        "nagelezen en namen en plaatsen heeft weggehaald.",
        f"Vragenlijst {outcomes.dataset.export.survey}, versie {outcomes.dataset.export.version}; programma "
        f"{outcomes.dataset.export.program}; export van week {outcomes.dataset.export.week}.",
    )
    return Chapter(
        anchor="bijlage-a",
        kicker="Bijlage A",
        title="Verantwoording",
        running="Bijlage A: verantwoording",
        lead="Hoe kwamen de antwoorden binnen, hoe is gewogen, en wat is niet getoond?",
        paragraphs=steps,
        figures=figures,
    )


def _margin_name(margin: str, report: ReportPlan) -> str:
    names = report.margins.get(margin)
    return margin if names is None else names.label


def _dispositions(maker: Maker, outcomes: Outcomes) -> Figure:
    fieldwork = outcomes.dataset.fieldwork
    lines = []
    for area in maker.municipality.areas:
        if area.code not in fieldwork.areas:
            continue
        account = fieldwork.areas[area.code]
        lines.append(_disposition_line(area.name, account.invited, account.open, ""))
    lines.append(_disposition_line(maker.municipality.name, outcomes.invited, outcomes.participation, "total"))
    return maker.table(
        "De uitkomst van elke code, per wijk",
        "Aantallen; in de laatste drie kolommen de open deelname",
        (
            Column(label="Wijk", width=42, style=""),
            Column(label="codes"),
            Column(label="volledig (I)"),
            Column(label="deels (P)"),
            Column(label="te weinig (R)"),
            Column(label="geen reactie (U)"),
            Column(label="RR2"),
            Column(label="open: volledig"),
            Column(label="open: deels"),
            Column(label="open: te weinig"),
        ),
        lines,
        "Volledig: meer dan 80% van de vragen die iemand kreeg is beantwoord; deels: 50 tot 80%; te weinig: minder dan "
        f"50%, die antwoorden tellen niet mee. {whole(fieldwork.withdrawn)} mensen trokken hun antwoorden in. "
        f"{maker.source}",
    )


def _disposition_line(name: str, invited: Account, others: Account, style: str) -> Line:
    rate = response_rates(invited)[1]
    numbers = (invited.issued, invited.complete, invited.partial, invited.refused, invited.unknown)
    return Line(
        label=(name,),
        cells=(
            *(Printed(text=whole(number)) for number in numbers),
            Printed(text=wording.NONE if rate is None else f"{charts.percent(100 * rate)}%", style="strong"),
            *(Printed(text=whole(number)) for number in (others.complete, others.partial, others.refused)),
        ),
        style="total" if style else "",
    )


def _rates(maker: Maker, outcomes: Outcomes) -> Figure:
    rates = response_rates(outcomes.invited)
    words = (
        "volledig ÷ alle codes",
        "volledig en deels ÷ alle codes",
        "als RR1, met het geschatte deel van ‘geen reactie’ dat meetelt",
        "als RR2, met het geschatte deel van ‘geen reactie’ dat meetelt",
        "volledig ÷ wie reageerde",
        "volledig en deels ÷ wie reageerde",
    )
    lines = [
        Line(
            label=(f"RR{number}",),
            cells=(
                Printed(text=text),
                Printed(text=wording.NONE if rate is None else f"{charts.percent(100 * rate)}%", style="strong"),
            ),
        )
        for number, (rate, text) in enumerate(zip(rates, words, strict=True), start=1)
    ]
    return maker.table(
        "Respons volgens de zes maten van AAPOR",
        "Steekproef, in procenten",
        (Column(label="Maat", width=20, style=""), Column(label="hoe berekend", width=120, style="mark"), Column(label="respons")),
        lines,
        "RR3 en RR4: niet bekend is welke brieven niet aankwamen, daarom telt ‘geen reactie’ helemaal mee (e = 1). "
        f"Open deelname heeft geen respons. {maker.source}",
    )


def _weighting_figure(maker: Maker, outcomes: Outcomes) -> Figure:
    levels = [level for level in outcomes.weighting.margins if level.margin == "area"]
    people = sum(level.respondents for level in levels) or 1
    after = sum(level.after for level in levels) or 1
    population = sum(level.population or 0 for level in levels) or 1
    names = {area.code: area.name for area in maker.municipality.areas}
    rows = [
        Comparison(
            group="",
            label=" + ".join(names.get(code, code) for code in level.area.split(" + ")),
            unweighted=100 * level.respondents / people,
            weighted=100 * level.after / after,
            population=100 * (level.population or 0) / population,
        )
        for level in levels
    ]
    note = (
        f"Basis: de steekproef, n = {whole(people)}. Eén cijfer achter de komma, omdat de verschillen klein zijn. Bron "
        f"van de bevolking: CBS. {maker.source}"
    )
    return maker.weighting(rows, [level.respondents for level in levels], note)


def _weighting_numbers(maker: Maker, outcomes: Outcomes) -> Figure:
    weighting = outcomes.weighting
    facts = (
        ("Antwoorden in de steekproef", whole(outcomes.respondents)),
        ("Volwassenen waarvoor zij staan", whole(float(weighting.weights.sum()))),
        ("Design-effect (Kish)", wording.decimal(weighting.design_effect, 2)),
        ("Effectief aantal antwoorden", whole(weighting.effective_number)),
        ("Kleinste gewicht, keer het startgewicht", wording.decimal(weighting.smallest, 2)),
        ("Grootste gewicht, keer het startgewicht", wording.decimal(weighting.largest, 2)),
        ("Ingekorte gewichten", whole(weighting.trimmed)),
        ("Gewichten die toch buiten de grenzen vallen", whole(weighting.outside)),
    )
    return maker.table(
        f"{whole(outcomes.respondents)} antwoorden zijn er na weging {whole(weighting.effective_number)} waard",
        "De weging in getallen",
        (Column(label="Kenmerk van de weging", width=110, style=""), Column(label="waarde")),
        [Line(label=(name,), cells=(Printed(text=value),)) for name, value in facts],
        f"Het design-effect is 1 plus het kwadraat van de variatiecoëfficiënt van de gewichten. {maker.source}",
    )


def _weighting_changes(maker: Maker, outcomes: Outcomes, report: ReportPlan) -> Iterator[Figure]:
    """Merged cells and scaled counts, and which counts are estimates."""
    names = {area.code: area.name for area in maker.municipality.areas}
    lines = [
        Line(
            label=(f"Samengevoegd: {_margin_name(merge.margin, report).lower()}",),
            cells=(
                Printed(text=names.get(merge.area, merge.area)),
                Printed(text=" + ".join(merge.categories)),
                Printed(text=f"{whole(merge.respondents)} antwoorden"),
            ),
        )
        for merge in outcomes.weighting.merges
    ]
    lines += [
        Line(
            label=(f"Bijgesteld: {_margin_name(change.margin, report).lower()}",),
            cells=(
                Printed(text=names.get(change.area, maker.municipality.name)),
                Printed(text="totaal"),
                Printed(text=f"{whole(change.counted)} → {whole(change.used)}"),
            ),
        )
        for change in outcomes.weighting.reconciliations
    ]
    if lines:
        yield maker.table(
            "Wat voor de weging is samengevoegd of bijgesteld",
            "Groepen met te weinig antwoorden gaan samen met een buurgroep; afgeronde aantallen krijgen één totaal",
            (
                Column(label="Wat", width=56, style=""),
                Column(label="waar", width=46, style="mark"),
                Column(label="groepen", width=36, style="mark"),
                Column(label=""),
            ),
            lines,
            f"Een groep gaat samen bij minder dan {outcomes.plan.weighting.minimum_cell} antwoorden.",
            long=True,
        )
    yield _sources_table(maker, outcomes, report)


def _sources_table(maker: Maker, outcomes: Outcomes, report: ReportPlan) -> Figure:
    seen = dict.fromkeys(
        (row.margin, row.category, row.status, row.source, row.method, row.reference_date)
        for row in outcomes.dataset.population
    )
    lines = []
    for margin, category, status, source, method, date in seen:
        names = report.margins.get(margin)
        label = category if names is None else names.categories.get(category, category)
        explanation = f"{source}. {method}".strip(" .") + "."
        lines.append(
            Line(
                label=charts.wrapped(label, 26),
                cells=(
                    Printed(text="schatting" if status == "estimate" else "officieel", style="strong" if status == "estimate" else ""),
                    Printed(text=date),
                    Printed(text=explanation),
                ),
            )
        )
    return maker.table(
        "Bevolkingscijfers waarop is gewogen; schattingen staan erbij",
        "Per groep de bron, de peildatum en bij een schatting de aanname",
        (
            Column(label="Groep", width=42, style=""),
            Column(label="soort", width=20, style="mark"),
            Column(label="peildatum", width=22, style="mark"),
            Column(label="bron en aanname", style="mark"),
        ),
        lines,
        "De aantallen zelf staan in population.csv bij de gemeente.",
        long=True,
    )


def _missing_table(maker: Maker, outcomes: Outcomes) -> Figure:
    lines = []
    for row in outcomes.missing:
        asked = outcomes.respondents - row.not_shown
        counts = (row.dont_know, row.rather_not_say, row.not_applicable, row.skipped)
        lines.append(
            Line(
                label=(f"{row.number}  {_shortened(row.label, 46)}",),
                cells=(
                    Printed(text=wording.base_of(asked)),
                    Printed(text=wording.base_of(row.answered)),
                    *(Printed(text=wording.part(count, asked)) for count in counts),
                ),
            )
        )
    return maker.table(
        "Bij elke vraag: wie kreeg haar, en wie gaf antwoord",
        "Steekproef, ongewogen; de laatste vier kolommen in procenten van wie de vraag kreeg",
        (
            Column(label="Vraag", width=80, style=""),
            Column(label="kreeg de vraag"),
            Column(label="gaf antwoord"),
            Column(label="weet niet"),
            Column(label="zegt liever niet"),
            Column(label="niet van toepassing"),
            Column(label="overge-slagen"),
        ),
        lines,
        f"Een vraag die iemand volgens de route niet kreeg, telt niet als ontbrekend. {maker.source}",
        long=True,
    )


def _shortened(text: str, most: int) -> str:
    lines = charts.wrapped(text.rstrip("."), most)
    return lines[0] if len(lines) == 1 else f"{lines[0]} …"


def _questions(maker: Maker, outcomes: Outcomes) -> Chapter:
    questionnaire = outcomes.questionnaire
    figures = [
        maker.table(
            block.title.source,
            "Vragen zoals bewoners ze lazen",
            (
                Column(label="Nr.", width=13, style=""),
                Column(label="vraag en antwoorden", width=112, style="mark"),
                Column(label="herkomst van de vraag", style="mark"),
            ),
            [
                Line(
                    label=(question.provenance.number,),
                    cells=(
                        Printed(text=_full_text(question, maker)),
                        Printed(text=_origin(question)),
                    ),
                )
                for question in block.questions
            ],
            "",
            long=True,
        )
        for block in questionnaire.blocks
    ]
    return Chapter(
        anchor="bijlage-b",
        kicker="Bijlage B",
        title="De vragen",
        running="Bijlage B: de vragen",
        lead=f"Versie {questionnaire.version} van de vragenlijst. Waar de tekst per wijk verschilt, staat hier de algemene tekst.",
        figures=tuple(figures),
    )


def _full_text(question: object, maker: Maker) -> str:
    label = getattr(question, "label").source  # noqa: B009 - every kind of question has a label
    parts = [plain(label, maker.outcomes.questionnaire)]
    items = getattr(question, "items", ())
    if items:
        parts.append(" ".join(f"({item.key}) {item.label.source}" for item in items))
    options = getattr(question, "options", ())
    if options:
        parts.append("Antwoorden: " + " / ".join(option.label.source for option in options) + ".")
    elif isinstance(question, Number):
        parts.append(f"Een getal van {question.minimum} tot en met {question.maximum}.")
    elif isinstance(question, OpenText):
        parts.append("Open antwoord.")
    return " ".join(parts)


def _origin(question: object) -> str:
    provenance = getattr(question, "provenance")  # noqa: B009
    kinds = {"own": "eigen tekst", "published": "gepubliceerde tekst", "own_translation": "eigen vertaling, niet gevalideerd"}
    return ". ".join(text for text in (provenance.instrument, kinds[provenance.wording]) if text)


def _area_tables(maker: Maker, outcomes: Outcomes, report: ReportPlan) -> Chapter:
    return Chapter(
        anchor="bijlage-c",
        kicker="Bijlage C",
        title="Cijfers per wijk",
        running="Bijlage C: cijfers per wijk",
        lead="De aantallen en marges bij de tabellen per wijk. De tabel van elke andere figuur staat ernaast of eronder.",
        paragraphs=(maker.mark_rule(),),
        figures=tuple(maker.area_table(outcome) for outcome in _chosen(outcomes, report.profile)),
    )


# --- area profiles --------------------------------------------------------------------------------


def profiles(outcomes: Outcomes, background: Background, colours: Palette) -> Iterator[Profile]:
    report = report_plan(outcomes.plan)
    chosen = _chosen(outcomes, report.profile)
    reasons = next(each for each in outcomes.distributions if each.question.key == report.reasons)
    for people in outcomes.people:
        yield _profile(outcomes, background, colours, people, chosen, reasons)


def _profile(  # noqa: PLR0913 - a profile shows a bit of everything
    outcomes: Outcomes,
    background: Background,
    colours: Palette,
    people: AreaPeople,
    chosen: Sequence[Outcome],
    reasons: Distribution,
) -> Profile:
    report = report_plan(outcomes.plan)
    maker = Maker(outcomes, background, colours)
    area = people.area
    shares = [outcome for outcome in chosen if outcome.indicator.kind == "proportion"]
    means = [outcome for outcome in chosen if outcome.indicator.kind == "mean"]
    marks = [
        (outcome.indicator.label, each.mark)
        for outcome in chosen
        for each in outcome.areas
        if each.area.code == area.code and each.mark is not None
    ]
    locator = None
    if background.shapes:
        title = f"Ligging van {area.name} in {maker.municipality.name}"
        locator = Markup(charts.locator(colours, background.shapes, area.code, title=title))  # noqa: S704
    texts = dict.fromkeys(maker.question_note(outcome) for outcome in chosen)
    return Profile(
        area=area,
        title=outcomes.plan.title,
        status=_status(outcomes),
        month=wording.month(outcomes.dataset.export.week),
        locator=locator,
        attribution=maker.municipality.attribution,
        sentences=wording.profile_sentences(marks, maker.municipality.name),
        facts=tuple(_facts(outcomes, people, report)),
        facts_note=_facts_note(outcomes, area),
        shares=maker.profile(area.code, shares, report.population),
        means=maker.profile_means(area.code, means) if means else None,
        reasons=maker.profile_choices(area.code, reasons),
        questions=tuple(text.removeprefix("Vraag ") for text in texts),
    )


def _facts(outcomes: Outcomes, people: AreaPeople, report: ReportPlan) -> Iterator[KeyNumber]:
    """The adults, for every margin counted per area its last named category or two, and the answers."""
    yield KeyNumber(value=whole(people.adults), what="volwassenen", margin="")
    for margin in outcomes.plan.weighting.margins:
        categories = [category for category in margin.categories if (margin.population, category) in people.shares]
        names = report.margins.get(margin.population)
        chosen = (categories[0], categories[-1]) if len(categories) > 2 else categories[:1]
        for category in chosen:
            label = category if names is None else names.categories.get(category, category)
            share = people.shares[margin.population, category]
            yield KeyNumber(value=f"{charts.percent(100 * share)}%", what=f"is {label}" if label[0].isdigit() else label, margin="")
    yield KeyNumber(
        value=whole(people.respondents), what="mensen uit de steekproef vulden de vragenlijst in", margin=""
    )


def _facts_note(outcomes: Outcomes, area: Area) -> str:
    rows = [row for row in outcomes.dataset.population if row.area == area.code]
    dates = sorted({row.reference_date for row in rows})
    estimated = any(row.status == "estimate" for row in rows)
    note = f"Bevolking: CBS, peildatum {' en '.join(dates)}."
    if estimated:
        note += " Het aantal volwassenen, de jongste groep en het aantal met kinderen zijn voor een deel een schatting."
    return note


def file_name(profile: Profile) -> str:
    """wijkprofiel-WK054606-morsdistrict.pdf"""
    letters = "".join(letter.lower() if letter.isascii() and letter.isalnum() else "-" for letter in profile.area.name)
    name = "-".join(part for part in letters.split("-") if part)
    return f"wijkprofiel-{profile.area.code}-{name}.pdf"

