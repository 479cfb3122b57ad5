"""The engine over HTTP, inside a Jupyter server. The only code that imports jupyter_server and tornado.

One way through: `app` puts the routes of the dialects (`marqov`, `qbraid`) and the pages below the server's base URL;
`handler` finds out who asks (`identity`), reads (`intake`) and checks what is asked, and calls the route's function
in one of two bounded lanes of threads (`pool`): the quick one, or the one for what may wait for a service. That gets
a `Desk`, the engine as this caller may use it, and a `Call`, and returns an `Answer`. Errors become an answer in one
place, in the dialect's own form. Threads, bodies and streams are bounded for each caller and for all.
"""
