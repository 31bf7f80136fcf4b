// Builds pcap and pcapng files out of frames, in either byte order.

import { bytesOf } from "./frames.js";

export type ByteOrder = "big" | "little";

export type CapturedFrame = {
  readonly bytes: Uint8Array;
  readonly seconds: number;
  /** Of a second, in the file's own unit. */
  readonly fraction: number;
  /** Null: as captured. */
  readonly originalLength: number | null;
};

export function captured(bytes: Uint8Array, more: Partial<CapturedFrame> = {}): CapturedFrame {
  return { bytes, seconds: 1_700_000_000, fraction: 0, originalLength: null, ...more };
}

const pcapDefaults = { order: "little" as ByteOrder, magic: 0xa1b2c3d4, linkType: 1, recordPadding: 0 };

/** `recordPadding` zero bytes stand between a record's header and its frame, as in Kuznetzov's format. */
export function pcapFile(frames: readonly CapturedFrame[], more: Partial<typeof pcapDefaults> = {}): Uint8Array {
  const { order, magic, linkType, recordPadding } = { ...pcapDefaults, ...more };
  const { u16, u32 } = writersOf(order);
  const records = frames.flatMap(({ bytes, seconds, fraction, originalLength }) => [
    ...[u32(seconds), u32(fraction), u32(bytes.length), u32(originalLength ?? bytes.length)],
    ...[new Uint8Array(recordPadding), bytes],
  ]);
  return bytesOf(u32(magic), u16(2), u16(4), u32(0), u32(0), u32(262_144), u32(linkType), ...records);
}

/** The blocks of a pcapng section, in one byte order. */
export function pcapngBlocks(order: ByteOrder) {
  const { u16, u32 } = writersOf(order);
  const block = (type: number, ...body: readonly Uint8Array[]) => {
    const content = bytesOf(...body);
    const padding = new Uint8Array(-content.length & 3);
    const length = u32(12 + content.length + padding.length);
    return bytesOf(u32(type), length, content, padding, length);
  };
  const option = (code: number, value: Uint8Array) =>
    bytesOf(u16(code), u16(value.length), value, new Uint8Array(-value.length & 3));
  const stamp = (units: bigint) => bytesOf(u32(Number(units >> 32n)), u32(Number(units & 0xffffffffn)));
  const lengths = (frame: Uint8Array, original: number) => bytesOf(u32(frame.length), u32(original));
  return {
    block,
    option,
    section: () => block(0x0a0d0d0a, u32(0x1a2b3c4d), u16(1), u16(0), u32(0xffffffff), u32(0xffffffff)),
    interface: (linkType: number, snapLength: number, ...options: readonly Uint8Array[]) =>
      block(1, u16(linkType), u16(0), u32(snapLength), ...options),
    resolution: (value: number) => option(9, bytesOf(value)),
    offset: (seconds: bigint) => {
      const [high, low] = [u32(Number(BigInt.asUintN(32, seconds >> 32n))), u32(Number(BigInt.asUintN(32, seconds)))];
      return option(14, order === "big" ? bytesOf(high, low) : bytesOf(low, high));
    },
    enhanced: (of: number, units: bigint, frame: Uint8Array) =>
      block(6, u32(of), stamp(units), lengths(frame, frame.length), frame),
    statistics: (of: number, units: bigint, ...options: readonly Uint8Array[]) =>
      block(5, u32(of), stamp(units), ...options),
    instant: (code: number, units: bigint) => option(code, stamp(units)),
    count: (code: number, value: number) =>
      option(code, order === "big" ? bytesOf(u32(0), u32(value)) : bytesOf(u32(value), u32(0))),
    simple: (frame: Uint8Array, original = frame.length) => block(3, u32(original), frame),
    obsolete: (of: number, units: bigint, frame: Uint8Array) =>
      block(2, u16(of), u16(0xffff), stamp(units), lengths(frame, frame.length), frame),
  };
}

function writersOf(order: ByteOrder) {
  const ordered = (bytes: Uint8Array) => (order === "big" ? bytes : bytes.reverse());
  return {
    u16: (value: number) => ordered(Uint8Array.of((value >>> 8) & 255, value & 255)),
    u32: (value: number) =>
      ordered(Uint8Array.of(value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255)),
  };
}
