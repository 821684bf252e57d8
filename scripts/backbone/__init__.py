"""The parts of ``build_backbone.py``: contraction, places, road numbers, tables."""
