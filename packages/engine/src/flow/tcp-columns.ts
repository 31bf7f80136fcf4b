// What the TCP tracker remembers of a connection besides its state: how far each side has sent and acknowledged, and the
// last segment. All of a record lies together in one column of the flow table, since each segment asks for most of it.

import { segmentClass } from "./flow-state.js";

/** Of these words a record has so many, and the first two of each side, the originator's and the responder's. */
export const tcpWordCount = 8;
export const tcpWord = {
  /** The sequence number after the highest that the side sent. */
  end: 0,
  /** The highest acknowledgement that it sent. */
  acknowledged: 2,
  /** Of the last segment that told something. */
  lastSequence: 4,
  lastAcknowledgement: 5,
  lastEnd: 6,
  /** Bits of `lastMark`, and of `sideMark` for each side: `onSide`. */
  marks: 7,
} as const;

/** Of one side. */
export const sideMark = {
  /** A segment of this side was seen. */
  seen: 1,
  /** `acknowledged` holds. */
  acknowledges: 2,
  /** It sent data that the other side has not acknowledged yet. */
  unacknowledged: 4,
  /** Its FIN began the end. */
  beganClose: 8,
  finished: 16,
  all: 255,
} as const;

/** Of the last segment; the three lowest bits are its class. */
export const lastMark = {
  classes: 7,
  fromResponder: 8,
  zeroWindow: 16,
  /** Both sides opened with a SYN. */
  simultaneous: 32,
  /** A SYN in LAST_ACK may bring a challenge, which is no acknowledgement of a FIN (RFC 5961). */
  challengeExpected: 64,
  /** Both sides took part in an established connection. */
  assured: 128,
  /** Two bits: how often the same segment came again, three meaning three or more. */
  repeat: 256,
  repeats: 768,
} as const;

/** A side's mark among the marks of the record. */
export function onSide(mark: number, side: number): number {
  return mark << (16 + side * 8);
}

export function clearTcp(tcp: Int32Array, slot: number): void {
  const at = slot * tcpWordCount;
  for (let word = at; word < at + tcpWordCount; word++) tcp[word] = 0;
  tcp[at + tcpWord.marks] = segmentClass.none | lastMark.zeroWindow;
}
