// A connection as a question names it: `203.0.113.7:51514`, `[2001:db8::1]:443/tcp`, or the id of a flow record.

import {
  type Address,
  type Conversation,
  formatAddress,
  hasPorts,
  isV4,
  parseAddress,
  parseProtocol,
  protocolName,
  protocolNumber,
} from "@conntrail/engine";
import { usage } from "../exit-code.js";

export type Endpoint = { readonly address: Address; readonly port: number | null; readonly protocol: number | null };

export function readEndpoint(text: string): Endpoint {
  const match =
    /^(?:\[([^\]]+)\]|([^:/]+)|([0-9a-fA-F:.]*:[0-9a-fA-F:.]*:[0-9a-fA-F:.]*))(?::(\d{1,5}))?(?:\/([\w-]+))?$/.exec(
      text,
    );
  const host = match?.[1] ?? match?.[2] ?? match?.[3];
  const address = host === undefined ? null : parseAddress(host);
  if (match === null || address === null) {
    throw usage(`\`${text}\` is no endpoint: use 10.1.0.4:22/tcp, 10.1.0.4 or [2001:db8::1]:443/tcp`);
  }
  const port = match[4] === undefined ? null : Number(match[4]);
  if (port !== null && port > 65_535) throw usage(`port ${port} in \`${text}\` is above 65535`);
  return { address, port, protocol: readProtocol(match[5], text) };
}

function readProtocol(name: string | undefined, text: string): number | null {
  if (name === undefined) return null;
  if (/^\d+$/.test(name)) throw usage(`\`${text}\` looks like a prefix: give one address, and name the protocol`);
  const protocol = parseProtocol(name);
  if (protocol === null) throw usage(`\`${name}\` in \`${text}\` is no protocol: use tcp, udp, icmp or a number`);
  return protocol;
}

/** The connections between two endpoints; without a protocol TCP, without a port any. */
export function readConversation(source: string, destination: string): Conversation {
  const from = readEndpoint(source);
  const to = readEndpoint(destination);
  const protocol = to.protocol ?? from.protocol ?? protocolNumber.tcp;
  checkEnds(from, to, protocol);
  return { protocol, a: from.address, b: to.address, portA: from.port, portB: to.port };
}

function checkEnds(from: Endpoint, to: Endpoint, protocol: number): void {
  if (from.protocol !== null && from.protocol !== protocol)
    throw usage("source and destination name different protocols");
  if (isV4(from.address) !== isV4(to.address)) throw usage("one address is IPv4 and the other IPv6");
  const port = from.port ?? to.port;
  if (port !== null && !hasPorts(protocol))
    throw usage(`${protocolName(protocol)} has no ports: leave out \`:${port}\``);
}

/** `10.1.0.4:22`, `[2001:db8::1]:22`, or the address alone where there is no port. */
export function formatEndpoint(address: Address, port: number | null): string {
  const text = formatAddress(address);
  if (port === null) return text;
  return isV4(address) ? `${text}:${port}` : `[${text}]:${port}`;
}

export type FlowName = {
  readonly protocol: number;
  readonly source: Address;
  readonly sourcePort: number;
  readonly destination: Address;
  readonly destinationPort: number;
};

/** `203.0.113.7:51514 → 10.1.0.4:22/tcp`. */
export function formatFlow(flow: FlowName): string {
  const port = (number: number) => (hasPorts(flow.protocol) ? number : null);
  const source = formatEndpoint(flow.source, port(flow.sourcePort));
  const destination = formatEndpoint(flow.destination, port(flow.destinationPort));
  return `${source} → ${destination}/${protocolName(flow.protocol)}`;
}
