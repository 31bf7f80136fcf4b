// What platforms do with flow records, as data: how long they live, what they let pass, what a change of rules does to
// them. The profiles are in `profiles.ts`; networks, interfaces and groups that carry values of their own derive theirs.

import type { DurationMicros } from "../time.js";
import { protocolNumber } from "../wire/protocol.js";
import type { flowStates } from "./flow-state.js";

/** The states that a TCP connection with a record can be in. */
export type TcpState = Exclude<(typeof flowStates)[number], "NONE" | "UNREPLIED" | "REPLIED">;

export type Semantics = {
  readonly name: string;
  /** No record lets a packet pass: each is judged by the rules, and records only count. */
  readonly stateless: boolean;
  /** False: stateless for TCP alone, as Azure's `disableTcpStateTracking` makes it [A25]. */
  readonly tcpState: boolean;
  /** Where rules are open to everybody both ways: AWS tracks no such connection, and judges each packet [W1]. */
  readonly openToAll: "tracked" | "untracked";
  /** A packet in mid-stream that no record covers is judged by the rules as if it began a connection, or dropped. */
  readonly midStream: "evaluate" | "drop";
  /** Whether a source says so; where none does, a record that began in mid-stream is inferred. */
  readonly midStreamKnown: boolean;
  /** A packet that does not fit the connection of its record passes by that record, or the rules are asked. */
  readonly misfits: "pass" | "ask-rules";
  /** Until something comes back, the opener's further packets pass by the record, or the rules are asked. */
  readonly unanswered: "pass" | "ask-rules";
  /** What puts off the end of a record: any packet that passes by it, or only those that the connection tracker takes. */
  readonly renewedBy: "any-packet" | "tracked-packets";
  /**
   * `linger`: after a RST, or when both sides' FINs are acknowledged, no packet puts off the end, and a SYN is a new
   * flow; a FIN that is sent again is no second one. `time-out`: FIN and RST only choose other timeouts.
   */
  readonly closing: "linger" | "time-out";
  readonly tcpMicros: { readonly [state in TcpState]: DurationMicros };
  /** Upper bound while data is not acknowledged, or nothing came back yet to an old connection; null: none. */
  readonly tcpUnacknowledgedMicros: DurationMicros | null;
  /** Upper bound after three times the same segment, and while the window is closed; null: none. */
  readonly tcpStalledMicros: DurationMicros | null;
  readonly udp: ExchangeTimeouts;
  readonly gre: ExchangeTimeouts;
  readonly icmpMicros: DurationMicros;
  readonly sctpMicros: DurationMicros;
  readonly otherMicros: DurationMicros;
  /** What becomes of live records when this changes. Untracked ones are judged anew whatever is said here. */
  readonly onChange: { readonly [change in ControlChange]: "keep" | "reevaluate" };
};

/** Timeouts of a protocol without connections: at first, and once packets go to and fro. */
export type ExchangeTimeouts = {
  readonly firstMicros: DurationMicros;
  readonly streamMicros: DurationMicros;
  /** A reply was seen; two each way; or a reply was seen, and the flow is older than two seconds. */
  readonly streamFrom: "reply" | "second-exchange" | "two-seconds";
};

/**
 * Rules of a group; groups put before an interface or taken away; members of application security groups; contents of
 * service tags and prefix lists, VirtualNetwork with its peerings among them.
 */
export type ControlChange = "rules" | "associations" | "memberships" | "address-lists";

/** How long an answered record of this protocol lives without a packet. */
export function idleMicros(semantics: Semantics, protocol: number): DurationMicros {
  switch (protocol) {
    case protocolNumber.tcp:
      return semantics.tcpMicros.ESTABLISHED;
    case protocolNumber.udp:
      return semantics.udp.streamMicros;
    case protocolNumber.gre:
      return semantics.gre.streamMicros;
    case protocolNumber.icmp:
    case protocolNumber.icmp6:
      return semantics.icmpMicros;
    case protocolNumber.sctp:
      return semantics.sctpMicros;
    default:
      return semantics.otherMicros;
  }
}

/** Every live state of TCP lives this long without a packet: Azure's `FlowTimeoutInMinutes` [A8]. */
export function withTcpIdle(semantics: Semantics, idle: DurationMicros): Semantics {
  const { TIME_WAIT, CLOSE } = semantics.tcpMicros;
  const tcpMicros = { ...everyTcpState(idle), TIME_WAIT, CLOSE };
  return { ...semantics, tcpMicros };
}

/** An established connection lives this long without a packet: AWS's `TcpEstablishedTimeout` [W6]. */
export function withTcpEstablished(semantics: Semantics, idle: DurationMicros): Semantics {
  return { ...semantics, tcpMicros: { ...semantics.tcpMicros, ESTABLISHED: idle } };
}

/** AWS's `UdpTimeout` and `UdpStreamTimeout` [W6]. */
export function withUdp(semantics: Semantics, more: Partial<ExchangeTimeouts>): Semantics {
  return { ...semantics, udp: { ...semantics.udp, ...more } };
}

/** Azure's `disableTcpStateTracking` [A25]. */
export function withoutTcpState(semantics: Semantics): Semantics {
  return { ...semantics, tcpState: false };
}

/** Azure's `flushConnection` judges live records anew when rules change [A6]; other changes can be added as settings. */
export function withReevaluation(semantics: Semantics, ...changes: readonly ControlChange[]): Semantics {
  const chosen = Object.fromEntries(changes.map((change) => [change, "reevaluate"] as const));
  return { ...semantics, onChange: { ...semantics.onChange, ...chosen } };
}

export function everyTcpState(timeout: DurationMicros): Semantics["tcpMicros"] {
  return {
    SYN_SENT: timeout,
    SYN_RECV: timeout,
    ESTABLISHED: timeout,
    FIN_WAIT: timeout,
    CLOSE_WAIT: timeout,
    LAST_ACK: timeout,
    TIME_WAIT: timeout,
    CLOSE: timeout,
    SYN_SENT2: timeout,
  };
}
