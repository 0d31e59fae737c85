"""Labelled images as arrays, and where they come from."""
