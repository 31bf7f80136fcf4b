// The dictionary of a batch as bytes: each address once, in the order of first appearance, then the flows, which refer
// to recent addresses in one byte and to the flow before them for protocol and ports.

import { CorruptBatch } from "./corrupt-batch.js";
import { type FirstAddresses, firstAddresses } from "./first-addresses.js";
import type { FlowDictionary } from "./flow-dictionary.js";
import { readPlain, readResiduals, writePlain, writeResiduals } from "./residuals.js";
import { type ByteSink, type ByteSource, readCount, reserve, unzigzag, writeVarint, zigzag } from "./varint.js";

type NarrowColumn = Uint16Array | Uint8Array;

const v4Marker = 0xffff;
const version4 = 0;

export function writeFlowDictionary(sink: ByteSink, flows: FlowDictionary): void {
  const addresses = firstAddresses(flows);
  writeVarint(sink, flows.count);
  writeAddresses(sink, flows, addresses);
  writePlain(sink, addresses.back, flows.count * 2);
  writeDeltas(sink, flows.protocols, 1);
  writeDeltas(sink, flows.ports, 2);
  writeDeltas(sink, flows.icmp, 1);
}

export function readFlowDictionary(source: ByteSource): FlowDictionary {
  const count = readCount(source, (source.end - source.at) >> 1, "flows");
  const addresses = readAddresses(source);
  return {
    count,
    words: readEndpointAddresses(source, addresses, count),
    protocols: readDeltas(source, new Uint8Array(count), 1),
    ports: readDeltas(source, new Uint16Array(count * 2), 2),
    icmp: readDeltas(source, new Uint16Array(count), 1),
  };
}

function writeAddresses(sink: ByteSink, flows: FlowDictionary, addresses: FirstAddresses): void {
  const versions = new Uint32Array(addresses.count);
  for (let index = 0; index < addresses.count; index++) {
    versions[index] = versionAt(flows.words, addresses.endpoints[index]! * 4);
  }
  writeVarint(sink, addresses.count);
  writeResiduals(sink, versions, addresses.count);
  reserve(sink, addresses.count * 16);
  for (let index = 0; index < addresses.count; index++) {
    const at = addresses.endpoints[index]! * 4;
    for (let word = versions[index] === version4 ? 3 : 0; word < 4; word++) putWord(sink, flows.words[at + word]!);
  }
}

function versionAt(words: Uint32Array, at: number): number {
  return words[at] === 0 && words[at + 1] === 0 && words[at + 2] === v4Marker ? version4 : 1;
}

function putWord(sink: ByteSink, word: number): void {
  for (let shift = 24; shift >= 0; shift -= 8) sink.bytes[sink.at++] = word >>> shift;
}

/** Four words an address. */
function readAddresses(source: ByteSource): Uint32Array {
  const count = readCount(source, (source.end - source.at) >> 2, "addresses");
  const versions = new Uint32Array(count);
  readResiduals(source, versions, count);
  const words = new Uint32Array(count * 4);
  for (let index = 0; index < count; index++) {
    words[index * 4 + 2] = v4Marker;
    for (let word = versions[index] === version4 ? 3 : 0; word < 4; word++) words[index * 4 + word] = readWord(source);
  }
  return words;
}

function readWord(source: ByteSource): number {
  if (source.at + 4 > source.end) throw new CorruptBatch(source.at, "it ends inside an address");
  let word = 0;
  for (let byte = 0; byte < 4; byte++) word = (word << 8) | source.bytes[source.at++]!;
  return word;
}

function readEndpointAddresses(source: ByteSource, addresses: Uint32Array, flowCount: number): Uint32Array {
  const at = source.at;
  if (flowCount * 2 > source.end - at) throw new CorruptBatch(at, "it ends inside the addresses of its flows");
  const back = new Uint32Array(flowCount * 2);
  readPlain(source, back, back.length);
  const words = new Uint32Array(flowCount * 8);
  let next = 0;
  for (let endpoint = 0; endpoint < back.length; endpoint++) {
    const index = next - back[endpoint]!;
    if (index === next) next++;
    if (index < 0 || index * 4 >= addresses.length) throw new CorruptBatch(at, "a flow names no address of the batch");
    for (let word = 0; word < 4; word++) words[endpoint * 4 + word] = addresses[index * 4 + word]!;
  }
  return words;
}

/** Writes differences to the value `stride` before. */
function writeDeltas(sink: ByteSink, column: NarrowColumn, stride: number): void {
  const residuals = new Uint32Array(column.length);
  for (let index = 0; index < column.length; index++) {
    residuals[index] = zigzag(column[index]! - (column[index - stride] ?? 0));
  }
  writeResiduals(sink, residuals, column.length);
}

function readDeltas<T extends NarrowColumn>(source: ByteSource, column: T, stride: number): T {
  const residuals = new Uint32Array(column.length);
  readResiduals(source, residuals, column.length);
  for (let index = 0; index < column.length; index++) {
    column[index] = unzigzag(residuals[index]!) + (column[index - stride] ?? 0);
  }
  return column;
}
