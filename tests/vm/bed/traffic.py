"""Traffic through a tunnel, from the hosts behind the gateways."""

import re
import socket
import threading

from .shell import Failure, Namespace, expect

PINGS = 5
DATAGRAMS = 5
ANSWER_SECONDS = 5


def ping(space: Namespace, source: str, destination: str, count: int = PINGS) -> int:
    """Sends echo requests and returns how many were answered."""
    printed = space.run("ping", "-n", "-q", "-c", str(count), "-i", "0.2", "-W", "3", "-I", source, destination,
                        check=False)
    found = re.search(r"(\d+) received", printed)
    return int(found.group(1)) if found else 0


def expect_ping(space: Namespace, source: str, destination: str) -> None:
    """Fails unless every echo request is answered."""
    answered = ping(space, source, destination)
    expect(answered == PINGS, f"{PINGS - answered} of {PINGS} pings lost from {source} to {destination}")


def expect_datagrams(client: Namespace, server: Namespace, address: str, port: int) -> None:
    """Fails unless each UDP datagram to that port comes back."""
    with server.socket(socket.AF_INET, socket.SOCK_DGRAM) as service, \
            client.socket(socket.AF_INET, socket.SOCK_DGRAM) as caller:
        service.bind((address, port))
        service.settimeout(ANSWER_SECONDS)
        caller.settimeout(ANSWER_SECONDS)
        echo = threading.Thread(target=echo_datagrams, args=(service,))
        echo.start()
        try:
            for number in range(DATAGRAMS):
                caller.sendto(b"number %d" % number, (address, port))
                expect(caller.recv(100) == b"number %d" % number, "a datagram came back changed")
        except TimeoutError:
            raise Failure(f"datagram {number + 1} to port {port} was not answered") from None
        finally:
            echo.join()


def echo_datagrams(service: socket.socket) -> None:
    """Sends each datagram back, until all have come or none comes any more."""
    try:
        for _ in range(DATAGRAMS):
            octets, sender = service.recvfrom(100)
            service.sendto(octets, sender)
    except TimeoutError:
        pass
