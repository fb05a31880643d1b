"""From an export and a plan to what the files of a report hold: PDFs, a page for the web, the data behind."""

import base64
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from types import MappingProxyType

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from msgspec import Struct
from msgspec.structs import replace

from analysis.reporting import wording
from analysis.reporting.chapters.building_blocks import building_blocks
from analysis.reporting.chapters.documents import (
    Chapter,
    MainReport,
    Profile,
    Review,
    Summary,
    report_plan,
    standing,
)
from analysis.reporting.chapters.main_report import main_report
from analysis.reporting.chapters.profiles import file_name, profiles
from analysis.reporting.chapters.references import LISTING, listing, references
from analysis.reporting.chapters.summary import Materials, summaries
from analysis.reporting.chapters.summary import file_name as summary_name
from analysis.reporting.chapters.texts import files_for, read, starters, told
from analysis.reporting.charts import plots
from analysis.reporting.charts.background import Background
from analysis.reporting.charts.plots import Palette
from analysis.reporting.figures.making import in_rows
from analysis.reporting.files.approval import Approval
from analysis.reporting.files.logos import Logo
from analysis.reporting.files.printing import ASSETS, Job, seconds_of
from analysis.reporting.files.table_book import (
    CONTENTS,
    TABLES,
    WORKBOOK,
    Sheet,
    csv_files,
    sheets,
    workbook,
)
from analysis.reporting.files.themes import OURS, Theme
from analysis.reporting.findings.outcomes import Outcomes
from analysis.reporting.phrases import Phrases, phrases
from analysis.reporting.plans.language import phrases_of
from survey.questionnaires.wording import language_name

ICONS = Path(__file__).resolve().parents[2] / "survey" / "web" / "static" / "icons.svg"
MAIN = "hoofdrapport.pdf"
ANNEXES = "bijlagen.pdf"
PUBLIC = "resultaten.html"

NO_TEXTS: Mapping[str, bytes] = MappingProxyType({})


class Reports(Struct, frozen=True, kw_only=True):
    """What is printed, once: every file of the report is made from it. `review`: what is left to do.

    `phrases`: the words of the templates, in the language of the report; `theme`: its colours.
    `logo`: of who sends it, if any.
    """

    main: MainReport
    profiles: tuple[Profile, ...]
    review: Review
    summaries: tuple[Summary, ...]
    phrases: Phrases
    theme: Theme
    logo: Logo | None

    @property
    def book(self) -> tuple[Sheet, ...]:
        """The data behind every figure."""
        found = sheets(self.phrases, self.main.figures)
        of_areas = (sheets(self.phrases, profile.figures, profile.area.code) for profile in self.profiles)
        return (*found, *chain.from_iterable(of_areas))


def reports(  # noqa: PLR0913 - what is printed, and how it is to look
    outcomes: Outcomes,
    background: Background,
    own: Mapping[str, bytes] = NO_TEXTS,
    *,
    approval: Approval | None = None,
    draft: bool = False,
    theme: Theme = OURS,
    logo: Logo | None = None,
) -> Reports:
    """All that is printed, with the evaluator's `own` texts by the names of their files.

    Raises InputError when a text cannot be printed.
    """
    colours = palette_of(theme)
    icons = ICONS.read_text(encoding="utf-8")
    materials = Materials(colours=colours, icons=icons)
    main = main_report(outcomes, background, colours)
    known = {each.name: each.text for each in references(outcomes)}
    words = phrases_of(outcomes.plan)
    texts = read(own, files_for(main), known, words)
    main = told(main, texts, draft=draft)
    if approval is not None:
        main = replace(main, approval=approval.sentence(words, report_plan(outcomes.plan).authors))
    return Reports(
        main=main,
        profiles=tuple(replace(each, draft=draft) for each in profiles(outcomes, background, colours)),
        review=texts.review,
        summaries=tuple(replace(each, draft=draft) for each in summaries(outcomes, phrases(), materials)),
        phrases=words,
        theme=theme,
        logo=logo,
    )


def text_files(outcomes: Outcomes, background: Background, there: Collection[str]) -> dict[str, str]:
    """A file to begin with for every section that has no text `there`, and the list of references."""
    main = main_report(outcomes, background, our_palette())
    example = report_plan(outcomes.plan).headline[0]
    words, blocks = phrases_of(outcomes.plan), building_blocks(outcomes)
    made = starters(words, files_for(main), there, blocks=blocks, example=example, listing=LISTING)
    return made | {LISTING: listing(words, tuple(references(outcomes)))}


def jobs(made: Reports) -> Iterator[Job]:
    """The pages of all PDFs, the main report first: it takes longest."""
    environment = _environment(made.phrases, made.theme, made.logo)
    main = made.main
    pages: list[tuple[str, str, MainReport | Profile | Summary, Sequence[Chapter]]] = [
        (MAIN, "main.html", main, main.chapters),
        (ANNEXES, "annexes.html", main, main.annexes),
        *((file_name(profile), "profile.html", profile, ()) for profile in made.profiles),
        *((summary_name(summary), "summary.html", summary, ()) for summary in made.summaries),
    ]
    attached = made.phrases.say("Waarvan dit bestand is gemaakt")
    for name, template, page, chapters in pages:
        html = environment.get_template(template).render(
            report=page, main=MAIN, annexes=ANNEXES, linked=_links(chapters, main.annexes)
        )
        yield Job(name=name, html=html, attached=attached)


