"""The picture of one job, or of several beside each other: as a widget, as HTML that stays, as text.

Loads the widget libraries when the widget is first asked for, not before.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from qjob.engine import Engine, utc_now
from qjob.model.distribution import Ideal
from qjob.model.errors import InvalidRequest, QjobError
from qjob.model.snapshot import JobSnapshot
from qjob.notebook.pictures.shown import MOST_JOBS, Shown, View, look
from qjob.notebook.pictures.static import picture_html, picture_text
from qjob.notebook.pictures.words import Told, comparisons
from qjob.showing.wording import short_id

if TYPE_CHECKING:
    from qjob.notebook.pictures.widget import PictureWidget


def picture(
    engine: Engine,
    job_ids: Sequence[str],
    *,
    ideal: bool = False,
    bits: str | None = None,
    sort: str = "value",
    top: int = 16,
) -> "Picture":
    """Return the picture of a job, or of up to `MOST_JOBS` jobs, the first of which is compared with the others.

    Parameters
    ----------
    engine
        Answers for the jobs.
    job_ids
        Ids, beginnings of ids, or names. Jobs need not have ended: see `Picture.update`.
    ideal
        Whether the ideal of the first job stands beside it; a free job may run first, and is waited for.
    bits
        The classical bits to show, such as ``"0,2"`` or the name of a register; all where it is None.
    sort, top
        How the outcomes are sorted at first (``"value"`` or ``"bits"``), and how many are shown.

    Raises
    ------
    Refusal
        No such job or bits, too many jobs, jobs that do not fit together, or no ideal that can be run here.
    """
    beside = len(job_ids) + ideal
    if not job_ids or beside > MOST_JOBS:
        raise InvalidRequest(
            f"a picture shows 1 to {MOST_JOBS} distributions, not {beside}.",
            remedy="Show fewer of them at once.",
            numbers={"asked": beside, "maximum": MOST_JOBS},
        )
    ids = list(dict.fromkeys(engine.resolve(each) for each in job_ids))
    view = View(sort, top).checked()
    snapshots = [engine.snapshot(job_id) for job_id in ids]
    return Picture(engine, snapshots, view, engine.ideal(ids[0]) if ideal else None, bits)


class Picture:
    """What `picture` returns. May be brought up to date from any thread.

    Attributes
    ----------
    shown : Shown
        What it shows now, as values.
    """

    def __init__(
        self,
        engine: Engine,
        snapshots: Sequence[JobSnapshot],
        view: View,
        ideal: Ideal | None,
        bits: str | None,
    ) -> None:
        self._engine = engine
        self._snapshots = {each.id: each for each in snapshots}
        self._view, self._ideal, self._bits = view, ideal, bits
        self.shown, self._told = self._look()

    @property
    def running(self) -> bool:
        """Whether any of its jobs can still change."""
        return bool(self.going)

    @property
    def going(self) -> tuple[JobSnapshot, ...]:
        """Its jobs that can still change, as they are shown."""
        return tuple(each for each in self._snapshots.values() if not each.ended)

    @cached_property
    def widget(self) -> "PictureWidget":
        """The widget, to be displayed or to be a child of others; it works on while the kernel is busy or gone."""
        from qjob.notebook.pictures.widget import PictureWidget

        made = PictureWidget(picture=self._packed())
        made.on_msg(self._receive)
        return made

    def update(self, snapshot: JobSnapshot) -> None:
        """Show one of its jobs as it is now: the most frequent outcomes while it runs, all of them once it ended."""
        if snapshot.id not in self._snapshots or self._snapshots[snapshot.id] == snapshot:
            return
        self._snapshots[snapshot.id] = snapshot
        self.shown, self._told = self._look()
        if "widget" in self.__dict__:
            self.widget.picture = self._packed()

    def html(self) -> str:
        """Return it as HTML that stays in a saved notebook: no script, nothing from outside."""
        return picture_html(self._resting(), self._told, self._back())

    def text(self) -> str:
        """Return it as text."""
        return picture_text(self._resting(), self._told, self._back())

    def show(self) -> None:
        """Display it: HTML that stays, over which a front end with widgets draws the one that can be changed."""
        from IPython.display import display

        anchor = f"qjob-picture-{uuid4().hex}"
        html = f'<div id="{anchor}">{self.html()}</div>'
        display({"text/html": html, "text/plain": self.text()}, raw=True)
        self.widget.anchor = anchor

    def tell(self, sentence: str) -> None:
        """Say below the widget what kept it from being brought up to date."""
        self.widget.picture = {**self.widget.picture, "notes": [*self.shown.notes, sentence]}

    def _resting(self) -> Shown:
        """Return what it shows, with the time where that can change: what stays in the notebook does not follow."""
        if not self.running:
            return self.shown
        line = f"As of {utc_now():%H:%M:%S} UTC; run the line again to see more."
        return replace(self.shown, notes=(*self.shown.notes, line))

    def _look(self) -> tuple[Shown, tuple[Told, ...]]:
        shown = look(self._engine, list(self._snapshots.values()), self._view, self._ideal, self._bits)
        return shown, comparisons(shown, shown.view.bits)

    def _packed(self) -> dict[str, Any]:
        from qjob.notebook.pictures.packing import packed

        return packed(self.shown, self._told, running=self.running)

    def _back(self) -> tuple[str, ...]:
        first, *others = (short_id(job_id) for job_id in self._snapshots)
        beside = "".join(f" --with {each}" for each in others)
        return (f"%qjob plot {first}{beside}{' --ideal' if self._ideal else ''}",)

    def _receive(self, widget: Any, content: Mapping[str, Any], _buffers: object) -> None:
        """Answer what the browser cannot reckon: the comparison over some bits alone."""
        if content.get("type") != "compare":
            return
        bits = content.get("bits")
        try:
            told = comparisons(self.shown, None if bits is None else tuple(int(bit) for bit in bits))
        except QjobError as error:
            widget.send({"type": "refused", "bits": bits, "text": str(error)})
            return
        from dataclasses import asdict

        widget.send({"type": "compared", "bits": bits, "comparisons": [asdict(each) for each in told]})
