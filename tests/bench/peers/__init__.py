"""Small peers that do what saving a page of answers does, as a plain project would write it.

Each reads the draft that the cookie names, decrypts it, checks the form's token, adds the answer,
encrypts, saves, commits and redirects. They do not walk a route and do not batch, so the comparison
shows what the design (batched reads, group commit) is worth, not which framework is better.
"""
