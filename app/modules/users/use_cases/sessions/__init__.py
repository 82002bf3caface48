"""Starting, refreshing and ending sessions."""
