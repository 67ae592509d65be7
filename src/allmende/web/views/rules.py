"""The quality rules of a datastream: try one on history, see what it would flag, then switch it on."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from allmende.accounts.actors import Actor
from allmende.accounts.endpoints import declares
from allmende.accounts.permissions import require
from allmende.core.clock import from_us, now, to_us, town_zone
from allmende.core.texts import pick
from allmende.observations.care import ruling
from allmende.observations.care.flagging import Rules
from allmende.observations.care.ruling import Held
from allmende.observations.care.trying import GapTrial, Trial, try_gaps, try_limits, try_rules
from allmende.observations.quality import words
from allmende.observations.queries import Datastream, UnknownDatastream, get_datastream
from allmende.web import formats
from allmende.web.charts.trial import trial_drawings
from allmende.web.quantities import decimals
from allmende.web.ranges import Range
from allmende.web.readers import reader
from allmende.web.reasons import lasting
from allmende.web.reasons import span as span_words
from allmende.web.rule_forms import FORMS, GapForm, IntervalForm, LimitsForm, RuleForm, StepForm, StuckForm

_MOST_GAPS = 10


@dataclass(frozen=True, slots=True)
class Tried:
    """What trying a rule brought, as the page shows it. examples: (time, value, what is to be said)."""

    statement: str
    examples: list[tuple[int, str, str]]
    drawings: tuple[SafeString, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A rule on the page. on: what is switched on, in words, empty where nothing is."""

    name: str
    title: str
    text: str
    form: RuleForm
    on: str
    tried: Tried | None


def _stream(request: HttpRequest, code: str) -> Datastream:
    try:
        stream = get_datastream(reader(request), code)
    except UnknownDatastream as error:
        raise Http404(str(error)) from error
    require(reader(request), "observations:manage", stream.dataset)
    return stream


@declares("observations:manage")
def rules(request: HttpRequest, code: str) -> HttpResponse:
    """All rules of a datastream."""
    stream = _stream(request, code)
    actor = reader(request)
    held = ruling.held(stream)
    forms = {form.name: form(stream, held) for form in FORMS}
    interval = IntervalForm(stream)
    tried: dict[str, Tried] = {}
    failed = False
    if request.method == "POST":
        do = request.POST.get("do", "")
        if do == "interval":
            interval = IntervalForm(stream, request.POST)
            failed = not _change_interval(request, actor, stream, interval)
        elif do.removeprefix("off-") in forms or do.removeprefix("on-") in forms:
            failed = not _switch(request, actor, stream, do, forms)
        if not failed:
            return HttpResponseRedirect(reverse("rules", args=[code]))
    elif (chosen := request.GET.get("try", "")) in forms:
        form = forms[chosen] = type(forms[chosen])(stream, held, request.GET)
        failed = not form.is_valid()
        if not failed:
            tried[chosen] = _try(stream, form)
    context = {
        "stream": stream,
        "thing": stream.thing,
        "sections": _sections(stream, held, forms, tried),
        "interval": interval,
        "multi": stream.multi,
        "crumbs": [
            (_("Data"), reverse("data")),
            (pick(stream.thing.name), reverse("thing", args=[stream.thing.code])),
            (pick(stream.name), reverse("datastream", args=[code])),
            (_("Quality rules"), ""),
        ],
    }
    return render(request, "web/care/rules.html", context, status=422 if failed else 200)


def _change_interval(request: HttpRequest, actor: Actor, stream: Datastream, form: IntervalForm) -> bool:
    if not form.is_valid():
        return False
    try:
        ruling.change_interval(actor, stream, form.seconds())
    except ValidationError as error:
        form.add_error("minutes", " ".join(error.messages))
        return False
    messages.success(request, _("The expected interval is changed."))
    return True


def _switch(request: HttpRequest, actor: Actor, stream: Datastream, do: str, forms: dict[str, RuleForm]) -> bool:
    """Switches a rule on or off; False where the form does not say how."""
    verb, _dash, name = do.partition("-")
    if verb == "off":
        if name == "gap":
            ruling.change_gap(actor, stream, None)
        elif name != "limits":
            ruling.switch_off(actor, stream, name)
        messages.success(request, _("The rule is switched off. What it flagged stays flagged."))
        return True
    form = forms[name] = type(forms[name])(stream, ruling.held(stream), request.POST)
    if not form.is_valid():
        return False
    if isinstance(form, LimitsForm):
        ruling.change_limits(actor, stream, form.limits())
    elif isinstance(form, GapForm):
        ruling.change_gap(actor, stream, *form.gap())
    elif isinstance(form, StepForm | StuckForm):
        ruling.switch_on(actor, stream, form.rule())
    text = _("The rule is switched on for all values from now on.")
    if "history" in request.POST and name != "gap":
        done = ruling.requalify(actor, stream)
        text += " " + ngettext(
            "Of the values so far the flags of %(changed)s changed (of %(seen)s).",
            "Of the values so far the flags of %(changed)s changed (of %(seen)s).",
            done.changed,
        ) % {"changed": formats.whole(done.changed), "seen": formats.whole(done.seen)}
    messages.success(request, text)
    return True


