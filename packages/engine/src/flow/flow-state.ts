// The states of a flow record, in nf_conntrack's vocabulary (DOMAIN 5), and the moves between those of TCP: one pure
// table for the originator and the responder. Sequence numbers are `tcp-tracker.ts`'s business.

import { tcpFlag } from "../wire/tcp-flags.js";

export const flowStates = [
  "NONE",
  "SYN_SENT",
  "SYN_RECV",
  "ESTABLISHED",
  "FIN_WAIT",
  "CLOSE_WAIT",
  "LAST_ACK",
  "TIME_WAIT",
  "CLOSE",
  "SYN_SENT2",
  "UNREPLIED",
  "REPLIED",
] as const;

export type FlowStateName = (typeof flowStates)[number];

/** Index into `flowStates`. UNREPLIED and REPLIED are those of every protocol but TCP. */
export type FlowState = number;

export const flowState = Object.fromEntries(flowStates.map((name, index) => [name, index])) as {
  readonly [name in FlowStateName]: FlowState;
};

/** Answers of the tracker besides a state: the packet changes nothing, or it does not fit the connection. */
export const ignored = -1;
export const invalid = -2;

/**
 * One line for each class of segment and sender, one column for each state a connection can be in. `-` leaves the state,
 * `!` does not fit. The moves are those of Linux's connection tracker [L2], which picks up old connections by an ACK.
 */
const transitions = `
  class    from        NONE         SYN_SENT   SYN_RECV     ESTABLISHED  FIN_WAIT    CLOSE_WAIT  LAST_ACK   TIME_WAIT  CLOSE     SYN_SENT2
  SYN      originator  SYN_SENT     SYN_SENT   -            -            -           -           -          SYN_SENT   SYN_SENT  SYN_SENT2
  SYN      responder   !            SYN_SENT2  !            !            !           !           !          SYN_SENT   !         SYN_SENT2
  SYN-ACK  originator  !            !          SYN_RECV     !            !           !           !          !          !         SYN_RECV
  SYN-ACK  responder   !            SYN_RECV   -            -            -           -           -          -          -         SYN_RECV
  FIN      originator  !            !          FIN_WAIT     FIN_WAIT     LAST_ACK    LAST_ACK    LAST_ACK   TIME_WAIT  CLOSE     !
  FIN      responder   !            !          FIN_WAIT     FIN_WAIT     LAST_ACK    LAST_ACK    LAST_ACK   TIME_WAIT  CLOSE     !
  ACK      originator  ESTABLISHED  !          ESTABLISHED  ESTABLISHED  CLOSE_WAIT  CLOSE_WAIT  TIME_WAIT  TIME_WAIT  CLOSE     !
  ACK      responder   !            -          SYN_RECV     ESTABLISHED  CLOSE_WAIT  CLOSE_WAIT  TIME_WAIT  TIME_WAIT  CLOSE     -
  RST      originator  !            CLOSE      CLOSE        CLOSE        CLOSE       CLOSE       CLOSE      CLOSE      CLOSE     CLOSE
  RST      responder   !            CLOSE      CLOSE        CLOSE        CLOSE       CLOSE       CLOSE      CLOSE      CLOSE     CLOSE
  none     originator  !            !          !            !            !           !           !          !          !         !
  none     responder   !            !          !            !            !           !           !          !          !         !
`;

/** Classes of segments, by the flags that count, in the order in which Linux looks at them: RST, SYN, FIN, ACK. */
export const segmentClass = { SYN: 0, "SYN-ACK": 1, FIN: 2, ACK: 3, RST: 4, none: 5 } as const;
export type SegmentClass = number;

const tcpStateCount = flowState.SYN_SENT2 + 1;
const moves = readTransitions(transitions);

function readTransitions(table: string): Int8Array {
  const [, ...lines] = table.trim().split("\n");
  const result = new Int8Array(lines.length * tcpStateCount);
  for (const line of lines) {
    const [name, from, ...cells] = line.trim().split(/\s+/);
    const row = segmentClass[name as keyof typeof segmentClass] * 2 + (from === "responder" ? 1 : 0);
    cells.forEach((cell, state) => {
      const move = cell === "-" ? ignored : cell === "!" ? invalid : flowState[cell as FlowStateName];
      result[row * tcpStateCount + state] = move;
    });
  }
  return result;
}

export function segmentClassOf(flags: number): SegmentClass {
  if (flags & tcpFlag.rst) return segmentClass.RST;
  if (flags & tcpFlag.syn) return flags & tcpFlag.ack ? segmentClass["SYN-ACK"] : segmentClass.SYN;
  if (flags & tcpFlag.fin) return segmentClass.FIN;
  return flags & tcpFlag.ack ? segmentClass.ACK : segmentClass.none;
}

/** Sets of flags that a segment may have, besides PSH, ECE and CWR, which are always welcome [L2]. */
const validFlags = new Set(
  ["syn", "syn urg", "syn ack", "rst", "rst ack", "fin ack", "fin ack urg", "ack", "ack urg"].map((names) =>
    names.split(" ").reduce((flags, name) => flags | tcpFlag[name as keyof typeof tcpFlag], 0),
  ),
);
const flagsAreValid = Uint8Array.from({ length: 256 }, (_, flags) =>
  validFlags.has(flags & ~(tcpFlag.psh | tcpFlag.ece | tcpFlag.cwr)) ? 1 : 0,
);

export function hasValidFlags(flags: number): boolean {
  return flagsAreValid[flags & 255] === 1;
}

/** The next state, `ignored` or `invalid`. `from`: 0 the originator, 1 the responder. */
export function moveTcp(state: FlowState, from: number, segment: SegmentClass): number {
  return moves[(segment * 2 + from) * tcpStateCount + state]!;
}

/** Whether the connection is over and its record only lingers. */
export function isClosing(state: FlowState): boolean {
  return state === flowState.TIME_WAIT || state === flowState.CLOSE;
}
