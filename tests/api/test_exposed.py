"""A real server that others can reach: TLS, proxies, requests that never end; with and without the guard."""

import asyncio
import datetime as dt
import ipaddress
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api import patience, server
from api.client import Client
from api.exposure import Exposure
from api.server import Server, listen
from domain.errors import RemoteAwayError
from tests.api.access import bearer, kept_token, made_app
from tests.api.test_problems import problem

V1 = "/api/v1"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate of this machine that vouches for itself, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    begun = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(begun)
        .not_valid_after(begun + dt.timedelta(days=9))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost"), address]), False)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "cert.pem", folder / "key.pem"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    paths[1].chmod(0o600)
    return paths


@asynccontextmanager
async def serving(store, exposure: Exposure) -> AsyncIterator[int]:
    """The port of a server over `store`."""
    app = made_app(store, exposure=exposure)
    listener = listen("127.0.0.1", 0)
    served = Server(app, app.state.parts.hub, exposure=exposure)
    task = asyncio.create_task(served.serve(sockets=[listener]))
    async with asyncio.timeout(30):
        while not served.started:
            await asyncio.sleep(0.01)
    yield listener.getsockname()[1]
    served.should_exit = True
    await asyncio.wait_for(task, 30)


async def test_over_tls_one_logs_in_with_a_secure_cookie(store, certificate):
    exposure = Exposure(require_token=True, certificate=certificate[0], key=certificate[1])
    _, secret = kept_token(store, "read")
    trust = ssl.create_default_context(cafile=certificate[0])
    async with serving(store, exposure) as port:
        base = f"https://localhost:{port}"
        async with httpx2.AsyncClient(base_url=base, verify=trust, trust_env=False) as client:
            problem(await client.get(f"{V1}/wearers"), 401)
            answer = await client.post(
                f"{V1}/login", json={"secret": secret}, headers={"origin": base}
            )
            assert "__Host-sitwell=" in answer.headers["set-cookie"]
            assert "; Secure" in answer.headers["set-cookie"]
            assert (await client.get(f"{V1}/wearers")).status_code == 200
            plain = {"origin": base.replace("https", "http")}
            problem(await client.post(f"{V1}/logout", json={}, headers=plain), 403)
        with pytest.raises(httpx2.TransportError):
            async with httpx2.AsyncClient(trust_env=False) as client:
                await client.get(f"http://localhost:{port}{V1}/wearers")


async def test_a_client_trusts_the_certificate_that_it_is_given(store, certificate):
    exposure = Exposure(require_token=True, certificate=certificate[0], key=certificate[1])
    _, secret = kept_token(store, "read")
    trust = ssl.create_default_context(cafile=certificate[0])
    async with serving(store, exposure) as port:
        url = f"https://localhost:{port}"
        async with Client(url, secret, tls=trust) as sitwell:
            assert [each.id for each in await sitwell.wearers()] == ["ada", "bob"]
        async with Client(url, secret) as sitwell:
            with pytest.raises(RemoteAwayError, match=r"is not trusted .* --ca-file"):
                await sitwell.wearers()


async def lie_about_ones_address(store, exposure: Exposure) -> bool:
    """Whether the service takes somebody for whom they say they are."""
    forged = {"x-forwarded-for": "203.0.113.7", "x-forwarded-proto": "https"}
    async with serving(store, exposure) as port:
        base = f"http://127.0.0.1:{port}"
        async with httpx2.AsyncClient(base_url=base, trust_env=False) as client:
            problem(await client.post(f"{V1}/login", json={"secret": "x"}, headers=forged), 401)
    return store.audit()[0].detail == "from 203.0.113.7"


async def test_a_forwarding_header_counts_from_a_trusted_proxy_alone(store):
    assert not await lie_about_ones_address(store, Exposure(require_token=True))
    elsewhere = Exposure(trusted_proxies=("192.0.2.1",))
    assert not await lie_about_ones_address(store, elsewhere)
    assert await lie_about_ones_address(store, Exposure(trusted_proxies=("127.0.0.1",)))


