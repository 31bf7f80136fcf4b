// Packet captures in pcapng format (draft-ietf-opsawg-pcapng): sections of either byte order, interfaces with their own
// link types and clocks, enhanced, simple and obsolete packet blocks, statistics. All other blocks are stepped over.

import { readU16, readU32 } from "./byte-order.js";
import { ByteWindow } from "./byte-window.js";
import { Capture } from "./capture.js";
import type { CaptureContext, CaptureImporter, Evidence, Imported, Problem } from "./importer.js";
import {
  blockHeadLength,
  blockType,
  byteOrder,
  isSectionHeader,
  openingBytes,
  packetBlockBytes,
} from "./pcapng-block.js";
import { type PcapngInterface, readInterface } from "./pcapng-interface.js";
import { readStatistics, statisticsMinLength } from "./pcapng-statistics.js";
import { type CaptureReading, maxRecordBytes, pump, type RecordReader, stopped } from "./record-pump.js";

const trailerLength = 4;
const sectionMinLength = 28;
const interfaceMinLength = 20;
const simpleMinLength = 16;
const packetMinLength = 32;

/** Of one section; each may have a batch in the making. */
const maxInterfaces = 4096;

export const pcapng: CaptureImporter = {
  format: "pcapng",
  title: "packet capture (pcapng)",
  recognise: (head) => (isSectionHeader(head) ? 1 : 0),
  openingBytes,
  recordBytes: (_, record) => packetBlockBytes(record),
  read,
};

async function* read(evidence: Evidence, context: CaptureContext): AsyncIterable<Imported> {
  const window = new ByteWindow(evidence.content());
  const reading = { window, capture: new Capture(context, window) };
  try {
    yield* pump(reading, new PcapngReader(reading));
  } finally {
    await reading.window.close();
  }
}

class PcapngReader implements RecordReader {
  readonly #window: ByteWindow;
  readonly #capture: Capture;
  #bigEndian = false;
  /** Of this section. */
  #interfaces: PcapngInterface[] = [];
  /** Of the whole file. */
  #interfaceCount = 0;
  /** Length of a block that was stepped over, whose trailer is still to be read; 0: none. */
  #steppedOver = 0;

  constructor({ window, capture }: CaptureReading) {
    this.#window = window;
    this.#capture = capture;
  }

  takeRecords(): number | Problem {
    for (;;) {
      const needed = this.#steppedOver > 0 ? this.#takeTrailer() : this.#takeBlock();
      if (typeof needed !== "number") return stopped(this.#capture, needed);
      if (needed > 0) return needed;
    }
  }

  /** 0 when a block was taken, else how many bytes it needs, or why the file can't be read on. */
  #takeBlock(): number | string {
    const window = this.#window;
    if (window.available < blockHeadLength) return blockHeadLength;
    const type = readU32(window.bytes, window.at, this.#bigEndian);
    const order = type === blockType.section ? byteOrder(window.bytes, window.at) : this.#bigEndian;
    if (order === null) return "a section header has no byte order; copy or capture the file again";
    this.#bigEndian = order;
    const length = readU32(window.bytes, window.at + 4, order);
    if (length < blockHeadLength)
      return `a block claims ${length} bytes, less than any has; copy or capture the file again`;
    return isRead(type) ? this.#takeWhole(type, length) : this.#stepOver(length);
  }

  #takeWhole(type: number, length: number): number | string {
    const window = this.#window;
    if (length > maxRecordBytes)
      return `a block claims ${length} bytes, more than any has; copy or capture the file again`;
    if (window.available < length) return length;
    const { bytes, at } = window;
    if (readU32(bytes, at + length - trailerLength, this.#bigEndian) !== length) return lengthsDiffer;
    const failure = this.#readBlock(type, length);
    window.at += length;
    return failure ?? 0;
  }

  #stepOver(length: number): 0 {
    this.#window.skip(length - trailerLength);
    this.#steppedOver = length;
    return 0;
  }

  #takeTrailer(): number | string {
    const window = this.#window;
    if (window.available < trailerLength) return trailerLength;
    const length = this.#steppedOver;
    this.#steppedOver = 0;
    if (readU32(window.bytes, window.at, this.#bigEndian) !== length) return lengthsDiffer;
    window.at += trailerLength;
    return 0;
  }

  /** Reads the block at `window.at`, which is whole; answers why the file can't be read on, if so. */
  #readBlock(type: number, length: number): string | null {
    switch (type) {
      case blockType.section:
        return this.#beginSection(length);
      case blockType.interface:
        return this.#addInterface(length);
      case blockType.simplePacket:
        this.#takeSimplePacket(length);
        return null;
      case blockType.statistics:
        this.#takeStatistics(length);
        return null;
      default:
        this.#takePacket(type, length);
        return null;
    }
  }

  #beginSection(length: number): string | null {
    this.#interfaces = [];
    this.#capture.forgetInterfaces();
    return length < sectionMinLength ? "a section header is too short; copy or capture the file again" : null;
  }

