"""Jobs and batches as they are shown, wherever that is: words, HTML, text, and what the live card draws.

All Python here is pure, but for `panels`, which asks an engine; nothing knows IPython or a server. The scripts and
the style of the live card lie beside it, for the widget of the notebook and for the page that the server shows.
"""
