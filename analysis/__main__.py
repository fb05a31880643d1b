"""The analysis' commands: `python -m analysis COMMAND`."""

from survey import interrupts

if __name__ == "__main__":
    interrupts.end_at_once()

import gzip
import os
import stat
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from functools import partial
from itertools import chain
from pathlib import Path

import click
import msgspec
from threadpoolctl import threadpool_limits

from analysis import verification
from analysis.columns import ColumnError
from analysis.errors import OptionError
from analysis.reporting import listings, report
from analysis.reporting.chapters import texts
from analysis.reporting.chapters.documents import NoReportPlan, report_plan
from analysis.reporting.chapters.references import LISTING
from analysis.reporting.charts.background import Background
from analysis.reporting.charts.background import parse as parse_background
from analysis.reporting.coding.coding_sheets import coding_sheet, open_answers
from analysis.reporting.coding.topics import CodedQuestion, Writers, read_coding
from analysis.reporting.exports.dataset import (
    EXPORT,
    FIELDWORK,
    RESPONSES,
    Dataset,
    InputError,
    parse,
    parse_responses,
)
from analysis.reporting.exports.personal_details import known_words
from analysis.reporting.exports.questions import open_questions
from analysis.reporting.files import (
    approval,
    count_files,
    logos,
    printing,
    signs,
    table_book,
    table_files,
    themes,
)
from analysis.reporting.files.approval import Approval, ApprovalError, Reported, earlier_name
from analysis.reporting.files.likeness import Marks, known_by, marks
from analysis.reporting.files.logos import Logo
from analysis.reporting.files.manifest import Manifest, NoManifest, differences, digest, manifest_of
from analysis.reporting.files.pdf import PangoMissing
from analysis.reporting.files.themes import OURS, Theme
from analysis.reporting.findings.bases import (
    across,
    bases,
    bases_before,
    bases_beside,
    people,
    people_beside,
)
from analysis.reporting.findings.companions import Companion, check_follow_up, companion, counted_people
from analysis.reporting.findings.comparison import compare, table, truths
from analysis.reporting.findings.counts import counts
from analysis.reporting.findings.divisions import hidden_figures
from analysis.reporting.findings.hypotheses import hypothesis_tests
from analysis.reporting.findings.indicators import columns
from analysis.reporting.findings.outcomes import Outcomes, gather
from analysis.reporting.findings.representativeness import NothingIssued, balances
from analysis.reporting.findings.sensitivity import Choice, choices, without
from analysis.reporting.findings.sensitivity import compare as compare_choices
from analysis.reporting.findings.tables import tabulate
from analysis.reporting.findings.waves import Wave, Waves, compare_waves
from analysis.reporting.findings.withheld import withheld
from analysis.reporting.phrases import SOURCE_LANGUAGE, phrases
from analysis.reporting.plans.coding_plan import CodingPlan
from analysis.reporting.plans.companion_plan import CompanionPlan, check_companion
from analysis.reporting.plans.definitions import defined
from analysis.reporting.plans.language import for_readers, in_language, phrases_of, spoken
from analysis.reporting.plans.plan import AnalysisPlan, ReportPlan
from analysis.reporting.plans.plan import parse as parse_plan
from analysis.reporting.report import Reports
from analysis.reporting.weighting.weighting_account import step_totals, summary
from analysis.reporting.weighting.weights import Weighting, weigh
from analysis.sampling.designs import DesignError
from analysis.verification.cases import NoCases
from analysis.weighting.calibration import CalibrationError
from survey import __version__
from survey.questionnaires.folder import read_folder
from survey.questionnaires.problems import Findings, QuestionnaireError

WITH = click.option(
    "--with",
    "beside",
    multiple=True,
    type=click.Path(path_type=Path),
    help="An export of employees, partners or young people, to set beside the residents; repeat it for more. "
    "The plan names their surveys.",
)
EARLIER = click.option(
    "--earlier",
    nargs=2,
    type=click.Path(path_type=Path),
    metavar="FOLDER PLAN",
    help="The export of an earlier wave and the plan that it was reported by, to tell what changed since.",
)