  #addInterface(length: number): string | null {
    if (length < interfaceMinLength) return "an interface description is too short; copy or capture the file again";
    if (this.#interfaces.length === maxInterfaces) return `a section describes more than ${maxInterfaces} interfaces`;
    const name = `#${this.#interfaceCount++}`;
    const { bytes, at } = this.#window;
    const block = { bytes, at, end: at + length - trailerLength, bigEndian: this.#bigEndian };
    this.#interfaces.push(readInterface(block, (linkType) => this.#capture.interface(name, linkType)));
    return null;
  }

  #takeStatistics(length: number): void {
    const { bytes, at } = this.#window;
    if (length < statisticsMinLength) return;
    const source = this.#interfaces[readU32(bytes, at + 8, this.#bigEndian)];
    const block = { bytes, at, end: at + length - trailerLength, bigEndian: this.#bigEndian };
    if (source !== undefined) this.#capture.dropped.hear(source.capture, readStatistics(block, source));
  }

  /** Enhanced and obsolete packet blocks differ in the width of the interface's number alone. */
  #takePacket(type: number, length: number): void {
    const { bytes, at } = this.#window;
    const readNumber = type === blockType.obsoletePacket ? readU16 : readU32;
    const captured = readU32(bytes, at + 20, this.#bigEndian);
    if (length < packetMinLength || captured > length - packetMinLength) this.#capture.refuse("bad-block");
    else this.#addPacket(this.#interfaces[readNumber(bytes, at + 8, this.#bigEndian)], captured);
  }

  #addPacket(source: PcapngInterface | undefined, captured: number): void {
    const { bytes, at } = this.#window;
    this.#setFrame(at + 28, captured, readU32(bytes, at + 24, this.#bigEndian));
    const high = readU32(bytes, at + 12, this.#bigEndian);
    const low = readU32(bytes, at + 16, this.#bigEndian);
    if (source === undefined) this.#capture.refuse("no-interface");
    else this.#capture.add(source.capture, source.clock(high, low));
  }

  /** Always of the section's first interface; as much was captured as its snapshot length and the block allow. */
  #takeSimplePacket(length: number): void {
    const source = this.#interfaces[0];
    if (length < simpleMinLength) this.#capture.refuse("bad-block");
    else if (source === undefined) this.#capture.refuse("no-interface");
    else this.#addSimplePacket(source, length);
  }

  #addSimplePacket(source: PcapngInterface, length: number): void {
    const { bytes, at } = this.#window;
    const original = readU32(bytes, at + 8, this.#bigEndian);
    this.#setFrame(at + 12, Math.min(original, source.snapLength, length - simpleMinLength), original);
    this.#capture.addWithoutTime(source.capture);
  }

  #setFrame(start: number, captured: number, original: number): void {
    const { frame } = this.#capture;
    frame.bytes = this.#window.bytes;
    frame.start = start;
    frame.end = start + captured;
    frame.originalLength = Math.max(captured, original);
  }
}

const lengthsDiffer = "a block's length differs before and behind it; copy or capture the file again";

const readTypes: ReadonlySet<number> = new Set(Object.values(blockType));

function isRead(type: number): boolean {
  return readTypes.has(type);
}
