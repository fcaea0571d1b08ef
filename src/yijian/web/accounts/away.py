"""登录服务不在: when the identity provider does not answer, a sentence and a button, not an error."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from yijian.web.pages import show

LOGIN = "/accounts/"
GetResponse = Callable[[HttpRequest], HttpResponse]


class ProviderAway:
    """The middleware that meets what allauth raises when the provider is out of order."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Everything else goes its way."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Nothing has changed: whoever wanted to log in tries again.

        Whatever the client library calls it, a system that cannot be reached is an OSError.
        """
        if isinstance(error, OSError) and request.path.startswith(LOGIN):
            return show(request, "accounts/provider_away.html", status=503)
        return None
