"""Convscope: see what convolutional networks do to a picture, while they learn."""

__version__ = "0.1.0"
