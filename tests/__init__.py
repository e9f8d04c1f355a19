"""A package by name, so that the `tests` that a library left in site-packages does not come first."""
