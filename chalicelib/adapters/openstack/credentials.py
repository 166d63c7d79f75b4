"""Credentials: the service users with which background work calls pods."""

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


class Secrets(Protocol):
    """A keeper of secrets, such as AWS Secrets Manager."""

    def read(self, name: str) -> str | None:
        """The secret of that name; None when there is none."""


class Login:
    """One service user: keystoneauth's plugin for it, which keeps its current token."""

    def __init__(self, ref: str, text: str, default_auth_url: str) -> None:
        """``text`` is the credential as JSON. Raises NoCredential when it can't be read as one."""
        self.ref, self.text = ref, text
        self._plugin = _plugin(ref, text, default_auth_url)
        self._lock = Lock()

    def token(self, session: Session, refused: str = "") -> str:
        """The current token; a new one when a pod ``refused`` the current one.

        Raises NoCredential when Keystone doesn't accept the user, KeystoneUnavailable.
        """
        with self._lock:
            try:
                if refused and self._plugin.get_token(session) == refused:
                    self._plugin.invalidate()
                return self._plugin.get_token(session) or ""
            except ClientException as error:
                self._raise_ours(error)

    def catalogue(self, session: Session, afresh: bool = False) -> ServiceCatalog:
        """Keystone's service catalogue for this user, which comes with a token. ``afresh`` fetches both anew.

        Raises NoCredential when Keystone doesn't accept the user, KeystoneUnavailable.
        """
        with self._lock:
            try:
                if afresh:
                    self._plugin.invalidate()
                return self._plugin.get_access(session).service_catalog
            except ClientException as error:
                self._raise_ours(error)

    def _raise_ours(self, error: ClientException) -> NoReturn:
        status = error.http_status if isinstance(error, HttpError) else 0
        if 400 <= status < 500 and status != 429:
            raise NoCredential(f"Keystone refuses the credential {self.ref}: {status}") from error
        raise KeystoneUnavailable("Keystone gives no token for a pod's credential") from error

    def __repr__(self) -> str:
        """The user's text for a log, without the secret."""
        return f"Login({self.ref})"


class Credentials:
    """The service users by their reference. A credential is in the environment, else in Secrets Manager."""

    def __init__(self, settings: Settings, session: Session, secrets: Secrets | None = None) -> None:
        """``session`` fetches the tokens. ``secrets`` is None on a laptop, which has only the environment."""
        self._settings = settings
        self._session = session
        self._secrets = secrets
        self._lock = Lock()
        self._logins: dict[str, Login] = {}

    def token(self, ref: str, refused: str = "") -> str:
        """The service user's current token; a new one when a pod ``refused`` the current one.

        Raises NoCredential, KeystoneUnavailable.
        """
        return self.login(ref).token(self._session, refused)

    def vouch(self, ref: str, url: str) -> None:
        """Raise NoCredential unless the service user's token may be sent to a URL.

        A pod's record can be changed through the API, so it isn't trusted. Keystone's service catalogue and
        this process's settings can't, so one of them must name the URL's origin. Raises KeystoneUnavailable.
        """
        wanted = origin(url)
        trusted = {origin(text.strip()) for text in self._settings.trusted_origins.split(",") if text.strip()}
        if wanted in trusted:
            return
        # The catalogue came with our token, so a newer region isn't in it. Before refusing, fetch a new one.
        if not any(wanted in _origins(self.catalogue(ref, afresh)) for afresh in (False, True)):
            raise NoCredential(
                f"the token of {ref} isn't sent to {wanted}: neither in Keystone's catalogue nor trusted"
            )

    def catalogue(self, ref: str, afresh: bool = False) -> ServiceCatalog:
        """Keystone's service catalogue for the service user. Raises NoCredential, KeystoneUnavailable."""
        return self.login(ref).catalogue(self._session, afresh)

    def login(self, ref: str) -> Login:
        """The service user; a new Login when its credential has changed. Raises NoCredential."""
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
            text = self._secrets.read(f"{self._settings.table_prefix}/{ref}")
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
        # The text is secret, and the error may quote it: neither may get into a log.
        raise NoCredential(
            f"the credential {ref} must be JSON with username, password and project_name, "
            "or application_credential_id and application_credential_secret"
        ) from None
