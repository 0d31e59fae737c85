"""Convscope: see what convolutional networks do to a picture, while they learn."""

import os

__version__ = "0.1.0"

# Torch's threads would spin while they wait and slow both the window and each other on a small machine. OpenMP reads
# this once, when torch is loaded, so it is set before anything else of the package can do that.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

# Qt would share the painting of larger pictures among threads and wait for them, however busy training keeps the
# processor; one thread alone paints them sooner. Qt reads this when it paints for the first time.
os.environ.setdefault("QT_NO_GUI_THREADPOOL", "1")
