"""Data behind the invented tables; ``make_illustrative.py`` turns it into CSV."""
