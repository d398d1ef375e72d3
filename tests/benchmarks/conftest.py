"""Benchmarks are programs; what they run under pytest is not for us."""

collect_ignore = ["peers"]
