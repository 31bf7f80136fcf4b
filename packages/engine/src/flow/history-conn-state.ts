// Zeek's `conn_state` of a flow record. Zeek follows each end of a connection; here the ends are read off the letters
// that each has written, which tells the same but for the order in which one end sent FIN and RST.

import { protocolNumber } from "../wire/protocol.js";
import { type ConnState, tcpConnState, udpConnState } from "../zeek/conn-state.js";
import { onceLetters } from "../zeek/history-letter.js";
import type { EndpointState } from "../zeek/tcp-endpoint.js";

export type RecordCourse = {
  readonly protocol: number;
  readonly history: string;
  /** Bits of `onceLetters` that originator and responder have written. */
  readonly written: readonly [originator: number, responder: number];
  readonly isAnswered: boolean;
  /** Neither side sent payload. */
  readonly isEmpty: boolean;
};

const { S, F, R, I, D, A } = onceLetters;

export function recordConnState({ protocol, history, written, isAnswered, isEmpty }: RecordCourse): ConnState {
  if (protocol === protocolNumber.udp) return udpConnState(true, isAnswered);
  if (protocol !== protocolNumber.tcp) return "OTH";
  const [originator, responder] = [originatorState(written), responderState(written)];
  return tcpConnState({ originator, responder, isEmpty, history });
}

function originatorState([own, other]: RecordCourse["written"]): EndpointState {
  const over = endedState(own, other);
  if (over !== null) return over;
  if ((own & S) === 0) return "partial";
  return (other & S) === 0 ? "syn-sent" : "established";
}

function responderState([other, own]: RecordCourse["written"]): EndpointState {
  const over = endedState(own, other);
  if (over !== null) return over;
  if ((own & S) !== 0) return "established";
  // Some stacks acknowledge a SYN before they answer it.
  const begun = (other & S) === 0 ? D | A : D;
  return (own & begun) === 0 ? "inactive" : "partial";
}

/** A RST counts for no end once both have sent FIN. Null: this end goes on. */
function endedState(own: number, other: number): EndpointState | null {
  if ((own & other & F) !== 0) return "closed";
  if ((own & (R | I)) !== 0) return "reset";
  return (own & F) === 0 ? null : "closed";
}
