"""Webhooks: signed as the standard wants, to where they may go, and what an answer makes of them."""

import asyncio
import base64
import datetime as dt
import hashlib
import hmac
import ipaddress
import json
import math
import ssl
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from alerts.channels.contract import Delivered, NotDelivered
from alerts.channels.signature import headers_for, secrets_in
from alerts.channels.targets import is_public
from alerts.channels.texts import announcement_of, trial_of
from alerts.channels.webhook import body_of, check_webhook_url
from domain.errors import ConfigError, InputError
from tests.alerts.channels.benches import SECRET, WebhookBench
from tests.alerts.channels.desk_of_channels import ALERT, T0, Desk, until

SAID = announcement_of(ALERT, "en")
pytestmark = pytest.mark.filterwarnings("error")


@pytest.fixture
async def hook(tmp_path: Path):
    bench = WebhookBench(tmp_path)
    await bench.start()
    yield bench
    await bench.stop()


class TestSignature:
    def test_is_that_of_the_vector_that_the_reference_libraries_share(self) -> None:
        # standard-webhooks/libraries, their tests: id, timestamp, payload and what they give.
        secrets = secrets_in("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
        body = b'{"test": 2432232314}'
        headers = headers_for(secrets, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
        assert headers == {
            "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
            "webhook-timestamp": "1614265330",
            "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        }

    def test_is_made_with_each_secret_so_that_a_receiver_can_change(self) -> None:
        other = "whsec_" + base64.b64encode(bytes(range(32))).decode()
        headers = headers_for(secrets_in(f"{SECRET} {other}"), "a1-1", 7, b"{}")
        one, two = headers["webhook-signature"].split(" ")
        assert one != two
        assert one.startswith("v1,")
        assert two.startswith("v1,")

    @pytest.mark.parametrize(
        "secret", ["plain", "whsec_###", "whsec_c2hvcnQ=", "whsec_" + "QUFB" * 40]
    )
    def test_wants_a_secret_of_the_standard_and_never_quotes_it(self, secret: str) -> None:
        with pytest.raises(InputError) as refused:
            secrets_in(secret)
        assert secret not in str(refused.value)


class TestAPost:
    async def test_is_what_the_page_describes_and_its_signature_holds(
        self, hook: WebhookBench
    ) -> None:
        assert await hook.channel.deliver(SAID) == Delivered()
        (posted,) = hook.receiver.posted
        assert posted.line == "POST /hook?x=1 HTTP/1.1"
        assert posted.headers["host"] == f"127.0.0.1:{hook.receiver.port}"
        assert posted.headers["content-type"] == "application/json"
        assert posted.headers["webhook-timestamp"] == str(int(T0 + 7))
        signed = f"a1-1.{int(T0 + 7)}.".encode() + posted.body
        secret = base64.b64decode(SECRET.removeprefix("whsec_"))
        wanted = base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()
        assert posted.headers["webhook-signature"] == f"v1,{wanted}"
        told = json.loads(posted.body)
        assert (told["type"], told["timestamp"]) == ("alert.said", "2026-09-22T00:00:00.000Z")
        assert told["data"]["message"] == ALERT.message
        assert told["data"]["explanation"]["value"] == 1920.0

    def test_tells_figures_as_they_can_be_known(self) -> None:
        why = replace(ALERT.explanation, value=19.5961593, limit=math.nan, confidence=0.99999)
        told = json.loads(body_of(announcement_of(replace(ALERT, explanation=why), "en")))
        told = told["data"]["explanation"]
        assert (told["value"], told["limit"], told["confidence"]) == (19.596, None, 0.999)

    async def test_of_a_trial_says_that_it_is_one(self, hook: WebhookBench) -> None:
        await hook.channel.deliver(trial_of("test-1", "ada", "en", T0))
        assert json.loads(hook.receiver.posted[0].body)["type"] == "alert.test"

    @pytest.mark.parametrize(
        ("answer", "again", "after_s"),
        [
            ("500 Internal Server Error", True, None),
            ("503 Service Unavailable\r\nretry-after: 120", True, 120.0),
            ("429 Too Many Requests\r\nretry-after: 999999", True, 3600.0),
            ("429 Too Many Requests\r\nretry-after: Wed, 21 Oct 2026 07:28:00 GMT", True, None),
            ("404 Not Found", False, None),
            ("410 Gone", False, None),
            ("302 Found\r\nlocation: http://169.254.169.254/latest/meta-data/", False, None),
            ("307 Temporary Redirect\r\nlocation: /elsewhere", False, None),
        ],
    )
    async def test_that_is_not_taken_says_whether_it_may_be_later(
        self, hook: WebhookBench, answer: str, again: bool, after_s: float | None
    ) -> None:
        hook.receiver.answers = [answer]
        result = await hook.channel.deliver(SAID)
        assert isinstance(result, NotDelivered)
        assert (result.again, result.after_s) == (again, after_s)
        assert answer[:3] in result.problem
        assert len(hook.receiver.posted) == 1, "a redirection is not followed"
        assert hook.channel.problem() == result.problem

    async def test_that_is_slow_is_given_up(self, hook: WebhookBench) -> None:
        hook.receiver.hold = True
        channel = hook.made(hook.receiver.url, patience_s=0.2)
        assert await channel.deliver(SAID) == NotDelivered(
            "127.0.0.1 did not answer in time", again=True
        )
        await channel.close()

    async def test_that_fails_is_sent_again_under_its_own_id(self, hook: WebhookBench) -> None:
        hook.receiver.answers = ["500 Oops", "502 Bad Gateway"]
        async with Desk([hook.channel]).running() as desk:
            desk.dispatcher.take(ALERT)
            for attempt in (1, 2):
                await desk.failed("hook", attempt)
                desk.move(60)
            await until(lambda: desk.log.states() == {("a1-1", "hook"): "delivered"})
        assert [p.headers["webhook-id"] for p in hook.receiver.posted] == ["a1-1"] * 3


class TestATarget:
    @pytest.mark.parametrize(
        "address",
        [
            "127.0.0.1", "10.1.2.3", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1",
            "0.0.0.0", "255.255.255.255", "224.0.0.1", "198.18.0.1", "::1", "::", "fe80::1",
            "fe80::1%eth0", "fd00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254",
            "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2001:0:1::1", "2001:db8::1",
        ],
    )  # fmt: skip
    def test_of_this_machine_or_network_is_not_public(self, address: str) -> None:
        assert not is_public(ipaddress.ip_address(address))

    @pytest.mark.parametrize(
        "address", ["9.9.9.9", "2620:fe::fe", "::ffff:9.9.9.9", "64:ff9b::909:909"]
    )
    def test_of_the_internet_is(self, address: str) -> None:
        assert is_public(ipaddress.ip_address(address))

    @given(st.ip_addresses(v=4))
    def test_is_public_in_ipv6_as_it_is_in_ipv4(self, address: ipaddress.IPv4Address) -> None:
        for inside in (f"::ffff:{address}", f"64:ff9b::{address}"):
            assert is_public(ipaddress.ip_address(inside)) == is_public(address)

    @pytest.mark.parametrize(
        "found", [["127.0.0.1"], ["169.254.169.254"], ["9.9.9.9", "10.0.0.1"], ["::1"]]
    )
    async def test_that_is_not_public_is_refused_before_anything_is_sent(
        self, hook: WebhookBench, found: list[str]
    ) -> None:
        async def resolve(host: str, port: int) -> list[str]:
            return found

        channel = hook.made(
            f"http://hook.example:{hook.receiver.port}/", allow_private=False, resolve=resolve
        )
        result = await channel.deliver(SAID)
        assert isinstance(result, NotDelivered)
        assert not result.again
        assert "allow_private" in result.problem
        assert hook.receiver.posted == []
        await channel.close()

    async def test_is_resolved_once_and_that_very_address_is_connected_to(
        self, hook: WebhookBench
    ) -> None:
        """Somebody else's name server gives another address to whoever asks twice."""
        asked: list[str] = []

        async def resolve(host: str, port: int) -> list[str]:
            asked.append(host)
            return ["127.0.0.1"] if len(asked) == 1 else ["169.254.169.254"]

        channel = hook.made(f"http://rebinding.example:{hook.receiver.port}/", resolve=resolve)
        assert await channel.deliver(SAID) == Delivered()
        assert asked == ["rebinding.example"]
        host = f"rebinding.example:{hook.receiver.port}"
        assert hook.receiver.posted[0].headers["host"] == host
        await channel.close()

    async def test_that_has_no_address_may_have_one_later(self, hook: WebhookBench) -> None:
        async def resolve(host: str, port: int) -> list[str]:
            raise OSError("no such name")

        channel = hook.made("https://gone.example/secret-path", resolve=resolve)
        result = await channel.deliver(SAID)
        assert result == NotDelivered("gone.example has no address here", again=True)
        await channel.close()

    async def test_ignores_the_proxy_of_the_environment(
        self, hook: WebhookBench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
        monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
        assert await hook.channel.deliver(SAID) == Delivered()

    @pytest.mark.parametrize("named", ["hook.example", "other.example"])
    async def test_has_to_have_the_certificate_of_its_name(
        self, hook: WebhookBench, tmp_path: Path, named: str
    ) -> None:
        certificate = self_signed(tmp_path, named)
        asked: list[str | None] = []
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        context.sni_callback = lambda socket, name, own: asked.append(name)
        server = await asyncio.start_server(hook.receiver._serve, "127.0.0.1", 0, ssl=context)
        port = server.sockets[0].getsockname()[1]

        async def resolve(host: str, port: int) -> list[str]:
            return ["127.0.0.1"]

        trusted = ssl.create_default_context(cafile=str(certificate))
        channel = hook.made(f"https://hook.example:{port}/", resolve=resolve, tls=trusted)
        result = await channel.deliver(SAID)
        assert asked == ["hook.example"]
        if named == "hook.example":
            assert result == Delivered()
        else:
            assert isinstance(result, NotDelivered)
            assert hook.receiver.posted == []
        await channel.close()
        server.close()
        await server.wait_closed()

    @pytest.mark.parametrize(
        ("url", "problem"),
        [
            ("http://hook.example/", "allow_http"),
            ("ftp://hook.example/", "wants an address"),
            ("https://user:word@hook.example/", "carries a login"),
            ("https://", "wants an address"),
            ("https://hook.example:99999/", "is no address"),
        ],
    )
    def test_that_cannot_be_posted_to_is_refused_at_the_start(self, url: str, problem: str) -> None:
        with pytest.raises(ConfigError, match=problem) as refused:
            check_webhook_url("channels.webhook[0].url", url, allow_http=False)
        assert "word" not in str(refused.value)

    @pytest.mark.parametrize("host", ["127.0.0.1", "localhost:8123", "[::1]"])
    def test_that_is_of_this_machine_goes_over_no_network(self, host: str) -> None:
        check_webhook_url("channels.webhook[0].url", f"http://{host}/", allow_http=False)


def self_signed(folder: Path, name: str) -> Path:
    """A certificate for `name`, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    path.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return path
