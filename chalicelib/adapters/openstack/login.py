"""Login: one user of a Keystone's, and its tokens."""

from __future__ import annotations

import json
from collections.abc import Callable
from threading import Lock
from time import monotonic
from typing import NamedTuple, NoReturn, TypeVar

from keystoneauth1.access.service_catalog import ServiceCatalog
from keystoneauth1.exceptions import HttpError
from keystoneauth1.identity.v3 import ApplicationCredential, Password
from keystoneauth1.session import Session

from chalicelib.adapters import time_left
from chalicelib.adapters.openstack.connections import under_way
from chalicelib.model.errors import KeystoneUnavailable, NoCredential

DEFAULT_DOMAIN = "Default"
# For so long Keystone isn't asked about a credential again that it has refused: it may lock the user out.
REFUSED_SECONDS = 10.0
# For so long after a silence nobody asks again: many may wait for their turn at a Keystone that hangs.
SILENT_SECONDS = 2.0
# For all of a login, however slowly the answer trickles in, and for the wait for another's; a request gives
# it no more than is left of its own time.
LOGIN_SECONDS = 5.0
_OVER_SECONDS = 0.1  # so little is left of a request's time when it has ended: two clocks measure it
_SILENT = "Keystone gives no token for a pod's credential"

A = TypeVar("A")


class Refused(NoCredential):
    """Keystone refuses a credential, which may have been rotated since it was read."""


class Token(NamedTuple):
    """A token, whose it is, and whether it has the role with which a Nova lets everything be done."""

    text: str
    project_id: str
    user_id: str
    is_admins: bool


class Login:
    """One user: keystoneauth's plugin for it, which keeps its current token."""

    def __init__(
        self, ref: str, text: str, default_auth_url: str, seconds: Callable[[], float] = monotonic
    ) -> None:
        """``text`` is the credential as JSON. Raises NoCredential when it can't be read as one.

        ``seconds`` is the clock.
        """
        self.ref, self.text = ref, text
        self._plugin = _plugin(ref, text, default_auth_url)
        self.auth_url = str(self._plugin.auth_url).rstrip("/")
        self._lock = Lock()
        self._seconds = seconds
        self._refused_until = 0.0
        self._refusal = ""
        self._silent_until = 0.0

    def token(self, session: Session, refused: str = "") -> Token:
        """The current token; a new one when a pod ``refused`` the current one.

        Raises Refused when Keystone doesn't accept the user, KeystoneUnavailable.
        """

        def current() -> Token:
            if refused and self._plugin.get_token(session) == refused:
                self._plugin.invalidate()
            access = self._plugin.get_access(session)
            admins = any(name.lower() == "admin" for name in access.role_names or ())
            return Token(
                access.auth_token or "", access.project_id or "", access.user_id or "", is_admins=admins
            )

        return self._asked(current)

    def catalogue(self, session: Session, afresh: bool = False) -> ServiceCatalog:
        """Keystone's service catalogue for this user, which comes with a token. ``afresh`` fetches both anew.

        Raises Refused when Keystone doesn't accept the user, KeystoneUnavailable.
        """

        def current() -> ServiceCatalog:
            if afresh:
                self._plugin.invalidate()
            return self._plugin.get_access(session).service_catalog

        return self._asked(current)

    def _asked(self, question: Callable[[], A]) -> A:
        if not self._lock.acquire(timeout=time_left.at_most(LOGIN_SECONDS)):
            raise KeystoneUnavailable(_SILENT)
        try:
            if self._seconds() < self._refused_until:
                raise Refused(self._refusal)
            if self._seconds() < self._silent_until:
                raise KeystoneUnavailable(_SILENT)
            return self._in_time(question)
        finally:
            self._lock.release()

    def _in_time(self, question: Callable[[], A]) -> A:
        under_way.begin(time_left.at_most(LOGIN_SECONDS))
        try:
            return question()
        except Exception as error:  # what a Keystone says may be anything, and keystoneauth believes it
            self._raise_ours(error)
        finally:
            under_way.end()

    def _raise_ours(self, error: Exception) -> NoReturn:
        status = error.http_status if isinstance(error, HttpError) else 0
        if 400 <= status < 500 and status != 429:
            self._refusal = f"Keystone refuses the credential {self.ref}: {status}"
            self._refused_until = self._seconds() + REFUSED_SECONDS
            raise Refused(self._refusal) from error
        # The end of one request's time tells others nothing of Keystone.
        if time_left.at_most(LOGIN_SECONDS) > _OVER_SECONDS:
            self._silent_until = self._seconds() + SILENT_SECONDS
        raise KeystoneUnavailable(_SILENT) from error

    def __repr__(self) -> str:
        """The user's text for a log, without the secret."""
        return f"Login({self.ref})"


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
