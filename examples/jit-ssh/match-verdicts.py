#!/usr/bin/env python3
"""Says, frame by frame, what the kernel did with each IP packet of a capture.

The kernel logged every packet that it judged (NFLOG, prefix "allow RULE" or "deny RULE"); the capture saw the same
packets on a wire. Both hold the same bytes but for TTL and header checksum, which forwarding changes. Frames without
exactly one log entry, or entries without a frame, are an error. Standard output: one JSON line a frame; standard
error: how many frames each rule decided.
"""
import argparse
import collections
import json
import struct
import sys

ETHERTYPE_IPV4, ETHERTYPE_ARP = 0x0800, 0x0806
LINK_ETHERNET, LINK_NFLOG = 1, 239
NFLOG_PAYLOAD, NFLOG_PREFIX = 9, 10  # attribute types of linux/netfilter/nfnetlink_log.h


def main():
    arguments = parse_arguments()
    frames = list(ip_frames(arguments.capture))
    logged = logged_by_key(arguments.nflog, length=snapped_length(arguments.capture))
    verdicts = match(frames, logged)
    check_quiet(frames, arguments.edit)
    check_session(frames, verdicts, arguments)
    for frame, _, _ in frames:
        print(json.dumps({"frame": frame, "verdict": verdicts[frame][0]}, separators=(",", ":")))
    for (verdict, rule), count in sorted(collections.Counter(verdicts.values()).items()):
        print(f"{verdict}\t{rule}\t{count}", file=sys.stderr)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--capture", required=True)
    parser.add_argument("--nflog", required=True)
    parser.add_argument("--edit", nargs=2, type=int, action="append", default=[], metavar=("BEFORE", "AFTER"),
                        help="microseconds around the writing, then the deletion, of the session's rule")
    parser.add_argument("--session", nargs=3, metavar=("CLIENT", "SERVER", "PORT"))
    return parser.parse_args()


def match(frames, logged):
    verdicts = {}
    for frame, _, packet in frames:
        entries = logged.get(key_of(packet))
        if not entries:
            sys.exit(f"frame {frame} has no log entry")
        verdicts[frame] = entries.popleft()
    left = sum(map(len, logged.values()))
    if left:
        sys.exit(f"{left} log entries have no frame")
    return verdicts


def logged_by_key(path, length):
    """Log entries in order, under what they share with a frame. Equal packets (a retransmission with IP id 0) must
    agree in their verdict, so that their order cannot matter."""
    logged = collections.defaultdict(collections.deque)
    for _, record in records(path, LINK_NFLOG):
        packet, prefix = nflog_entry(record)
        verdict, rule = prefix.split(" ", 1)
        entries = logged[key_of(packet[:length])]
        if any(entry[0] != verdict for entry in entries):
            sys.exit("two packets with the same bytes have different verdicts")
        entries.append((verdict, rule))
    return logged


def key_of(packet):
    header = bytearray(packet)
    header[8] = 0  # time to live
    header[10:12] = b"\0\0"  # header checksum
    return bytes(header)


def ip_frames(path):
    """(frame number, microseconds, packet) of each IPv4 frame, without Ethernet's padding of short frames."""
    for frame, (time, record) in enumerate(records(path, LINK_ETHERNET), start=1):
        (ethertype,) = struct.unpack_from("!H", record, 12)
        if ethertype == ETHERTYPE_ARP:
            continue
        if ethertype != ETHERTYPE_IPV4:
            sys.exit(f"frame {frame} has the unexpected ethertype {ethertype:#06x}")
        (total_length,) = struct.unpack_from("!H", record, 16)
        yield frame, time, record[14:14 + total_length]


def nflog_entry(record):
    """(packet, prefix) of an NFLOG record: four octets of header, then attributes padded to four."""
    attributes, offset = {}, 4
    while offset + 4 <= len(record):
        length, kind = struct.unpack_from("=HH", record, offset)
        attributes[kind] = record[offset + 4:offset + length]
        offset += (length + 3) & ~3
    return attributes[NFLOG_PAYLOAD], attributes[NFLOG_PREFIX].rstrip(b"\0").decode()


def snapped_length(capture):
    """Octets of an IP packet that the capture kept."""
    with open(capture, "rb") as file:
        return struct.unpack_from("<I", file.read(24), 16)[0] - 14


def records(path, link_type):
    """(microseconds, bytes) of each record of a classic little-endian pcap."""
    with open(path, "rb") as file:
        magic, _, _, _, _, _, link = struct.unpack("<IHHiIII", file.read(24))
        if magic != 0xA1B2C3D4 or link != link_type:
            sys.exit(f"{path} is not a pcap in microseconds of link type {link_type}")
        while header := file.read(16):
            seconds, micros, captured, _ = struct.unpack("<IIII", header)
            yield seconds * 1_000_000 + micros, file.read(captured)


def check_quiet(frames, edits):
    """A frame between the clock readings around an edit could have met either rule set."""
    for before, after in edits:
        for frame, time, _ in frames:
            if before <= time <= after:
                sys.exit(f"frame {frame} lies within a rule edit")


def check_session(frames, verdicts, arguments):
    """The case in two sentences: a new connection is allowed only while the rule is there; a live one goes on."""
    client, server, port = arguments.session
    (_, written), (_, deleted) = arguments.edit
    lived_on = refused = 0
    for frame, time, packet in frames:
        if not to_port(packet, client, server, int(port)):
            continue
        allowed = verdicts[frame][0] == "allow"
        if packet[20 + 13] & 0x12 == 0x02:  # SYN without ACK
            refused += not allowed and time > deleted
            if allowed != (written < time < deleted):
                sys.exit(f"frame {frame} opens a connection and was {'allowed' if allowed else 'denied'}")
        else:
            lived_on += time > deleted
            if not allowed:
                sys.exit(f"frame {frame} belongs to the session and was denied")
    if not lived_on or not refused:
        sys.exit("the session did not outlive its rule, or no later connection was refused")


def to_port(packet, client, server, port):
    octets = lambda address: bytes(map(int, address.split(".")))
    return (packet[0] == 0x45 and packet[9] == 6 and packet[12:16] == octets(client)
            and packet[16:20] == octets(server) and struct.unpack_from("!H", packet, 22)[0] == port)


if __name__ == "__main__":
    main()
