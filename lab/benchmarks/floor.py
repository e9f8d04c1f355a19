"""The floor: the least that anybody has to do. It moves the same bytes as a run, and decides nothing.

CRM lists are read in bulk with http.client, two pages of each under way, as JSON; beside them each router in one
buffered read, its rows taken apart into dictionaries; then the differences that it is told in one pipelined write. TLS
is on and verified. There are no retries, no overlapping rows, no deadlines and no comparison.

The `barest` floor does not even take the router's rows apart: only the ends of the answers are looked for.
"""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

AHEAD: Final = 2
_CHUNK: Final = 1 << 18
_EQUALS: Final = ord("=")
READ_SECRETS: Final = "=.proplist=.id,name,service,password,profile,remote-address,disabled,comment"
_PRINTS: Final = (
    (b"/ppp/secret/print", READ_SECRETS.encode(), b".tag=1"),
    (b"/ppp/profile/print", b"=.proplist=name", b".tag=2"),
    (b"/ppp/active/print", b"=.proplist=.id,name,service,address,radius", b".tag=3"),
)


def run(config: dict[str, Any], floods: list[list[list[str]]], *, confirm: bool, barest: bool = False) -> None:
    """Read both sides, the CRM a second time if `confirm`, then send each flood of sentences to the first router."""
    routers = ssl.create_default_context(cadata=config["certificates"]["routers"])
    with ThreadPoolExecutor(len(config["routers"]) + 1) as pool:
        links = [pool.submit(_open, one["port"], routers, config["router_os"]) for one in config["routers"]]
        reads = [pool.submit(_exchange, link.result(), _PRINTS) for link in links]
        read_crm(config["ucrm"], config["certificates"]["crm"])
        for read in reads:
            answer = read.result()
            if not barest:
                take_apart(answer)
    if confirm:
        read_crm(config["ucrm"], config["certificates"]["crm"])
    for flood in floods:
        _exchange(links[0].result(), [[word.encode() for word in sentence] for sentence in flood])


def read_crm(crm: dict[str, Any], certificate: str) -> None:
    """Both lists, page after page."""
    context = ssl.create_default_context(cadata=certificate)
    paths = ("clients?order=client.id&direction=ASC&", "clients/services?")
    readers = []
    for path in paths:
        offsets = count(0, crm["page_size"])
        readers += [
            threading.Thread(target=_read_pages, args=(crm, _connect(crm, context), path, offsets))
            for _ in range(AHEAD)
        ]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()


def _read_pages(crm: dict[str, Any], fetch: Callable[[str], bytes], path: str, offsets: Iterator[int]) -> None:
    size = crm["page_size"]
    for offset in offsets:
        rows = json.loads(fetch(f"/crm/api/v1.0/{path}limit={size}&offset={offset}"))
        if len(rows) < size:
            break


def _connect(crm: dict[str, Any], context: ssl.SSLContext) -> Callable[[str], bytes]:
    host, _, port = crm["domain_name"].partition(":")
    connection = http.client.HTTPSConnection(host, int(port), context=context)

    def fetch(target: str) -> bytes:
        connection.request("GET", target, headers={"X-Auth-App-Key": crm["ucrm_key"]})
        return connection.getresponse().read()

    return fetch


def _open(port: int, context: ssl.SSLContext, login: dict[str, Any]) -> ssl.SSLSocket:
    sock = socket.create_connection(("127.0.0.1", port))
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    link = context.wrap_socket(sock, server_hostname="127.0.0.1")
    _exchange(link, [(b"/login", b"=name=admin", b"=password=" + login["password"].encode())])
    return link


def _exchange(link: ssl.SSLSocket, sentences: Any) -> bytes:
    """Send all at once, read until every one is answered."""
    link.sendall(b"".join(_encode(words) for words in sentences))
    left, seam, answer = len(sentences), b"", []
    while left:
        data = link.recv(_CHUNK)
        if not data:
            raise ConnectionError("the router closed the connection")
        answer.append(data)
        left -= (seam + data).count(b"\x05!done")
        seam = (seam + data)[-5:]
    return b"".join(answer)


def take_apart(answer: bytes) -> list[dict[bytes, bytes]]:
    """The rows; words of 128 bytes and more do not occur here."""
    rows: list[dict[bytes, bytes]] = []
    row: dict[bytes, bytes] = {}
    position = 0
    while position < len(answer):
        start = position + 1
        position = start + answer[position]
        if position == start:
            rows.append(row)
            row = {}
        elif answer[start] == _EQUALS:
            _, name, value = answer[start:position].split(b"=", 2)
            row[name] = value
    return rows


def _encode(words: Any) -> bytes:
    sentence = bytearray()
    for word in words:
        size = len(word)
        sentence += bytes([size]) if size < 0x80 else (size | 0x8000).to_bytes(2)
        sentence += word
    return bytes(sentence) + b"\0"
