"""Deep research in the background: inquiries that go on after any end of the program, and their reports."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from basicchat.core.codec import from_json, to_json
from basicchat.core.errors import Conflict, InvalidInput, NotFound
from basicchat.core.events import Stepped
from basicchat.core.protocols import JobContext, JobQueue, Store
from basicchat.core.research import Inquiry, Note, Notebook, Report, Study
from basicchat.core.types import DEFAULT_COLLECTION, Chunk, Document, Job, JobState, Json, Page
from basicchat.reason.budget import Budget
from basicchat.reason.research.course import PLAN, REPORT, Course, Plan, Run, step_of
from basicchat.reason.research.desk import Tools
from basicchat.service.names import collection_name
from basicchat.service.reports import FORMATS, rendered

RESEARCH = "research"
"""The kind of the jobs. Their result is how many citations the report has."""

LONGEST_QUESTION = 2000  # characters
MOST_PARTS, MOST_SOURCES = 12, 8


class StoreShelf:
    """The documents of the store, to be read whole."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def documents(self, collection: str) -> Sequence[Document]:
        """The documents of a collection."""
        with self._store.begin() as unit:
            return unit.documents.find(collection)

    def chunks(self, document_id: str) -> Sequence[Chunk]:
        """The passages of a document in order; none for one that is gone."""
        with self._store.begin() as unit:
            return unit.documents.chunks(document_id)

    def page(self, document_id: str, number: int) -> Page | None:
        """A page, from 1; None for one that is gone."""
        with self._store.begin() as unit:
            return unit.documents.page(document_id, number)


