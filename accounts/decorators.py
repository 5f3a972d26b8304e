"""What stands before views of pages."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from accounts import limits
from accounts.clients import client_of

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def limited(name: str, *, subject: str = "") -> Callable[[View[P]], View[P]]:
    """Count what is sent to a page under the setting `name`, as its REST twin is counted; `subject` is a field.

    Raises, in the view:
        config.lib.errors.RateLimited.
    """

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def counted(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if request.method == "POST":
                spoken_of = request.POST.get(subject, "") if subject else ""
                limits.check(name, by=request.user, address=client_of(request).address, subject=spoken_of)
            return view(request, *args, **kwargs)

        return counted

    return decorate
