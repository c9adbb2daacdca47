"""The lab's name server: it knows the regions' endpoints, and can forget one, as in October 2025, when the name of
us-east-1's DynamoDB had no addresses any more.

usage: lab_names.py SOCKET HOST NAME=ADDRESS...      orders (agents.py): {"do": "empty", "name": N}, "fill" likewise
"""

import socket
import struct
import sys

from agents import serve

PORT = 53
TTL = 5
TYPE_A, CLASS_IN = 1, 1
LONGEST_QUESTION = 512


def question_of(packet):
    """(name, type, the question's bytes), or None for what is no question of one name."""
    if len(packet) < 17 or packet[4:6] != b"\0\1" or packet[2] & 0x80:
        return None
    labels, at = [], 12
    while at < len(packet) and 0 < packet[at] < 64:
        labels.append(packet[at + 1:at + 1 + packet[at]].decode("ascii", "replace").lower())
        at += 1 + packet[at]
    if at + 5 > len(packet) or packet[at] != 0:
        return None
    kind, _cls = struct.unpack_from("!HH", packet, at + 1)
    return ".".join(labels), kind, packet[12:at + 5]


def answer_to(packet, names):
    """names: {name: address, or None when it has none}. A name that is not in there does not exist."""
    asked = question_of(packet)
    if asked is None:
        return None
    name, kind, question = asked
    address = names.get(name)
    found = name in names and kind == TYPE_A and address is not None
    flags = 0x8580 if name in names else 0x8583
    head = packet[:2] + struct.pack("!HHHHH", flags, 1, int(found), 0, 0)
    record = b"\xc0\x0c" + struct.pack("!HHIH", TYPE_A, CLASS_IN, TTL, 4) + socket.inet_aton(address) if found else b""
    return head + question + record


def main(path, host, *pairs):
    known = dict(pair.split("=") for pair in pairs)
    names = dict(known)

    def obey(do, name):
        if do not in ("empty", "fill"):
            raise ValueError(f"no order '{do}'")
        names[name] = known[name] if do == "fill" else None
        return {"names": names}

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind((host, PORT))
        serve(path, obey)
        while True:
            packet, peer = server.recvfrom(LONGEST_QUESTION)
            answer = answer_to(packet, names)
            if answer:
                server.sendto(answer, peer)


if __name__ == "__main__":
    main(*sys.argv[1:])
