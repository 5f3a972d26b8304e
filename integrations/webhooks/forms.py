"""The form of a webhook; what is valid is decided by the action, for pages and REST alike."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from integrations.webhooks.addresses import URL_LENGTH
from integrations.webhooks.events import EVENT_TYPES
from integrations.webhooks.exceptions import InvalidWebhook
from integrations.webhooks.models import DESCRIPTION_LENGTH


def _choices() -> list[tuple[str, str]]:
    return [(kind.name, gettext(kind.description)) for kind in EVENT_TYPES]


class WebhookForm(forms.Form):
    url = forms.CharField(
        label=_("Address"),
        max_length=URL_LENGTH,
        widget=forms.URLInput(attrs={"placeholder": "https://example.com/hooks", "autocomplete": "off"}),
    )
    description = forms.CharField(label=_("Description"), max_length=DESCRIPTION_LENGTH, required=False)
    events: Any = forms.MultipleChoiceField(
        label=_("What to tell"), choices=_choices, widget=forms.CheckboxSelectMultiple
    )

    def add_refusal(self, error: InvalidWebhook) -> None:
        for name, texts in error.fields.items():
            self.add_error(name, [gettext(text) for text in texts])
