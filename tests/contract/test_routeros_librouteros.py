"""librouteros 4.2.2 against the simulated router."""

from __future__ import annotations

import contextlib
import functools
import ssl
from typing import TYPE_CHECKING, Any

import librouteros
import pytest
from librouteros.exceptions import ConnectionClosed, FatalError, MultiTrapError, ProtocolError, TrapError
from librouteros.login import plain, token
from librouteros.query import Key, Or

from lab.simulators.certificates import Authority, anonymous_server_context, self_signed
from lab.simulators.routeros import Account, Fault, RouterSimulator, Trap

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

    from librouteros.api import Api, Path

SYNC = Account("sync", "pässwörd", frozenset({"api", "read", "write", "sensitive"}))
ASCII = Account("sync", "s3cret")
VERSIONS = ["6.43", "6.49", "7.15.3", "7.18.2", "7.21.1"]


@contextlib.contextmanager
def connected(router: RouterSimulator, account: Account = SYNC, **options: Any) -> Iterator[Api]:
    """A client logged in; whatever happens, its socket is closed (the library forgets it when a login breaks)."""
    sockets = []
    wrap = options.pop("ssl_wrapper", lambda sock: sock)

    def remember(sock: socket.socket) -> socket.socket:
        sockets.append(sock)
        sockets.append(wrap(sock))
        return sockets[-1]

    options = {"encoding": "utf-8", "timeout": 5, "ssl_wrapper": remember, **options}
    try:
        yield librouteros.connect(router.host, account.name, account.password, port=router.port, **options)
    finally:
        for sock in sockets:
            sock.close()


def secrets_of(api: Api) -> Path:
    """The menu of PPP secrets."""
    return api.path("ppp", "secret")


@pytest.fixture(params=VERSIONS)
def router(request: pytest.FixtureRequest) -> Iterator[RouterSimulator]:
    """A router of each kind of release."""
    with RouterSimulator(request.param, accounts=[SYNC]) as router:
        router.add_profile("30mbps")
        yield router


@pytest.fixture
def api(router: RouterSimulator) -> Iterator[Api]:
    """A client of it."""
    with connected(router) as api:
        yield api


def test_a_print_of_nothing_gives_no_rows(api: Api) -> None:
    """A menu without items gives no rows, with `!empty` or without."""
    assert list(secrets_of(api)) == []
    assert list(api.path("ppp", "active")) == []


def test_a_secret_is_added_changed_and_removed(router: RouterSimulator, api: Api) -> None:
    """A secret's whole life."""
    secrets = secrets_of(api)
    words = {"name": "ABC1", "password": "0123", "profile": "30mbps", "service": "pppoe", "remote-address": "10.0.0.9"}
    number = secrets.add(**words, disabled=True)
    assert number == "*1"
    row = next(iter(secrets))
    assert words.items() <= row.items()
    assert row["disabled"] is True
    assert "comment" not in row
    secrets.update(**{".id": number, "disabled": False, "comment": "Žluťoučký"})
    tuple(api("/ppp/secret/unset", **{".id": number, "value-name": "remote-address"}))
    row = next(iter(secrets))
    assert row["comment"] == "Žluťoučký"
    assert row["disabled"] is False
    assert "remote-address" not in row
    secrets.remove(number)
    assert router.secrets() == []
    assert [write.command.rpartition("/")[2] for write in router.writes] == ["add", "set", "unset", "remove"]
    assert all(write.succeeded for write in router.writes)


def test_one_comma_list_removes_several_items(router: RouterSimulator, api: Api) -> None:
    """The library removes several items with one comma list."""
    first, second = router.add_secret(name="A1"), router.add_secret(name="A2")
    router.add_secret(name="A3")
    secrets_of(api).remove(first, second)
    assert [secret["name"] for secret in router.secrets()] == ["A3"]


