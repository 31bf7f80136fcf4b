// The states of a flow record, in nf_conntrack's vocabulary (DOMAIN 5), and the pure TCP tracker: one table, written
// for the originator and the responder. It owns no table of flows and no clock.

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
 * One line for each class of packet and sender, one column for each state a connection can be in. `-` leaves the state,
 * `!` does not fit. After the transitions of Linux's connection tracker, for the loose pick-up of old connections.
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

const classes = ["SYN", "SYN-ACK", "FIN", "ACK", "RST", "none"];
const tcpStateCount = flowState.SYN_SENT2 + 1;
const moves = readTransitions(transitions);

function readTransitions(table: string): Int8Array {
  const [, ...lines] = table.trim().split("\n");
  const result = new Int8Array(classes.length * 2 * tcpStateCount);
  for (const line of lines) {
    const [name, from, ...cells] = line.trim().split(/\s+/);
    const row = (classes.indexOf(name!) * 2 + (from === "responder" ? 1 : 0)) * tcpStateCount;
    cells.forEach((cell, state) => {
      result[row + state] = cell === "-" ? ignored : cell === "!" ? invalid : flowState[cell as FlowStateName];
    });
  }
  return result;
}

/** In the order in which Linux looks at the flags: RST, SYN, FIN, ACK. */
function classOf(flags: number): number {
  if (flags & tcpFlag.rst) return 4;
  if (flags & tcpFlag.syn) return flags & tcpFlag.ack ? 1 : 0;
  if (flags & tcpFlag.fin) return 2;
  return flags & tcpFlag.ack ? 3 : 5;
}

/** The next state, `ignored` or `invalid`. `from`: 0 the originator, 1 the responder. */
export function trackTcp(state: FlowState, from: number, flags: number): number {
  return moves[(classOf(flags) * 2 + from) * tcpStateCount + state]!;
}

/** Whether the connection is over and its record only lingers. */
export function isClosing(state: FlowState): boolean {
  return state === flowState.TIME_WAIT || state === flowState.CLOSE;
}

/** The state of a record whose first packet has these flags; one that begins in mid-stream starts where it is. */
export function openingTcpState(flags: number): FlowState {
  if (flags & tcpFlag.rst) return flowState.CLOSE;
  if (flags & tcpFlag.syn) return flags & tcpFlag.ack ? flowState.SYN_RECV : flowState.SYN_SENT;
  return flags & tcpFlag.fin ? flowState.FIN_WAIT : flowState.ESTABLISHED;
}
