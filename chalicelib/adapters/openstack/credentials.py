"""Credentials: the service user that each pod trusts our background work with."""

from __future__ import annotations

import json
from threading import Lock
from typing import NoReturn, Protocol
from urllib.parse import urlsplit

from keystoneauth1.access.service_catalog import ServiceCatalog
from keystoneauth1.exceptions import ClientException, HttpError
from keystoneauth1.identity.v3 import ApplicationCredential, Password
from keystoneauth1.session import Session

from chalicelib.model.errors import KeystoneUnavailable, NoCredential
from chalicelib.settings import Settings

DEFAULT_DOMAIN = "Default"
SECRET_PREFIX = "trio2o/"  # noqa: S105 - a name, not a secret


class Secrets(Protocol):
    """Where secrets are kept outside of the environment."""

    def read(self, name: str) -> str | None:
        """None when there is no secret of that name."""


class Login:
    """One service user: its plugin, and the token it holds now."""

    def __init__(self, ref: str, text: str, default_auth_url: str) -> None:
        """``text`` is the credential's JSON. Raises NoCredential when it isn't one."""
        self.ref, self.text = ref, text
        self._plugin = _plugin(ref, text, default_auth_url)
        self._lock = Lock()

    def token(self, session: Session, refused: str = "") -> str:
        """A token, a fresh one when the current one was ``refused``.

        Raises NoCredential when Keystone doesn't accept the user, KeystoneUnavailable.
        """
        with self._lock:
            try:
                if refused and self._plugin.get_token(session) == refused:
                    self._plugin.invalidate()
                return self._plugin.get_token(session) or ""
            except ClientException as error:
                self._explain(error)

    def catalogue(self, session: Session, afresh: bool = False) -> ServiceCatalog:
        """Keystone's catalogue for this user, as it came with the token; ``afresh`` fetches both anew.

        Raises NoCredential when Keystone doesn't accept the user, KeystoneUnavailable.
        """
        with self._lock:
            try:
                if afresh:
                    self._plugin.invalidate()
                return self._plugin.get_access(session).service_catalog
            except ClientException as error:
                self._explain(error)

    def _explain(self, error: ClientException) -> NoReturn:
        status = error.http_status if isinstance(error, HttpError) else 0
        if 400 <= status < 500 and status != 429:
            raise NoCredential(f"Keystone refuses the credential {self.ref}: {status}") from error
        raise KeystoneUnavailable("Keystone gives no token for a pod's credential") from error

    def __repr__(self) -> str:
        """Without the secret."""
        return f"Login({self.ref})"


class Credentials:
    """Service users by reference: from the environment, else from Secrets Manager."""

    def __init__(self, settings: Settings, session: Session, secrets: Secrets | None = None) -> None:
        """``session`` fetches the tokens; ``secrets`` is None on a laptop, where only the environment is."""
        self._settings = settings
        self._session = session
        self._secrets = secrets
        self._lock = Lock()
        self._logins: dict[str, Login] = {}

    def token(self, ref: str, refused: str = "") -> str:
        """A token of the service user, renewed when ``refused`` is the one it holds.

        Raises NoCredential, KeystoneUnavailable.
        """
        return self.login(ref).token(self._session, refused)

    def vouch(self, ref: str, url: str) -> None:
        """Raise NoCredential unless the service user's token may be sent to a URL.

        A pod's record can be written through the API; Keystone's catalogue and this process's own
        settings can't. Raises KeystoneUnavailable.
        """
        wanted = origin(url)
        trusted = {origin(text.strip()) for text in self._settings.trusted_origins.split(",") if text.strip()}
        if wanted in trusted:
            return
        # A region may be younger than our token, with which the catalogue came.
        if not any(wanted in _origins(self.catalogue(ref, afresh)) for afresh in (False, True)):
            raise NoCredential(
                f"the token of {ref} isn't sent to {wanted}: neither in Keystone's catalogue nor trusted"
            )

    def catalogue(self, ref: str, afresh: bool = False) -> ServiceCatalog:
        """Keystone's catalogue for the service user. Raises NoCredential, KeystoneUnavailable."""
        return self.login(ref).catalogue(self._session, afresh)

    def login(self, ref: str) -> Login:
        """The service user; made anew when its secret changed. Raises NoCredential."""
        text = self._text(ref)
        with self._lock:
            login = self._logins.get(ref)
            if login is None or login.text != text:
                login = self._logins[ref] = Login(ref, text, self._settings.auth_url)
            return login

    def _text(self, ref: str) -> str:
        if not ref:
            raise NoCredential("the pod names no service credential")
        text = self._settings.credential(ref)
        if text is None and self._secrets is not None:
            text = self._secrets.read(SECRET_PREFIX + ref)
        if text is None:
            raise NoCredential(f"there is no service credential {ref}")
        return text


def _origins(catalogue: ServiceCatalog) -> frozenset[str]:
    endpoints = (endpoint for service in catalogue.catalog for endpoint in service.get("endpoints", ()))
    return frozenset(origin(str(endpoint.get("url", ""))) for endpoint in endpoints)


def origin(url: str) -> str:
    """Scheme, host and port of a URL."""
    parts = urlsplit(url)
    port = parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)
    return f"{parts.scheme}://{(parts.hostname or '').lower()}:{port}"


def _plugin(ref: str, text: str, default_auth_url: str) -> Password | ApplicationCredential:
    try:
        given = json.loads(text)
        auth_url = str(given.get("auth_url") or default_auth_url)
        if "application_credential_id" in given:
            return ApplicationCredential(
                auth_url=auth_url,
                application_credential_id=given["application_credential_id"],
                application_credential_secret=given["application_credential_secret"],
            )
        return Password(
            auth_url=auth_url,
            username=given["username"],
            password=given["password"],
            project_name=given["project_name"],
            user_domain_name=given.get("user_domain_name", DEFAULT_DOMAIN),
            project_domain_name=given.get("project_domain_name", DEFAULT_DOMAIN),
        )
    except (ValueError, KeyError, AttributeError):
        # Neither the text nor the error that quotes it may go further.
        raise NoCredential(
            f"the credential {ref} must be JSON with username, password and project_name, "
            "or application_credential_id and application_credential_secret"
        ) from None
