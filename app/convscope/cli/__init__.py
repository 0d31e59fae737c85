"""Convscope without a window: the commands and what they share."""
