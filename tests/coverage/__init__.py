"""How often intervals hold the truth, over repeated samples from the synthetic city: docs/coverage.md."""
