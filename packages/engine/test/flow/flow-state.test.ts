// The tracker against its table, and whole connections as state tables: one line a packet.

import { describe, expect, it } from "vitest";
import { flowState, flowStates, ignored, invalid, isClosing, openingTcpState, trackTcp } from "../../src/index.js";
import { classOf, nextState } from "../support/oracle.js";
import { flagsOf } from "../support/packets.js";
import { rowsOf } from "../support/table.js";

/** Runs the packets of a table; `o` is the originator, `r` the responder, `-` leaves the state, `!` does not fit. */
function statesOf(table: string): string[] {
  let state: number | null = null;
  return rowsOf(table).map(({ from, flags }) => {
    const bits = flagsOf(flags!);
    const next: number = state === null ? openingTcpState(bits) : trackTcp(state, from === "o" ? 0 : 1, bits);
    if (next >= 0) state = next;
    return `${from} ${flags} ${next === ignored ? "-" : next === invalid ? "!" : flowStates[next]}`;
  });
}

function specify(name: string, table: string): void {
  it(name, () => {
    expect(statesOf(table)).toEqual(rowsOf(table).map(({ from, flags, state }) => `${from} ${flags} ${state}`));
  });
}

describe("a connection", () => {
  specify(
    "opens by a handshake and closes from the originator's side",
    `from  flags  state
     o     S      SYN_SENT
     r     SA     SYN_RECV
     o     A      ESTABLISHED
     o     PA     ESTABLISHED
     r     A      ESTABLISHED
     o     FA     FIN_WAIT
     r     A      CLOSE_WAIT
     r     PA     CLOSE_WAIT
     r     FA     LAST_ACK
     o     A      TIME_WAIT
     r     FA     TIME_WAIT
     o     A      TIME_WAIT`,
  );
  specify(
    "closes from the responder's side",
    `from  flags  state
     o     S      SYN_SENT
     r     SA     SYN_RECV
     o     A      ESTABLISHED
     r     FA     FIN_WAIT
     o     A      CLOSE_WAIT
     o     FA     LAST_ACK
     r     A      TIME_WAIT`,
  );
  specify(
    "closes in three packets",
    `from  flags  state
     o     A      ESTABLISHED
     o     FA     FIN_WAIT
     r     FA     LAST_ACK
     o     A      TIME_WAIT`,
  );
  specify(
    "closes from both sides at once",
    `from  flags  state
     o     A      ESTABLISHED
     o     FA     FIN_WAIT
     r     FA     LAST_ACK
     r     A      TIME_WAIT
     o     A      TIME_WAIT`,
  );
  specify(
    "opens from both sides at once",
    `from  flags  state
     o     S      SYN_SENT
     r     S      SYN_SENT2
     o     SA     SYN_RECV
     r     SA     -
     o     A      ESTABLISHED`,
  );
  specify(
    "is reset",
    `from  flags  state
     o     S      SYN_SENT
     r     SA     SYN_RECV
     o     A      ESTABLISHED
     r     RA     CLOSE
     o     A      CLOSE
     o     R      CLOSE`,
  );
  specify(
    "is refused",
    `from  flags  state
     o     S      SYN_SENT
     r     RA     CLOSE`,
  );
  specify(
    "stays half open, its SYN and the answer sent again",
    `from  flags  state
     o     S      SYN_SENT
     o     S      SYN_SENT
     r     A      -
     r     SA     SYN_RECV
     r     SA     -
     o     S      -
     r     A      SYN_RECV
     o     A      ESTABLISHED`,
  );
  specify(
    "keeps its state at a SYN of a live one, and at packets that fit nowhere",
    `from  flags  state
     o     A      ESTABLISHED
     o     S      -
     r     S      !
     r     SA     -
     o     SA     !
     r     .      !
     o     PU     !
     o     A      ESTABLISHED`,
  );
});

describe("a record that begins in mid-stream", () => {
  it.each([
    ["S", "SYN_SENT"],
    ["SEC", "SYN_SENT"],
    ["SA", "SYN_RECV"],
    ["A", "ESTABLISHED"],
    ["PA", "ESTABLISHED"],
    [".", "ESTABLISHED"],
    ["FA", "FIN_WAIT"],
    ["R", "CLOSE"],
    ["RA", "CLOSE"],
    ["SR", "CLOSE"],
  ])("by %s is %s", (flags, state) => {
    expect(flowStates[openingTcpState(flagsOf(flags))]).toBe(state);
  });
});

describe("of several flags", () => {
  it("RST counts before SYN, SYN before FIN, FIN before ACK, and the others not at all", () => {
    const next = (flags: string) => flowStates[trackTcp(flowState.ESTABLISHED, 0, flagsOf(flags))];
    expect(["RSFA", "FA", "FPUEC", "AECPU"].map(next)).toEqual(["CLOSE", "FIN_WAIT", "FIN_WAIT", "ESTABLISHED"]);
    expect(trackTcp(flowState.ESTABLISHED, 0, flagsOf("SF"))).toBe(ignored);
  });
});

describe("the tracker", () => {
  it("says what the oracle says, for every state, side and flags; an old connection's SYN is not its business", () => {
    for (const name of flowStates.slice(flowState.SYN_SENT, flowState.UNREPLIED)) {
      for (let flags = 0; flags < 256; flags++) {
        if (classOf(flags) === "S" && isClosing(flowState[name])) continue;
        for (const from of [0, 1]) {
          const next = trackTcp(flowState[name], from, flags);
          const told = next === ignored || next === invalid ? name : flowStates[next];
          expect(told, `${name} ${from} ${flags}`).toBe(nextState(name, from === 0, classOf(flags)));
        }
      }
    }
  });
});
