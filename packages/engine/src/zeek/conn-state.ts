// Zeek's `conn_state`: one word for how a connection went (scripts/base/protocols/conn/main.zeek).

import { unreachable } from "../unreachable.js";
import { protocolNumber } from "../wire/protocol.js";
import { type Connection, responderOf } from "./connection.js";
import { type EndpointState, sizeOf } from "./tcp-endpoint.js";

export type ConnState =
  | "S0"
  | "S1"
  | "SF"
  | "REJ"
  | "S2"
  | "S3"
  | "RSTO"
  | "RSTR"
  | "RSTOS0"
  | "RSTRH"
  | "SH"
  | "SHR"
  | "OTH";

/** How a TCP connection went, as far as the state depends on it. */
export type TcpCourse = {
  readonly originator: EndpointState;
  readonly responder: EndpointState;
  /** Neither side sent payload. */
  readonly isEmpty: boolean;
  readonly history: string;
};

export function connState(connection: Connection): ConnState {
  const { originator, tcp, payload, protocol, history } = connection;
  if (tcp !== null) {
    const [opener, responder] = [tcp.endpoints[originator], tcp.endpoints[responderOf(connection)]];
    const isEmpty = sizeOf(opener, responder) === 0 && sizeOf(responder, opener) === 0;
    return tcpConnState({ originator: opener.state, responder: responder.state, isEmpty, history });
  }
  if (protocol !== protocolNumber.udp) return "OTH";
  return udpConnState(payload[originator] !== null, payload[responderOf(connection)] !== null);
}

export function udpConnState(asked: boolean, answered: boolean): ConnState {
  if (asked) return answered ? "SF" : "S0";
  return answered ? "SHR" : "OTH";
}

export function tcpConnState(course: TcpCourse): ConnState {
  const { originator, responder } = course;
  switch (responder) {
    case "reset":
      return resetByResponder(course);
    case "closed":
      return closedByResponder(originator);
    case "inactive":
    case "partial":
      return unanswered(course);
    case "established":
      return answered(originator);
    case "syn-sent":
    case "syn-ack-sent":
      return originator === "closed" ? "S2" : originator === "reset" ? "RSTO" : "OTH";
    default:
      return unreachable(responder);
  }
}

function resetByResponder({ originator, isEmpty }: TcpCourse): ConnState {
  if (originator === "syn-sent" || originator === "syn-ack-sent") return "REJ";
  if (originator === "reset" && isEmpty) return "REJ";
  return isInactive(originator) ? "RSTRH" : "RSTR";
}

function closedByResponder(originator: EndpointState): ConnState {
  if (originator === "reset") return "RSTO";
  if (originator === "closed") return "SF";
  return isInactive(originator) ? "SHR" : "S3";
}

function unanswered({ originator, responder, history }: TcpCourse): ConnState {
  if (originator === "reset") return /^\^?S[^HAFGIQ]*R/.test(history) ? "RSTOS0" : "OTH";
  if (originator === "closed") return "SH";
  return originator === "syn-sent" && responder === "inactive" ? "S0" : "OTH";
}

function answered(originator: EndpointState): ConnState {
  if (originator === "reset") return "RSTO";
  if (originator === "closed") return "S2";
  return originator === "established" ? "S1" : "OTH";
}

function isInactive(state: EndpointState): boolean {
  return state === "inactive" || state === "partial";
}