def data_files(made: Reports, week: str) -> dict[str, bytes]:
    """The page for the web, the table book, and a CSV file for every table; names are paths in the folder."""
    book, main = made.book, made.main
    page = _environment(made.phrases, made.theme, made.logo).get_template("public.html")
    html = page.render(
        report=main,
        linked=_links(main.whole, main.annexes),
        styles=_web_styles(made.theme),
        csv={sheet.name: f"{TABLES}/{sheet.file}" for sheet in book},
        workbook=WORKBOOK,
        contents=f"{TABLES}/{CONTENTS}",
        main=MAIN,
        annexes=ANNEXES,
        profiles=[(profile.area.name, file_name(profile)) for profile in made.profiles],
        summaries=[
            (summary, summary_name(summary), language_name(summary.tag, reader=summary.tag))
            for summary in made.summaries
        ],
    )
    tables = {f"{TABLES}/{name}": data for name, data in csv_files(made.phrases, book).items()}
    return {
        PUBLIC: html.encode(),
        WORKBOOK: workbook(
            made.phrases,
            book,
            main.title,
            standing(main, made.phrases),
            links=palette_of(made.theme)["residents"],
            seconds=seconds_of(week),
        ),
        **tables,
    }


def strangers(out: Path) -> list[str]:
    """What is in the folder `out` that an earlier report did not put there."""
    if not out.is_dir():
        return [out.name] if out.exists() else []
    return sorted(
        path.name
        for path in out.iterdir()
        if path.name not in {MAIN, ANNEXES, PUBLIC, WORKBOOK, TABLES}
        and not (path.name.startswith(("wijkprofiel-", "samenvatting-")) and path.suffix == ".pdf")
    )


def _environment(phrases: Phrases, theme: Theme, logo: Logo | None = None) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(ASSETS),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["data_url"] = _data_url
    environment.filters["in_rows"] = in_rows
    environment.filters["capital"] = wording.capital
    environment.filters["no_lone_word"] = _no_lone_word
    environment.globals["language"] = phrases.tag
    environment.globals["translated"] = phrases.draft
    environment.globals["colours"] = Markup(theme.css)  # noqa: S704 - names and colours that were read
    environment.globals["logo"] = logo
    environment.globals["say"] = _in_html(phrases)
    environment.globals["standing"] = lambda report: standing(report, phrases)
    return environment


def _no_lone_word(title: str, line: int) -> str:
    """The last word of a title that may not fit on a line of so many letters stays with the one before it."""
    start, _, last = title.rpartition(" ")
    return f"{start}\u00a0{last}" if start and len(title) > line else title


def _in_html(phrases: Phrases) -> Callable[..., Markup]:
    """What templates say a sentence with: values are escaped unless they are markup already."""
    return lambda sentence, **values: escape(phrases.sentence(sentence)).format(**values)


_NAMED = re.compile(r"\w+ (?:\d+|[A-Z])\b")


def _links(chapters: Sequence[Chapter], annexes: Sequence[Chapter]) -> Callable[[str], Markup]:
    """What puts a text in HTML, with a link wherever it names a figure, table or annex of these chapters."""
    figures = (figure for chapter in chapters for part in chapter.parts for figure in part.figures)
    places = {each.name.lower(): each.anchor for each in figures}
    places |= {each.kicker.lower(): each.anchor for each in annexes if each in chapters}

    def link(found: re.Match[str]) -> str:
        anchor = places.get(found[0].lower())
        return found[0] if anchor is None else f'<a class="to" href="#{anchor}">{found[0]}</a>'

    return lambda text: Markup(_NAMED.sub(link, escape(text)))  # noqa: S704 - escaped, but for our links


def palette_of(theme: Theme) -> Palette:
    """The colours of a theme, and ours where it has none."""
    return {**our_palette(), **theme.colours}


def our_palette() -> Palette:
    """The colours of our own style sheet, by name."""
    return plots.palette(_stylesheet())


def _stylesheet() -> str:
    return (ASSETS / "report.css").read_text(encoding="utf-8")


def _web_styles(theme: Theme) -> Markup:
    """The colours and letters of the printed report, then the rules of the page for the web."""
    printed = _stylesheet()
    tokens = printed[printed.index(":root") : printed.index("}") + 1]
    fonts = "\n".join(re.findall(r"^@font-face.*$", printed, re.MULTILINE))
    inside = re.sub(r"url\(([^)]+)\)", lambda found: f"url({_font_url(ASSETS / found[1])})", fonts)
    rules = (ASSETS / "public.css").read_text(encoding="utf-8")
    parts = [tokens, theme.css, inside, rules]
    if theme == OURS:  # a municipality's colours are for paper: it says nothing of the dark
        parts += [(ASSETS / "dark.css").read_text(encoding="utf-8"), _dark_charts(our_palette())]
    return Markup("\n".join(parts))  # noqa: S704 - our own style sheets


def _dark_charts(colours: Palette) -> str:
    """A chart has its colours written in it, for paper: in the dark their tokens decide.

    Tokens that are one colour on paper are one in the dark too.
    """
    names = {colour: name for name, colour in colours.items()}
    rules = "\n".join(
        f'svg [{part}="{colour}"] {{ {part}: var(--{name}); }}'
        for colour, name in names.items()
        for part in ("fill", "stroke")
    )
    return f"@media screen and (prefers-color-scheme: dark) {{\n{rules}\n}}"


def _font_url(path: Path) -> str:
    return f"data:font/woff;base64,{base64.b64encode(path.read_bytes()).decode()}"


def _data_url(svg: str) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(str(svg).encode()).decode()}"
