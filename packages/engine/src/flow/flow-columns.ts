// The columns of the flow table: one typed array for each thing that is known of a record, as many entries for each
// record. They are the class's public fields and nothing else is, so that this is the one list of them.

import { historyWordCount } from "./history-columns.js";
import { tcpWordCount } from "./tcp-columns.js";

export type Column = Uint8Array | Uint16Array | Uint32Array | Int32Array | Float64Array;

const firstCapacity = 256;

export class FlowColumns {
  /** Every record has its own, from 1; tells whether a slot still holds the same one. 0: the slot is free. */
  serial = new Uint32Array(firstCapacity);
  hash = new Uint32Array(firstCapacity);
  scope = new Uint32Array(firstCapacity);
  words = new Uint32Array(firstCapacity * 8);
  ports = new Uint16Array(firstCapacity * 2);
  protocol = new Uint8Array(firstCapacity);
  icmp = new Uint16Array(firstCapacity);
  openedAt = new Float64Array(firstCapacity);
  source = new Uint32Array(firstCapacity);
  frame = new Uint32Array(firstCapacity);
  originator = new Uint8Array(firstCapacity);
  direction = new Uint8Array(firstCapacity);
  admission = new Uint32Array(firstCapacity);
  untracked = new Uint8Array(firstCapacity);
  semantics = new Uint16Array(firstCapacity);
  state = new Uint8Array(firstCapacity);
  /** See `tcpWord`. */
  tcp = new Int32Array(firstCapacity * tcpWordCount);
  /** See `HistoryColumns`. */
  historyWords = new Uint32Array(firstCapacity * historyWordCount);
  midStream = new Uint8Array(firstCapacity);
  /** When the rules were last asked about a packet of a live record, by the caller's count of changes. */
  askedIn = new Uint32Array(firstCapacity);
  /** Two a record, from the low end and from the high one: what the rules said then, and one more; 0: not asked. */
  asked = new Uint32Array(firstCapacity * 2);
  lastSeen = new Float64Array(firstCapacity);
  /** Minus infinity: the slot is free. */
  endsAt = new Float64Array(firstCapacity);
  /** Two a record: from the originator, from the responder. Also `bytes` (IP) and `payload`. */
  packets = new Float64Array(firstCapacity * 2);
  bytes = new Float64Array(firstCapacity * 2);
  payload = new Float64Array(firstCapacity * 2);

  /** Records that there is room for. */
  get capacity(): number {
    return this.serial.length;
  }

  columns(): [name: string, column: Column][] {
    return Object.entries(this) as [string, Column][];
  }

  protected growColumns(): void {
    Object.assign(this, Object.fromEntries(this.columns().map(([name, column]) => [name, doubled(column)])));
  }
}

function doubled(column: Column): Column {
  const grown = new (column.constructor as new (length: number) => Column)(column.length * 2);
  grown.set(column);
  return grown;
}
