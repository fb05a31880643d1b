"""Weighting, estimating and reporting, from an export folder.

What a statistician calls is here, on numpy arrays and on data frames: declare a Design, adjust its
weights, estimate, compare. docs/statistics.md has the formulas, docs/verification.md what they were
checked against.

The names stand in `__init__.pyi`. Each is loaded when it is first asked for: a report needs no regression,
and all of it together takes a second and a hundred megabytes.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
