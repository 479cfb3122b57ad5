"""The API keys in the store: by their ids and digests, never by their texts."""

import logging
from datetime import datetime, timedelta

from qjob.model.errors import StoreError
from qjob.model.key import ApiKey, Scope, digest_of, id_of, is_text_of
from qjob.store.part import Part
from qjob.store.rows import Row, from_time, to_time

LOG = logging.getLogger(__name__)

USE_NOTED = timedelta(minutes=1)
"""How far apart two uses of a key are that are both noted: most requests write nothing for it."""


class Keys(Part):
    """Who may come in by a key."""

    def add_key(self, key: ApiKey, text: str) -> None:
        """Keep a new key, with the digest of its text.

        Raises
        ------
        StoreError
            A key of this id exists, or there is no such team.
        """
        with self._db.write(durable=True) as connection:
            self._sql.add_key(
                connection,
                id=key.id,
                digest=digest_of(text),
                name=key.name,
                username=key.user,
                team=key.team,
                scopes=" ".join(sorted(key.scopes)),
                created_at=to_time(key.created_at),
                expires_at=None if key.expires_at is None else to_time(key.expires_at),
                email=key.email,
                organization=key.organization,
            )

    def keys_of(self, user: str) -> list[ApiKey]:
        """Return a user's keys, the oldest first, also those that open nothing any more."""
        with self._db.read() as connection:
            return [_key(row) for row in self._sql.keys_of(connection, username=user)]

    def key_of(self, text: str) -> ApiKey | None:
        """Return the key of a text, if it opens anything now: known, not over, not revoked, its user in its team.

        The same is done for a text that no key has as for one that a key has.
        """
        now = self.clock()
        with self._db.read() as connection:
            row = self._sql.get_key(connection, id=id_of(text) or "")
        *fields, digest, member = row or (*[None] * 12, False)
        if not is_text_of(text, digest):
            return None
        key = _key(tuple(fields))
        if not (member and key.valid(now)):
            return None
        if key.last_used_at is None or not timedelta() <= now - key.last_used_at < USE_NOTED:
            self._note_use(key, now)
        return key

    def _note_use(self, key: ApiKey, now: datetime) -> None:
        try:
            with self._db.write() as connection:
                before = to_time(now - USE_NOTED)
                self._sql.key_used(connection, id=key.id, now=to_time(now), before=before)
        except StoreError as error:  # who only reads needs no store that can be written
            LOG.warning("the use of key %s is not noted: %s", key.id, error)

    def revoke_key(self, key_id: str, now: datetime) -> bool:
        """Let a key open nothing any more, from now on and for good; return whether it did until now."""
        with self._db.write(durable=True) as connection:
            return bool(self._sql.revoke_key(connection, id=key_id, now=to_time(now)))


def _key(row: Row) -> ApiKey:
    key_id, name, user, team, scopes, created_at, *times, email, organization = row
    expires_at, revoked_at, last_used_at = (None if at is None else from_time(at) for at in times)
    return ApiKey(
        key_id,
        name,
        user,
        team,
        frozenset(Scope(scope) for scope in scopes.split()),
        from_time(created_at),
        expires_at,
        revoked_at,
        last_used_at,
        email,
        organization,
    )
