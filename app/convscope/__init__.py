"""Convscope: see what convolutional networks do to a picture, while they learn."""

import os

__version__ = "0.1.0"

# Torch's threads would spin while they wait and slow both the window and each other on a small machine. OpenMP reads
# this once, when torch is loaded, so it is set before anything else of the package can do that.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
