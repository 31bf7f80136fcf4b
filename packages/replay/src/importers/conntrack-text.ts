// One line of `conntrack -E`, `conntrack -L` or /proc/net/nf_conntrack: perhaps a time and an event in brackets, the
// protocol, then `name=value` of the original tuple, of the reply, and of the entry.

import type { ConntrackEntry, ConntrackEvent } from "./conntrack-entry.js";

const opening =
  /^(?:\[(\d+)\.(\d+) *\])?\s*(?:\[(NEW|UPDATE|DESTROY)\])?\s*(?:ipv[46]\s+\d+\s+)?[a-z][a-z\d-]*\s+(\d+)\s+(.*)$/;
const parts = /\[([^\]]*)\]|(\S+)/g;

/** Whether a line may be one of these. */
export function looksLikeConntrack(line: string): boolean {
  return opening.test(line) && /\bsrc=\S+ dst=\S+ /.test(line);
}

/** Null where the line is no entry. */
export function conntrackLine(line: string): ConntrackEntry | null {
  const match = opening.exec(line);
  if (match === null) return null;
  const [, seconds, micros, event, protocol, rest = ""] = match;
  if (Number(protocol) > 255) return null;
  const tuples: Record<string, string>[] = [];
  const others: Record<string, string | number | boolean> = {};
  for (const [, flag, word] of rest.matchAll(parts)) {
    if (flag !== undefined) Object.assign(others, flagOf(flag));
    else putWord(word!, tuples, others);
  }
  const [original, reply = null] = tuples;
  if (original === undefined) return null;
  return {
    event: event === undefined ? null : (event.toLowerCase() as ConntrackEvent),
    // Older versions fill microseconds with blanks behind, and not with zeros before.
    time: seconds === undefined ? null : Number(seconds) * 1_000_000 + Number(micros),
    calendar: false,
    protocol: Number(protocol),
    original,
    reply,
    rest: others,
  };
}

/** `[ASSURED]`, and with ktimestamp `[start=Sat Nov 21 14:58:40 2026]`, in the machine's own zone. */
function flagOf(flag: string): Record<string, string | boolean> {
  const equals = flag.indexOf("=");
  return equals < 0 ? { [flag.toLowerCase()]: true } : { [flag.slice(0, equals)]: flag.slice(equals + 1) };
}

/** In this order they stand in a tuple, of ICMP the last three. */
const tupleNames: ReadonlySet<string> = new Set(["dst", "sport", "dport", "type", "code", "id", "srckey", "dstkey"]);
const counterNames: ReadonlySet<string> = new Set(["packets", "bytes"]);

function putWord(word: string, tuples: Record<string, string>[], others: Record<string, string | number | boolean>) {
  const equals = word.indexOf("=");
  if (equals < 0) return putBare(word, others);
  const [name, value] = [word.slice(0, equals), word.slice(equals + 1)];
  const tuple = tuples.at(-1);
  if (name === "src") tuples.push({ src: value });
  else if (tuple !== undefined && isOfTuple(name, tuple)) tuple[name] = value;
  else others[name] = numberOr(value);
}

/** An entry has an id too: only that behind the code of a message is the tuple's. */
function isOfTuple(name: string, tuple: Record<string, string>): boolean {
  if (tuple[name] !== undefined) return false;
  if (name === "id") return tuple.code !== undefined;
  return tupleNames.has(name) || counterNames.has(name);
}

/** The timeout in seconds, and the state, stand before the tuples without a name. */
function putBare(word: string, others: Record<string, string | number | boolean>): void {
  if (/^\d+$/.test(word)) others.timeout = Number(word);
  else others.state = word;
}

export function numberOr(value: string): string | number {
  return /^(?:0|[1-9]\d{0,14})$/.test(value) ? Number(value) : value;
}
