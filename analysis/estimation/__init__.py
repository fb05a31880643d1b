"""Estimates and tests, with standard errors that know the draw and the weighting."""