class Refusal(click.ClickException):
    """Nothing was written; the message says where, what, and what to do."""

    exit_code = 2


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Weigh the answers of an export folder and report on them."""
    # Products here are small and many: threads that wait for each other made replicates 16 times slower.
    threadpool_limits(1, user_api="blas")


@main.command("approve")
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("plan", type=click.Path(path_type=Path))
@click.option("--name", required=True, help="Who read the draft and approves it; not one of its authors.")
@click.option(
    "--unpublished",
    count=True,
    help="Nothing was published of the report that was approved last; repeat it for each one before that.",
)
@WITH
@EARLIER
def approve_command(  # noqa: PLR0913, PLR0917 - click gives every option a parameter
    folder: Path,
    plan: Path,
    name: str,
    unpublished: int,
    beside: tuple[Path, ...],
    earlier: tuple[Path, Path] | None,
) -> None:
    """Approve the report of FOLDER, PLAN and the texts beside it: what `report` makes then is final.

    The approval is void as soon as any of these changes, or the program. A report is refused that differs by
    fewer than ten people from one that was approved before: the two would tell what they answered.
    """
    with refusals():
        before = approval.without_last(reported_of(plan), unpublished)
        found = gathered(folder, plan, beside, earlier)
        everybody = people_of(found, beside)
        elsewhere = reported_beside(plan, everybody, earlier)
        review = made_of(found).review
        approval.refuse(name, report_plan(found.outcomes.plan).authors, review)
        now = reported_now(found, plan, beside, everybody)
        if alike := told_beside(before, elsewhere, now, found.outcomes):
            raise ApprovalError("\n".join(alike))
        given = Approval(
            name=name,
            date=now.date,
            of=found.made_from,
            reported=approval.with_one_more(before, now),
        )
        write_whole(approval.file_of(plan), given.encode(), private=True)
    for line in approval.listing(review):
        click.echo(line)
    click.echo(f"{approval.file_of(plan)}: approved by {name}. Now make the final report.")


@main.command("coding")
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("plan", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(path_type=Path))
@click.option(
    "--of",
    "companion_folder",
    type=click.Path(path_type=Path),
    help="The export of employees, partners or young people whose answers to code, in place of residents'.",
)
def coding_command(folder: Path, plan: Path, out: Path, companion_folder: Path | None) -> None:
    """Put the open answers that the plan names into OUT (.xlsx), in which people give them topics.

    When OUT is there, the answers that it did not have are added, and all that was written in it stays.
    """
    with refusals(out):
        dataset = read_export(folder)
        decided = read_plan(plan, dataset)
        wanted, place = report_plan(decided).open_answers, "[report.open_answers]"
        if companion_folder is not None:
            dataset, found = read_companion_export(companion_folder, decided)
            wanted, place = found.open_answers, f"[report.companions.open_answers] under {found.survey}"
        if wanted is None:
            raise Refusal(f"{plan} names no open answers of {dataset.export.survey}. Write {place} in it.")
        if out.suffix != ".xlsx":
            raise Refusal(f"{out} is a workbook: give it a name that ends in .xlsx.")
        answers = {
            question: open_answers(dataset, question.key, wanted.consent)
            for question in open_questions(dataset.questionnaire)
            if question.key in wanted.questions
        }
        existing = out.read_bytes() if out.is_file() else None
        made = coding_sheet(answers, existing, out.name, known_words(dataset.questionnaire))
        if made.added or existing is None:
            write_whole(out, made.data, private=True)
    click.echo(f"{out}: {made.added} answers added, of {sum(map(len, answers.values()))} in the export")
    if made.gone:
        click.echo(
            "These are in it and no longer in the export, because who gave them took them back: remove the "
            f"rows. {'; '.join(made.gone)}"
        )


@main.command("compare")
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("plan", type=click.Path(path_type=Path))
@click.argument("truth", type=click.Path(path_type=Path))
def compare_command(folder: Path, plan: Path, truth: Path) -> None:
    """Set the estimates beside the TRUTH of a simulated town (truth.csv.gz)."""
    with refusals():
        dataset = read_export(folder)
        decided = read_plan(plan, dataset)
        known = truths(read_truth(truth, dataset, decided), decided.indicators)
        sample, weighting = weigh_invited(dataset, decided)
        compared = tuple(compare(sample, weighting.design, known, decided.indicators))
        click.echo(table(compared, [margin.population for margin in decided.weighting.margins]))


@main.command("counts")
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(path_type=Path))
def counts_command(folder: Path, out: Path) -> None:
    """Count the answers of whoever answered enough, without weights, to the folder OUT: CSV, and a text.

    For a survey among people of whom nobody knows how many there are: employees, partners, young people.
    """
    with refusals(out):
        dataset = read_export(folder)
        counted = tuple(counts(counted_people(dataset), phrases()[SOURCE_LANGUAGE]))
        made = count_files.files(counted, answers_of(dataset))
        out.mkdir(parents=True, exist_ok=True)
        for name, text in made.items():
            write_whole(out / name, text)
    click.echo(f"{', '.join(made)} are in {out}")


@main.command("report")
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("plan", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(path_type=Path))
@WITH
@EARLIER
def report_command(
    folder: Path, plan: Path, out: Path, beside: tuple[Path, ...], earlier: tuple[Path, Path] | None
) -> None:
    """Write the report to the folder OUT: accessible PDFs, a page for the web, and the data behind them.

    The PDFs are the main report, its annexes, a profile of every area and a summary in every language. It is
    a draft until somebody approves it.
    """
    with refusals(out):
        refuse_strangers(out)
        made, of, why = reports(folder, plan, beside, earlier)
        work = [*report.jobs(made)]
        written = printing.write(work, report.data_files(made, of.week), out, of)
        with click.progressbar(length=len(work), label="Reports", file=sys.stderr) as progress:
            for name, pages in written:
                progress.update(1)
                if not sys.stderr.isatty():
                    click.echo(f"{name}: {pages} pages", err=True)
    click.echo(f"{len(work)} PDFs, {report.PUBLIC}, {table_book.WORKBOOK} and its tables as CSV are in {out}")
    if why:
        click.echo("\n".join(("This is a draft, which every page says:", *why)))


@main.command("representativeness")
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("plan", type=click.Path(path_type=Path))
def representativeness_command(folder: Path, plan: Path) -> None:
    """Tell which groups lag behind: response and R-indicators, also of an export made halfway."""
    with refusals():
        dataset = read_export(folder)
        decided = read_plan(plan, dataset)
        sample = dataset.take(dataset.usable("invited", decided.weighting.dispositions))
        click.echo(listings.balances(balances(sample, decided), dataset.questionnaire.municipality))


@main.command("reproduce")
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("plan", type=click.Path(path_type=Path))
@WITH
@EARLIER
def reproduce_command(
    file: Path, folder: Path, plan: Path, beside: tuple[Path, ...], earlier: tuple[Path, Path] | None
) -> None:
    """Make the PDF FILE again from an export and a plan; exit with 1 when it is not the same, and say why."""
    with refusals():
        data = file.read_bytes()
        there = manifest_of(data)
        made, here, _ = reports(folder, plan, beside, earlier)
        found = [*differences(there, here)]
        job = next((job for job in report.jobs(made) if job.name == there.file), None)
        if job is None:
            found.append(f"file: this export and plan give no {there.file}")
        elif not found and again(job, here) != data:
            found.append("file: from the same export, plan and version other bytes came out. It was changed")
    if found:
        click.echo("\n".join(found))
        sys.exit(1)
    click.echo(f"{file} is what version {here.program} makes of {folder} and {plan}, byte for byte")


@main.command("sensitivity")
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("plans", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Also write the table to this file (CSV).")
def sensitivity_command(folder: Path, plans: tuple[Path, ...], out: Path | None) -> None:
    """Set the indicators of the first plan beside each other, under its weighting and under others.

    These are its variants ([[sensitivity]]) and the weighting of every other plan.
    """
    with refusals(out):
        dataset = read_export(folder)
        first, *others = [read_plan(path, dataset) for path in plans]
        among = [*choices(first, plans[0].stem)]
        among += [
            Choice(name=path.stem, weighting=other.weighting)
            for path, other in zip(plans[1:], others, strict=True)
        ]
        refuse_incomparable([choice.name for choice in among])
        sample = dataset.take(dataset.usable("invited", first.weighting.dispositions))
        hidden = hidden_figures(sample, first)
        compared = tuple(without(compare_choices(dataset, first, among), hidden.wholes, hidden.of_everybody))
        if out is not None:
            write_whole(out, listings.variants_csv(compared))
        click.echo(listings.variants(compared))


@main.command("tables")
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("plan", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(path_type=Path))
def tables_command(folder: Path, plan: Path, out: Path) -> None:
    """Write the tables and tests of the plan to the folder OUT: CSV files, and a text to read."""
    with refusals(out):
        dataset = read_export(folder)
        decided = read_plan(plan, dataset)
        if not (decided.tables or decided.tests):
            raise Refusal(f"{plan} asks for no tables and no tests. Add [[tables]] or [[tests]].")
        sample, weighting = weigh_invited(dataset, decided)
        made = table_files.files(
            tuple(tabulate(sample, decided, weighting.design)),
            hypothesis_tests(sample, decided, weighting.design, hidden_figures(sample, decided).tests),
            answers_of(dataset),
        )
        out.mkdir(parents=True, exist_ok=True)
        for name, text in made.items():
            write_whole(out / name, text)
    click.echo(f"{', '.join(made)} are in {out}")


@main.command("texts")
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("plan", type=click.Path(path_type=Path))
@WITH
@EARLIER
def texts_command(
    folder: Path, plan: Path, beside: tuple[Path, ...], earlier: tuple[Path, Path] | None
) -> None:
    """Put a file beside PLAN for every section of the main report to hold a text of your own.

    Files that are there stay as they are; only the list of the figures that a text may quote is made anew.
    """
    with refusals():
        found = gathered(folder, plan, beside, earlier)
        into = texts.folder_of(plan)
        into.mkdir(exist_ok=True)
        made = report.text_files(found.outcomes, found.background, found.own.keys())
        for name, text in made.items():
            # A spreadsheet takes a text for UTF-8 when it begins with this mark.
            write_whole(into / name, f"\ufeff{text}" if name == LISTING else text)
    click.echo(
        f"{len(made) - 1} new texts and {LISTING} are in {into}; texts that were there stay as they are"
    )


@main.command("verify")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print every verdict as JSON.")
def verify_command(folder: Path, *, as_json: bool) -> None:
    """Run the reference cases in FOLDER (cases_*.json); exit with 1 when one of them fails."""
    with refusals():
        if not folder.is_dir():
            raise Refusal(f"{folder}: there is no such folder. Give one with cases_*.json and their tables.")
        read = [path for path in folder.iterdir() if path.suffix in {".json", ".csv"} and path.is_file()]
        verdicts = verification.verify({path.name: path.read_bytes() for path in read})
    click.echo(verification.document(verdicts) if as_json else verification.text(verdicts))
    if not all(verdict.passed for verdict in verdicts):
        sys.exit(1)


@main.command("weight")
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("plan", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(path_type=Path))
@click.option(
    "--steps",
    type=click.Path(path_type=Path),
    help="Write every margin before and after every step (CSV). Exact counts: for you, not for publication.",
)
def weight_command(folder: Path, plan: Path, out: Path, steps: Path | None) -> None:
    """Write the weight of every invited response to OUT (CSV), and print how it was made."""
    with refusals(out):
        dataset = read_export(folder)
        sample, weighting = weigh_invited(dataset, read_plan(plan, dataset))
        rows = zip(sample.texts["response"], weighting.base, weighting.weights, strict=True)
        lines = (f"{response},{base:.10g},{weight:.10g}" for response, base, weight in rows)
        write_whole(out, "\n".join(("response,base_weight,weight", *lines, "")))
        if steps is not None:
            write_whole(steps, step_totals(weighting))
        click.echo(summary(weighting))


@contextmanager
def refusals(out: Path | None = None) -> Iterator[None]:
    """Turn what the user can put right into a message and exit code 2; a full disk names no file but OUT."""
    try:
        yield
    except (
        InputError,
        QuestionnaireError,
        ApprovalError,
        CalibrationError,
        ColumnError,
        DesignError,
        NoCases,
        NoManifest,
        NoReportPlan,
        NothingIssued,
        OptionError,
        PangoMissing,
    ) as error:
        raise Refusal(str(error)) from error
    except OSError as error:
        named = error.filename or out
        where = f"{named}: " if named else ""
        raise Refusal(
            f"{where}{error.strerror or error}. Check the path and the space on the disk."
        ) from error


def reports(
    folder: Path, plan: Path, beside: Sequence[Path] = (), earlier: tuple[Path, Path] | None = None
) -> tuple[Reports, Manifest, list[str]]:
    """What the report prints, what it is made from, and why it is a draft; empty when it is approved.

    `beside`: export folders of companions; `earlier`: the export of an earlier wave and its plan. Raises
    what reading and weighting raise.
    """
    found = gathered(folder, plan, beside, earlier)
    given, why = approval_of(plan, found.made_from)
    of = found.made_from
    if given is not None:
        of = msgspec.structs.replace(of, approval=digest({"approval": given.encode()}))
    else:
        before = reported_of(plan)
        everybody = people_of(found, beside)
        elsewhere = reported_beside(plan, everybody, earlier)
        if before or elsewhere:
            now = reported_now(found, plan, beside, everybody)
            why += told_beside(before, elsewhere, now, found.outcomes)
    return made_of(found, given), of, why


class Gathered(msgspec.Struct, frozen=True, kw_only=True):
    """All that a report prints, and of what it is made: that of a draft.

    `earlier`: the outcomes of the earlier wave of which it prints figures again, None without one.
    """

    outcomes: Outcomes
    earlier: Outcomes | None
    background: Background
    own: dict[str, bytes]
    theme: Theme
    logo: Logo | None
    made_from: Manifest


def made_of(found: Gathered, approval: Approval | None = None) -> Reports:
    """The report of all this; a draft without approval. Raises InputError."""
    return report.reports(
        found.outcomes,
        found.background,
        found.own,
        approval=approval,
        draft=approval is None,
        theme=found.theme,
        logo=found.logo,
    )


def gathered(
    folder: Path, plan: Path, beside: Sequence[Path] = (), earlier: tuple[Path, Path] | None = None
) -> Gathered:
    """Everything is read before the long work, so that what the manifest names is what is printed.

    `beside`: export folders of companions; `earlier`: the export of an earlier wave and its plan. Raises
    what reading and weighting raise, and NoReportPlan.
    """
    exported, background = read_export(folder), read_background(folder)
    decided, own = read_plan(plan, exported), texts_of(plan)
    coded = coding_of(plan, report_plan(decided))
    dataset = in_language(exported, decided)
    companions = read_companions(beside, decided, coded)
    check_follow_up(report_plan(decided), dataset.questionnaire, companions, plan.name)
    exports = files_of(folder)
    for path in beside:
        files = files_of(path)
        exports |= {f"{digest(files)}/{name}": data for name, data in files.items()}
    plans, theme, logo = {"plan": plan.read_bytes()}, OURS, None
    if (named := report_plan(decided).theme) is not None:
        plans["theme"] = _beside(plan, named, themes.MOST_BYTES)
        theme = themes.read_theme(plans["theme"], named, report.our_palette())
    if (named := report_plan(decided).logo) is not None:
        plans["logo"] = _beside(plan, named, logos.MOST_BYTES)
        logo = logos.read_logo(plans["logo"], named, dataset.questionnaire.fieldwork.sender.source)
    if earlier is not None:
        exports |= {f"earlier/{name}": data for name, data in files_of(earlier[0]).items()}
        plans["earlier"] = earlier[1].read_bytes()
    made_from = Manifest(
        program=__version__,
        survey=dataset.export.survey,
        week=dataset.export.week,
        export=digest(exports),
        plan=digest(plans),
        texts={name: digest({name: data}) for name, data in (own | coded).items()},
    )
    sample, weighting = weigh_invited(dataset, decided)
    others = dataset.take(dataset.usable("open", decided.weighting.dispositions))
    coding = own_words(coded, report_plan(decided).open_answers, decided, dataset, sample)
    outcomes, before = gather(dataset, sample, others, decided, weighting, companions, coding), None
    if earlier is not None:
        # The questionnaire as it was exported: its words are compared, not those of a translation.
        now = wave_of(outcomes, exported)
        before = earlier_outcomes(earlier, now)
        outcomes = msgspec.structs.replace(outcomes, waves=waves_since(before, now, decided))
    return Gathered(
        outcomes=outcomes,
        earlier=before,
        background=background,
        own=own,
        theme=theme,
        logo=logo,
        made_from=made_from,
    )


def _beside(plan: Path, name: str, most: int) -> bytes:
    """A file that the plan names; of one that is too large, which its reader refuses, a byte too many."""
    with (plan.parent / name).open("rb") as file:
        return file.read(most + 1)


def earlier_outcomes(earlier: tuple[Path, Path], now: Wave) -> Outcomes:
    """Those of the wave of this export and plan. Raises what reading and weighting raise."""
    folder, path = earlier
    dataset = read_export(folder)
    refuse_other_place(dataset, now, folder)
    then = msgspec.structs.replace(read_plan(path, dataset), sensitivity=(), open=None, small_areas=None)
    sample, weighting = weigh_invited(dataset, then)
    others = dataset.take(dataset.usable("open", then.weighting.dispositions))
    return gather(dataset, sample, others, then, weighting)


def waves_since(before: Outcomes, now: Wave, plan: AnalysisPlan) -> Waves:
    """What changed since an earlier wave."""
    then = wave_of(before, before.dataset)
    return compare_waves(now, then, plan.relevant, report_plan(plan).headline)


def wave_of(outcomes: Outcomes, exported: Dataset) -> Wave:
    return Wave(
        week=exported.export.week,
        respondents=outcomes.respondents,
        questionnaire=exported.questionnaire,
        outcomes=outcomes.indicators,
    )


def refuse_other_place(earlier: Dataset, now: Wave, folder: Path) -> None:
    """Raise Refusal for a wave in another municipality, or one that is not earlier."""
    there, here = earlier.questionnaire.municipality, now.questionnaire.municipality
    if there.code != here.code:
        raise Refusal(
            f"{folder}: this wave was in {there.name}, and the report is on {here.name}. Give an earlier "
            f"export of {here.name}."
        )
    if earlier.export.week >= now.week:
        raise Refusal(
            f"{folder}: this export is of week {earlier.export.week}, which is not before that of the "
            f"report, {now.week}. Give the earlier of the two after --earlier."
        )


def texts_of(plan: Path) -> dict[str, bytes]:
    """The evaluator's own texts beside a plan. Raises OSError."""
    folder = texts.folder_of(plan)
    found = sorted(folder.iterdir()) if folder.is_dir() else []
    return {path.name: path.read_bytes() for path in found if texts.is_text(path.name)}


