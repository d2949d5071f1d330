"""Hypothesis for the rules: the same examples in every run, no deadline on a busy machine."""

from hypothesis import settings

settings.register_profile(
    "domain", max_examples=150, derandomize=True, deadline=None, database=None
)
settings.load_profile("domain")
