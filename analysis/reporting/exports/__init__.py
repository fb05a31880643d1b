"""What an export folder holds."""
