"""Dockable panels: each shows one side of the Session and passes wishes on to it."""
