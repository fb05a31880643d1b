"""The figure of who has contact with whom."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from analysis.reporting.charts import companion_charts
from analysis.reporting.charts.companion_charts import QUARTERS, Contacts
from analysis.reporting.disclosure import MINIMUM_BASE
from analysis.reporting.figures.companion_cells import asked_as, not_weighted
from analysis.reporting.figures.making import Column, Figure, Line, Maker, Printed, Table, bases, drawn
from analysis.reporting.findings.companions import NETWORK_BASE, Companion, Network, Tie
from analysis.reporting.phrases import Phrases


def network(maker: Maker, companions: Sequence[Companion]) -> Figure | None:
    """Who has contact with whom; None when nobody was asked, or too few answered."""
    networks = [each.network for each in companions if each.network is not None and each.network.ties]
    if not networks:
        return None
    names = {key: name for network in networks for key, name in network.names.items()}
    ties = [tie for network in networks for tie in network.ties]
    title = _title(maker.phrases, names, ties)
    name = maker.figure_name()
    question = networks[0].question
    return Figure(
        name=name,
        title=title,
        what=maker.phrases.say(
            "Contact: {often}. Elke rij is een organisatie. Hoe groter het vlak, hoe groter het deel van "
            "haar mensen dat dit contact heeft",
            often=maker.phrases.either(networks[0].often),
        ),
        note=maker.phrases.say(
            "{question} Alleen organisaties waarvan {fewest} mensen of meer antwoord gaven; van elk "
            "is alleen te zien welk kwart het is. Een streepje: minder dan {fewest} antwoorden. "
            "{not_weighted} {source}",
            fewest=NETWORK_BASE,
            question=asked_as(maker.phrases, question),
            not_weighted=not_weighted(maker.phrases, companions),
            source=maker.source,
        ),
        table=Table(
            caption=maker.phrases.say("Tabel bij {name}", name=name.lower()),
            columns=(
                Column(label=maker.phrases.say("Mensen van"), width=40, style=""),
                Column(label="n", width=14),
                Column(label=maker.phrases.say("hoeveel van hen"), width=36, style="mark"),
                Column(label=maker.phrases.say("contact met"), style=""),
            ),
            lines=tuple(_lines(maker, names, ties)),
        ),
        svg=drawn(
            companion_charts.network(
                maker.phrases,
                maker.colours,
                [*_rows(maker.phrases, names, networks)],
                [*names.values()],
                title=maker.phrases.say("Netwerk. {title}", title=title),
            )
        ),
        long=True,
    )


def _title(phrases: Phrases, names: Mapping[str, str], ties: Sequence[Tie]) -> str:
    """Of whom three quarters or more meet another, where enough of them answered for any other figure."""
    firm = [tie for tie in ties if tie.respondents >= MINIMUM_BASE]
    most = [tie for tie in firm if tie.quarter == len(QUARTERS) - 1]
    if not firm:
        return phrases.say(
            "Contact tussen organisaties; van geen ervan gaven {minimum} mensen of meer antwoord",
            minimum=MINIMUM_BASE,
        )
    if not most:
        return phrases.say(
            "Van geen organisatie met {minimum} antwoorden of meer heeft driekwart vaak contact met een "
            "andere",
            minimum=MINIMUM_BASE,
        )
    if len(most) > 1:
        pairs = {frozenset((tie.organisation, tie.partner)) for tie in most}
        return phrases.say(
            "Bij {pairs} heeft driekwart of meer van de mensen vaak contact",
            pairs=phrases.counted(len(pairs), "paar organisaties", "paren organisaties"),
        )
    (tie,) = most
    return phrases.say(
        "Driekwart of meer van de mensen van {one} heeft vaak contact met {other} (n = {base})",
        one=names[tie.organisation],
        other=names[tie.partner],
        base=phrases.whole(tie.respondents),
    )


def _rows(phrases: Phrases, names: Mapping[str, str], networks: Sequence[Network]) -> Iterator[Contacts]:
    """Of every organisation from which enough answered: how many of its people meet each of all."""
    for each in networks:
        for organisation in each.own:
            mine = {tie.partner: tie for tie in each.ties if tie.organisation == organisation}
            yield Contacts(
                label=names[organisation],
                base=bases(phrases, [tie.respondents for tie in mine.values()]),
                quarters=tuple(mine[key].quarter if key in mine else None for key in names),
            )


def _lines(maker: Maker, names: Mapping[str, str], ties: Sequence[Tie]) -> Iterator[Line]:
    """Of every organisation a line for each quarter, the largest first, with whom that much of it meets."""
    for organisation, of_organisation in groupby(ties, key=lambda tie: tie.organisation):
        by_quarter = sorted(of_organisation, key=lambda tie: -tie.quarter)
        for quarter, alike in groupby(by_quarter, key=lambda tie: tie.quarter):
            mine = [*alike]
            yield Line(
                label=(names[organisation],),
                cells=(
                    Printed(text=bases(maker.phrases, [tie.respondents for tie in mine])),
                    Printed(text=maker.phrases.say(QUARTERS[quarter])),
                    Printed(text=", ".join(names[tie.partner] for tie in mine)),
                ),
            )