def coding_of(plan: Path, of: ReportPlan) -> dict[str, bytes]:
    """The coding sheets beside a plan that it names and that are there. Raises OSError."""
    paths = [plan.with_name(name) for name in of.coding_sheets]
    return {path.name: path.read_bytes() for path in paths if path.is_file()}


def own_words(  # noqa: PLR0913, PLR0917 - of whom, from what, and by which plans
    coded: Mapping[str, bytes],
    wanted: CodingPlan | None,
    plan: AnalysisPlan,
    everybody: Dataset,
    counted: Dataset,
    name: str = "",
) -> tuple[CodedQuestion, ...]:
    """The open answers of residents, or of the group of this name, from the coding sheets by their names.

    Raises InputError.
    """
    if wanted is None:
        return ()
    writers = Writers(plan=wanted, everybody=everybody, counted=counted, name=name)
    return read_coding(writers, coded, report_plan(plan), signs.drawn())


def approval_of(plan: Path, here: Manifest) -> tuple[Approval | None, list[str]]:
    """The approval beside a plan when it holds, else what is the matter. Raises ApprovalError or OSError."""
    path = approval.file_of(plan)
    if not path.is_file():
        return None, [
            "Nobody has approved it. Somebody else than its authors does: `python -m analysis approve`."
        ]
    given = read_approval(path)
    changed = approval.changes(given, here)
    if not changed:
        return given, []
    return None, [
        f"The approval of {given.name} of {given.date} is void. Approve it again. Since then:",
        *changed,
    ]