def test_property_lists_and_queries_select_rows(router: RouterSimulator, api: Api) -> None:
    """The library's property lists and queries."""
    for name in ("A1", "A2", "A3"):
        router.add_secret(name=name, disabled=name == "A2")
    name, disabled = Key("name"), Key("disabled")
    secrets = secrets_of(api)
    assert list(secrets.select(name).where(disabled == True)) == [{"name": "A2"}]  # noqa: E712
    assert [row["name"] for row in secrets.select(name).where(Or(name == "A1", name == "A3"))] == ["A1", "A3"]
    assert [row["name"] for row in secrets.select(name).where(name.In("A2", "A3"))] == ["A2", "A3"]
    assert [row["name"] for row in secrets.select(name).where(name != "A1")] == ["A2", "A3"]


def test_trap_keeps_the_connection(router: RouterSimulator, api: Api) -> None:
    """A refused command raises its text and category; the next one works."""
    router.add_secret(name="A1")
    with pytest.raises(TrapError, match="failure: secret with the same name already exists") as caught:
        secrets_of(api).add(name="A1")
    assert caught.value.category is None
    with pytest.raises(TrapError, match="input does not match any value of profile") as caught:
        secrets_of(api).add(name="A2", profile="90mbps")
    assert caught.value.category == 1
    assert len(list(secrets_of(api))) == 1


def test_the_router_tells_its_release_and_its_name(api: Api) -> None:
    """The router tells its release and its name."""
    resource = next(iter(api.path("system", "resource")))
    assert str(resource["version"]).endswith(" (stable)")
    assert next(iter(api.path("system", "identity"))) == {"name": "tower-1"}


def test_a_disabled_secret_keeps_its_session_until_that_is_removed(router: RouterSimulator, api: Api) -> None:
    """A disabled secret keeps its session until that is removed."""
    number = router.add_secret(name="A1")
    session = router.connect_session("A1")
    secrets_of(api).update(**{".id": number, "disabled": True})
    assert [row[".id"] for row in api.path("ppp", "active")] == [session]
    api.path("ppp", "active").remove(session)
    assert router.sessions() == []


@pytest.mark.parametrize(
    ("version", "methods"),
    [("6.42.12", {token}), ("6.43", {plain, token}), ("6.45.1", {plain}), ("7.18.2", {plain})],
)
def test_the_release_decides_which_login_works(version: str, methods: set[Any]) -> None:
    """Which login works depends on the release."""
    with RouterSimulator(version, accounts=[ASCII]) as router:
        for method in (plain, token):
            if method in methods:
                outcome: Any = contextlib.nullcontext()
            elif method is token:
                outcome = pytest.raises(TrapError)
            else:
                outcome = pytest.raises(FatalError, match="not logged in")
            with outcome, connected(router, ASCII, login_method=method) as api:
                assert list(secrets_of(api)) == []


@pytest.mark.parametrize("version", ["6.42", "6.43", "7.18.2"])
def test_a_wrong_password_and_an_unknown_user_are_refused_in_the_same_words(version: str) -> None:
    """A wrong password and an unknown user are refused with the same words."""
    with RouterSimulator(version, accounts=[ASCII]) as router:
        method = token if version == "6.42" else plain
        text = "cannot log in" if version == "6.42" else r"invalid user name or password \(6\)"
        for account in (Account("sync", "wrong"), Account("nobody", ASCII.password)):
            with pytest.raises(TrapError, match=text), connected(router, account, login_method=method):
                pass


def test_without_sensitive_passwords_are_masked_and_can_be_set() -> None:
    """Without the `sensitive` policy passwords read as five asterisks, and can still be set."""
    blind = Account("sync", SYNC.password, frozenset({"api", "read", "write"}))
    with RouterSimulator(accounts=[blind]) as router:
        number = router.add_secret(name="A1", password="hidden")
        with connected(router) as api:
            assert next(iter(secrets_of(api)))["password"] == "*****"
            secrets_of(api).update(**{".id": number, "password": "new"})
        assert (router.secret("A1") or {})["password"] == "new"


