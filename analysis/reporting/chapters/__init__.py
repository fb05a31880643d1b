"""What the main report, profiles and summaries say, chapter by chapter."""
