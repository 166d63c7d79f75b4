"""Credentials: the users with which pods are called where a caller's own token won't do.

A pod's service user does the background work. In a pod with a Keystone of its own, each project has one too.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from time import monotonic
from typing import Protocol, TypeVar
from urllib.parse import urlsplit

from keystoneauth1.access.service_catalog import ServiceCatalog
from keystoneauth1.session import Session

from chalicelib.adapters.openstack.hybrid import PROJECT_ID
from chalicelib.adapters.openstack.login import Login, Refused, Token
from chalicelib.model.errors import NoCredential
from chalicelib.settings import Settings

PROJECTS = "-projects"  # the family of the projects' credentials
A = TypeVar("A")


class Secrets(Protocol):
    """A keeper of secrets, such as AWS Secrets Manager."""

    def read(self, name: str, afresh: bool = False) -> str | None:
        """The secret of that name; None when there is none.

        ``afresh``: it was refused, so what was kept of it is read again, unless that was done just now.
        """


class Credentials:
    """The users by the references of their credentials, from the environment, else from Secrets Manager.

    ``auth_url`` is everywhere the pod's own Keystone, empty for a pod that shares ours. It only says which
    one a credential must be for: a password is never sent to an address that a pod's record names.
    """

    def __init__(
        self,
        settings: Settings,
        session: Session,
        secrets: Secrets | None = None,
        family: str = "",
        seconds: Callable[[], float] = monotonic,
    ) -> None:
        """``session`` fetches the tokens. ``secrets`` is None where there is only the environment.

        ``family`` sets the names of these credentials apart from those that other functions may read.
        """
        self._settings = settings
        self._session = session
        self._secrets = secrets
        self._family = family
        self._seconds = seconds
        self._lock = Lock()
        self._logins: dict[str, Login] = {}

    def token(self, ref: str, refused: str = "", auth_url: str = "") -> str:
        """The user's current token; a new one when a pod ``refused`` the current one.

        Raises NoCredential, KeystoneUnavailable.
        """
        return self.read(ref, refused, auth_url).text

    def read(self, ref: str, refused: str = "", auth_url: str = "") -> Token:
        """The same with whose the token is. Raises NoCredential, KeystoneUnavailable."""
        return self._asked(ref, auth_url, lambda login: login.token(self._session, refused))

    def vouch(self, ref: str, url: str, auth_url: str = "") -> None:
        """Raise NoCredential unless the user's token may be sent to a URL.

        A pod's record can be changed through the API, so it isn't trusted. Keystone's service catalogue and
        this process's settings can't, so one of them must name the URL's origin. Raises KeystoneUnavailable.
        """
        wanted = origin(url)
        trusted = {origin(text.strip()) for text in self._settings.trusted_origins.split(",") if text.strip()}
        if wanted in trusted:
            return
        # The catalogue came with our token, so a newer region isn't in it. Before refusing, fetch a new one.
        if not any(wanted in _origins(self.catalogue(ref, afresh, auth_url)) for afresh in (False, True)):
            raise NoCredential(
                f"the token of {ref} isn't sent to {wanted}: neither in Keystone's catalogue nor trusted"
            )

    def catalogue(self, ref: str, afresh: bool = False, auth_url: str = "") -> ServiceCatalog:
        """Keystone's service catalogue for the user. Raises NoCredential, KeystoneUnavailable."""
        return self._asked(ref, auth_url, lambda login: login.catalogue(self._session, afresh))

    def _asked(self, ref: str, auth_url: str, question: Callable[[Login], A]) -> A:
        """Ask with the user; once more if its credential was refused, and rotated since it was read."""
        login = self._login(ref, auth_url)
        try:
            return question(login)
        except Refused:
            rotated = self._login(ref, auth_url, afresh=True)
            if rotated is login:
                raise
            return question(rotated)

    def _login(self, ref: str, auth_url: str, afresh: bool = False) -> Login:
        """The user; a new Login when its credential has changed. Raises NoCredential."""
        text = self._text(ref, afresh)
        with self._lock:
            login = self._logins.get(ref)
            if login is None or login.text != text:
                login = self._logins[ref] = Login(ref, text, self._settings.auth_url, self._seconds)
        if auth_url and login.auth_url != auth_url.rstrip("/"):
            raise NoCredential(f"the credential {ref} is for another Keystone than the pod's {auth_url}")
        return login

    def _text(self, ref: str, afresh: bool) -> str:
        if not ref:
            raise NoCredential("the pod names no service credential")
        text = self._settings.credential(ref, self._family)
        if text is None and self._secrets is not None:
            text = self._secrets.read(f"{self._settings.table_prefix}{self._family}/{ref}", afresh)
        if text is None:
            raise NoCredential(f"there is no service credential {ref}")
        return text


class ProjectLogins:
    """Tells which project of a pod's own Keystone a project's credential is for."""

    def __init__(self, credentials: Credentials) -> None:
        """``credentials`` are those of projects."""
        self._credentials = credentials

    def project_of(self, ref: str, auth_url: str) -> tuple[str, bool]:
        """The project's id there, and whether the credential is an admin's.

        Raises NoCredential when there is none, it is refused, or it is for another Keystone or for no
        project; KeystoneUnavailable.
        """
        token = self._credentials.read(ref, auth_url=auth_url)
        if not PROJECT_ID.fullmatch(token.project_id):
            raise NoCredential(f"the credential {ref} is for no project with an id of Keystone's making")
        return token.project_id, token.is_admins


def _origins(catalogue: ServiceCatalog) -> frozenset[str]:
    endpoints = (endpoint for service in catalogue.catalog for endpoint in service.get("endpoints", ()))
    return frozenset(origin(str(endpoint.get("url", ""))) for endpoint in endpoints)


def origin(url: str) -> str:
    """Scheme, host and port of a URL."""
    parts = urlsplit(url)
    port = parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)
    return f"{parts.scheme}://{(parts.hostname or '').lower()}:{port}"