def reported_of(plan: Path) -> tuple[Reported, ...]:
    """Of whom the reports were that were approved until now. Raises ApprovalError or OSError."""
    path = approval.file_of(plan)
    return read_approval(path).reported if path.is_file() else ()


def reported_beside(
    plan: Path, now: Mapping[str, bytes], earlier: tuple[Path, Path] | None
) -> list[tuple[str, tuple[Reported, ...]]]:
    """The same of other approvals, by the names of their files, as far as people are the same.

    They lie in the folder of the plan, and those of the earlier wave in that of its plan. `now`: the people
    of this report by place. Raises ApprovalError or OSError.
    """
    given = [(path.name, read_approval(path)) for path in approval.files_beside(plan)]
    if earlier is not None:
        of_wave = (approval.file_of(earlier[1]), *approval.files_beside(earlier[1]))
        given += [(path.name, approval.as_earlier(read_approval(path))) for path in of_wave if path.is_file()]
    return [(name, reported) for name, each in given if (reported := approval.of_same_people(each, now))]


def read_approval(path: Path) -> Approval:
    """Raises ApprovalError or OSError."""
    return approval.decoded(path.read_bytes(), path.name)


def told_beside(
    before: Sequence[Reported],
    elsewhere: Sequence[tuple[str, Sequence[Reported]]],
    now: Reported,
    outcomes: Outcomes,
) -> list[str]:
    """In words, why this report may not stand beside those that were approved, also of the earlier wave."""
    every = [*before, *chain.from_iterable(reported for _, reported in elsewhere)]
    found = approval.too_alike(every, now, across(outcomes))
    if found and elsewhere:
        found.append(approval.read_too(sorted({name for name, _ in elsewhere})))
    return found


