"""The engine over HTTP, inside a Jupyter server. The only code that imports jupyter_server and tornado.

One way through: `app` puts the routes of the dialects (`marqov`, `qbraid`) and the pages below the server's base URL;
`handler` finds out who asks (`identity`), reads and checks what is asked, and calls the route's function in a bounded
pool of threads (`pool`); that gets a `Desk`, the engine as this caller may use it, and a `Call`, and returns an
`Answer`. Errors become an answer in one place, in the dialect's own form.
"""
