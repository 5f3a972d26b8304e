"""What limits of their own an administrator may give a user."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from config.lib.rates import is_rate


def validate_rates(value: object) -> None:
    """Raises: django.core.exceptions.ValidationError."""
    if not isinstance(value, dict) or not all(is_rate(rate) for rate in value.values()):
        raise ValidationError(_('Write limits as {"RATE_SUMMARY": "100/m"}.'))
    unknown = sorted(set(value) - set(settings.RATES))
    if unknown:
        raise ValidationError(_("There is no limit called %(name)s.") % {"name": unknown[0]})
