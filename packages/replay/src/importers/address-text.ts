// Reads addresses where they stand in a longer text, word by word and without making anything, since flow logs have
// millions. What it takes and what it refuses, `parseAddress` does too.

const v4Marker = 0xffff;
const dot = 0x2e;
const colon = 0x3a;
const notHex = 99;

/** Puts the four words of the address in `text` from `from` up to `to` into `words` at `at`; false where it is none. */
export function putAddress(text: string, from: number, to: number, words: Uint32Array, at: number): boolean {
  const last = to > from ? Math.min(to, from + 5) : from;
  for (let index = from; index < last; index++) {
    const code = text.charCodeAt(index);
    if (code === colon) return putV6(text, from, to, words, at);
    if (code === dot) return putV4(text, from, to, words, at);
  }
  return false;
}

function putV4(text: string, from: number, to: number, words: Uint32Array, at: number): boolean {
  const word = v4Word(text, from, to);
  if (word < 0) return false;
  words[at] = 0;
  words[at + 1] = 0;
  words[at + 2] = v4Marker;
  words[at + 3] = word;
  return true;
}

/** -1: not four numbers up to 255 without leading zeros. */
function v4Word(text: string, from: number, to: number): number {
  let word = 0;
  let part = -1;
  let dots = 0;
  for (let index = from; index < to; index++) {
    const code = text.charCodeAt(index);
    if (code === dot) {
      if (part < 0 || ++dots > 3) return -1;
      word = word * 256 + part;
      part = -1;
    } else {
      if (code < 0x30 || code > 0x39 || part === 0) return -1;
      part = (part < 0 ? 0 : part * 10) + code - 0x30;
      if (part > 255) return -1;
    }
  }
  return dots === 3 && part >= 0 ? word * 256 + part : -1;
}

const groups = new Uint16Array(8);

/** RFC 4291 2.2: eight groups, once `::` for one or more that are zero, the last two also as an IPv4 address. */
function putV6(text: string, from: number, to: number, words: Uint32Array, at: number): boolean {
  let count = 0;
  let gap = -1;
  let index = from;
  if (text.charCodeAt(from) === colon) {
    if (to - from < 2 || text.charCodeAt(from + 1) !== colon) return false;
    gap = 0;
    index += 2;
  }
  while (index < to) {
    const end = groupEnd(text, index, to);
    if (count === 8) return false;
    if (end < to && text.charCodeAt(end) === dot) {
      const word = count <= 6 ? v4Word(text, index, to) : -1;
      if (word < 0) return false;
      groups[count++] = word >>> 16;
      groups[count++] = word & 0xffff;
      break;
    }
    const group = groupValue(text, index, end);
    if (group < 0) return false;
    groups[count++] = group;
    if (end === to) break;
    if (text.charCodeAt(end) !== colon || end + 1 === to) return false;
    index = end + 1;
    if (text.charCodeAt(index) === colon) {
      if (gap >= 0) return false;
      gap = count;
      index++;
    }
  }
  return putGroups(count, gap, words, at);
}

function groupEnd(text: string, from: number, to: number): number {
  let end = from;
  while (end < to && text.charCodeAt(end) !== colon && text.charCodeAt(end) !== dot) end++;
  return end;
}

function groupValue(text: string, from: number, to: number): number {
  if (to === from || to - from > 4) return -1;
  let value = 0;
  for (let index = from; index < to; index++) {
    const digit = hexDigit(text.charCodeAt(index));
    if (digit === notHex) return -1;
    value = value * 16 + digit;
  }
  return value;
}

function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : notHex;
}

function putGroups(count: number, gap: number, words: Uint32Array, at: number): boolean {
  if (gap < 0 ? count !== 8 : count > 7) return false;
  const zeros = 8 - count;
  const groupAt = (place: number) => {
    if (gap < 0 || place < gap) return groups[place]!;
    return place < gap + zeros ? 0 : groups[place - zeros]!;
  };
  for (let word = 0; word < 4; word++) words[at + word] = groupAt(word * 2) * 0x10000 + groupAt(word * 2 + 1);
  return true;
}
