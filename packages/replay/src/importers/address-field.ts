// Reads an address where it stands among the bytes of a line or a tuple, or in a text of its own, without making anything:
// `parseAddress` takes microseconds an address, and a flow log has millions.

/** The bytes of one field. */
export type FieldBytes = { bytes: Uint8Array; from: number; to: number };

const dot = 0x2e;
const zero = 0x30;
const colon = 0x3a;
const lastAscii = 0x7f;
const v4Marker = 0xffff;
const groupCount = 8;

const noDigit = 255;
const hexDigits = new Uint8Array(256).fill(noDigit);
for (const [value, digit] of [..."0123456789abcdef"].entries()) {
  hexDigits[digit.charCodeAt(0)] = value;
  hexDigits[digit.toUpperCase().charCodeAt(0)] = value;
}

/** Where the groups of an IPv6 address are gathered. */
const groups = new Uint16Array(groupCount);

/** Puts the four words of `10.1.0.4` or `2001:db8::1` from `place` on; false: it is neither, and nothing is put. */
export function readAddress(field: FieldBytes, words: Uint32Array, place: number): boolean {
  const v4 = v4At(field, field.from);
  if (v4 < 0) return readV6(field, words, place);
  words[place] = 0;
  words[place + 1] = 0;
  words[place + 2] = v4Marker;
  words[place + 3] = v4;
  return true;
}

/** Longer than any address. */
const textField: FieldBytes = { bytes: new Uint8Array(64), from: 0, to: 0 };

/** As `readAddress`, of a whole text. */
export function readAddressText(text: string, words: Uint32Array, place: number): boolean {
  const { bytes } = textField;
  if (text.length > bytes.length) return false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code > lastAscii) return false;
    bytes[at] = code;
  }
  textField.to = text.length;
  return readAddress(textField, words, place);
}

/** The word of four decimal parts that reach from here to the field's end; -1 where they don't. */
function v4At({ bytes, to }: FieldBytes, from: number): number {
  let [word, part, digits, dots] = [0, 0, 0, 0];
  for (let at = from; at < to; at++) {
    const byte = bytes[at]!;
    if (byte === dot) {
      if (digits === 0) return -1;
      word = word * 256 + part;
      [part, digits] = [0, 0];
      dots++;
    } else {
      const digit = byte - zero;
      if (digit < 0 || digit > 9 || (digits > 0 && part === 0)) return -1;
      part = part * 10 + digit;
      if (part > 255) return -1;
      digits++;
    }
  }
  return dots === 3 && digits > 0 ? word * 256 + part : -1;
}

/** RFC 4291, 2.2: groups, `::` once for some that are zero, an IPv4 address in place of the last two. */
function readV6(field: FieldBytes, words: Uint32Array, place: number): boolean {
  const gap = gapIn(field);
  const head = readGroups(field, field.from, gap < 0 ? field.to : gap);
  if (gap < 0) return head === groupCount && putWords(words, place);
  const tail = head < 0 ? noGroups : readGroups(field, gap + 2, field.to, head);
  if (tail < 0 || tail >= groupCount) return false;
  groups.copyWithin(groupCount - tail + head, head, tail);
  groups.fill(0, head, groupCount - tail + head);
  return putWords(words, place);
}

/** Where the first `::` begins; -1: there is none. */
function gapIn({ bytes, from, to }: FieldBytes): number {
  for (let at = from; at + 1 < to; at++) if (bytes[at] === colon && bytes[at + 1] === colon) return at;
  return -1;
}

const noGroups = -1;

/** Puts the groups between two places behind `count` that are there; how many there are then, or `noGroups`. */
function readGroups(field: FieldBytes, from: number, to: number, count = 0): number {
  if (from === to) return count;
  for (let at = from; ; at++) {
    let [value, digits] = [0, 0];
    const start = at;
    for (; at < to && field.bytes[at] !== colon; at++) {
      const digit = hexDigits[field.bytes[at]!]!;
      if (digit === noDigit) return to === field.to ? readLastV4(field, start, count) : noGroups;
      value = value * 16 + digit;
      digits++;
    }
    if (digits === 0 || digits > 4 || count === groupCount) return noGroups;
    groups[count++] = value;
    if (at === to) return count;
  }
}

function readLastV4(field: FieldBytes, from: number, count: number): number {
  const v4 = v4At(field, from);
  if (v4 < 0 || count > groupCount - 2) return noGroups;
  groups[count] = v4 >>> 16;
  groups[count + 1] = v4 & 0xffff;
  return count + 2;
}

function putWords(words: Uint32Array, place: number): true {
  for (let word = 0; word < 4; word++) words[place + word] = groups[word * 2]! * 65_536 + groups[word * 2 + 1]!;
  return true;
}
