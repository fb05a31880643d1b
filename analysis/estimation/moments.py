"""Sums over rows from which means of domains and their variances follow, in one pass over the columns.

Added up are answers y and, beside them, ones for who gave an answer. Sums of deviations u = y - mean are
linear in both, so they follow as soon as the means are known. A sum of squares of deviations does so too,
but loses its digits where a mean is large beside the spread: `RowMoments.sums` tells of which columns, and
`squares` goes over these once more.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Self

import numpy as np
from scipy import sparse

from analysis.columns import MISSING, compacted
from analysis.estimation.estimates import Numbers
from analysis.estimation.sums import Parts, Sums, Weighting, adding, lifting, unit_sums
from analysis.sampling.designs import Codes, Floats, Mask

BLOCK = 400_000
"""Answers that are worked on at a time, so that what is made of them stays in the processor's cache."""

LEFT = 1e-6
"""A sum of squares of deviations has lost too many digits when it is no more than this share of that of y."""


class Block(NamedTuple):
    """Some rows: their answers, 0 where there is none, and 1 where there is one (None: everywhere).

    Whoever takes a block may write in it.
    """

    rows: slice
    answers: Floats
    given: Floats | None


def blocks_of(answers: Numbers, size: int, columns: int) -> Iterator[Block]:
    """The answers in blocks of rows, each in the room of the one before: asking for memory takes long."""
    step = max(1, min(size, BLOCK // max(columns, 1)))
    listed = [answers] if isinstance(answers, np.ndarray) else answers
    whole = all(column.dtype.kind != "f" for column in listed)  # whole numbers have no nan
    room = np.empty((1 if whole else 2, step, columns))
    for start in range(0, size, step):
        rows = slice(start, min(start + step, size))
        found = room[0, : rows.stop - start]
        if isinstance(answers, np.ndarray):
            found[:] = answers[rows]
        else:
            found[:] = np.array([column[rows] for column in answers]).T
        given = None
        if not whole:
            present = found == found  # noqa: PLR0124 - nan, no answer, differs from itself
            if not present.all():
                given = room[1, : rows.stop - start]
                given[:] = present
                np.copyto(found, 0.0, where=~present)
        yield Block(rows, found, given)


class Added(NamedTuple):
    """Sums of answers and of ones for them, shape (places, columns); all of who left none out in one column.

    Places are those of a domain, or of something else and a domain, in that order.
    """

    ones: Floats
    answers: Floats

    @classmethod
    def of(cls, matrix: sparse.csc_array, block: Block) -> Self:
        given = block.given
        ones = (matrix @ np.ones(matrix.shape[1]))[:, None] if given is None else matrix @ given
        return cls(ones, matrix @ block.answers)

    def plus(self, other: Self) -> Self:
        return type(self)(self.ones + other.ones, self.answers + other.answers)

    def by(self, matrix: sparse.csc_array) -> Self:
        """What a matrix makes of these sums."""
        return type(self)(matrix @ self.ones, matrix @ self.answers)

    def over(self, domains: int) -> Self:
        """Added up to domains."""
        ones, answers = (each.reshape(-1, domains, each.shape[1]).sum(axis=0) for each in self)
        return type(self)(np.broadcast_to(ones, answers.shape), answers)

    def about(self, means: Floats) -> Floats:
        """The sums of the deviations from the means of domains."""
        shape = (-1, *means.shape)
        found: Floats = means * self.ones.reshape(-1, len(means), self.ones.shape[1])
        return np.subtract(self.answers.reshape(shape), found, out=found).reshape(self.answers.shape)


class RowMoments(NamedTuple):
    """Where rows are the units: the sums of `sums.Sums`, of answers for deviations.

    `crossed` is of a w^2 y per domain; `respondents` have shape (domains, columns) or (domains, 1).
    """

    totals: Added
    crossed: Added
    regressed: Added
    met: Added
    squares: Floats
    respondents: Floats

    @classmethod
    def of(cls, block: Block, weights: Floats, weighting: Weighting, parts: Parts) -> Self:
        rows, strata, domains = block.rows, len(parts.strata.drawn), parts.domains
        cells = weighting.variables.shape[0]
        groups = _Groups.of(parts.cell[rows], strata * domains, weighting.cell[rows], cells)
        domain = groups.code % domains
        drawn, after, spread = weights[rows], weighting.after[rows], parts.spread[rows]
        squared = drawn**2 * spread
        meets = squared if weighting.after is weights else drawn * after * spread
        # The spread is that of a stratum, and a group lies in one.
        alike = groups.alike(drawn) and (weighting.after is weights or groups.alike(after))
        once, twice, met = groups.sums(block, [drawn, squared, meets], alike=alike)
        factors = once.factors * weighting.ratio[groups.cell]
        before, meeting = lifting(weighting.variables, groups.cell, domain, domains, factors, met.factors)
        squares = np.square(block.answers, out=block.answers)  # in the same room, so after the sums
        return cls(
            totals=once.sums.by(adding(groups.code, strata * domains, once.factors)),
            crossed=twice.sums.by(adding(domain, domains, twice.factors)),
            regressed=once.sums.by(before),
            met=met.sums.by(meeting),
            squares=adding(parts.domain[rows], domains, squared) @ squares,
            respondents=_respondents(block, parts.row_domain[rows], domains),
        )

    def plus(self, other: Self) -> Self:
        return type(self)(
            totals=self.totals.plus(other.totals),
            crossed=self.crossed.plus(other.crossed),
            regressed=self.regressed.plus(other.regressed),
            met=self.met.plus(other.met),
            squares=self.squares + other.squares,
            respondents=self.respondents + other.respondents,
        )

    def sums(self, means: Floats, weighting: Weighting, parts: Parts) -> tuple[Sums, Mask]:
        """The sums of deviations, and the columns whose squares have to be added up anew."""
        squares = self.squares - means * (self.crossed.answers + self.crossed.about(means))
        sums = Sums(
            squares=squares,
            strata=self.totals.about(means),
            regressed=self.regressed.about(means),
            met=self.met.about(means),
            variables=weighting.per_stratum(parts),
        )
        return sums, np.any(squares < LEFT * self.squares, axis=0)


class UnitMoments(NamedTuple):
    """Where units have several rows: of w y per part of a unit, and `regressed` as in `sums.Sums`."""

    totals: Added
    regressed: Added
    respondents: Floats

    @classmethod
    def of(cls, block: Block, weights: Floats, weighting: Weighting, parts: Parts) -> Self:
        assert parts.part is not None  # noqa: S101 - a unit has several rows
        rows, domains = block.rows, parts.domains
        domain, drawn = parts.row_domain[rows], weights[rows]
        groups = _Groups.of(domain, domains, weighting.cell[rows], weighting.variables.shape[0])
        (once,) = groups.sums(block, [drawn], alike=groups.alike(drawn))
        factors = once.factors * weighting.ratio[groups.cell]
        (before,) = lifting(weighting.variables, groups.cell, groups.code, domains, factors)
        return cls(
            totals=Added.of(adding(parts.part[rows], len(parts.domain), drawn), block),
            regressed=once.sums.by(before),
            respondents=_respondents(block, domain, domains),
        )

    def plus(self, other: Self) -> Self:
        return type(self)(
            totals=self.totals.plus(other.totals),
            regressed=self.regressed.plus(other.regressed),
            respondents=self.respondents + other.respondents,
        )

    def over(self, parts: Parts) -> Added:
        """The totals of domains."""
        whole = adding(parts.domain, parts.domains, np.ones(len(parts.domain)))
        return self.totals.by(whole).over(parts.domains)

    def sums(self, means: Floats, weighting: Weighting, parts: Parts) -> Sums:
        totals = self.totals.answers - means[parts.domain] * self.totals.ones
        return unit_sums(totals, self.regressed.about(means), weighting, parts)


def squares(blocks: Iterator[Block], means: Floats, weights: Floats, parts: Parts) -> Floats:
    """The sum of a w^2 u^2 per domain, where rows are the units, from the deviations themselves."""
    found = np.zeros_like(means)
    for rows, answers, given in blocks:
        domain = parts.domain[rows]
        deviations = answers - means[domain]  # who is in no domain is not added up
        if given is not None:
            deviations *= given
        adds = adding(domain, len(means), weights[rows] ** 2 * parts.spread[rows])
        found += adds @ np.square(deviations, out=deviations)
    return found


class _Weighed(NamedTuple):
    """Sums over groups of rows, and what they still have to be multiplied by to be those of weighted rows."""

    sums: Added
    factors: Floats


class _Groups(NamedTuple):
    """The groups of rows with the same code and cell: that of every row (MISSING where it has no code), what
    they have in common, and one row of each for `example`."""

    of_row: Codes
    code: Codes
    cell: Codes
    example: Codes

    @classmethod
    def of(cls, codes: Codes, number: int, cells: Codes, of_cells: int) -> Self:
        """The pairs of a code and a cell that occur."""
        pairs = np.where(codes == MISSING, MISSING, codes * of_cells + cells)
        place, found = compacted(pairs, number * of_cells)
        example = np.empty(len(found) + 1, dtype=np.intp)
        example[place] = np.arange(len(place))  # MISSING writes in the last
        return cls(place, found // of_cells, found % of_cells, example[:-1])

    def sums(self, block: Block, weights: Sequence[Floats], *, alike: bool) -> list[_Weighed]:
        """For each of the weights of rows. Where these are `alike` in a group, which base weights mostly
        give, rows are added up once for all."""
        number = len(self.code)
        if alike:
            sums = Added.of(adding(self.of_row, number, np.ones(len(self.of_row))), block)
            return [_Weighed(sums, each[self.example]) for each in weights]
        return [
            _Weighed(Added.of(adding(self.of_row, number, each), block), np.ones(number)) for each in weights
        ]

    def alike(self, weights: Floats) -> bool:
        """Whether all rows of a group weigh the same."""
        if len(self.code) == 0:
            return True
        same: Mask = weights[self.example[self.of_row]] == weights
        return bool(same.all() or (same | (self.of_row == MISSING)).all())


def _respondents(block: Block, domain: Codes, domains: int) -> Floats:
    if block.given is not None:
        found: Floats = adding(domain, domains, np.ones(len(domain))) @ block.given
        return found
    return np.bincount(domain + 1, minlength=domains + 1)[1:, None].astype(float)
