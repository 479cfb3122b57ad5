"""Who may do what in a team: a truth table."""

import pytest

from qjob.model.team import Role
from qjob.policy.roles import Action, refusal

OWNER, ADMIN, MEMBER = Role.OWNER, Role.ADMIN, Role.MEMBER
INVITE, REMOVE, LEAVE = Action.INVITE, Action.REMOVE, Action.LEAVE


@pytest.mark.parametrize(
    ("action", "actor", "other", "owners", "allowed"),
    [
        (INVITE, OWNER, OWNER, 1, True),
        (INVITE, OWNER, MEMBER, 1, True),
        (INVITE, ADMIN, ADMIN, 1, True),
        (INVITE, ADMIN, MEMBER, 1, True),
        (INVITE, ADMIN, OWNER, 1, False),
        (INVITE, MEMBER, MEMBER, 1, False),
        (INVITE, None, MEMBER, 1, False),
        (REMOVE, OWNER, OWNER, 2, True),
        (REMOVE, OWNER, OWNER, 1, False),
        (REMOVE, OWNER, ADMIN, 1, True),
        (REMOVE, ADMIN, OWNER, 2, False),
        (REMOVE, ADMIN, ADMIN, 1, True),
        (REMOVE, ADMIN, MEMBER, 1, True),
        (REMOVE, MEMBER, MEMBER, 1, False),
        (LEAVE, MEMBER, MEMBER, 1, True),
        (LEAVE, ADMIN, ADMIN, 1, True),
        (LEAVE, OWNER, OWNER, 2, True),
        (LEAVE, OWNER, OWNER, 1, False),
    ],
)
def test_who_may(action, actor, other, owners, allowed):
    error = refusal(action, actor, other, owners=owners)
    assert (error is None) is allowed
    if error is not None:
        assert error.remedy
        assert error.http_status == 403
