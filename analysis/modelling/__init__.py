"""Estimates that lean on a model, always labelled as such, beside the direct ones."""
