// An IP address is four 32-bit words; IPv4 sits at ::ffff:0:0/96, so that nothing is written twice for the two
// families. Rules and commands are parsed by ip-num; the printer here is ours because it runs once a packet.

import { IPv4, IPv6, Validator } from "ip-num";

/** Four unsigned 32-bit words, most significant first; IPv4 as `[0, 0, 0xffff, a.b.c.d]`. */
export type Address = readonly [number, number, number, number];

/** All addresses that share the first `length` bits (0 to 128) with `address`; an IPv4 /8 has length 104. */
export type Prefix = { readonly address: Address; readonly length: number };

const v4Marker = 0xffff;
const v4PrefixBits = 96;

export function addressOfV4(word: number): Address {
  return [0, 0, v4Marker, word >>> 0];
}

export function isV4(address: Address): boolean {
  return address[0] === 0 && address[1] === 0 && address[2] === v4Marker;
}

/** Reads `10.1.0.4` or `2001:db8::1`; null when it is neither. */
export function parseAddress(text: string): Address | null {
  if (Validator.isValidIPv4String(text)[0]) return addressOfV4(Number(IPv4.fromString(text).getValue()));
  const v6 = text.includes(":") && !text.includes("%") ? v6Value(text) : null;
  return v6 === null ? null : wordsOf(v6);
}

function v6Value(text: string): bigint | null {
  try {
    return IPv6.fromString(text).getValue();
  } catch {
    return null;
  }
}

function wordsOf(value: bigint): Address {
  const word = (shift: bigint) => Number((value >> shift) & 0xffffffffn);
  return [word(96n), word(64n), word(32n), word(0n)];
}

/** Reads an address or a prefix; bits behind the prefix length are cleared, as the clouds do. Null when it is neither. */
export function parsePrefix(text: string): Prefix | null {
  const [head = "", bits, ...more] = text.trim().split("/");
  const address = parseAddress(head);
  if (address === null || more.length > 0) return null;
  const family = isV4(address) && !head.includes(":") ? 32 : 128;
  if (bits === undefined) return { address, length: 128 };
  if (!/^\d{1,3}$/.test(bits) || Number(bits) > family) return null;
  const length = Number(bits) + (family === 32 ? v4PrefixBits : 0);
  return { address: maskAddress(address, length), length };
}

export function maskAddress(address: Address, length: number): Address {
  const word = (index: number) => (address[index]! & wordMask(length - index * 32)) >>> 0;
  return [word(0), word(1), word(2), word(3)];
}

/** A word whose first `bits` bits are set. */
export function wordMask(bits: number): number {
  if (bits <= 0) return 0;
  return bits >= 32 ? 0xffffffff : (0xffffffff << (32 - bits)) >>> 0;
}

/** A prefix holds addresses of its own family only: `::/0` is all of IPv6 and nothing of IPv4. */
export function contains(prefix: Prefix, address: Address): boolean {
  const { address: base, length } = prefix;
  if (length < v4PrefixBits && isV4(address)) return false;
  for (let index = 0; index * 32 < length; index++) {
    if (((base[index]! ^ address[index]!) & wordMask(length - index * 32)) !== 0) return false;
  }
  return true;
}

export function equalAddresses(a: Address, b: Address): boolean {
  return a[0] === b[0] && a[1] === b[1] && a[2] === b[2] && a[3] === b[3];
}

/** The order of addresses as unsigned numbers: negative, zero or positive. */
export function compareAddresses(a: Address, b: Address): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2] || a[3] - b[3];
}

/** RFC 5952 text: `10.1.0.4`, `2001:db8::1`. */
export function formatAddress(address: Address): string {
  return isV4(address) ? formatV4(address[3]) : formatV6(address);
}

function formatV4(word: number): string {
  return `${word >>> 24}.${(word >>> 16) & 255}.${(word >>> 8) & 255}.${word & 255}`;
}

function formatV6(address: Address): string {
  const groups = address.flatMap((word) => [word >>> 16, word & 0xffff]);
  const zeros = longestZeroRun(groups);
  const hex = (part: readonly number[]) => part.map((group) => group.toString(16)).join(":");
  if (zeros.length < 2) return hex(groups);
  return `${hex(groups.slice(0, zeros.start))}::${hex(groups.slice(zeros.start + zeros.length))}`;
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start++) {
    let end = start;
    while (end < groups.length && groups[end] === 0) end++;
    if (end - start > best.length) best = { start, length: end - start };
  }
  return best;
}

/** `10.1.0.0/16`, and a bare address where the prefix is a single one. */
export function formatPrefix(prefix: Prefix): string {
  const text = formatAddress(prefix.address);
  if (prefix.length === 128) return text;
  const v4 = isV4(prefix.address) && prefix.length >= v4PrefixBits;
  return `${text}/${v4 ? prefix.length - v4PrefixBits : prefix.length}`;
}

/** A text that is equal for equal addresses; for maps. */
export function addressKey(address: Address): string {
  return `${address[0]}.${address[1]}.${address[2]}.${address[3]}`;
}

const manyReceivers = ["224.0.0.0/4", "255.255.255.255/32", "ff00::/8"].map((text) => parsePrefix(text)!);

/** Multicast, and the limited broadcast address. */
export function isMulticast(address: Address): boolean {
  return manyReceivers.some((prefix) => contains(prefix, address));
}
