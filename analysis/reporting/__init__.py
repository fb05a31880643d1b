"""From an export and a plan to published figures, and from these to the reports."""
