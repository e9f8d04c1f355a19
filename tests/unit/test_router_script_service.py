"""What `api-ssl` was comes back with the undo, and its certificate has a successor."""

from __future__ import annotations

from copy import deepcopy

import pytest

from pppctl.router_script import script
from tests.unit.router_builders import FACTORY, PASSWORD, request, router
from tests.unit.routeros_values import ShellError

SERIAL = "3f9a01bc"
IN_USE = {
    "name": "api-ssl",
    "port": "18729",
    "address": "192.168.88.0/24,198.51.100.7/32",
    "certificate": "my api",
    "tls-version": "any",
    "disabled": "no",
}


# --- the former values


@pytest.mark.parametrize("arrays", [True, False])
@pytest.mark.parametrize("former", [FACTORY, IN_USE, {**FACTORY, "disabled": "no"}, {**IN_USE, "certificate": ""}])
def test_undo_puts_api_ssl_back(former: dict[str, str], *, arrays: bool) -> None:
    """Port, certificate, networks, TLS version and state, on releases that read networks as a list or as a text."""
    shell = router()
    shell.arrays = arrays
    shell.tables["/ip service"] = [dict(former)]
    shell.run(script.setup(request(), PASSWORD))
    shell.run(script.setup(request(), PASSWORD))
    assert shell.tables["/ip service"][0]["certificate"] == "unms-ros-sync-api"
    shell.run(script.undo(request()))

    assert shell.tables["/ip service"] == [{**former, "certificate": former["certificate"] or "none"}]
    assert shell.tables["/system script"] == []


def test_former_values_are_printed_by_both_scripts() -> None:
    """The operator sees them when they are kept and when they are put back."""
    shell = router()
    shell.tables["/ip service"] = [dict(IN_USE)]
    shell.run(script.setup(request(), PASSWORD))
    shell.run(script.undo(request()))
    values = " address=192.168.88.0/24,198.51.100.7/32 certificate=my api disabled=no tls-version=any port=18729"

    assert [line for line in shell.printed if values in line] == [
        f"api-ssl was, and the undo script puts it back:{values}",
        f"api-ssl was, before the import:{values}",
    ]


def test_second_undo_leaves_what_the_first_put_back() -> None:
    """Nothing is kept any more, and the certificate is not ours: the service is not touched."""
    shell = router()
    shell.tables["/ip service"] = [dict(IN_USE)]
    shell.run(script.setup(request(), PASSWORD))
    shell.run(script.undo(request()))
    shell.run(script.undo(request()))

    assert shell.tables["/ip service"] == [IN_USE]


def test_undo_without_kept_values_disables_our_service() -> None:
    """A router that an earlier version prepared kept nothing: our certificate goes, so the service is closed."""
    shell = router()
    shell.run(script.setup(request(), PASSWORD))
    shell.tables["/system script"] = []
    shell.run(script.setup(request(), PASSWORD))
    assert shell.tables["/system script"] == []
    shell.run(script.undo(request()))

    assert shell.tables["/ip service"][0]["disabled"] == "yes"
    assert shell.tables["/ip service"][0]["certificate"] == "none"


def test_undo_whose_former_certificate_is_gone_closes_the_service() -> None:
    """It says so, and the rest of the undo goes on."""
    shell = router()
    shell.tables["/ip service"] = [dict(IN_USE)]
    shell.run(script.setup(request(), PASSWORD))
    shell.tables["/certificate"] = [row for row in shell.tables["/certificate"] if row["name"] != "my api"]
    shell.run(script.undo(request()))

    assert shell.tables["/ip service"][0]["disabled"] == "yes"
    assert shell.printed[-1].startswith("api-ssl could not be set to what it was: it is disabled.")
    assert shell.tables["/certificate"] == []


def test_kept_values_that_broke_off_are_kept_again() -> None:
    """An import that ended between two of them leaves a part; the next one keeps all."""
    shell = router()
    shell.tables["/system script"] = [{"name": "unms-ros-sync-former-address", "source": "10.9.9.0/24"}]
    shell.run(script.setup(request(), PASSWORD))

    assert {
        row["name"].removeprefix("unms-ros-sync-former-"): row["source"] for row in shell.tables["/system script"]
    } == {name: value for name, value in FACTORY.items() if name != "name"}


# --- the certificate


def test_set_up_ends_with_the_day_and_the_command() -> None:
    """The operator reads until when the certificate is valid, and what makes the next one."""
    shell = router()
    shell.run(script.setup(request(), PASSWORD))

    assert "The certificate unms-ros-sync-api is valid until nov/22/2036 10:00:00" in shell.printed
    assert any("pppctl.router_script --reissue" in line for line in shell.printed)


def test_own_certificate_has_its_day_too() -> None:
    """One of --certificate is replaced where it came from."""
    shell = router()
    shell.run(script.setup(request(certificate="my api"), PASSWORD))

    assert "The certificate my api is valid until jan/01/2030 00:00:00" in shell.printed
    assert not any("--reissue" in line for line in shell.printed)


def test_reissue_changes_nothing_that_is_in_use() -> None:
    """The next pair is made and its authority printed; the service keeps the present certificate."""
    shell = router()
    shell.run(script.setup(request(), PASSWORD))
    service, certificates = deepcopy(shell.tables["/ip service"]), deepcopy(shell.tables["/certificate"])
    shell.run(script.reissue(request(), SERIAL))
    shell.run(script.reissue(request(), SERIAL))

    assert shell.tables["/ip service"] == service
    assert shell.tables["/certificate"][:3] == certificates
    following = shell.tables["/certificate"][3:]
    assert [row["name"] for row in following] == ["unms-ros-sync-ca-next", "unms-ros-sync-api-next"]
    assert following[0]["common-name"] == "unms-ros-sync-ca tower-1 3f9a01bc"
    assert following[1]["ca"] == "unms-ros-sync-ca-next"
    assert shell.printed.count("PEM") == 3
    assert [row["name"] for row in shell.tables["/file"]] == [
        "unms-ros-sync-tower-1.crt",
        "unms-ros-sync-tower-1-next.crt",
    ]


def test_takeover_gives_the_next_certificate_the_usual_name() -> None:
    """The service uses it, the former pair is gone, and set-up and undo work as before."""
    shell = router()
    shell.run(script.setup(request(), PASSWORD))
    shell.run(script.reissue(request(host="10.0.0.7"), SERIAL))
    shell.run(script.takeover(request(host="10.0.0.7")))

    assert [row["name"] for row in shell.tables["/certificate"]] == ["my api", "unms-ros-sync-ca", "unms-ros-sync-api"]
    assert shell.tables["/certificate"][2]["subject-alt-name"] == "IP:10.0.0.7"
    assert shell.tables["/ip service"][0]["certificate"] == "unms-ros-sync-api"
    shell.run(script.undo(request()))
    assert [row["name"] for row in shell.tables["/certificate"]] == ["my api"]


def test_takeover_without_a_successor_changes_nothing() -> None:
    """Imported too early, or twice, it ends before the present certificate is touched."""
    shell = router()
    shell.run(script.setup(request(), PASSWORD))
    tables = deepcopy(shell.tables)

    with pytest.raises(ShellError, match="There is no successor"):
        shell.run(script.takeover(request()))
    assert shell.tables == tables


def test_undo_removes_a_successor_too() -> None:
    """A reissue that was begun and never ended leaves nothing behind."""
    shell = router()
    shell.run(script.setup(request(), PASSWORD))
    shell.run(script.reissue(request(), SERIAL))
    shell.run(script.undo(request()))

    assert [row["name"] for row in shell.tables["/certificate"]] == ["my api"]
