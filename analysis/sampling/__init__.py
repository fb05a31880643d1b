"""How a sample was drawn, and how far what it says can be off."""
