// Zeek's `conn_state`: one word for how a connection went (scripts/base/protocols/conn/main.zeek).

import { unreachable } from "../unreachable.js";
import { protocolNumber } from "../wire/protocol.js";
import { type Connection, responderOf } from "./connection.js";
import { sizeOf, type TcpEndpoint } from "./tcp-endpoint.js";

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

export function connState(connection: Connection): ConnState {
  const { originator, tcp, payload, protocol, history } = connection;
  if (tcp !== null) return tcpState(tcp.endpoints[originator], tcp.endpoints[responderOf(connection)], history);
  if (protocol !== protocolNumber.udp) return "OTH";
  const answered = payload[responderOf(connection)] !== null;
  if (payload[originator] !== null) return answered ? "SF" : "S0";
  return answered ? "SHR" : "OTH";
}

function tcpState(originator: TcpEndpoint, responder: TcpEndpoint, history: string): ConnState {
  const { state } = responder;
  switch (state) {
    case "reset":
      return resetByResponder(originator, responder);
    case "closed":
      return closedByResponder(originator);
    case "inactive":
    case "partial":
      return unanswered(originator, state === "inactive", history);
    case "established":
      return answered(originator);
    case "syn-sent":
    case "syn-ack-sent":
      return originator.state === "closed" ? "S2" : originator.state === "reset" ? "RSTO" : "OTH";
    default:
      return unreachable(state);
  }
}

function resetByResponder(originator: TcpEndpoint, responder: TcpEndpoint): ConnState {
  const { state } = originator;
  if (state === "syn-sent" || state === "syn-ack-sent") return "REJ";
  if (state === "reset" && sizeOf(originator, responder) === 0 && sizeOf(responder, originator) === 0) return "REJ";
  return isInactive(originator) ? "RSTRH" : "RSTR";
}

function closedByResponder(originator: TcpEndpoint): ConnState {
  if (originator.state === "reset") return "RSTO";
  if (originator.state === "closed") return "SF";
  return isInactive(originator) ? "SHR" : "S3";
}

function unanswered(originator: TcpEndpoint, silent: boolean, history: string): ConnState {
  const { state } = originator;
  if (state === "reset") return /^\^?S[^HAFGIQ]*R/.test(history) ? "RSTOS0" : "OTH";
  if (state === "closed") return "SH";
  return state === "syn-sent" && silent ? "S0" : "OTH";
}

function answered({ state }: TcpEndpoint): ConnState {
  if (state === "reset") return "RSTO";
  if (state === "closed") return "S2";
  return state === "established" ? "S1" : "OTH";
}

function isInactive({ state }: TcpEndpoint): boolean {
  return state === "inactive" || state === "partial";
}
