// The TCP tracker as state tables: one line a segment, with what it does to the record.

import { describe, expect, it } from "vitest";
import { segmentClassOf } from "../../src/flow/flow-state.js";
import { FlowTable } from "../../src/flow/flow-table.js";
import type { TcpSegment } from "../../src/flow/tcp-segment.js";
import { beginTcp, replacesTcp, tcpOutcome, trackTcp } from "../../src/flow/tcp-tracker.js";
import { flowStates } from "../../src/index.js";
import { flagsOf } from "../support/packets.js";
import { type Row, rowsOf } from "../support/table.js";

/** `seq`, `ack` and `len` are numbers, 0 where the column is missing; `win` is `0` for a closed window. */
function segmentOf({ from, flags, seq = "0", ack = "0", len = "0", win = "1" }: Row): TcpSegment {
  const bits = flagsOf(flags!);
  const length = Number(len) + (bits & 1) + ((bits >> 1) & 1);
  return {
    flags: bits,
    class: segmentClassOf(bits),
    from: from === "o" ? 0 : 1,
    sequence: Number(seq) >>> 0,
    acknowledgement: Number(ack) >>> 0,
    end: (Number(seq) + length) >>> 0,
    zeroWindow: win === "0",
  };
}

const outcomes = Object.fromEntries(Object.entries(tcpOutcome).map(([name, value]) => [value, name]));

/** What each line comes to: the state, and whether the segment was taken, noted or a misfit; `new` replaces it all. */
function told(table: string): string[] {
  const flows = new FlowTable();
  return rowsOf(table).map((row, index) => {
    const segment = segmentOf(row);
    if (index === 0) beginTcp(flows, 0, segment);
    if (replacesTcp(flows, 0, segment)) return "new .";
    const outcome = trackTcp(flows, 0, segment);
    if (outcome !== tcpOutcome.misfit) flows.packets[segment.from]! += 1;
    return `${outcomes[outcome]} ${flowStates[flows.state[0]!]}`;
  });
}

function specify(name: string, table: string): void {
  it(name, () => {
    expect(told(table)).toEqual(rowsOf(table).map(({ is, state }) => `${is} ${state}`));
  });
}

describe("a connection", () => {
  specify(
    "opens by a handshake and closes from the originator's side",
    `from  flags  is     state
     o     S      taken  SYN_SENT
     r     SA     taken  SYN_RECV
     o     A      taken  ESTABLISHED
     o     PA     taken  ESTABLISHED
     r     A      taken  ESTABLISHED
     o     FA     taken  FIN_WAIT
     r     A      taken  CLOSE_WAIT
     r     PA     taken  CLOSE_WAIT
     r     FA     taken  LAST_ACK
     o     A      taken  TIME_WAIT
     r     FA     taken  TIME_WAIT
     o     A      taken  TIME_WAIT`,
  );
  specify(
    "closes from the responder's side",
    `from  flags  is     state
     o     S      taken  SYN_SENT
     r     SA     taken  SYN_RECV
     o     A      taken  ESTABLISHED
     r     FA     taken  FIN_WAIT
     o     A      taken  CLOSE_WAIT
     o     FA     taken  LAST_ACK
     r     A      taken  TIME_WAIT`,
  );
  specify(
    "closes from both sides at once",
    `from  flags  is     state
     o     A      taken  ESTABLISHED
     o     FA     taken  FIN_WAIT
     r     FA     taken  LAST_ACK
     r     A      taken  TIME_WAIT
     o     A      taken  TIME_WAIT`,
  );
  specify(
    "opens from both sides at once; then the responder's ACK completes it",
    `from  flags  is     state
     o     S      taken  SYN_SENT
     r     S      noted  SYN_SENT2
     o     SA     taken  SYN_RECV
     r     SA     noted  SYN_RECV
     r     A      taken  ESTABLISHED
     o     A      taken  ESTABLISHED`,
  );
  specify(
    "is completed by its originator after all, once that sends another SYN",
    `from  flags  is     state
     o     S      taken  SYN_SENT
     r     S      noted  SYN_SENT2
     o     SA     taken  SYN_RECV
     o     S      noted  SYN_RECV
     r     A      taken  SYN_RECV
     o     A      taken  ESTABLISHED`,
  );
  specify(
    "stays half open, its SYN and the answer sent again",
    `from  flags  is      state
     o     S      taken   SYN_SENT
     o     S      noted   SYN_SENT
     r     A      noted   SYN_SENT
     o     S      taken   SYN_SENT
     r     SA     taken   SYN_RECV
     r     SA     noted   SYN_RECV
     o     S      noted   SYN_RECV
     r     A      taken   SYN_RECV
     o     A      taken   ESTABLISHED`,
  );
  specify(
    "is not moved by a SYN of a live one, nor by what fits nowhere",
    `from  flags  is      state
     o     A      taken   ESTABLISHED
     o     S      noted   ESTABLISHED
     r     S      misfit  ESTABLISHED
     r     SA     noted   ESTABLISHED
     o     SA     misfit  ESTABLISHED
     r     .      misfit  ESTABLISHED
     o     PU     misfit  ESTABLISHED
     o     F      misfit  ESTABLISHED
     o     SF     misfit  ESTABLISHED
     o     SR     misfit  ESTABLISHED
     o     FSRPAU misfit  ESTABLISHED
     o     PAUEC  taken   ESTABLISHED`,
  );
  specify(
    "waits for a SYN-ACK before it takes anything else",
    `from  flags  is      state
     o     S      taken   SYN_SENT
     o     A      misfit  SYN_SENT
     o     FA     misfit  SYN_SENT
     r     FA     misfit  SYN_SENT
     o     SA     misfit  SYN_SENT`,
  );
  specify(
    "comes into step with the SYN-ACK for a SYN that was passed over",
    `from  flags  seq   ack   is      state
     o     A      100   500   taken   ESTABLISHED
     r     A      500   100   taken   ESTABLISHED
     o     S      9000  0     noted   ESTABLISHED
     r     SA     7000  9001  taken   SYN_RECV
     o     A      9001  7001  taken   ESTABLISHED`,
  );
  specify(
    "takes no challenge (RFC 5961) for the acknowledgement of the last FIN",
    `from  flags  seq   ack   is      state
     o     A      100   500   taken   ESTABLISHED
     r     A      500   100   taken   ESTABLISHED
     o     FA     100   500   taken   FIN_WAIT
     r     FA     500   101   taken   LAST_ACK
     o     S      9000  0     noted   LAST_ACK
     r     A      501   101   noted   LAST_ACK
     r     A      501   101   taken   TIME_WAIT`,
  );
});

