"""The only code that imports IPython, ipywidgets and anywidget: magics, card, receipt, completion."""
