"""Weighting, estimating and reporting, from an export folder."""