def people_of(found: Gathered, beside: Sequence[Path]) -> dict[str, bytes]:
    """Who is behind a report, by place: residents, companions, the earlier wave.

    Raises Refusal, InputError or OSError.
    """
    who = people(found.outcomes)
    for folder in beside:
        who |= people_beside(read_export(folder))
    if found.earlier is not None:
        who |= {earlier_name(place): each for place, each in people(found.earlier).items()}
    return {place: known_by(each) for place, each in who.items()}


def reported_now(
    found: Gathered, plan: Path, beside: Sequence[Path], everybody: Mapping[str, bytes]
) -> Reported:
    """What an approval keeps of a report: of residents, of companions and of the earlier wave.

    `everybody`: its people, as `people_of`. Raises Refusal, InputError or OSError.
    """
    outcomes = found.outcomes
    now = Reported(
        date=date.today().isoformat(),
        marks=marks_of(outcomes, plan, beside),
        people=everybody,
        withheld=withheld(outcomes),
        defined=names_of(outcomes),
    )
    if found.earlier is None or outcomes.waves is None:
        return now
    again = Reported(
        date=now.date,
        marks=marks(bases_before(found.earlier, outcomes.waves)),
        people={},
        withheld=withheld(found.earlier),
        defined=names_of(found.earlier),
    )
    return approval.with_earlier(now, again)


