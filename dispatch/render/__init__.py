"""A plan made readable: tables and maps."""
