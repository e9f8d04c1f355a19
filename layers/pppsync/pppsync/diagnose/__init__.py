"""Answers questions and writes nothing: check and explain."""
