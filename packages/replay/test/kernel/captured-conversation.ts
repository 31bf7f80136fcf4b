// Conversations of real captures: whole TCP and UDP packets and pings between two ends, in the order they were seen.
// Captures are read here as plainly as can be, so that nothing rests on the importers.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export type CapturedPacket = { readonly bytes: Uint8Array; readonly fromFirstSender: boolean };
export type CapturedConversation = readonly CapturedPacket[];

const folder = fileURLToPath(new URL("../../../../../shared/evidence/pcap/", import.meta.url));
const fileHeaderBytes = 24;
const recordHeaderBytes = 16;
const ipHeaderBytes = 20;
/** By link type: what stands before the IP packet. Ethernet, raw IP. */
const linkBytes = new Map([
  [1, 14],
  [101, 0],
]);
/** What a router passes on in one piece. */
const mostBytes = 1500;

let read: readonly CapturedConversation[] | null = null;

/** Empty where the folder of captures is not there. */
export function capturedConversations(): readonly CapturedConversation[] {
  read ??= existsSync(folder) ? readdirSync(folder).filter(isPcap).sort().flatMap(conversationsIn) : [];
  return read;
}

function isPcap(name: string): boolean {
  return name.endsWith(".pcap");
}

function conversationsIn(name: string): CapturedConversation[] {
  const content = readFileSync(join(folder, name));
  const skipped = linkBytes.get(content.readUInt32LE(20));
  if (skipped === undefined) return [];
  const conversations = new Map<string, { readonly first: string; readonly packets: CapturedPacket[] }>();
  for (const frame of framesOf(content)) {
    const bytes = wholePacket(frame.subarray(skipped));
    if (bytes === null) continue;
    const [source, destination] = endsOf(bytes);
    const key = [bytes[9], ...[source, destination].sort()].join(" ");
    const known = conversations.get(key) ?? { first: source, packets: [] };
    known.packets.push({ bytes, fromFirstSender: known.first === source });
    conversations.set(key, known);
  }
  return [...conversations.values()].map(({ packets }) => packets);
}

function* framesOf(content: Buffer): Generator<Buffer> {
  for (let at = fileHeaderBytes; at + recordHeaderBytes <= content.length; ) {
    const length = content.readUInt32LE(at + 8);
    at += recordHeaderBytes;
    yield content.subarray(at, at + length);
    at += length;
  }
}

/** An IPv4 packet without options that is no fragment, of a kind that is told apart here; else null. */
function wholePacket(packet: Buffer): Uint8Array | null {
  if (packet.length < ipHeaderBytes + 8 || packet[0] !== 0x45) return null;
  const length = packet.readUInt16BE(2);
  const isFragment = (packet.readUInt16BE(6) & 0x3fff) !== 0;
  if (isFragment || length > packet.length || length > mostBytes || length < ipHeaderBytes + 8) return null;
  return isTold(packet) ? Uint8Array.from(packet.subarray(0, length)) : null;
}

function isTold(packet: Buffer): boolean {
  const isPing = packet[9] === 1 && (packet[ipHeaderBytes] === 0 || packet[ipHeaderBytes] === 8);
  return packet[9] === 6 || packet[9] === 17 || isPing;
}

function endsOf(packet: Uint8Array): [string, string] {
  const hasPorts = packet[9] !== 1;
  const end = (address: number, port: number) =>
    `${packet.subarray(address, address + 4)}${hasPorts ? `:${packet.subarray(port, port + 2)}` : ""}`;
  return [end(12, ipHeaderBytes), end(16, ipHeaderBytes + 2)];
}
