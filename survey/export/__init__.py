"""From what the store holds of a survey to the export folder, which is all that the analysis needs."""
