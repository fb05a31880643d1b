"""A synthetic city with known answers, and residents of it who fill in the survey through its real pages."""
