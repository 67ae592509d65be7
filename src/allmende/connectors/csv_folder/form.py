"""What is asked about a folder."""

from django import forms
from django.utils.translation import gettext_lazy as _

from allmende.connectors.csv_folder.places import place_of
from allmende.connectors.forms import SourceForm
from allmende.core.said import said_of


class CsvFolderForm(SourceForm):
    """Which folder."""

    folder = forms.CharField(
        label=_("Folder"),
        max_length=500,
        help_text=_(
            "A name: the folder is made in “drop” of the data folder. Or a path that the administrator allows."
        ),
    )

    def clean_folder(self) -> str:
        """A folder that may be watched."""
        folder = str(self.cleaned_data["folder"]).strip()
        try:
            place_of(folder)
        except ValueError as error:
            raise forms.ValidationError(said_of(error).here()) from None
        return folder