def names_of(outcomes: Outcomes) -> dict[str, str]:
    """What the names of the figures of a report stand for, by survey and name."""
    companions = [each.plan for each in outcomes.companions]
    return defined(outcomes.plan, companions, outcomes.questionnaire.municipality)


def marks_of(outcomes: Outcomes, plan: Path, beside: Sequence[Path]) -> Marks:
    """Of whom the figures are: of residents, of companions, of topics of open answers.

    Raises Refusal, InputError or OSError.
    """
    written = report_plan(outcomes.plan)
    companions = {each.survey: each for each in written.companions}
    sheets = coding_of(plan, written)
    found = [bases(outcomes, sheets)]
    for folder in beside:
        dataset = read_export(folder)
        found.append(bases_beside(dataset, companions[dataset.export.survey], sheets))
    return marks(chain.from_iterable(found))


def again(job: printing.Job, of: Manifest) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        printing.write_pdf(job, Path(folder), of)
        return (Path(folder) / job.name).read_bytes()


def read_export(folder: Path) -> Dataset:
    """The data set in an export folder, with the questions as readers of a report meet them.

    Raises InputError, QuestionnaireError or OSError.
    """
    found = parse(files_of(folder))
    return msgspec.structs.replace(found, questionnaire=for_readers(found.questionnaire))


