"""Published numbers: everything that leaves the analysis, after disclosure control."""
