"""The fault bench: random schedules of edits and faults, each run judged by the safety rules."""
