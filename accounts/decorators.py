"""What stands before views of pages."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import limits
from accounts.clients import client_of

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def posted_from(page: str, of: str) -> Callable[[View[P]], View[P]]:
    """Take what a form on a page sends, from who is signed in; whoever opens the form's own address is led to the page.

    They come there by the address of a form that was refused, or back from a sign-in. `of` is what paths call the id of
    the thing that the page shows.
    """

    def decorate(view: View[P]) -> View[P]:
        @require_http_methods(["GET", "HEAD", "POST"])
        @login_required
        @never_cache
        @wraps(view)
        def posted(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            return view(request, *args, **kwargs) if request.method == "POST" else redirect(page, kwargs[of])

        return posted

    return decorate


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
