"""What is in this directory and no test of this project."""

#: A project that is tested elsewhere.
collect_ignore = ["fixture_suite"]
