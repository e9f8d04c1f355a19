"""One sentence about one login, and the facts behind it."""
