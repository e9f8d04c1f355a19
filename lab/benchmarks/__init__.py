"""The figures of docs/performance.md: what a run costs, beside a bare script that moves the same bytes, and peers."""
