// The states of the two ends of a TCP connection, as Zeek moves them (TCPSessionAdapter.cc). Other than a firewall's,
// they say what was seen of each end by itself.

import { microsPerSecond } from "../time.js";
import { unreachable } from "../unreachable.js";
import { tcpFlag } from "../wire/tcp-flags.js";
import { type Connection, type End, exchangeRoles, otherEnd } from "./connection.js";
import type { Consequences } from "./tcp-close.js";
import type { EndpointState, TcpEndpoint } from "./tcp-endpoint.js";

/** A segment as far as states depend on it. */
export type StateSegment = {
  readonly flags: number;
  readonly sequence: number;
  readonly payloadLength: number;
};

type Step = Sent & {
  readonly connection: Connection;
  readonly endpoint: TcpEndpoint;
  readonly peer: TcpEndpoint;
  readonly on: Consequences;
};

export type Sent = { readonly segment: StateSegment; readonly end: End; readonly fromOriginator: boolean };

const { syn, fin, rst, ack } = tcpFlag;

/** Zeek's tcp_attempt_delay and tcp_inactivity_timeout. */
const attemptDelayMicros = 5 * microsPerSecond;
const inactivityMicros = 5 * 60 * microsPerSecond;

/** Whether the segment closes the end that sent it. */
export function advanceState(connection: Connection, sent: Sent, on: Consequences): boolean {
  const { endpoints } = connection.tcp!;
  const { segment, end, fromOriginator } = sent;
  const [endpoint, peer] = [endpoints[end], endpoints[otherEnd(end)]];
  if (rests(endpoint, segment)) return false;
  const step = { connection, segment, end, fromOriginator, endpoint, peer, on };
  const { state } = endpoint;
  switch (state) {
    case "inactive":
      return fromInactive(step);
    case "syn-sent":
    case "syn-ack-sent":
      return fromSynSent(step);
    case "established":
    case "partial":
      return fromEstablished(step);
    case "closed":
      return fromClosed(step);
    case "reset":
      return false;
    default:
      return unreachable(state);
  }
}

/** Most segments: nothing but an acknowledgement moves no end that has begun. */
function rests({ state }: TcpEndpoint, { flags }: StateSegment): boolean {
  return state !== "inactive" && (flags & (syn | fin | rst)) === 0;
}

function fromInactive(step: Step): boolean {
  const { segment, endpoint } = step;
  if (has(segment, syn)) (step.fromOriginator ? synOfOriginator : synOfResponder)(step);
  if (has(segment, fin)) enter(step, endpoint, "closed");
  if (has(segment, rst)) enter(step, endpoint, "reset");
  if (endpoint.state === "inactive") begunMidway(step);
  return has(segment, fin) || has(segment, rst);
}

function synOfOriginator(step: Step): void {
  enter(step, step.endpoint, has(step.segment, ack) ? "syn-ack-sent" : "syn-sent");
  step.on.timer(step.connection, "attempt", attemptDelayMicros);
}

function synOfResponder(step: Step): void {
  const { connection, segment, endpoint, peer } = step;
  // SYN and SYN+ACK in the wrong order.
  if (!has(segment, ack) && peer.state === "syn-ack-sent" && segment.sequence === endpoint.start) {
    exchangeRoles(connection);
    enter(step, peer, "established");
    connection.tcp!.endpoints[connection.originator].seen = true;
  }
  if (peer.state === "syn-sent") enter(step, peer, "established");
  enter(step, endpoint, "established");
  if (peer.state !== "partial") step.on.established(connection);
}

function begunMidway(step: Step): void {
  const { connection, segment, endpoint, peer, fromOriginator } = step;
  const originator = connection.tcp!.endpoints[connection.originator];
  // Some stacks acknowledge a SYN before they answer it.
  if (!fromOriginator && segment.payloadLength === 0 && originator.state === "syn-sent") return;
  if (has(segment, ack) && peer.state === "established") {
    enter(step, endpoint, "established");
    connection.tcp!.isPartial = false;
  } else {
    enter(step, endpoint, "partial");
  }
}

function fromSynSent(step: Step): boolean {
  const { connection, segment, endpoint } = step;
  if (has(segment, fin)) enter(step, endpoint, "closed");
  if (has(segment, rst)) {
    enter(step, endpoint, "reset");
    connection.tcp!.isActive = false;
  }
  return has(segment, fin) || has(segment, rst);
}

function fromEstablished(step: Step): boolean {
  const { segment, endpoint, peer } = step;
  if (has(segment, syn) && !has(segment, ack) && endpoint.state === "partial" && peer.state === "inactive") {
    enter(step, endpoint, "syn-sent");
  }
  if (has(segment, rst)) return resetOfEstablished(step);
  if (!has(segment, fin)) return false;
  enter(step, endpoint, "closed");
  // FIN and RST of the peer, and now this FIN: an orderly close.
  if (peer.state === "reset" && peer.previousState === "closed") enter(step, peer, "closed");
  return true;
}

function resetOfEstablished(step: Step): true {
  const { connection, endpoint, peer } = step;
  enter(step, endpoint, "reset");
  if (peer.state !== "reset" || peer.previousState !== "established") connection.tcp!.isActive = false;
  return true;
}

/** A RST behind a FIN, unless both sent theirs. */
function fromClosed(step: Step): boolean {
  const { segment, endpoint, peer } = step;
  if (!has(segment, rst) || peer.state === "closed") return false;
  enter(step, endpoint, "reset");
  return !endpoint.didClose;
}

function has({ flags }: StateSegment, flag: number): boolean {
  return (flags & flag) !== 0;
}

function enter({ connection, on, peer, endpoint }: Step, entering: TcpEndpoint, state: EndpointState): void {
  if (entering.state === state) return;
  const other = entering === endpoint ? peer : endpoint;
  if (!isHandshake(state) && isHandshake(entering.state) && isHandshake(other.state)) {
    on.inactivity(connection, inactivityMicros);
  }
  entering.previousState = entering.state;
  entering.state = state;
}

function isHandshake(state: EndpointState): boolean {
  return state === "inactive" || state === "syn-sent" || state === "syn-ack-sent";
}
