"""Talks to UISP CRM: HTTPS, pages, rows, one write."""
