// A connection as Zeek tracks it. Endpoints are kept by end, low (0) and high (1) as in the flow dictionary, so that
// Zeek's exchange of originator and responder moves no counter.

import type { Micros } from "../time.js";
import type { Address } from "../wire/address.js";
import { newTcpEndpoint, type TcpEndpoint } from "./tcp-endpoint.js";

/** The low (0) or the high (1) end of a flow. */
export type End = 0 | 1;

export type Pair<T> = [low: T, high: T];

export type Connection = {
  readonly key: string;
  readonly uid: string;
  readonly protocol: number;
  readonly addresses: Readonly<Pair<Address>>;
  /** Of ICMP: the type, and at the other end its counterpart or the code. */
  readonly ports: Readonly<Pair<number>>;
  readonly openedAt: Micros;
  originator: End;
  /** Zeek's: what comes behind the close of both ends, or has a bad checksum, does not count. */
  lastTime: Micros;
  history: string;
  /** Bits of letters that are written once; the responder's 16 bits higher. Not exchanged with the roles. */
  written: number;
  readonly packets: Pair<number>;
  readonly ipBytes: Pair<number>;
  /** Bytes of payload of protocols other than TCP; null: none seen that counts. */
  readonly payload: Pair<number | null>;
  readonly badChecksums: Pair<number>;
  missedBytes: number;
  readonly tcp: TcpPart | null;
  /** How long it may rest. */
  inactivityMicros: number;
  /** The timer that looks for that. It outlives the connection, and must not hold it then. */
  restTimer: { connection: Connection | null } | null;
  /** Other timers set before are void when this moves on. */
  timers: number;
  removed: boolean;
};

export type TcpPart = {
  readonly endpoints: Readonly<Pair<TcpEndpoint>>;
  /** Picked up midway: the first packet of an end was no SYN. */
  isPartial: boolean;
  /** False after a reset: timers that look for an end of the connection are void. */
  isActive: boolean;
  /** The close of an end waits for content that is missing. */
  closeDeferred: boolean;
};

export type NewConnection = Pick<
  Connection,
  "key" | "uid" | "protocol" | "addresses" | "ports" | "openedAt" | "originator"
> & { readonly isTcp: boolean };

export function newConnection({ isTcp, ...opened }: NewConnection): Connection {
  return {
    ...opened,
    lastTime: opened.openedAt,
    history: "",
    written: 0,
    packets: [0, 0],
    ipBytes: [0, 0],
    payload: [null, null],
    badChecksums: [0, 0],
    missedBytes: 0,
    tcp: isTcp ? newTcpPart() : null,
    inactivityMicros: 0,
    restTimer: null,
    timers: 0,
    removed: false,
  };
}

function newTcpPart(): TcpPart {
  return {
    endpoints: [newTcpEndpoint(), newTcpEndpoint()],
    isPartial: false,
    isActive: true,
    closeDeferred: false,
  };
}

export function otherEnd(end: End): End {
  return end === 0 ? 1 : 0;
}

export function responderOf(connection: Connection): End {
  return otherEnd(connection.originator);
}

/** Zeek takes the responder for the originator from now on. */
export function exchangeRoles(connection: Connection): void {
  connection.originator = responderOf(connection);
  if (connection.tcp !== null) connection.tcp.isPartial = false;
  connection.history += "^";
}
