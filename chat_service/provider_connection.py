"""The HTTP connection to the provider, through a proxy and with private CAs if set; and why it failed."""

import socket
import ssl
from collections.abc import Iterator
from http.cookiejar import CookieJar, DefaultCookiePolicy
from urllib.parse import urlsplit
from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]

import httpx2
import structlog

from chat_service.errors import ProviderTrouble
from chat_service.settings import ChatSettings
from servicekit.errors import Refused

_PROVIDER = "https://api.anthropic.com"

log = structlog.get_logger()


class ProviderConnection:
    """A client with shared connections. Raises ValueError if the certificates of the settings are invalid."""

    def __init__(self, settings: ChatSettings, timeout: httpx2.Timeout) -> None:
        self._proxy = _proxy_for(settings.anthropic_base_url or _PROVIDER, settings)
        trusted = httpx2.create_ssl_context(trust_env=False)
        if settings.ssl_cert_file is not None:
            trusted.load_verify_locations(settings.ssl_cert_file)
        self.http = httpx2.AsyncClient(
            timeout=timeout,
            limits=httpx2.Limits(max_connections=2 * settings.max_runs, keepalive_expiry=60.0),
            # A cookie set for one user must not be sent with another user's key.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            verify=trusted,
            proxy=self._proxy,
            trust_env=False,
        )

    def refusal_for(self, error: BaseException) -> Refused:
        """Returns the refusal for a failed connection, and logs it; neither contains the password of a proxy."""
        cause, detail = _why(error)
        proxy = self._proxy and urlsplit(self._proxy).netloc.rpartition("@")[2]
        log.warning("provider_unreachable", cause=cause, detail=detail, proxy=proxy)
        if cause == "certificate":
            return Refused("PROVIDER_CERTIFICATE_UNKNOWN", "The certificate of what answered is not trusted.")
        if cause == "proxy" or (proxy and cause in ("dns", "refused")):  # then the proxy is unreachable
            return Refused("PROVIDER_PROXY_FAILED", "The proxy makes no connection.")
        return ProviderTrouble("PROVIDER_UNREACHABLE", f"No connection to the provider came about: {cause}.")


def _proxy_for(address: str, settings: ChatSettings) -> str | None:
    url = urlsplit(address)
    if url.scheme != "https" or settings.https_proxy is None:
        return None
    if proxy_bypass_environment(url.netloc.rpartition("@")[2], {"no": settings.no_proxy}):
        return None
    return settings.https_proxy.get_secret_value()


def _why(error: BaseException) -> tuple[str, str]:
    """Returns the root cause of an error as one word, and its own message."""
    for cause in _causes(error):
        match cause:
            case ssl.SSLCertVerificationError():
                return "certificate", cause.verify_message
            case ssl.SSLError():
                return "tls", str(cause)
            case socket.gaierror():
                return "dns", str(cause)
            case ConnectionRefusedError():
                return "refused", str(cause)
            case httpx2.ProxyError():
                return "proxy", str(cause)
    return "network", type(error.__cause__ or error).__name__


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yields an error and its chain of causes."""
    while error is not None:
        yield error
        if isinstance(error, BaseExceptionGroup):
            for part in error.exceptions:
                yield from _causes(part)
        error = error.__cause__ or error.__context__
