// The letters of Zeek's `history` (scripts/base/protocols/conn/main.zeek): upper case for the originator. Most are
// written once for each side; those that count are written the first, tenth, hundredth … time.

import { tcpFlag } from "../wire/tcp-flags.js";
import { type Connection, type End, exchangeRoles } from "./connection.js";
import type { TcpEndpoint } from "./tcp-endpoint.js";

const letters = { S: 1, H: 1, F: 2, R: 4, I: 8, D: 16, A: 32, Q: 64 } as const;
type OnceLetter = keyof typeof letters;

const responderShift = 16;

/** False where a letter of this kind stands there already. */
export function writeOnce(connection: Connection, end: End, letter: OnceLetter): boolean {
  const bit = letters[letter] << (end === connection.originator ? 0 : responderShift);
  if ((connection.written & bit) !== 0) return false;
  connection.written |= bit;
  write(connection, end, letter);
  return true;
}

/** `count`: how often it has happened, this time included. */
export function writeCounted(connection: Connection, end: End, letter: "C" | "G" | "T" | "W", count: number): void {
  if (isPowerOfTen(count)) write(connection, end, letter);
}

function write(connection: Connection, end: End, letter: string): void {
  connection.history += end === connection.originator ? letter : letter.toLowerCase();
}

function isPowerOfTen(count: number): boolean {
  let power = 1;
  while (power < count) power *= 10;
  return power === count;
}

export type HistorySegment = {
  readonly flags: number;
  readonly payloadLength: number;
  /** Relative to the start of its end. */
  readonly relative: number;
};

const { syn, fin, rst, ack } = tcpFlag;

export function writeSegment(connection: Connection, end: End, segment: HistorySegment): void {
  const { flags, payloadLength } = segment;
  switch (flags & (syn | fin | rst)) {
    case 0:
      if (payloadLength > 0) writeProductive(connection, end, "D");
      else if ((flags & ack) !== 0) writeProductive(connection, end, "A");
      return;
    case syn:
    case fin:
    case rst:
      writeControl(connection, end, segment);
      return;
    default:
      writeOnce(connection, end, (flags & fin) !== 0 && (flags & rst) !== 0 ? "I" : "Q");
  }
}

/** SYN, FIN and RST again where the sequence number is not that of the last of their kind. */
function writeControl(connection: Connection, end: End, { flags, payloadLength, relative }: HistorySegment): void {
  const endpoint = connection.tcp!.endpoints[end];
  const kind = (flags & syn) !== 0 ? "lastSyn" : (flags & fin) !== 0 ? "lastFin" : "lastRst";
  const at = kind === "lastFin" ? relative + payloadLength : relative;
  const letter = controlLetter(kind, flags);
  if (!writeOnce(connection, end, letter) && endpoint[kind] !== at) write(connection, end, letter);
  endpoint[kind] = at;
}

function controlLetter(kind: keyof TcpEndpoint, flags: number): "S" | "H" | "F" | "R" {
  if (kind === "lastSyn") return (flags & ack) === 0 ? "S" : "H";
  return kind === "lastFin" ? "F" : "R";
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
