"""Writes the script that prepares a RouterOS router for the sync."""
