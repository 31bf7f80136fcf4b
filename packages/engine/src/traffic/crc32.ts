// CRC-32 (ISO 3309, as in zip and PNG), four bytes at a time. It finds damage, not malice; the log's hashes find that.

const polynomial = 0xedb88320;
const tables = makeTables();

/** The checksum of `bytes[0..end)`, unsigned. */
export function crc32(bytes: Uint8Array, end: number): number {
  const whole = end & ~3;
  let crc = -1;
  for (let at = 0; at < whole; at += 4) {
    const word = crc ^ (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24));
    crc =
      tables[768 + (word & 255)]! ^
      tables[512 + ((word >>> 8) & 255)]! ^
      tables[256 + ((word >>> 16) & 255)]! ^
      tables[word >>> 24]!;
  }
  for (let at = whole; at < end; at++) crc = tables[(crc ^ bytes[at]!) & 255]! ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** Table `n` holds the effect of a byte that `n` zero bytes follow. */
function makeTables(): Int32Array {
  const made = new Int32Array(4 * 256);
  for (let byte = 0; byte < 256; byte++) made[byte] = shifted(byte);
  for (let at = 256; at < made.length; at++) made[at] = made[made[at - 256]! & 255]! ^ (made[at - 256]! >>> 8);
  return made;
}

function shifted(byte: number): number {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = (value & 1) === 1 ? (value >>> 1) ^ polynomial : value >>> 1;
  return value;
}
