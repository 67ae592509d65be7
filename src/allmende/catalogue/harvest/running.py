"""A run over a source: page by page, each dataset for itself, noted after every page so that it can be resumed."""

import logging
from collections.abc import Callable
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction

from allmende.accounts.permissions import Denied
from allmende.catalogue.harvest import fetching
from allmende.catalogue.harvest.fetching import SourceProblem
from allmende.catalogue.harvest.found import Found
from allmende.catalogue.harvest.keeping import keep_description, take_data
from allmende.catalogue.harvest.readers import ckan, features, sensorthings, wfs
from allmende.catalogue.harvest.report import Report
from allmende.catalogue.models import HarvestItem, HarvestRun, HarvestSource
from allmende.core.clock import now

logger = logging.getLogger(__name__)
_FIRST: dict[str, Callable[[str], str]] = {
    "ckan": ckan.first,
    "dcat": lambda url: url,
    "features": features.first,
    "wfs": wfs.first,
    "sensorthings": sensorthings.first,
}
_RESUMABLE = timedelta(days=2)  # a run that was cut off longer ago begins anew
_AGAIN = timedelta(hours=1)  # after a run that could not be finished


def due_sources() -> list[HarvestSource]:
    """Those whose time has come."""
    return list(HarvestSource.objects.select_related("owner").filter(enabled=True, due__lte=now()))


def harvest(source: HarvestSource) -> Report:
    """Reads the source as far as it goes; the report says what it brought. Where it is cut off, nothing that was taken
    is lost, and the next call goes on with the page that was not finished."""
    run, url = _begin(source)
    report = Report.from_json(run.report) if run.report else Report()
    report.broken = ""
    try:
        while url:
            found, following = fetching.page(source.kind, url)
            for each in found:
                _one(source, run, each, report)
            if following == url:
                raise SourceProblem(f"{url} leads to itself.")
            url = following
            run.cursor, run.report = {"url": url}, report.to_json()
            run.save()
    except SourceProblem as problem:
        report.broken = str(problem)[:500]
        run.report = report.to_json()
        run.save()
        HarvestSource.objects.filter(pk=source.pk).update(due=now() + _AGAIN)
        return report
    _finish(source, run, report)
    return report


def _begin(source: HarvestSource) -> tuple[HarvestRun, str]:
    """The run that was cut off, where it stood; else a new one at the beginning."""
    run = source.runs.filter(ended=None, created__gt=now() - _RESUMABLE).first()
    if run is not None and run.cursor.get("url"):
        return run, str(run.cursor["url"])
    source.runs.filter(ended=None).update(ended=now())
    return HarvestRun.objects.create(source=source), _FIRST[source.kind](source.url)


def _one(source: HarvestSource, run: HarvestRun, found: Found, report: Report) -> None:
    """One dataset. What is wrong with it alone is noted, and the run goes on."""
    report.found += 1
    item = HarvestItem.objects.select_related("dataset").filter(source=source, remote=found.remote).first()
    if item is not None and item.run == run.pk:
        report.twice += 1  # pages that moved while they were read, or a page that was begun before
        report.found -= 1
        return
    try:
        with transaction.atomic():
            item = keep_description(source, found, item, report)
            item.run, item.gone = run.pk, False
            item.save()
    except (ValidationError, Denied, ValueError) as problem:
        words = problem.messages if isinstance(problem, ValidationError) else [str(problem)]
        report.problem(found.remote, " ".join(words))
        return
    if source.take_data:
        take_data(source, found, item, report)


def _finish(source: HarvestSource, run: HarvestRun, report: Report) -> None:
    """Notes what the source does not list any more; a dataset of ours is not removed for that."""
    missing = HarvestItem.objects.filter(source=source, gone=False).exclude(run=run.pk)
    report.gone = missing.update(gone=True) if report.found or not missing.exists() else 0
    if not report.found and missing.exists():
        report.broken = "The source lists nothing any more; that is taken for a fault of the source."
    run.ended, run.cursor, run.report = now(), {}, report.to_json()
    run.save()
    due = now() + timedelta(hours=source.every_hours) if source.every_hours else None
    HarvestSource.objects.filter(pk=source.pk).update(due=due)


def harvest_due() -> int:
    """Reads all sources whose time has come, as the system; returns how many."""
    count = 0
    for source in due_sources():
        try:
            harvest(source)
        except Exception:
            logger.exception("The source %s could not be harvested.", source.code)
            HarvestSource.objects.filter(pk=source.pk).update(due=now() + _AGAIN)
        count += 1
    return count
