// Five-tuples as tests write them.

import { AddressSet, type FiveTuple, type NameContents, parseAddress, parseProtocol } from "../../src/index.js";

/** Every name stands for nothing. */
export const noNames: NameContents = { serviceTag: nothing, group: nothing };

function nothing() {
  return { inside: AddressSet.none, doubtful: AddressSet.none };
}

/** `tcp 203.0.113.7 50000 -> 10.0.0.4 22`; `?` for ports that are not known. */
export function tuple(text: string): FiveTuple {
  const [protocol, source, sourcePort, , destination, destinationPort] = text.trim().split(/\s+/);
  return {
    protocol: parseProtocol(protocol!)!,
    source: parseAddress(source!)!,
    destination: parseAddress(destination!)!,
    sourcePort: Number(sourcePort) || 0,
    destinationPort: Number(destinationPort) || 0,
    icmp: 0,
    portsKnown: sourcePort !== "?",
  };
}
