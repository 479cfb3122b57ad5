"""qBraid's API v2, below ``qjob/qbraid/api/v1/``, as qBraid's own Python client speaks it.

Every answer is ``{"success": true, "data": ...}``. What describes one job repeats its fields beside ``data``, because
the published description of the API shows them there and the client reads them from ``data``.

The words: a *device* is a backend by its QRN, a *provider* the second part of that, and *credits* are US cents. What
the client submits as one job of several circuits is a batch here: it has a name of its own, as has each of its jobs.
"""
