// Numbers in the byte order that a capture file's header announces.

export function readU16(bytes: Uint8Array, at: number, bigEndian: boolean): number {
  return bigEndian ? (bytes[at]! << 8) | bytes[at + 1]! : bytes[at]! | (bytes[at + 1]! << 8);
}

export function readU32(bytes: Uint8Array, at: number, bigEndian: boolean): number {
  const first = readU16(bytes, at, bigEndian);
  const second = readU16(bytes, at + 2, bigEndian);
  return (bigEndian ? (first << 16) | second : (second << 16) | first) >>> 0;
}
