// What one segment does to a TCP connection in Zeek's eyes (TCPSessionAdapter.cc): sequence numbers, history, states of
// both ends, content, close.

import type { Micros } from "../time.js";
import { unreachable } from "../unreachable.js";
import { tcpFlag } from "../wire/tcp-flags.js";
import { type Connection, type End, otherEnd, responderOf, type TcpPart } from "./connection.js";
import { contentAcknowledged, contentSent } from "./content.js";
import { writeCounted, writeSegment } from "./history.js";
import { type Consequences, checkEnd, closeEnd } from "./tcp-close.js";
import {
  beginAt,
  isNothingAcknowledged,
  moveAcknowledged,
  moveLast,
  relativeAcknowledged,
  relativeAcknowledgement,
  relativeSequence,
  sequenceDelta,
  sizeOf,
  type TcpEndpoint,
  tooFar,
} from "./tcp-endpoint.js";
import { advanceState } from "./tcp-state.js";

export type Segment = {
  readonly time: Micros;
  readonly flags: number;
  readonly sequence: number;
  readonly acknowledgement: number;
  readonly payloadLength: number;
  readonly zeroWindow: boolean;
  /** Its payload was not captured whole. */
  readonly cutShort: boolean;
};

const { syn, fin, rst, ack } = tcpFlag;

/** `on` is told what follows for the connection's timers. */
export function takeSegment(connection: Connection, end: End, segment: Segment, on: Consequences): void {
  const tcp = connection.tcp!;
  // Zeek decides once who sends a segment, before the history can exchange the roles.
  const fromOriginator = end === connection.originator;
  const endpoint = tcp.endpoints[end];
  judgePartial(tcp, endpoint, fromOriginator, segment.flags);
  const behind = (segment.sequence + lengthOf(segment)) >>> 0;
  begin(endpoint, segment, behind);
  const relative = relativeSequence(endpoint, segment.sequence);
  writeSegment(connection, end, { flags: segment.flags, payloadLength: segment.payloadLength, relative });
  noteWindow(connection, end, segment);
  if (!tcp.endpoints[0].didClose || !tcp.endpoints[1].didClose) connection.lastTime = segment.time;
  if ((segment.flags & fin) !== 0) noteFin(endpoint, relative + lengthOf(segment));
  const acknowledged = noteAcknowledgement(tcp.endpoints[otherEnd(end)], segment);
  noteLast(connection, end, segment, behind);
  const closes = advanceState(connection, { segment, end, fromOriginator }, on);
  if ((segment.flags & ack) !== 0) acknowledge(connection, otherEnd(end), acknowledged, on);
  tcp.endpoints[fromOriginator ? connection.originator : responderOf(connection)].seen = true;
  if (relative >= 0 && (segment.flags & rst) === 0) send(connection, end, segment, relative);
  checkEnd(connection, end, on);
  if (closes) closeEnd(connection, end, on);
}

/** In sequence space; the payload of a RST is no part of the stream. */
function lengthOf({ flags, payloadLength }: Segment): number {
  const control = ((flags & syn) !== 0 ? 1 : 0) + ((flags & fin) !== 0 ? 1 : 0);
  return control + ((flags & rst) !== 0 ? 0 : payloadLength);
}

function judgePartial(tcp: TcpPart, endpoint: TcpEndpoint, fromOriginator: boolean, flags: number): void {
  if (endpoint.seen) return;
  if (fromOriginator) tcp.isPartial = (flags & syn) === 0 || (flags & ack) !== 0;
  else if (!tcp.isPartial) tcp.isPartial = (flags & syn) === 0;
}

/** Where the sequence numbers of this end begin; without a SYN as though there had been one. */
function begin(endpoint: TcpEndpoint, { flags, sequence }: Segment, behind: number): void {
  const isSyn = (flags & syn) !== 0;
  if (isSyn && startsAnew(endpoint, sequence)) beginAt(endpoint, sequence, behind);
  else if (endpoint.state === "inactive" && !isSyn) beginAt(endpoint, sequence - 1, sequence);
}

