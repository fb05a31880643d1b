"""Findings as figures: a chart, a table and their words."""
