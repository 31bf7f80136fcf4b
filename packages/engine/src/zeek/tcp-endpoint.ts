// One end of a TCP connection as Zeek's analyser sees it: its state, and its place in the sequence space (Zeek's
// TCP_Endpoint.cc and TCPSessionAdapter.cc, 9.1-dev, 2026-08).

import { type Content, newContent } from "./content.js";

export type EndpointState =
  | "inactive"
  | "syn-sent"
  /** A SYN+ACK, and no SYN of the other end before it. */
  | "syn-ack-sent"
  /** Something else than a SYN came first. */
  | "partial"
  | "established"
  | "closed"
  | "reset";

export type TcpEndpoint = {
  state: EndpointState;
  previousState: EndpointState;
  /** The sequence number of the SYN, seen or supposed. */
  start: number;
  /** Behind the last one sent, and the last one that the peer acknowledged; how often each passed 2^32. */
  last: number;
  lastWraps: number;
  acknowledged: number;
  acknowledgedWraps: number;
  fins: number;
  /** Relative to `start`, behind the FIN. */
  finEnd: number;
  /** Its close was taken note of. */
  didClose: boolean;
  seen: boolean;
  /** Relative sequence numbers of the last SYN, FIN and RST in the history. */
  lastSyn: number;
  lastFin: number;
  lastRst: number;
  gaps: number;
  retransmissions: number;
  zeroWindows: number;
  readonly content: Content;
};

const wrap = 0x1_0000_0000;

export function newTcpEndpoint(): TcpEndpoint {
  return {
    state: "inactive",
    previousState: "inactive",
    start: 0,
    last: 0,
    lastWraps: 0,
    acknowledged: 0,
    acknowledgedWraps: 0,
    fins: 0,
    finEnd: 0,
    didClose: false,
    seen: false,
    lastSyn: 0,
    lastFin: 0,
    lastRst: 0,
    gaps: 0,
    retransmissions: 0,
    zeroWindows: 0,
    content: newContent(),
  };
}

/** `a - b` in 32-bit sequence space. */
export function sequenceDelta(a: number, b: number): number {
  return (a - b) | 0;
}

/** `last` is the one behind the first segment where that differs from `start`. */
export function beginAt(endpoint: TcpEndpoint, start: number, last: number): void {
  endpoint.start = start >>> 0;
  endpoint.acknowledged = start >>> 0;
  endpoint.last = last >>> 0;
}

/** Where a sequence number of this end stands relative to `start`; negative where it lies before that. */
export function relativeSequence(endpoint: TcpEndpoint, sequence: number): number {
  return relative(endpoint.start, sequence, endpoint.last, endpoint.lastWraps);
}

/** The same for a number that the peer acknowledges. */
export function relativeAcknowledgement(endpoint: TcpEndpoint, acknowledgement: number): number {
  return relative(endpoint.start, acknowledgement, endpoint.acknowledged, endpoint.acknowledgedWraps);
}

function relative(start: number, number: number, latest: number, latestWraps: number): number {
  const wraps = latestWraps + wrapsBetween(number, latest, latestWraps);
  return wraps === 0 ? sequenceDelta(number, start) : wraps * wrap + number - start;
}

function wrapsBetween(number: number, latest: number, latestWraps: number): -1 | 0 | 1 {
  const delta = sequenceDelta(number, latest);
  if (delta < 0) return latestWraps > 0 && number > latest ? -1 : 0;
  return delta > 0 && number < latest ? 1 : 0;
}

/** What the peer acknowledged, relative to `start`. */
export function relativeAcknowledged(endpoint: TcpEndpoint): number {
  return endpoint.acknowledgedWraps * wrap + endpoint.acknowledged - endpoint.start;
}

export function relativeLast(endpoint: TcpEndpoint): number {
  return endpoint.lastWraps * wrap + endpoint.last - endpoint.start;
}

export function moveLast(endpoint: TcpEndpoint, last: number): void {
  if (last < endpoint.last) endpoint.lastWraps++;
  endpoint.last = last;
}

/** A jump this far is not believed of a SYN, a RST or an acknowledgement of zero. */
export const tooFar = 1_048_576;

export function moveAcknowledged(endpoint: TcpEndpoint, acknowledgement: number): void {
  const delta = sequenceDelta(acknowledgement, endpoint.acknowledged);
  if (delta <= 0 || (acknowledgement === 0 && delta > tooFar)) return;
  if (acknowledgement < endpoint.acknowledged) endpoint.acknowledgedWraps++;
  endpoint.acknowledged = acknowledgement;
}

export function isNothingAcknowledged(endpoint: TcpEndpoint): boolean {
  const acknowledged = relativeAcknowledged(endpoint);
  return acknowledged === 0 || acknowledged === 1;
}

/** Bytes of payload by sequence numbers, without SYN and FIN. */
export function sizeOf(endpoint: TcpEndpoint, peer: TcpEndpoint): number {
  if (isAbortedAttempt(endpoint, peer)) return 0;
  const span = Math.max(relativeLast(endpoint), relativeAcknowledged(endpoint));
  const withoutSyn = Math.max(0, span - 1);
  return endpoint.fins > 0 ? Math.max(0, withoutSyn - 1) : withoutSyn;
}

/** A RST that is about another connection tells nothing of bytes. */
function isAbortedAttempt(endpoint: TcpEndpoint, peer: TcpEndpoint): boolean {
  const aborted = endpoint.previousState === "syn-sent" && endpoint.state === "reset";
  return aborted && peer.state === "inactive" && !isNothingAcknowledged(endpoint);
}
