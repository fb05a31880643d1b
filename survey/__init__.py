"""Collecting answers: questionnaires, the resident's pages, the store and the export."""
