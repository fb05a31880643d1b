"""The engine against reference cases: `python -m analysis verify FOLDER`."""