def _try(stream: Datastream, form: RuleForm) -> Tried:
    end = to_us(now())
    begin = end - form.span() * 86_400 * 1_000_000
    if isinstance(form, GapForm):
        late, silent = form.gap()
        return _tried_gaps(try_gaps(stream.pk, late, silent, begin, end), form.span())
    if isinstance(form, LimitsForm):
        trial = try_limits(stream.pk, form.limits(), begin, end)
    elif isinstance(form, StepForm):
        trial = try_rules(stream.pk, Rules(step=form.rule()), begin, end)
    else:
        assert isinstance(form, StuckForm)
        trial = try_rules(stream.pk, Rules(stuck=form.rule()), begin, end)
    return _tried(stream, trial, begin, end, form.span())


def _tried(stream: Datastream, trial: Trial, begin: int, end: int, days: int) -> Tried:
    zone = town_zone()
    chosen = Range(
        begin,
        end,
        None,
        first_day=from_us(begin).astimezone(zone).date(),
        last_day=from_us(end).astimezone(zone).date(),
    )
    statement = _statement(trial, days)
    examples = []
    for example in trial.examples:
        value = formats.with_unit(example.value, stream.unit, decimals(stream.unit, example.value))
        note = ", ".join(words(example.flags))
        if example.before is not None:
            before = formats.with_unit(example.before, stream.unit, decimals(stream.unit, example.before))
            note = _("%(why)s; before: %(value)s") % {"why": note, "value": before}
        examples.append((example.time, value, note))
    title = f"{pick(stream.name)}, {pick(stream.thing.name)}"
    return Tried(statement, examples, trial_drawings(trial, stream.unit, chosen, title, statement))


def _statement(trial: Trial, days: int) -> str:
    if not trial.seen:
        return _("There are no values in this time.")
    share = trial.share * 100
    text = ngettext(
        "In the last %(days)s days this rule would have flagged %(flagged)s of %(seen)s value (%(share)s %%).",
        "In the last %(days)s days this rule would have flagged %(flagged)s of %(seen)s values (%(share)s %%).",
        trial.seen,
    )
    return text % {
        "days": days,
        "flagged": formats.whole(trial.flagged),
        "seen": formats.whole(trial.seen),
        "share": formats.number(share, 0 if share in (0, 100) else 2 if share < 1 else 1),
    }


def _tried_gaps(trial: GapTrial, days: int) -> Tried:
    statement = ngettext(
        "In the last %(days)s days it would have been late %(late)s time, and silent %(silent)s of these.",
        "In the last %(days)s days it would have been late %(late)s times, and silent %(silent)s of these.",
        len(trial.gaps),
    ) % {"days": days, "late": formats.whole(len(trial.gaps)), "silent": formats.whole(trial.silent)}
    longest = sorted(trial.gaps, key=lambda gap: -gap.length)[:_MOST_GAPS]
    examples = [(gap.begin, span_words(gap.length / 1_000_000), _("without a value")) for gap in longest]
    return Tried(statement, examples, ())


def _sections(stream: Datastream, held: Held, forms: dict[str, RuleForm], tried: dict[str, Tried]) -> list[Section]:
    texts = {
        "limits": (
            _("Plausible range"),
            _("A value outside of it cannot be right. It is kept, flagged, and left out of means and sums."),
        ),
        "step": (
            _("Jump"),
            _("A value that differs too much from the one before is doubtful. It is kept, flagged, and still counts."),
        ),
        "stuck": (
            _("Stuck value"),
            _("A sensor that keeps saying the same is doubtful. The values are kept, flagged, and still count."),
        ),
        "gap": (
            _("Gap"),
            _("When it counts as late and as silent. Without this rule that follows from the expected interval."),
        ),
    }
    on = _switched_on(stream, held)
    return [Section(name, *texts[name], form, on[name], tried.get(name)) for name, form in forms.items()]


def _switched_on(stream: Datastream, held: Held) -> dict[str, str]:
    """For each rule what is switched on, in words; empty where nothing is."""
    found: dict[str, Any] = dict.fromkeys(("limits", "step", "stuck", "gap"), "")
    unit = stream.unit
    low, high = (formats.with_unit(value, unit, decimals(unit, value)) for value in (held.limits.low, held.limits.high))
    if held.limits.low is not None or held.limits.high is not None:
        found["limits"] = _("from %(low)s to %(high)s") % {"low": low, "high": high}
    if step := held.rules.step:
        change = formats.with_unit(step.change, unit, decimals(unit, step.change))
        found["step"] = _("at most %(change)s within %(span)s") % {"change": change, "span": lasting(step.seconds)}
    if stuck := held.rules.stuck:
        parts = []
        if stuck.count is not None:
            parts.append(_("from %(count)s equal values on") % {"count": stuck.count})
        if stuck.seconds is not None:
            parts.append(_("once equal for %(span)s") % {"span": span_words(stuck.seconds)})
        found["stuck"] = ", ".join(parts)
    if held.late is not None:
        found["gap"] = _("late after %(late)s, silent after %(silent)s") % {
            "late": lasting(held.late),
            "silent": lasting(held.silent or held.late),
        }
    return found
