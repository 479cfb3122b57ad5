"""Pages for people: the list of jobs, and one of each job and batch. Complete without JavaScript, live with it.

`handlers` serves them, `shell` is what all have in common, `listing` and `job` make the HTML; `assets` are the script
and the style: the live card's own, and what a page adds to it.
"""
