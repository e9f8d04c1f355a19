"""Copies the routers' passwords into the CRM."""