class Research:
    """Begins inquiries, shows how they stand, gives their reports. ``budget`` bounds those that name no bounds."""

    def __init__(
        self,
        *,
        jobs: JobQueue,
        notebook: Notebook,
        tools: Tools,
        budget: Budget,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._jobs = jobs
        self._notebook = notebook
        self._tools = tools
        self._budget = budget
        self._now = now
        jobs.register(RESEARCH, self._run)

    def submit(
        self,
        question: str,
        *,
        collection: str = DEFAULT_COLLECTION,
        model: str = "",
        parts: Sequence[str] = (),
        web: bool = False,
        most_parts: int = 5,
        most_sources: int = 3,
    ) -> Study:
        """Look into a question in the background. ``web`` says that the person allows to search the web for it.

        Raises `InvalidInput` for an empty or endless question, and for bounds that make no sense.
        """
        own = tuple(dict.fromkeys(" ".join(part.split()) for part in parts if part.strip()))
        inquiry = Inquiry(
            question=_asked(question),
            collection=collection_name(collection),
            model=model,
            parts=own,
            web=web,
            most_parts=_within(len(own) or most_parts, MOST_PARTS, "parts"),
            most_sources=_within(most_sources, MOST_SOURCES, "sources for a part"),
            max_steps=self._budget.steps,
            max_tokens=self._budget.tokens,
            max_seconds=self._budget.seconds,
        )
        job = self._jobs.submit(RESEARCH, to_json(inquiry), title=inquiry.question[:120])
        self._notebook.begin(job.id, inquiry, at=self._now())
        return self.study(job.id)

    def all(self) -> list[Study]:
        """Every inquiry, newest first."""
        self._note_unbegun()
        return [self._study(study_id, begun) for study_id, begun in self._notebook.begun()]

    def study(self, study_id: str) -> Study:
        """One inquiry as it stands now. Raises `NotFound`."""
        self._notebook.inquiry(study_id)
        return self._study(study_id, dict(self._notebook.begun())[study_id])

    def _study(self, study_id: str, begun: float) -> Study:
        inquiry, notes = self._notebook.inquiry(study_id), self._notebook.notes(study_id)
        job = self._job(study_id)
        by_name = {note.name: note for note in notes}
        plan = from_json(Plan, by_name[PLAN].value).parts if PLAN in by_name else ()
        report = from_json(Report, by_name[REPORT].value) if REPORT in by_name else None
        state = JobState.DONE if report else job.state if job else JobState.CANCELLED
        return Study(
            id=study_id,
            inquiry=inquiry,
            state=state,
            stage=job.stage if job is not None and state is JobState.RUNNING else "",
            done=len(notes),
            total=len(notes) if report else job.total if job else 0,
            plan=plan,
            steps=tuple(step_of(note, str(number)) for number, note in enumerate(notes, start=1)),
            report=report,
            error=(job.error or "") if job is not None and not report else "",
            begun_at=begun,
        )

    def export(self, study_id: str, form: str = "markdown") -> str:
        """The report as a text of this form. Raises `NotFound` where there is none yet, `InvalidInput`."""
        if form not in FORMATS:
            raise InvalidInput(f"A report cannot be written as {form}.", hint=f"One of: {', '.join(FORMATS)}.")
        report = self.study(study_id).report
        if report is None:
            raise NotFound("There is no report yet.", hint="`basicchat research show` says how far it is.")
        return rendered(report, form)

    def pause(self, study_id: str) -> None:
        """Stop for now, at the next word at the latest. Raises `NotFound`."""
        if self._unreported(study_id):
            self._jobs.pause(study_id)

    def cancel(self, study_id: str) -> None:
        """Stop for good; finished steps are kept, and `resume` goes on with them. Raises `NotFound`."""
        if self._unreported(study_id):
            self._jobs.cancel(study_id)

    def resume(self, study_id: str) -> None:
        """Go on after the last finished step, also after an end of the program. Raises `NotFound`."""
        if self._unreported(study_id):
            self._jobs.start()
            self._jobs.resume(study_id)

    def forget(self, study_id: str) -> None:
        """Forget an inquiry and its report. Raises `NotFound`, and `Conflict` for one that goes on."""
        if self.study(study_id).state in (JobState.QUEUED, JobState.RUNNING, JobState.PAUSED):
            raise Conflict("It has not ended.", hint="Stop it first.")
        if self._job(study_id) is not None:
            self._jobs.forget(study_id)
        self._notebook.forget(study_id)

    # ------------------------------------------------------------ the job

    def _run(self, payload: Json, context: JobContext) -> Json:
        inquiry = from_json(Inquiry, payload)
        self._notebook.begin(context.job_id, inquiry, at=self._now())
        shown = Shown(context)
        course = Course(inquiry, self._tools, Keeping(context, self._notebook).keep, shown.again, now=self._now)
        steps = course.run()
        while True:
            try:
                event = next(steps)
            except StopIteration as end:
                report: Report = end.value
                return len(report.citations)
            shown.say(event, total=course.expected, done=course.spent.steps)

    def _note_unbegun(self) -> None:
        """Note inquiries whose job was queued by a process that was killed before it noted them."""
        known = {study_id for study_id, _ in self._notebook.begun()}
        for job in reversed(self._jobs.find(kind=RESEARCH)):
            if job.id not in known and job.state in (JobState.QUEUED, JobState.RUNNING, JobState.PAUSED):
                self._notebook.begin(job.id, from_json(Inquiry, self._jobs.payload(job.id)), at=job.created_at)

    def _job(self, study_id: str) -> Job | None:
        try:
            return self._jobs.get(study_id)
        except NotFound:  # the queue keeps the last jobs that ended only
            return None

    def _unreported(self, study_id: str) -> bool:
        """Whether there is no report yet. Raises `NotFound` for an unknown inquiry."""
        self._notebook.inquiry(study_id)
        return all(note.name != REPORT for note in self._notebook.notes(study_id))


class Shown:
    """Says what a running inquiry is at, and asks whether it has to stop."""

    def __init__(self, context: JobContext) -> None:
        self._context = context
        self._said: tuple[str, int, int] = ("", 0, 0)

    def say(self, event: Stepped, *, done: int, total: int) -> None:
        """A step began or ended. Raises `Cancelled` as `JobContext.progress` does."""
        self._said = (event.step.title, done, max(total, done))
        self.again()

    def again(self) -> None:
        """The same once more: a sign of life."""
        title, done, total = self._said
        self._context.progress(stage=title, done=done, total=total, unit="steps")


class Keeping:
    """Keeps steps in a notebook within the steps of a job.

    The notebook is written first, so a kill between the two costs nothing: the job asks for the step again, and the
    notebook has it.
    """

    def __init__(self, context: JobContext, notebook: Notebook) -> None:
        self._context = context
        self._notebook = notebook

    def keep(self, name: str, run: Run) -> Note:
        """The kept note of a step, or that of doing it now."""

        def once() -> Json:
            if self._found(name) is None:
                self._notebook.keep(self._context.job_id, run())
            return name

        self._context.step(name, once)
        if self._found(name) is None:  # the job remembers what the notebook lost
            once()
        found = self._found(name)
        if found is None:
            raise NotFound(f"The step {name} was not kept.")
        return found

    def _found(self, name: str) -> Note | None:
        return next((note for note in self._notebook.notes(self._context.job_id) if note.name == name), None)


def _asked(question: str) -> str:
    asked = " ".join(question.split())
    if not asked:
        raise InvalidInput("The question is empty.", hint="Type a question first.")
    if len(asked) > LONGEST_QUESTION:
        raise InvalidInput(f"A question has at most {LONGEST_QUESTION} characters.")
    return asked


def _within(number: int, most: int, what: str) -> int:
    if not 1 <= number <= most:
        raise InvalidInput(f"The number of {what} must be between 1 and {most}, not {number}.")
    return number
