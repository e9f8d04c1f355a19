"""The page of the dashboard's widget, made of what the log says about the latest run."""
