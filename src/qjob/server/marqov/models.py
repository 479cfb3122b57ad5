"""What Marqov's API takes and answers, as pydantic models; the description of the API is written from them."""

from pydantic import BaseModel


class Cancelled(BaseModel):
    """What became of a cancel."""

    job_id: str
    status: str
    cancelled: bool
