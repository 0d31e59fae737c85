"""Widgets that know values and signals, never the Session."""