describe("a SYN", () => {
  specify(
    "replaces a connection whose end one side began, whichever side sends it",
    `from  flags  is     state
     o     A      taken  ESTABLISHED
     o     FA     taken  FIN_WAIT
     r     FA     taken  LAST_ACK
     o     A      taken  TIME_WAIT
     o     S      new    .
     r     S      new    .`,
  );
  specify(
    "replaces a connection that its own sender reset",
    `from  flags  is     state
     o     S      taken  SYN_SENT
     r     SA     taken  SYN_RECV
     o     R      taken  CLOSE
     o     S      new    .`,
  );
  specify(
    "replaces none that the other side reset",
    `from  flags  is     state
     o     S      taken  SYN_SENT
     r     SA     taken  SYN_RECV
     r     R      taken  CLOSE
     o     S      noted  CLOSE`,
  );
});

describe("a RST", () => {
  const established = `from  flags  seq   ack   len  is      state
     o     S      99    0     0    taken   SYN_SENT
     r     SA     499   100   0    taken   SYN_RECV
     o     A      100   500   0    taken   ESTABLISHED
     o     A      100   500   10   taken   ESTABLISHED
     r     A      500   110   0    taken   ESTABLISHED
     o     A      110   500   0    taken   ESTABLISHED`;

  specify(
    "resets where it stands exactly at what was acknowledged",
    `${established}
     r     R      500   0     0    taken   CLOSE
     o     A      110   500   0    taken   CLOSE`,
  );
  specify(
    "below what was acknowledged is none",
    `${established}
     r     R      499   0     0    misfit  ESTABLISHED`,
  );
  specify(
    "above it is taken without a move, since it may bring a challenge",
    `${established}
     r     R      501   0     0    taken   ESTABLISHED`,
  );
  specify(
    "resets right behind the last segment of its own side, acknowledged or not",
    `${established}
     r     A      500   110   40   taken   ESTABLISHED
     r     R      540   0     0    taken   CLOSE`,
  );
  specify(
    "of a connection that is closing needs no number",
    `${established}
     o     FA     110   500   0    taken   FIN_WAIT
     r     R      1     0     0    taken   CLOSE`,
  );
  specify(
    "of sequence 0 refuses a connection that is not established",
    `from  flags  seq   ack   len  is      state
     o     S      99    0     0    taken   SYN_SENT
     r     RA     0     100   0    taken   CLOSE`,
  );
  specify(
    "of a connection picked up in mid-stream needs no number until an answer came",
    `from  flags  seq   ack   len  is      state
     o     A      100   500   0    taken   ESTABLISHED
     r     R      1     0     0    taken   CLOSE`,
  );
  specify(
    "needs no number while all that was acknowledged was far behind what is known",
    `from  flags  seq         ack         len  is      state
     o     PA     100         3000000000  10   taken   ESTABLISHED
     r     A      3000000000  110         0    taken   ESTABLISHED
     r     R      2999999000  0           0    taken   CLOSE`,
  );
  specify(
    "is measured against no acknowledgement of a segment outside any window",
    `from  flags  seq         ack         len  is      state
     o     S      99          0           0    taken   SYN_SENT
     r     SA     499         100         0    taken   SYN_RECV
     o     A      3000000000  500         0    taken   ESTABLISHED
     o     A      1500000000  500         0    taken   ESTABLISHED
     r     R      400         0           0    taken   CLOSE`,
  );
  specify(
    "counts around the circle of sequence numbers",
    `from  flags  seq         ack         len  is      state
     o     S      4294967290  0           0    taken   SYN_SENT
     r     SA     4294967295  4294967291  0    taken   SYN_RECV
     o     A      4294967291  0           0    taken   ESTABLISHED
     o     A      4294967291  0           10   taken   ESTABLISHED
     r     A      0           5           0    taken   ESTABLISHED
     o     R      4294967295  0           0    misfit  ESTABLISHED
     o     R      5           0           0    taken   CLOSE`,
  );
});
