"""Collecting answers: questionnaires, the resident's pages, the store and the export."""

__version__ = "0.1.0"
