"""One run: observe, decide, confirm, reconcile."""
