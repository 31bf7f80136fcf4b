// A five-tuple as words in an array, so that millions of them are asked about without an object each.

import { hasPorts } from "../wire/protocol.js";
import type { FiveTuple } from "./rule-match.js";

export const tupleWordCount = 12;

/** Where what stands, counted from the tuple's first word. An address has four. */
export const tupleWord = {
  source: 0,
  destination: 4,
  protocol: 8,
  sourcePort: 9,
  destinationPort: 10,
  icmp: 11,
} as const;

/** In place of both ports, where the protocol has none. */
export const noPort = 0x10000;
/** In place of both ports, or of the kind of ICMP, where the packet does not show them. */
export const unknownPort = 0x10001;

export function writeTuple(tuple: FiveTuple, words: Uint32Array, at = 0): void {
  for (let word = 0; word < 4; word++) {
    words[at + tupleWord.source + word] = tuple.source[word]!;
    words[at + tupleWord.destination + word] = tuple.destination[word]!;
  }
  const port = hasPorts(tuple.protocol) ? unknownPort : noPort;
  const shown = tuple.portsKnown && port !== noPort;
  words[at + tupleWord.protocol] = tuple.protocol;
  words[at + tupleWord.sourcePort] = shown ? tuple.sourcePort : port;
  words[at + tupleWord.destinationPort] = shown ? tuple.destinationPort : port;
  words[at + tupleWord.icmp] = tuple.portsKnown ? tuple.icmp : unknownPort;
}