async def test_behind_a_trusted_proxy_with_tls_the_cookie_is_secure(store):
    exposure = Exposure(trusted_proxies=("127.0.0.1",), hosts=("sitwell.example",))
    _, secret = kept_token(store, "read", kind="login")
    sent = {
        "host": "sitwell.example",
        "origin": "https://sitwell.example",
        "x-forwarded-for": "203.0.113.7",
        "x-forwarded-proto": "https",
    }
    async with serving(store, exposure) as port:
        base = f"http://127.0.0.1:{port}"
        async with httpx2.AsyncClient(base_url=base, headers=sent, trust_env=False) as client:
            answer = await client.post(f"{V1}/login", json={"secret": secret})
            assert answer.status_code == 200
            assert answer.headers["set-cookie"].startswith("__Host-sitwell=")
            problem(await client.get("/", headers={"host": "other.example"}), 421)


async def drip_a_request(store, seconds: float) -> bool:
    """Whether a connection on which a request never ends is kept for so long."""
    async with serving(store, Exposure()) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
        try:
            async with asyncio.timeout(seconds):
                while True:
                    writer.write(b"X-Drip: 1\r\n")
                    if not await reader.read(1):
                        return False
        except TimeoutError:
            return True
        except ConnectionError:
            return False
        finally:
            writer.close()


async def test_a_request_that_never_ends_is_given_up(store, monkeypatch):
    monkeypatch.setattr(patience, "HEAD_S", 0.1)
    assert not await drip_a_request(store, 30)


async def test_without_its_guard_it_is_kept(store, monkeypatch):
    monkeypatch.setattr(patience, "HEAD_S", 0.1)
    monkeypatch.setattr(server, "PatientProtocol", HttpToolsProtocol)
    assert await drip_a_request(store, 1.5)


async def hold_connections(store) -> bool:
    """Whether somebody is answered beside one who holds the only connection that there is."""
    async with serving(store, Exposure(streams=2)) as port:
        _, held = await asyncio.open_connection("127.0.0.1", port)
        async with httpx2.AsyncClient(trust_env=False) as client:
            answer = await client.get(f"http://127.0.0.1:{port}/livez")
        held.close()
        return answer.status_code == 200


async def test_more_connections_than_there_are_are_turned_away(store, monkeypatch):
    assert await hold_connections(store)
    monkeypatch.setattr(server, "MORE_CONNECTIONS", 0)
    assert not await hold_connections(store)


async def test_patience_ends_with_the_request_and_not_with_the_answer(store, monkeypatch):
    monkeypatch.setattr(patience, "HEAD_S", 0.2)
    async with serving(store, Exposure()) as port:
        base = f"http://127.0.0.1:{port}"
        async with (
            httpx2.AsyncClient(base_url=base, timeout=30, trust_env=False) as client,
            client.sse(f"{V1}/live") as source,
        ):
            events = aiter(source)
            await anext(events)
            await asyncio.sleep(0.4)  # as long as is needed to be wrong; a quick end passes too
            assert (await anext(events)).event == "now"
            await events.aclose()


async def test_a_token_of_the_store_lets_in_over_the_wire(store):
    _, secret = kept_token(store, "read")
    async with serving(store, Exposure(require_token=True)) as port:
        base = f"http://127.0.0.1:{port}"
        async with httpx2.AsyncClient(base_url=base, trust_env=False) as client:
            problem(await client.get(f"{V1}/wearers"), 401)
            answer = await client.get(f"{V1}/wearers", headers=bearer(secret))
            assert answer.status_code == 200


def test_the_address_that_was_asked_is_a_name_where_others_can_ask(store):
    from starlette.datastructures import Headers

    from api.guard import Asked, host_is_ours

    scope = {"type": "http", "method": "GET", "path": "/", "server": ("192.168.1.7", 8765)}

    def answered(host: str, exposure: Exposure) -> bool:
        return host_is_ours(Asked(scope, Headers({"host": host}), exposure)) is None

    wide = Exposure(host="0.0.0.0", hosts=("sitwell.example",))
    assert answered("192.168.1.7:8765", wide)
    assert answered("sitwell.example", wide)
    assert answered("Sitwell.Example:443", wide)
    assert not answered("192.168.1.8", wide)
    assert not answered("evil.example", wide)
    assert not answered("192.168.1.7", Exposure())
