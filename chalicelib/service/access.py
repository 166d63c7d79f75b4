"""Access: who calls, and whether they may."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.model.deadline import NO_DEADLINE, Deadline
from chalicelib.model.errors import Forbidden, Unauthenticated
from chalicelib.model.identity import Caller, Role
from chalicelib.service.ports import TokenValidator


@dataclass(frozen=True, slots=True)
class Access:
    """Admits callers by the role that a route asks for."""

    validator: TokenValidator

    def caller(self, token: str, request_id: str, wanted: Role, deadline: Deadline = NO_DEADLINE) -> Caller:
        """The token's owner, who has at least the wanted role.

        Raises Unauthenticated for no token or a bad one, Forbidden for a role too low, and
        KeystoneUnavailable.
        """
        if not token:
            raise Unauthenticated("The request you have made requires authentication.")
        identity = self.validator.validate(token)
        if not identity.may(wanted):
            raise Forbidden(f"This needs the {wanted.name.lower()} role.")
        return Caller(identity, token, request_id, deadline)
