// Many addresses in one array of words, four each: compared, ordered and joined where they lie.

/** The order of two addresses in arrays of words: negative, zero or positive. */
export function compareWords(a: ArrayLike<number>, atA: number, b: ArrayLike<number>, atB: number): number {
  for (let word = 0; word < 4; word++) {
    const difference = a[atA + word]! - b[atB + word]!;
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The items of `stride` words each by number, in the order of the address that each begins with. */
export function orderOf(words: Uint32Array, stride: number): Uint32Array {
  const order = Uint32Array.from({ length: words.length / stride }, (_, index) => index);
  return order.sort((a, b) => compareWords(words, a * stride, words, b * stride));
}

export function concatenated(parts: readonly Uint32Array[]): Uint32Array {
  const all = new Uint32Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Makes the address that begins at `at` the next one; false, and the address is `::`, where there is none. */
export function increment(words: Uint32Array, at: number): boolean {
  for (let word = at + 3; word >= at; word--) {
    words[word]!++;
    if (words[word] !== 0) return true;
  }
  return false;
}

/** Makes the address that begins at `at` the one before it; of `::` the last of all. */
export function decrement(words: Uint32Array, at: number): void {
  for (let word = at + 3; word >= at; word--) {
    words[word]!--;
    if (words[word] !== 0xffffffff) return;
  }
}
