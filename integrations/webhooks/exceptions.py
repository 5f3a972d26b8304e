"""What can be refused about webhooks, and how a delivery fails."""

from django.utils.translation import gettext_noop

from config.lib.errors import DomainError, NotFound


class WebhooksError(DomainError):
    """Something about a webhook was refused."""


class WebhookNotFound(NotFound):
    """There is no such webhook or delivery, or it is somebody else's."""

    def __init__(self) -> None:
        super().__init__("There is no such webhook.")


class InvalidWebhook(WebhooksError):
    """Values that a webhook cannot hold; `fields` has the messages by field of the model."""

    code = "invalid"

    def __init__(self, message: str, **fields: list[str]) -> None:
        super().__init__(message, **fields)
        self.fields = fields


class InvalidUrl(InvalidWebhook):
    """Nothing can be delivered to this address, or may be."""

    text = gettext_noop("Enter an address such as https://example.com/hooks, without name, password and spaces.")

    def __init__(self) -> None:
        super().__init__(self.text, url=[self.text])


class HttpRefused(InvalidUrl):
    """The address is one over http, and the setting WEBHOOK_ALLOW_HTTP is off."""

    text = gettext_noop("Enter an address that begins with https://.")


class InnerAddress(InvalidUrl):
    """The address is written in digits, and of an inner network."""

    text = gettext_noop("Enter a public address: this one belongs to an inner network.")


class TooManyWebhooks(WebhooksError):
    code = "too_many_webhooks"
    status = 409

    def __init__(self) -> None:
        super().__init__(gettext_noop("You have as many webhooks as one can have: delete one first."))


class StillOnItsWay(WebhooksError):
    """The event is waiting to be sent already; sending it twice at a time helps nobody."""

    code = "still_on_its_way"
    status = 409

    def __init__(self) -> None:
        super().__init__(gettext_noop("This event is on its way already."))


class NotActive(WebhooksError):
    """The webhook is paused, or its receiver or owner is gone; what waits for it is not sent."""

    code = "webhook_not_active"
    status = 409

    def __init__(self) -> None:
        super().__init__(gettext_noop("This webhook is paused or switched off: switch it on first."))


class NoLongerHeard(WebhooksError):
    """The event tells of a meeting that was deleted, or whose content is closed to the webhook's owner by now."""

    code = "no_longer_heard"
    status = 409

    def __init__(self) -> None:
        super().__init__(gettext_noop("The owner of the webhook can no longer see the meeting of this event."))


class DeliveryFailed(WebhooksError):
    """A delivery came to nothing; later it may not. What the receiver said is told by its status alone."""

    code = "delivery_failed"
    status = 503
    temporary = True


class AddressRefused(DeliveryFailed):
    """The host has an address of an inner network."""

    code = "address_refused"

    def __init__(self) -> None:
        super().__init__(gettext_noop("The address of the receiver is not a public one."))


class Unreachable(DeliveryFailed):
    """There was no whole answer: no such name, no connection, no valid certificate, too slow."""

    code = "unreachable"


class Rejected(DeliveryFailed):
    """The receiver answered, and not with success."""

    code = "rejected"

    def __init__(self, status: int) -> None:
        super().__init__(f"The receiver answered {status}.")


class ReceiverGone(Rejected):
    """The receiver answered that it is gone for good."""

    code = "receiver_gone"
    temporary = False
