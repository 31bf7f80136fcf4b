// What the letters of Zeek's `history` stand for (scripts/base/protocols/conn/main.zeek): the same for Zeek's connections
// and for flow records.

import { tcpFlag } from "../wire/tcp-flags.js";

/** Written once for each side, with the bits that remember it: a SYN and a SYN+ACK share one. */
export const onceLetters = { S: 1, H: 1, F: 2, R: 4, I: 8, D: 16, A: 32, Q: 64 } as const;
export type OnceLetter = keyof typeof onceLetters;

/** Checksum wrong, gap, sent again, window of zero: written the first, tenth, hundredth … time. */
export type CountedLetter = "C" | "G" | "T" | "W";

const { syn, fin, rst, ack } = tcpFlag;

/** Null: such a segment leaves no letter. */
export function segmentLetter(flags: number, hasPayload: boolean): OnceLetter | null {
  const acknowledges = (flags & ack) !== 0;
  switch (flags & (syn | fin | rst)) {
    case 0:
      if (hasPayload) return "D";
      return acknowledges ? "A" : null;
    case syn:
      return acknowledges ? "H" : "S";
    case fin:
      return "F";
    case rst:
      return "R";
    default:
      return (flags & fin) !== 0 && (flags & rst) !== 0 ? "I" : "Q";
  }
}

/** Of a SYN, FIN or RST: where it stands in the sequence space. Letters of others do not come again. */
export function controlPosition(flags: number, at: { readonly sequence: number; readonly payloadLength: number }) {
  return (flags & fin) === 0 ? at.sequence : at.sequence + at.payloadLength;
}

export function isPowerOfTen(count: number): boolean {
  let power = 1;
  while (power < count) power *= 10;
  return power === count;
}
