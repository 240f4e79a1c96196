"""Tokens and audit entries are written while a service has the store; nothing else is."""

from pathlib import Path

import pytest

from domain.errors import ConflictError, NotFoundError, StoreVersionError
from domain.records import AuditEntry, Token
from storage.beside import RecordsBeside
from storage.sqlite import SqliteStore

T0 = 1_790_035_200.0
PHONE = Token("t1", "phone", "ab" * 32, ("read",), T0, wearer="ada", last_used_at=T0 + 1)


def test_what_is_written_beside_a_service_is_there_for_it_and_for_the_next_start(tmp_path: Path):
    path = tmp_path / "sitwell.db"
    with SqliteStore(path) as service, RecordsBeside(path) as beside:
        revision = beside.put_token(PHONE, expected=0)
        beside.add_audit(AuditEntry(T0, "command line", "token", "ada", "made"))
        assert service.tokens() == [PHONE] == beside.tokens()
        assert service.put_token(PHONE, expected=revision) > revision
        with pytest.raises(ConflictError):
            beside.put_token(PHONE, expected=revision)
    with SqliteStore(path) as again:
        assert [entry.detail for entry in again.audit()] == ["made"]
        assert again.tokens()[0].last_used_at == T0 + 1


def test_a_token_is_taken_away_beside_a_service(tmp_path: Path):
    path = tmp_path / "sitwell.db"
    with SqliteStore(path) as service, RecordsBeside(path) as beside:
        service.put_token(PHONE)
        beside.remove_token("t1")
        assert service.tokens() == []
        with pytest.raises(NotFoundError):
            beside.remove_token("t1")


def test_nothing_is_made_or_migrated_beside_a_service(tmp_path: Path):
    with pytest.raises(NotFoundError):
        RecordsBeside(tmp_path / "none.db")
    path = tmp_path / "sitwell.db"
    with SqliteStore(path) as store:
        with store._transaction() as connection:
            connection.execute("PRAGMA user_version = 3")
        with pytest.raises(StoreVersionError, match="older Sitwell"):
            RecordsBeside(path)


def test_the_audit_is_read_page_by_page(tmp_path: Path):
    with SqliteStore(tmp_path / "sitwell.db") as store:
        for n in range(5):
            store.add_audit(AuditEntry(T0, "api", f"did {n}"))
        first = store.audit(limit=2)
        rest = store.audit(before=first[-1].number)
        assert [entry.what for entry in (*first, *rest)] == [f"did {n}" for n in (4, 3, 2, 1, 0)]


def test_an_erased_wearers_tokens_go_and_those_for_everybody_stay(tmp_path: Path):
    with SqliteStore(tmp_path / "sitwell.db") as store:
        store.put_token(PHONE)
        store.put_token(Token("t2", "prometheus", "cd" * 32, ("read",), T0))
        store.erase("ada", 0, 2**33)
        assert len(store.tokens()) == 2
        store.erase("ada")
        assert [token.id for token in store.tokens()] == ["t2"]