def test_the_authority_and_the_name_are_verified() -> None:
    """The router's certificate is verified against its authority and the name asked for."""
    authority = Authority()
    with RouterSimulator(accounts=[SYNC], tls=authority.issue("router-1.example.com").server_context()) as router:
        context = ssl.create_default_context(cadata=authority.pem)
        wrapper = functools.partial(context.wrap_socket, server_hostname="router-1.example.com")
        with connected(router, ssl_wrapper=wrapper) as api:
            assert next(iter(api.path("system", "identity"))) == {"name": "tower-1"}
        wrong_name = functools.partial(context.wrap_socket, server_hostname="router-2.example.com")
        with pytest.raises(ssl.SSLCertVerificationError), connected(router, ssl_wrapper=wrong_name):
            pass
        assert {exchange.connection for exchange in router.transcript} == {1}


def test_a_self_signed_certificate_can_be_pinned() -> None:
    """A self-signed certificate can be pinned; without any certificate only anonymous suites work."""
    certificate = self_signed("127.0.0.1")
    with RouterSimulator(accounts=[SYNC], tls=certificate.server_context()) as router:
        context = ssl.create_default_context(cadata=certificate.trust_anchor)
        pinned = functools.partial(context.wrap_socket, server_hostname="127.0.0.1")
        with connected(router, ssl_wrapper=pinned) as api:
            assert list(secrets_of(api)) == []
        router.replace_tls(anonymous_server_context())
        with pytest.raises(ssl.SSLError), connected(router, ssl_wrapper=pinned):
            pass
        anonymous = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        anonymous.check_hostname = False
        anonymous.set_ciphers("ADH:@SECLEVEL=0")
        with connected(router, ssl_wrapper=anonymous.wrap_socket) as api:
            assert list(secrets_of(api)) == []


FAULTS: list[tuple[Fault, type[Exception]]] = [
    (Fault("/ppp/secret/print", "close"), ConnectionClosed),
    (Fault("/ppp/secret/print", "close_mid_word"), ConnectionClosed),
    (Fault("/ppp/secret/print", "close_mid_sentence"), ConnectionClosed),
    (Fault("/ppp/secret/print", "cut", rows=1), ConnectionClosed),
    (Fault("/ppp/secret/print", "reset"), ConnectionResetError),
    (Fault("/ppp/secret/print", "stall"), TimeoutError),
    (Fault("/ppp/secret/print", "huge_word"), ProtocolError),
    (Fault("/ppp/secret/print", "control_byte"), ProtocolError),
    (Fault("/ppp/secret/print", "trap", message="busy", category=2, applied=True), TrapError),
    (Fault("/ppp/secret/print", "trap", traps=(Trap("one"), Trap("two", 0))), MultiTrapError),
    (Fault("/ppp/secret/print", "trap"), TypeError),
    (Fault("/ppp/secret/print", "fatal", message="shutting down"), FatalError),
    (Fault("/ppp/secret/print", "fatal"), IndexError),
    (Fault("/ppp/secret/print", "empty_sentence"), IndexError),
    (Fault("/ppp/secret/print", "reboot"), ConnectionResetError),
    (Fault("login", "close"), ConnectionClosed),
    (Fault("login", "close_after_reply"), ConnectionClosed),
    (Fault("connect", "close"), ConnectionClosed),
]


@pytest.mark.parametrize(("fault", "error"), FAULTS, ids=lambda value: getattr(value, "action", None))
def test_each_fault_raises_the_librarys_known_exception(fault: Fault, error: type[Exception]) -> None:
    """Each fault shows as the exception that the library is known to raise."""
    with RouterSimulator(accounts=[SYNC]) as router:
        router.add_secret(name="A1")
        router.add_secret(name="A2")
        router.faults.append(fault)
        with pytest.raises(error), connected(router, timeout=1 if error is TimeoutError else 5) as api:
            list(secrets_of(api))
        assert fault.fired == 1
