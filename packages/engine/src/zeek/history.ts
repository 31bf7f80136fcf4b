// The letters of Zeek's `history` (scripts/base/protocols/conn/main.zeek): upper case for the originator. Most are
// written once for each side; those that count are written the first, tenth, hundredth … time.

import { type Connection, type End, exchangeRoles } from "./connection.js";
import {
  type CountedLetter,
  controlPosition,
  isPowerOfTen,
  type OnceLetter,
  onceLetters,
  segmentLetter,
} from "./history-letter.js";

const responderShift = 16;

/** False where a letter of this kind stands there already. */
export function writeOnce(connection: Connection, end: End, letter: OnceLetter): boolean {
  const bit = onceLetters[letter] << (end === connection.originator ? 0 : responderShift);
  if ((connection.written & bit) !== 0) return false;
  connection.written |= bit;
  write(connection, end, letter);
  return true;
}

/** `count`: how often it has happened, this time included. */
export function writeCounted(connection: Connection, end: End, letter: CountedLetter, count: number): void {
  if (isPowerOfTen(count)) write(connection, end, letter);
}

function write(connection: Connection, end: End, letter: string): void {
  connection.history += end === connection.originator ? letter : letter.toLowerCase();
}

export type HistorySegment = {
  readonly flags: number;
  readonly payloadLength: number;
  /** Relative to the start of its end. */
  readonly relative: number;
};

export function writeSegment(connection: Connection, end: End, segment: HistorySegment): void {
  const letter = segmentLetter(segment.flags, segment.payloadLength > 0);
  switch (letter) {
    case null:
      return;
    case "D":
    case "A":
      writeProductive(connection, end, letter);
      return;
    case "I":
    case "Q":
      writeOnce(connection, end, letter);
      return;
    default:
      writeControl(connection, end, letter, segment);
  }
}

const lastOf = { S: "lastSyn", H: "lastSyn", F: "lastFin", R: "lastRst" } as const;

/** SYN, FIN and RST again where the sequence number is not that of the last of their kind. */
function writeControl(connection: Connection, end: End, letter: keyof typeof lastOf, segment: HistorySegment): void {
  const { flags, payloadLength, relative: sequence } = segment;
  const endpoint = connection.tcp!.endpoints[end];
  const at = controlPosition(flags, { sequence, payloadLength });
  if (!writeOnce(connection, end, letter) && endpoint[lastOf[letter]] !== at) write(connection, end, letter);
  endpoint[lastOf[letter]] = at;
}

/**
 * What began with a SYN+ACK may be a scan, whose originator it is; traffic behind it makes that unlikely, and Zeek puts
 * the roles right.
 */
function writeProductive(connection: Connection, end: End, letter: "D" | "A"): void {
  if (connection.history === "H") {
    exchangeRoles(connection);
    connection.history = "^h";
    connection.tcp!.endpoints[connection.originator].seen = true;
  }
  writeOnce(connection, end, letter);
}
