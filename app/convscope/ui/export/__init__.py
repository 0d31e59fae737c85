"""Pictures to take away: what a panel shows, on the clipboard and in files."""
