// Packet captures in pcap format (draft-ietf-opsawg-pcap): both byte orders, microseconds and nanoseconds, and the
// longer record headers of Kuznetzov's libpcap.

import { readU32 } from "./byte-order.js";
import { ByteWindow, type Filled } from "./byte-window.js";
import { Capture, type CaptureInterface } from "./capture.js";
import type { CaptureContext, CaptureImporter, Evidence, Imported, Problem } from "./importer.js";
import { type CaptureReading, maxRecordBytes, pump, type RecordReader, stopped } from "./record-pump.js";

type Layout = {
  readonly bigEndian: boolean;
  /** Bytes before a record's data. */
  readonly headerLength: number;
  /** Of the fraction of a second, in a microsecond: 1, or 1000 for nanoseconds. */
  readonly unitsPerMicro: number;
};

const fileHeaderLength = 24;
/** Type in the lower half; above it flags and the length of the frame check sequence. */
const linkTypeMask = 0xffff;
const microsPerSecond = 1_000_000;

const layouts: ReadonlyMap<number, Omit<Layout, "bigEndian">> = new Map([
  [0xa1b2c3d4, { headerLength: 16, unitsPerMicro: 1 }],
  [0xa1b23c4d, { headerLength: 16, unitsPerMicro: 1000 }],
  [0xa1b2cd34, { headerLength: 24, unitsPerMicro: 1 }],
]);

export const pcap: CaptureImporter = {
  format: "pcap",
  title: "packet capture (pcap)",
  recognise: (head) => (layoutOf(head) === null ? 0 : 1),
  openingBytes,
  recordBytes,
  read,
};

function openingBytes(head: Uint8Array): number | null {
  const layout = layoutOf(head);
  if (layout === null || head.length < fileHeaderLength + layout.headerLength) return null;
  const length = fileHeaderLength + layout.headerLength + readU32(head, fileHeaderLength + 8, layout.bigEndian);
  return length > head.length ? null : length;
}

function recordBytes(head: Uint8Array, record: Uint8Array): number | null {
  const layout = layoutOf(head);
  return layout === null ? null : layout.headerLength + readU32(record, 8, layout.bigEndian);
}

function layoutOf(head: Uint8Array): Layout | null {
  if (head.length < 4) return null;
  for (const bigEndian of [true, false]) {
    const layout = layouts.get(readU32(head, 0, bigEndian));
    if (layout !== undefined) return { ...layout, bigEndian };
  }
  return null;
}

async function* read(evidence: Evidence, context: CaptureContext): AsyncIterable<Imported> {
  const window = new ByteWindow(evidence.content());
  const reading = { window, capture: new Capture(context, window) };
  try {
    const reader = await openReader(reading);
    if (reader === null) yield { kind: "problem", problem: noHeader };
    else yield* pump(reading, reader);
  } finally {
    await reading.window.close();
  }
}

const noHeader: Problem = {
  kind: "cut-off",
  record: null,
  message: "the file ends inside its pcap header; copy it again",
};

async function openReader(reading: CaptureReading): Promise<PcapReader | null> {
  const { window, capture } = reading;
  for (let filled: Filled = "due"; filled === "due"; ) filled = await window.fill(fileHeaderLength);
  if (window.available < fileHeaderLength) return null;
  const layout = layoutOf(window.bytes);
  if (layout === null) return null;
  const linkType = readU32(window.bytes, 20, layout.bigEndian) & linkTypeMask;
  window.skip(fileHeaderLength);
  return new PcapReader(reading, layout, capture.interface("", linkType));
}

class PcapReader implements RecordReader {
  readonly #window: ByteWindow;
  readonly #capture: Capture;
  readonly #layout: Layout;
  readonly #source: CaptureInterface;

  constructor({ window, capture }: CaptureReading, layout: Layout, source: CaptureInterface) {
    this.#window = window;
    this.#capture = capture;
    this.#layout = layout;
    this.#source = source;
  }

  takeRecords(): number | Problem {
    const { headerLength, bigEndian } = this.#layout;
    const window = this.#window;
    while (window.available >= headerLength) {
      const length = readU32(window.bytes, window.at + 8, bigEndian);
      if (length > maxRecordBytes) return stopped(this.#capture, absurd(length));
      if (window.available < headerLength + length) return headerLength + length;
      this.#takeRecord(length);
      window.at += headerLength + length;
    }
    return headerLength;
  }

  #takeRecord(length: number): void {
    const { bytes, at } = this.#window;
    const { headerLength, bigEndian, unitsPerMicro } = this.#layout;
    const { frame } = this.#capture;
    frame.bytes = bytes;
    frame.start = at + headerLength;
    frame.end = frame.start + length;
    frame.originalLength = Math.max(length, readU32(bytes, at + 12, bigEndian));
    const fraction = Math.floor(readU32(bytes, at + 4, bigEndian) / unitsPerMicro);
    this.#capture.add(this.#source, readU32(bytes, at, bigEndian) * microsPerSecond + fraction);
  }
}

function absurd(length: number): string {
  return `a record claims ${length} bytes, more than any capture takes; the file is damaged here, copy or capture it again`;
}
