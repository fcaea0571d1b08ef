"""Only addresses that a partner can have are called, and exactly those that were looked at."""

from __future__ import annotations

import httpx
import pytest

from yijian.gateways.addresses import (
    AddressRefusedError,
    CarefulTransport,
    Policy,
    read_networks,
    resolve,
    trusted,
)

PUBLIC = "93.184.215.14"


def names(**hosts: list[str]) -> Policy:
    """A policy in a world where these names have these addresses."""
    known = {name.replace("_", "."): found for name, found in hosts.items()}
    return Policy(resolve=lambda host, _port: known.get(host, [host]))


REFUSED = {
    "http://partner.example/events": "not_https",
    "https://10.1.2.3/events": "private_address",
    "https://127.0.0.1/events": "private_address",
    "https://[::1]/events": "private_address",
    "https://[::ffff:10.0.0.1]/events": "private_address",
    "https://[::ffff:169.254.169.254]/events": "forbidden_address",
    "https://169.254.169.254/events": "forbidden_address",
    "https://0.0.0.0/events": "forbidden_address",
    "https://224.0.0.1/events": "forbidden_address",
    "https://100.64.0.1/events": "private_address",
    "https://user@partner.example/events": "names_a_user",
    "https://user:word@partner.example/events": "names_a_user",
    "https://partner.example\\@10.0.0.1/events": "names_a_user",
    "https://partner.example/events#x": "not_an_address",
    "file:///etc/passwd": "not_an_address",
    "https:///events": "not_an_address",
    "https://[bad/events": "not_an_address",
    "https://partner.example:99999/events": "not_an_address",
}


@pytest.mark.parametrize("url", REFUSED)
def test_an_address_nobody_should_be_sent_to_is_refused(url: str) -> None:
    with pytest.raises(AddressRefusedError) as refused:
        names(partner_example=[PUBLIC]).check(url)
    assert refused.value.code == REFUSED[url]


def test_a_public_address_by_https_is_called() -> None:
    assert names(partner_example=[PUBLIC]).check("https://partner.example/api/events") == PUBLIC


def test_a_name_with_one_private_answer_is_refused_whole() -> None:
    with pytest.raises(AddressRefusedError, match="private_address"):
        names(partner_example=[PUBLIC, "192.168.0.7"]).check("https://partner.example/events")


def test_octal_and_short_spellings_mean_what_the_machine_makes_of_them() -> None:
    for host in ("0177.0.0.1", "127.1", "2130706433"):
        with pytest.raises(AddressRefusedError):
            Policy(resolve=resolve).check(f"https://{host}/events")


def test_a_named_private_network_is_called_and_no_other() -> None:
    policy = Policy(read_networks("10.20.0.0/16"), resolve=lambda host, _port: [host])
    assert policy.check("https://10.20.3.4/events") == "10.20.3.4"
    with pytest.raises(AddressRefusedError, match="private_address"):
        policy.check("https://10.21.3.4/events")


def test_a_demonstration_may_call_this_machine() -> None:
    policy = Policy(loopback=True, resolve=lambda host, _port: [host])
    assert policy.check("http://127.0.0.1:9000/events") == "127.0.0.1"
    with pytest.raises(AddressRefusedError, match="forbidden_address"):
        policy.check("http://169.254.169.254/latest")


def test_the_connection_goes_where_was_looked_though_the_name_now_means_something_else() -> None:
    answers = iter([[PUBLIC], ["10.0.0.1"]])
    sent: list[httpx.Request] = []

    def reply(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200)

    policy = Policy(resolve=lambda _host, _port: next(answers))
    with httpx.Client(transport=CarefulTransport(httpx.MockTransport(reply), policy)) as client:
        client.get("https://partner.example/tasks")
        (request,) = sent
        assert request.url.host == PUBLIC and request.headers["Host"] == "partner.example"
        assert request.extensions["sni_hostname"] == "partner.example"
        with pytest.raises(httpx.ConnectError):
            client.get("https://partner.example/tasks")
    assert len(sent) == 1


def test_systems_of_the_settings_are_not_looked_at() -> None:
    sent: list[str] = []

    def reply(request: httpx.Request) -> httpx.Response:
        sent.append(str(request.url))
        return httpx.Response(200)

    policy = Policy(trusted=trusted(["https://10.0.0.9/registers"]))
    with httpx.Client(transport=CarefulTransport(httpx.MockTransport(reply), policy)) as client:
        client.get("https://10.0.0.9/registers/delivery")
        with pytest.raises(httpx.ConnectError):
            client.get("https://10.0.0.9:8443/registers/delivery")
    assert sent == ["https://10.0.0.9/registers/delivery"]