/** Whether a SYN moves the start of the end that sends it. */
function startsAnew({ state, previousState, start }: TcpEndpoint, sequence: number): boolean {
  switch (state) {
    case "inactive":
    case "established":
    case "partial":
      return true;
    case "syn-sent":
    case "syn-ack-sent":
      return sequence !== start;
    case "reset":
      // The RST had set it, and may have been somebody else's.
      return previousState === "inactive";
    case "closed":
      return false;
    default:
      return unreachable(state);
  }
}

/** A window of zero says nothing with or behind a RST, or when the peer sends no more. */
function noteWindow(connection: Connection, end: End, { flags, zeroWindow }: Segment): void {
  if (!zeroWindow || (flags & rst) !== 0) return;
  const endpoint = connection.tcp!.endpoints[end];
  const peer = connection.tcp!.endpoints[otherEnd(end)];
  if (peer.state === "closed" || endpoint.state === "reset") return;
  writeCounted(connection, end, "W", ++endpoint.zeroWindows);
}

function noteFin(endpoint: TcpEndpoint, behind: number): void {
  endpoint.fins++;
  // Zeek's numbers are unsigned: what lies before the start is far behind all else.
  endpoint.finEnd = behind < 0 ? Number.POSITIVE_INFINITY : behind;
}

/** What it acknowledges, relative to the peer's start; 0 where that makes no sense. */
function noteAcknowledgement(peer: TcpEndpoint, { flags, acknowledgement }: Segment): number {
  if ((flags & ack) === 0) return 0;
  if (peer.state === "inactive") {
    beginAt(peer, acknowledgement - 1, acknowledgement - 1);
    return 1;
  }
  const relative = relativeAcknowledgement(peer, acknowledgement);
  if (relative < 0) return 0;
  if ((flags & rst) === 0) moveAcknowledged(peer, acknowledgement);
  return relative;
}

function noteLast(connection: Connection, end: End, { flags, payloadLength }: Segment, behind: number): void {
  const endpoint = connection.tcp!.endpoints[end];
  const delta = sequenceDelta(behind, endpoint.last);
  if ((flags & (syn | rst)) !== 0 && Math.abs(delta) > tooFar) return;
  // Of a connection beyond 2 GB perhaps SYN and FIN are all that was seen.
  const isFirst = (flags & fin) !== 0 && endpoint.last === (endpoint.start + 1) >>> 0;
  if (endpoint.state === "reset" && !isFirst) return;
  if (isFirst || delta > 0) moveLast(endpoint, behind);
  else if (payloadLength > 0) writeCounted(connection, end, "T", ++endpoint.retransmissions);
}

function acknowledge(connection: Connection, end: End, acknowledged: number, on: Consequences): void {
  const tcp = connection.tcp!;
  const endpoint = tcp.endpoints[end];
  const upTo = endpoint.fins > 0 && acknowledged >= endpoint.finEnd ? endpoint.finEnd - 1 : acknowledged;
  if (upTo <= endpoint.content.trimmed) return;
  contentAcknowledged(endpoint.content, upTo, tcp.isPartial, (bytes) => noteGap(connection, end, bytes));
  checkEnd(connection, end, on);
}

/** Gaps elsewhere than in connections seen from their beginning come of resets and guessed numbers. */
function noteGap(connection: Connection, end: End, bytes: number): void {
  const { endpoints } = connection.tcp!;
  if (!endpoints.every(isClean)) return;
  writeCounted(connection, end, "G", ++endpoints[end].gaps);
  connection.missedBytes += bytes;
}

function isClean({ state, previousState }: TcpEndpoint): boolean {
  return state === "established" || (state === "closed" && previousState === "established");
}

function send(connection: Connection, end: End, { flags, payloadLength, cutShort }: Segment, relative: number): void {
  if (payloadLength === 0 || cutShort) return;
  const endpoint = connection.tcp!.endpoints[end];
  const from = (flags & syn) !== 0 ? relative + 1 : relative;
  contentSent(endpoint.content, from, from + payloadLength, {
    acknowledged: relativeAcknowledged(endpoint),
    nothingAcknowledged: isNothingAcknowledged(endpoint),
    size: sizeOf(endpoint, connection.tcp!.endpoints[otherEnd(end)]),
  });
}
