// A packet batch as bytes, for the log. Version 1, inside its seal: the count of packets, their times, the flow
// dictionary, and the other columns as residuals of their guesses.

import { openSealed, writeChecksum, writeHeader } from "./batch-seal.js";
import { CorruptBatch } from "./corrupt-batch.js";
import type { FlowDictionary } from "./flow-dictionary.js";
import { readFlowDictionary, writeFlowDictionary } from "./flow-dictionary-codec.js";
import { walkFlows } from "./flow-prediction.js";
import type { PacketBatch } from "./packet-batch.js";
import {
  type Walk,
  walkFlags,
  walkFragmentIds,
  walkFrames,
  walkIpLengths,
  walkMarks,
  walkPayloadLengths,
  walkQuoted,
} from "./prediction.js";
import { readResiduals, writeResiduals } from "./residuals.js";
import { walkTcp } from "./tcp-prediction.js";
import {
  type ByteSink,
  type ByteSource,
  maxWideVarintBytes,
  putDifference,
  readCount,
  readSum,
  reserve,
  writeVarint,
} from "./varint.js";

/** In this order, since `walkFlows` looks at what is quoted, and most of the others at flows and payload. */
const referenceWalks: readonly ((walk: Walk) => void)[] = [walkQuoted, walkFlows];
const plainWalks: readonly ((walk: Walk) => void)[] = [
  walkFrames,
  walkMarks,
  walkPayloadLengths,
  walkFlags,
  walkIpLengths,
  walkFragmentIds,
];

/** Any batch comes back from its bytes exactly; its times must be safe integers and its flows in the dictionary. */
export function encodePacketBatch(batch: PacketBatch): Uint8Array {
  if (!hasSafeTimes(batch)) throw new RangeError("a packet's time is no whole number of microseconds");
  if (!namesItsFlows(batch)) throw new RangeError("a packet names a flow that is not in the dictionary of its batch");
  const sink: ByteSink = { bytes: new Uint8Array(1024 + batch.count * 16), at: 0 };
  writeHeader(sink, "packet");
  writeVarint(sink, batch.count);
  writeTimes(sink, batch);
  writeFlowDictionary(sink, batch.flows);
  writeColumns(sink, batch);
  writeChecksum(sink);
  return sink.bytes.slice(0, sink.at);
}

/** Throws `CorruptBatch` where no batch can be read; a number in more bytes than it needs is one all the same. */
export function decodePacketBatch(bytes: Uint8Array): PacketBatch {
  const source = openSealed(bytes, "packet");
  const count = readCount(source, source.end - source.at, "packets");
  const time = readTimes(source, count);
  const batch = emptyBatch(time, readFlowDictionary(source));
  readColumns(source, batch);
  if (source.at !== source.end) throw new CorruptBatch(source.at, "bytes are left over");
  return batch;
}

/** The flows alone of a batch's bytes. Throws `CorruptBatch`. */
export function decodeFlows(bytes: Uint8Array): FlowDictionary {
  const source = openSealed(bytes, "packet");
  readTimes(source, readCount(source, source.end - source.at, "packets"));
  return readFlowDictionary(source);
}

function hasSafeTimes({ count, time }: PacketBatch): boolean {
  for (let index = 0; index < count; index++) if (!Number.isSafeInteger(time[index]!)) return false;
  return true;
}

function namesItsFlows({ count, flow, quoted, flows }: PacketBatch): boolean {
  const limit = flows.count * 2;
  for (let index = 0; index < count; index++) {
    if (flow[index]! >= limit || quoted[index]! >= limit || quoted[index]! < -1) return false;
  }
  return true;
}

/** Every time takes a byte or more, so that `count` can be checked against the bytes before anything is allocated. */
function writeTimes(sink: ByteSink, { count, time }: PacketBatch): void {
  reserve(sink, count * maxWideVarintBytes);
  let before = 0;
  for (let index = 0; index < count; index++) {
    sink.at = putDifference(sink.bytes, sink.at, before, time[index]!);
    before = time[index]!;
  }
}

function readTimes(source: ByteSource, count: number): Float64Array {
  const time = new Float64Array(count);
  let before = 0;
  for (let index = 0; index < count; index++) {
    before = readSum(source, before);
    time[index] = before;
  }
  return time;
}

function writeColumns(sink: ByteSink, batch: PacketBatch): void {
  const residuals = new Uint32Array(batch.count);
  const acknowledgements = new Uint32Array(batch.count);
  for (const walk of [...referenceWalks, ...plainWalks]) {
    walk({ batch, residuals, restoring: false });
    writeResiduals(sink, residuals, batch.count);
  }
  walkTcp({ batch, sequences: residuals, acknowledgements, restoring: false });
  writeResiduals(sink, residuals, batch.count);
  writeResiduals(sink, acknowledgements, batch.count);
}

function readColumns(source: ByteSource, batch: PacketBatch): void {
  const residuals = new Uint32Array(batch.count);
  const acknowledgements = new Uint32Array(batch.count);
  restore(source, { batch, residuals, restoring: true }, referenceWalks);
  if (!namesItsFlows(batch)) throw new CorruptBatch(source.at, "a packet names a flow that is not in its dictionary");
  restore(source, { batch, residuals, restoring: true }, plainWalks);
  readResiduals(source, residuals, batch.count);
  readResiduals(source, acknowledgements, batch.count);
  walkTcp({ batch, sequences: residuals, acknowledgements, restoring: true });
}

function restore(source: ByteSource, walk: Walk, walks: readonly ((walk: Walk) => void)[]): void {
  for (const through of walks) {
    readResiduals(source, walk.residuals, walk.batch.count);
    through(walk);
  }
}

function emptyBatch(time: Float64Array, flows: FlowDictionary): PacketBatch {
  const count = time.length;
  return {
    count,
    flows,
    time,
    frame: new Uint32Array(count),
    flow: new Uint32Array(count),
    ipLength: new Uint32Array(count),
    payloadLength: new Uint32Array(count),
    flags: new Uint16Array(count),
    sequence: new Uint32Array(count),
    acknowledgement: new Uint32Array(count),
    marks: new Uint8Array(count),
    fragmentId: new Uint32Array(count),
    quoted: new Int32Array(count),
  };
}
