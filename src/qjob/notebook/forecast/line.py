"""``%qjob quote --notebook FILE`` and ``qjob quote FILE``: from a file to the table. Knows no shell."""

from pathlib import Path

from qjob.engine import Engine
from qjob.notebook.forecast.cells import job_cells
from qjob.notebook.forecast.forecast import forecast
from qjob.notebook.forecast.read import code_cells
from qjob.notebook.forecast.table import table
from qjob.showing.tables import Table


def forecast_of(engine: Engine, path: str | Path) -> Table:
    """Return what the job cells of a notebook would cost, as a table.

    Raises
    ------
    InvalidRequest
        The file is no notebook.
    """
    return table(forecast(engine, job_cells(code_cells(path))))