def files_of(folder: Path) -> dict[str, bytes]:
    """What an analysis reads of an export folder. Raises Refusal or OSError."""
    if not folder.is_dir():
        raise Refusal(
            f"{folder}: there is no such folder. Make it with `python -m survey export SURVEY FOLDER`."
        )
    written = {name: folder / name for name in (EXPORT, RESPONSES, FIELDWORK)}
    files = {name: path.read_bytes() for name, path in written.items() if path.is_file()}
    return read_folder(folder / "questionnaire") | files


def read_background(folder: Path) -> Background:
    """Published figures and outlines that came with the export. Raises InputError."""
    findings = Findings("export")
    background = parse_background(read_folder(folder / "questionnaire"), findings)
    if list(findings):
        raise InputError(findings)
    return background


def read_companions(
    beside: Sequence[Path], plan: AnalysisPlan, coded: Mapping[str, bytes]
) -> list[Companion]:
    """In the order of the plan, so that the order of the folders changes no byte of the report.

    `coded`: the coding sheets by their names. Raises Refusal, InputError, NoReportPlan or OSError.
    """
    companions = [read_companion(each, plan, coded) for each in beside]
    refuse_doubles(companions)
    named = report_plan(plan).companions
    return sorted(companions, key=lambda each: named.index(each.plan))


def read_companion(folder: Path, plan: AnalysisPlan, coded: Mapping[str, bytes]) -> Companion:
    """What others than residents answered. Raises Refusal, InputError or OSError."""
    exported, found = read_companion_export(folder, plan)
    dataset = in_language(exported, plan)
    people = counted_people(dataset)
    coding = own_words(coded, found.open_answers, plan, dataset, people, found.name)
    return companion(dataset, found, phrases_of(plan), coding)


