"""The web shell: it fetches, walks, reads and saves, and decides nothing."""
