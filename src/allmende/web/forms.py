"""Forms of the house's own pages."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from allmende.web.models import Feedback, FeedbackKind, Page


class FeedbackForm(forms.ModelForm):  # type: ignore[type-arg]
    """A barrier, a mistake or an idea; nothing is asked that is not needed."""

    kind = forms.ChoiceField(label=_("What is it about?"), choices=FeedbackKind.choices, widget=forms.RadioSelect)
    message = forms.CharField(
        label=_("What did you notice?"),
        help_text=_("For a barrier: what did you want to do, and what kept you from it?"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    page = forms.CharField(label=_("Which page is it about?"), max_length=300, required=False)
    email = forms.EmailField(
        label=_("Your e-mail address"),
        help_text=_("Only if you would like an answer. We use it for nothing else."),
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    class Meta:
        model = Feedback
        fields = ("kind", "message", "page", "email")


_VARIANTS = (("de", _("German")), ("en", _("English")), ("easy", _("Easy language")))


class PageForm(forms.Form):
    """Title and text of a page in each language; German is always there, since it is what others fall back to."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        hint = _("Markdown: ## heading, - list, **bold**, [text](address). An empty line begins a paragraph.")
        for variant, name in _VARIANTS:
            needed = variant == "de"
            if variant != "easy":
                label = _("Title (%(language)s)") % {"language": name}
                self.fields[f"title_{variant}"] = forms.CharField(label=label, max_length=120, required=needed)
            self.fields[f"body_{variant}"] = forms.CharField(
                label=_("Text (%(language)s)") % {"language": name},
                help_text=hint if needed else "",
                required=needed,
                max_length=50_000,
                widget=forms.Textarea(attrs={"rows": 14}),
            )

    @staticmethod
    def initial_of(page: Page) -> dict[str, str]:
        """The form's values for a page as it stands."""
        return {
            f"{name}_{variant}": text
            for name, texts in (("title", page.title), ("body", page.body))
            for variant, text in texts.items()
        }

    def texts(self, name: str) -> dict[str, str]:
        """The cleaned variants of `title` or `body`, without the empty ones."""
        found = {variant: self.cleaned_data.get(f"{name}_{variant}", "").strip() for variant, _label in _VARIANTS}
        return {variant: text.replace("\r\n", "\n") for variant, text in found.items() if text}
