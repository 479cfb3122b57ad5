"""The only code that imports jupyter_server and tornado."""
