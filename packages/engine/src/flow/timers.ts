// How long a record lives after a packet, by the semantics it was opened under. All that depends on protocol and state
// alone is worked out once for each semantics.

import type { DurationMicros, Micros } from "../time.js";
import { microsPerSecond } from "../time.js";
import { unreachable } from "../unreachable.js";
import { protocolNumber } from "../wire/protocol.js";
import { flowState, flowStates, segmentClass } from "./flow-state.js";
import type { FlowSlot, FlowTable } from "./flow-table.js";
import type { ExchangeTimeouts, Semantics } from "./semantics.js";
import { lastMark, sideMark } from "./tcp-columns.js";
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
  const last = tcp.last[slot]!;
  const replied = packets[slot * 2 + 1]! > 0;
  const open = ((tcp.sides[slot * 2]! | tcp.sides[slot * 2 + 1]!) & sideMark.unacknowledged) !== 0;
  const own = timers.tcp[state[slot]!]!;
  let timeout = own;
  if ((last & lastMark.repeats) === lastMark.repeats && own > stalled) timeout = stalled;
  else if (kind === segmentClass.RST) timeout = timers.tcp[flowState.CLOSE]!;
  else if (open && own > unacknowledged) timeout = unacknowledged;
  else if ((last & lastMark.zeroWindow) !== 0 && own > stalled) timeout = stalled;
  const adopted = !replied && state[slot] === flowState.ESTABLISHED;
  return adopted ? Math.min(timeout, unacknowledged) : timeout;
}

/** Of a protocol without connections, after a packet from this side that is not counted yet. */
export function exchangeTimeout(
  { semantics }: Timers,
  table: FlowTable,
  slot: FlowSlot,
  { side, time }: { readonly side: number; readonly time: Micros },
): DurationMicros {
  switch (table.protocol[slot]) {
    case protocolNumber.udp:
      return byExchange(semantics.udp, table, slot, { side, time });
    case protocolNumber.gre:
      return byExchange(semantics.gre, table, slot, { side, time });
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
  { packets, openedAt }: FlowTable,
  slot: FlowSlot,
  { side, time }: { readonly side: number; readonly time: Micros },
): DurationMicros {
  const forward = packets[slot * 2]! + (1 - side);
  const replies = packets[slot * 2 + 1]!;
  return isStream(streamFrom) ? streamMicros : firstMicros;

  function isStream(from: ExchangeTimeouts["streamFrom"]): boolean {
    switch (from) {
      case "reply":
        return replies > 0;
      case "two-seconds":
        return replies > 0 && time > openedAt[slot]! + youthMicros;
      case "second-exchange":
        return forward >= 2 && replies + side >= 2;
      default:
        return unreachable(from);
    }
  }
}
