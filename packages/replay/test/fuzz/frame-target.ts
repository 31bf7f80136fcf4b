// Frames of every link type: refused or a packet that its batch can hold, whatever lies around them in memory. The first
// byte of an input picks the link type, the second says how much of the frame the capture cut off.

import { isDeepStrictEqual } from "node:util";
import {
  type DecodeOutcome,
  decodeFrame,
  decodeOutcome,
  linkType,
  newFrame,
  newPacket,
  type Packet,
  PacketBatchBuilder,
} from "@conntrail/engine";
import type { Random } from "../../../engine/test/support/random.js";
import { expectRoundTrip } from "./batch-target.js";
import { frameSeeds } from "./frame-seeds.js";
import { law, sizeOf, type Target } from "./target.js";

const linkTypes: readonly number[] = [...Object.values(linkType), 127];
const outcomes: ReadonlySet<number> = new Set(Object.values(decodeOutcome));
const headBytes = 2;

export function frameTarget(): Target {
  const seeds = frameSeeds().map(({ linkType, bytes }) => Uint8Array.of(linkTypes.indexOf(linkType), 0, ...bytes));
  return { name: "frame", seeds, inputsPerRound: 40_000, read };
}

function read(input: Uint8Array, random: Random): string {
  const [link = 0, cut = 0] = input;
  const bytes = input.subarray(headBytes);
  const shape = { linkType: linkTypes[link % linkTypes.length]!, originalLength: bytes.length + (cut << (cut & 7)) };
  const alone = decodeAt({ bytes, ...shape }, { before: 0, behind: 0, filler: 0 });
  const among = decodeAt({ bytes, ...shape }, { before: 1 + random.below(9), behind: 80, filler: random.below(256) });
  law(isDeepStrictEqual(alone, among), "a frame is the same packet wherever it lies");
  const { outcome, packet } = alone;
  law(outcomes.has(outcome), `outcome ${outcome} is one of those there are`);
  return packet === null
    ? `${shape.linkType} ${outcome}`
    : `${shape.linkType} ${checked(packet, shape.originalLength)}`;
}

type Shape = { readonly bytes: Uint8Array; readonly linkType: number; readonly originalLength: number };
type Surroundings = { readonly before: number; readonly behind: number; readonly filler: number };
type Decoded = { readonly outcome: DecodeOutcome; readonly packet: Packet | null };

/** Into a packet full of what another frame left there. */
function decodeAt({ bytes, ...shape }: Shape, { before, behind, filler }: Surroundings): Decoded {
  const memory = new Uint8Array(before + bytes.length + behind).fill(filler);
  memory.set(bytes, before);
  const packet = newPacket();
  for (const flow of [packet.flow, packet.quoted]) {
    flow.words.fill(filler);
    Object.assign(flow, { protocol: filler, sourcePort: filler, destinationPort: filler, icmp: filler });
  }
  const numbers = { ipLength: filler, payloadLength: filler, flags: filler, sequence: filler, acknowledgement: filler };
  Object.assign(packet, numbers, { marks: filler & 127, fragmentId: filler });
  const frame = { ...newFrame(), bytes: memory, start: before, end: before + bytes.length, ...shape };
  const outcome = decodeFrame(frame, packet);
  return { outcome, packet: outcome === decodeOutcome.packet ? withoutStaleQuote(packet) : null };
}

/** What it quotes means nothing where it quotes nothing. */
function withoutStaleQuote(packet: Packet): Packet {
  return packet.quotes ? packet : { ...packet, quoted: newPacket().quoted };
}

function checked(packet: Packet, originalLength: number): string {
  const { ipLength, payloadLength, flags, marks, flow, quotes } = packet;
  const numbers = [ipLength, payloadLength, flags, packet.sequence, packet.acknowledgement, packet.fragmentId];
  law(
    numbers.every((number) => number === number >>> 0),
    `numbers are unsigned words: ${numbers}`,
  );
  law(ipLength <= originalLength && payloadLength <= ipLength, "a packet fits into its frame");
  const builder = new PacketBatchBuilder(1);
  builder.add(packet);
  expectRoundTrip(builder.finish());
  return `${flow.protocol} marks ${marks} flags ${flags & 63} length ${sizeOf(payloadLength)} ${quotes}`;
}
