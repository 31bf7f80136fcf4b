// What a packet adds to its connection. One with a bad checksum leaves a letter in the history at most (Zeek's TCP.cc,
// UDP.cc, ICMP.cc).

import { isIcmp, protocolNumber } from "../wire/protocol.js";
import type { Connection, End } from "./connection.js";
import { writeCounted, writeOnce } from "./history.js";
import type { Consequences } from "./tcp-close.js";
import { takeSegment } from "./tcp-step.js";
import type { ZeekPacket } from "./zeek-packet.js";

export function countPacket(connection: Connection, packet: ZeekPacket, end: End, on: Consequences): void {
  if (packet.badChecksum) countBad(connection, end);
  else if (connection.tcp !== null) countTcp(connection, packet, end, on);
  else if (connection.protocol === protocolNumber.udp) countUdp(connection, packet, end);
  else countOther(connection, packet, end);
}

function countBad(connection: Connection, end: End): void {
  if (connection.tcp === null && connection.protocol !== protocolNumber.udp) return;
  writeCounted(connection, end, "C", ++connection.badChecksums[end]);
}

function countTcp(connection: Connection, packet: ZeekPacket, end: End, on: Consequences): void {
  takeSegment(connection, end, packet, on);
  countSize(connection, packet, end);
}

function countSize(connection: Connection, { ipLength }: ZeekPacket, end: End): void {
  connection.packets[end]++;
  connection.ipBytes[end] += ipLength;
}

function countUdp(connection: Connection, packet: ZeekPacket, end: End): void {
  writeOnce(connection, end, "D");
  countSize(connection, packet, end);
  countPayload(connection, packet, end);
}

function countOther(connection: Connection, packet: ZeekPacket, end: End): void {
  // Of ICMP Zeek counts packets that were captured whole, and bytes of all.
  if (!packet.cutShort || !isIcmp(packet.protocol)) countSize(connection, packet, end);
  countPayload(connection, packet, end);
}

function countPayload(connection: Connection, { time, payloadLength, protocol }: ZeekPacket, end: End): void {
  connection.lastTime = time;
  const known = protocol === protocolNumber.udp || isIcmp(protocol);
  if (known) connection.payload[end] = (connection.payload[end] ?? 0) + payloadLength;
}
