// How long a record lives after a packet, by the semantics it was opened under. All that depends on protocol and state
// alone is worked out once for each semantics.

import type { DurationMicros } from "../time.js";
import { microsPerSecond } from "../time.js";
import { unreachable } from "../unreachable.js";
import { protocolNumber } from "../wire/protocol.js";
import type { FlowPacket } from "./flow-packet.js";
import { flowState, flowStates, segmentClass } from "./flow-state.js";
import type { FlowSlot, FlowTable } from "./flow-table.js";
import type { ExchangeTimeouts, Semantics } from "./semantics.js";
import { lastMark, onSide, sideMark, tcpWord, tcpWordCount } from "./tcp-columns.js";
import type { TcpSegment } from "./tcp-segment.js";

export type Timers = {
  readonly semantics: Semantics;
  readonly tcp: Float64Array;
  readonly unacknowledged: DurationMicros;
  readonly stalled: DurationMicros;
};

export function timersOf(semantics: Semantics): Timers {
  const { tcpMicros, tcpUnacknowledgedMicros, tcpStalledMicros } = semantics;
  const byName: { readonly [state: string]: DurationMicros } = tcpMicros;
  return {
    semantics,
    tcp: Float64Array.from(flowStates, (name) => byName[name] ?? 0),
    unacknowledged: tcpUnacknowledgedMicros ?? Number.POSITIVE_INFINITY,
    stalled: tcpStalledMicros ?? Number.POSITIVE_INFINITY,
  };
}

/** After a segment that the record was told of, and before it is counted. In the order of Linux's own questions. */
export function tcpTimeout(
  timers: Timers,
  { tcp, state, packets }: FlowTable,
  slot: FlowSlot,
  { class: kind }: TcpSegment,
) {
  const { stalled, unacknowledged } = timers;
  const marks = tcp[slot * tcpWordCount + tcpWord.marks]!;
  const replied = packets[slot * 2 + 1]! > 0;
  const open = (marks & (onSide(sideMark.unacknowledged, 0) | onSide(sideMark.unacknowledged, 1))) !== 0;
  const own = timers.tcp[state[slot]!]!;
  let timeout = own;
  if ((marks & lastMark.repeats) === lastMark.repeats && own > stalled) timeout = stalled;
  else if (kind === segmentClass.RST) timeout = timers.tcp[flowState.CLOSE]!;
  else if (open && own > unacknowledged) timeout = unacknowledged;
  else if ((marks & lastMark.zeroWindow) !== 0 && own > stalled) timeout = stalled;
  const adopted = !replied && state[slot] === flowState.ESTABLISHED;
  return adopted ? Math.min(timeout, unacknowledged) : timeout;
}

/** Of a protocol without connections, after a packet that is not counted yet. */
export function exchangeTimeout(
  { semantics }: Timers,
  table: FlowTable,
  slot: FlowSlot,
  packet: FlowPacket,
): DurationMicros {
  switch (table.protocol[slot]) {
    case protocolNumber.udp:
      return byExchange(semantics.udp, table, slot, packet);
    case protocolNumber.gre:
      return byExchange(semantics.gre, table, slot, packet);
    case protocolNumber.icmp:
    case protocolNumber.icmp6:
      return semantics.icmpMicros;
    case protocolNumber.sctp:
      return semantics.sctpMicros;
    default:
      return semantics.otherMicros;
  }
}

const youthMicros = 2 * microsPerSecond;

function byExchange(
  { firstMicros, streamMicros, streamFrom }: ExchangeTimeouts,
  { packets, openedAt, originator }: FlowTable,
  slot: FlowSlot,
  { time, at }: FlowPacket,
): DurationMicros {
  const side = at.direction ^ originator[slot]!;
  const replies = packets[slot * 2 + 1]!;
  switch (streamFrom) {
    case "reply":
      return replies > 0 ? streamMicros : firstMicros;
    case "two-seconds":
      return replies > 0 && time > openedAt[slot]! + youthMicros ? streamMicros : firstMicros;
    case "second-exchange":
      return packets[slot * 2]! + 1 - side >= 2 && replies + side >= 2 ? streamMicros : firstMicros;
    default:
      return unreachable(streamFrom);
  }
}
