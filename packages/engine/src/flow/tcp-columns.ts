// What the TCP tracker remembers of a connection besides its state, as columns of the flow table: how far each side has
// sent and acknowledged, and the last segment.

import { segmentClass } from "./flow-state.js";

/** Bits of `sides`. */
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
} as const;

/** Bits of `last`; the three lowest are the class of the segment. */
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

export class TcpColumns {
  /** Two a record, the originator's and the responder's: the sequence number after the highest that it sent. */
  end: Uint32Array;
  /** Two a record: the highest acknowledgement that it sent. */
  acknowledged: Uint32Array;
  sides: Uint8Array;
  /** One a record, of the last segment that told something. */
  lastSequence: Uint32Array;
  lastAcknowledgement: Uint32Array;
  lastEnd: Uint32Array;
  last: Uint16Array;

  constructor(capacity: number) {
    this.end = new Uint32Array(capacity * 2);
    this.acknowledged = new Uint32Array(capacity * 2);
    this.sides = new Uint8Array(capacity * 2);
    this.lastSequence = new Uint32Array(capacity);
    this.lastAcknowledgement = new Uint32Array(capacity);
    this.lastEnd = new Uint32Array(capacity);
    this.last = new Uint16Array(capacity);
  }

  clear(slot: number): void {
    for (const column of [this.end, this.acknowledged, this.sides]) column.fill(0, slot * 2, slot * 2 + 2);
    this.lastSequence[slot] = 0;
    this.lastAcknowledgement[slot] = 0;
    this.lastEnd[slot] = 0;
    this.last[slot] = segmentClass.none | lastMark.zeroWindow;
  }

  /** The same records in columns of this capacity. */
  grown(capacity: number): TcpColumns {
    const columns = new TcpColumns(capacity);
    columns.end.set(this.end);
    columns.acknowledged.set(this.acknowledged);
    columns.sides.set(this.sides);
    columns.lastSequence.set(this.lastSequence);
    columns.lastAcknowledgement.set(this.lastAcknowledgement);
    columns.lastEnd.set(this.lastEnd);
    columns.last.set(this.last);
    return columns;
  }
}
