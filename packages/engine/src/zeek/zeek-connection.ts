// A connection as a line of Zeek's conn.log tells it.

import type { DurationMicros, Micros } from "../time.js";
import type { Address } from "../wire/address.js";
import { type ConnState, connState } from "./conn-state.js";
import { type Connection, type End, responderOf } from "./connection.js";
import { sizeOf } from "./tcp-endpoint.js";

export type ZeekConnection = {
  readonly place: string;
  readonly time: Micros;
  readonly uid: string;
  readonly protocol: number;
  readonly originator: ZeekEnd;
  readonly responder: ZeekEnd;
  readonly duration: DurationMicros;
  readonly state: ConnState;
  readonly missedBytes: number;
  readonly history: string;
};

export type ZeekEnd = {
  readonly address: Address;
  /** Of ICMP: the originator's the type, the responder's its counterpart or the code. */
  readonly port: number;
  /** Of TCP by sequence numbers. */
  readonly payloadBytes: number;
  readonly packets: number;
  readonly ipBytes: number;
};

export function zeekConnection(place: string, connection: Connection): ZeekConnection {
  const { openedAt, uid, protocol, lastTime, missedBytes, history, originator } = connection;
  return {
    place,
    time: openedAt,
    uid,
    protocol,
    originator: endOf(connection, originator),
    responder: endOf(connection, responderOf(connection)),
    duration: lastTime - openedAt,
    state: connState(connection),
    missedBytes,
    history,
  };
}

function endOf(connection: Connection, end: End): ZeekEnd {
  return {
    address: connection.addresses[end],
    port: connection.ports[end],
    payloadBytes: payloadOf(connection, end),
    packets: connection.packets[end],
    ipBytes: connection.ipBytes[end],
  };
}

function payloadOf({ tcp, payload }: Connection, end: End): number {
  if (tcp === null) return payload[end] ?? 0;
  return sizeOf(tcp.endpoints[end], tcp.endpoints[end === 0 ? 1 : 0]);
}
