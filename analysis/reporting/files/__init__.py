"""What is written: PDFs, workbooks, CSV files, and the approval and manifest of a report."""
