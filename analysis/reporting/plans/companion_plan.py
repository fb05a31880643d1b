"""What a plan says of the surveys beside that of the residents: among employees, partners, young people."""

from collections.abc import Sequence

from msgspec import Struct

from analysis.reporting.charts.companion_charts import SYMBOLS
from analysis.reporting.exports.dataset import Dataset, InputError, answer_codes
from analysis.reporting.plans.coding_plan import CodingPlan, check_coding
from analysis.reporting.plans.plan_checks import Words, refuse_repeats, refuse_unknown, suggestion
from survey.questionnaires.model import Battery, Key, Questionnaire, SingleChoice
from survey.questionnaires.problems import Findings


class NetworkPlan(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who has contact with whom.

    `organisation`: the question with one answer about where somebody works. `contact`: the battery with a
    statement for every organisation, and `often` the codes that count as contact. `organisations` tells for
    codes of the first the key of the statement about that organisation; other answers are not drawn.
    """

    organisation: Key
    contact: Key
    often: tuple[int, ...]
    organisations: dict[str, Key]


class CompanionPlan(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A survey whose export may be given beside that of the residents.

    `name` is what the report calls those who answered, in the plural: "medewerkers". `background`: the
    questions about who they are. `open_answers`: as of residents, in a coding sheet of their own. With
    `chapter` all its answers are a chapter of the main report, and stand beside nobody's in the others; else
    they are an annex.
    """

    survey: str
    name: Words
    background: tuple[Key, ...] = ()
    network: NetworkPlan | None = None
    open_answers: CodingPlan | None = None
    chapter: bool = False


def check_companions(companions: Sequence[CompanionPlan], survey: str, findings: Findings) -> None:
    """What can be said without the questionnaires of the companions."""
    place = "report.companions"
    if len(companions) > len(SYMBOLS):
        findings.error(
            "WA257",
            place,
            f"{len(companions)} surveys stand here, and charts tell {len(SYMBOLS)} groups apart beside the "
            "residents. Leave some out, or make a second report with them.",
        )
    refuse_repeats([each.survey for each in companions], place, findings)
    refuse_repeats([each.name for each in companions], place, findings)
    if survey in {each.survey for each in companions}:
        findings.error("WA250", place, f"{survey} is the survey of this plan. Leave it out here.")


def check_companion(plan: CompanionPlan, dataset: Dataset, name: str) -> None:
    """Raises InputError with every name in the plan that the companion's questionnaire does not have."""
    findings = Findings(name)
    place = f"report.companions {plan.survey}"
    refuse_unknown(
        plan.background, answer_codes(dataset.questionnaire), "closed question", "WA251", place, findings
    )
    if plan.network is not None:
        _check_network(plan.network, dataset.questionnaire, f"{place}.network", findings)
    if plan.open_answers is not None:
        check_coding(plan.open_answers, dataset.questionnaire, f"{place}.open_answers", findings)
    if list(findings):
        raise InputError(findings)


def _check_network(
    network: NetworkPlan, questionnaire: Questionnaire, place: str, findings: Findings
) -> None:
    questions = {question.key: question for block in questionnaire.blocks for question in block.questions}
    at_work, contact = questions.get(network.organisation), questions.get(network.contact)
    if not isinstance(at_work, SingleChoice):
        hint = suggestion(network.organisation, questions)
        findings.error(
            "WA252", place, f"organisation: {network.organisation} is no question with one answer.{hint}"
        )
    else:
        codes = [str(option.code) for option in at_work.options]
        refuse_unknown(network.organisations, codes, f"answer to {at_work.key}", "WA252", place, findings)
    if not isinstance(contact, Battery):
        hint = suggestion(network.contact, questions)
        findings.error("WA252", place, f"contact: {network.contact} is no battery.{hint}")
        return
    items = [item.key for item in contact.items]
    refuse_unknown(
        network.organisations.values(), items, f"statement of {contact.key}", "WA252", place, findings
    )
    often = [str(code) for code in network.often]
    answers = [str(option.code) for option in contact.options]
    refuse_unknown(often, answers, f"answer to {contact.key}", "WA252", f"{place}.often", findings)
