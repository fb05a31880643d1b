"""The history of the tables. Each version is a file in `versions/`; `survey.store` applies them."""