def read_companion_export(folder: Path, plan: AnalysisPlan) -> tuple[Dataset, CompanionPlan]:
    """The export of a survey beside that of residents, and what the plan says of it.

    Raises Refusal, InputError or OSError.
    """
    dataset = read_export(folder)
    known = () if plan.report is None else plan.report.companions
    found = next((each for each in known if each.survey == dataset.export.survey), None)
    if found is None:
        raise Refusal(
            f"{folder} is an export of {dataset.export.survey}, which the plan does not name. Add it to the "
            "plan under [[report.companions]], or leave out this --with."
        )
    check_companion(found, dataset, str(folder))
    return dataset, found


def refuse_doubles(companions: Sequence[Companion]) -> None:
    """Raises Refusal when two folders hold the same survey."""
    surveys = [each.export.survey for each in companions]
    double = next((survey for survey in surveys if surveys.count(survey) > 1), None)
    if double:
        raise Refusal(f"Two of the folders given with --with hold {double}. Give one of them.")


def refuse_incomparable(names: list[str]) -> None:
    """Raises Refusal when there is nothing to compare, or when two choices have one name."""
    if len(names) < 2:
        raise Refusal("There is nothing to compare: write [[sensitivity]] in the plan, or name another plan.")
    double = next((name for name in names if names.count(name) > 1), None)
    if double:
        raise Refusal(f"{double} is the name of two plans or variants. Give one of them another name.")


def refuse_strangers(out: Path) -> None:
    """Raises Refusal when OUT holds anything but an earlier report, which the new one would replace."""
    found = report.strangers(out)
    if found:
        raise Refusal(
            f"{out} holds something that is not a report ({found[0]}). Give a new folder, or an earlier "
            "report's."
        )


def read_plan(path: Path, dataset: Dataset) -> AnalysisPlan:
    """The plan for this data set, in the language of its report. Raises InputError or OSError."""
    plan = parse_plan(path.read_bytes(), dataset.questionnaire, dataset.population, path.name)
    return spoken(plan, dataset.questionnaire, path.name)


def read_truth(path: Path, dataset: Dataset, plan: AnalysisPlan) -> Dataset:
    """The simulated town: as the data set, with one row per inhabitant. Raises InputError or OSError."""
    findings = Findings(path.name)
    wanted = {"area"}.union(*(columns(dataset.questionnaire, indicator) for indicator in plan.indicators))
    try:
        data = gzip.decompress(path.read_bytes())
    except (gzip.BadGzipFile, EOFError) as error:
        raise Refusal(f"{path}: {error}. Give the file that `survey simulate --truth` wrote.") from error
    found = parse_responses(data, dataset.questionnaire, findings, wanted)
    if found is None or list(findings):
        raise InputError(findings)
    return msgspec.structs.replace(dataset, codes=found[0], texts=found[1])


def weigh_invited(dataset: Dataset, plan: AnalysisPlan) -> tuple[Dataset, Weighting]:
    """The invited responses that count, and their weights. Raises CalibrationError."""
    sample = dataset.take(dataset.usable("invited", plan.weighting.dispositions))
    sent = dataset.take(dataset.texts["channel"] == "invited")
    return sample, weigh(sample, plan.weighting, plan.design, sent)


def answers_of(dataset: Dataset) -> str:
    """What the answers are, for files that are read apart from the export."""
    about = dataset.export
    kind = "simulated answers: no resident gave them" if about.simulated else "answers of residents"
    return f"{kind}; {about.survey}, export of {about.week}"


def write_whole(path: Path, content: str | bytes, *, private: bool = False) -> None:
    """Write beside the file first, so that an earlier one stays when something goes wrong.

    A `private` file is for its owner only, or for whom an earlier one was opened to. Only a file is replaced:
    a folder or a device such as /dev/stdout raises Refusal.
    """
    path = path.resolve()
    if path.exists() and not path.is_file():
        raise Refusal(f"{path} is not a file, so it cannot be replaced. Give the name of a file.")
    beside = path.with_name(f".{path.name}.part")
    mode = 0o600 if private else 0o666
    try:
        with open(beside, "wb", opener=partial(os.open, mode=mode)) as file:
            if private and path.exists():
                os.fchmod(file.fileno(), stat.S_IMODE(path.stat().st_mode))
            file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


if __name__ == "__main__":
    interrupts.raise_again()
    main(prog_name="python -m analysis")
