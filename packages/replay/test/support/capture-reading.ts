// Reads a capture in memory with its importer, and says its packets in a line each.

import {
  type Address,
  formatAddress,
  formatInstant,
  type Micros,
  type PacketBatch,
  viewPacket,
} from "@conntrail/engine";
import type { Imported, Importer, Problem } from "../../src/importers/importer.js";
import { chunksOf, contextOf } from "./importing.js";

type More = {
  readonly place?: string | null;
  readonly chunkBytes?: number;
  readonly isStored?: (place: string, frame: number) => boolean;
};

export type ReadCapture = {
  readonly batches: readonly { readonly place: string; readonly batch: PacketBatch }[];
  readonly problems: readonly Problem[];
  readonly dropped: readonly Extract<Imported, { kind: "dropped" }>[];
  readonly notes: readonly string[];
  /** As told along the way; the last one is the whole file's. */
  readonly records: readonly number[];
};

export const sha256 = "ab12";

export async function readCapture(importer: Importer, content: Uint8Array, more: More = {}): Promise<ReadCapture> {
  const bytes = Buffer.from(content);
  const chunks = () => chunksOf(bytes, more.chunkBytes ?? 65_536);
  const evidence = { name: "test", head: bytes.subarray(0, 65_536), content: chunks };
  const context = contextOf({ sha256, place: more.place ?? null, isStored: more.isStored ?? (() => false) });
  const items: Imported[] = [];
  for await (const item of importer.read(evidence, context)) items.push(item);
  return {
    batches: items.flatMap((item) => (item.kind === "packets" ? [{ place: item.place, batch: item.batch }] : [])),
    problems: items.flatMap((item) => (item.kind === "problem" || item.kind === "cut" ? [item.problem] : [])),
    dropped: items.flatMap((item) => (item.kind === "dropped" ? [item] : [])),
    notes: items.flatMap((item) => (item.kind === "note" ? [item.message] : [])),
    records: items.flatMap((item) => (item.kind === "records" ? [item.count] : [])),
  };
}

/** `1 2023-11-14T22:13:20.000000Z 6 192.0.2.1:50000 > 198.51.100.2:22`, batch by batch. */
export function packetLines({ batches }: ReadCapture): string[] {
  return batches.flatMap(({ batch }) => Array.from(batch.frame, (_, index) => packetLine(batch, index)));
}

function packetLine(batch: PacketBatch, index: number): string {
  const { source, destination, sourcePort, destinationPort, protocol } = viewPacket(batch, index);
  const end = (address: Address, port: number | null) => formatAddress(address) + (port === null ? "" : `:${port}`);
  const time = formatInstant(batch.time[index]! as Micros);
  return `${batch.frame[index]} ${time} ${protocol} ${end(source, sourcePort)} > ${end(destination, destinationPort)}`;
}

/** The frames of each place. */
export function framesByPlace({ batches }: ReadCapture): Record<string, number[]> {
  const places: Record<string, number[]> = {};
  for (const { place, batch } of batches) places[place] = [...(places[place] ?? []), ...batch.frame];
  return places;
}
