// A 64-bit hash of content, not cryptographic: for names that must come out the same in every rebuild.

const alphabet = Uint8Array.from("0123456789abcdefghjkmnpqrstvwxyz", (letter) => letter.charCodeAt(0));

/** Hashes texts and numbers in order; two lanes of 32 bits, each after MurmurHash3's mixing. */
export class ContentHash {
  #high = 0x9747b28c | 0;
  #low = 0x2f0b4c47;

  number(value: number): this {
    this.#word(value >>> 0);
    this.#word(Math.floor(value / 0x1_0000_0000) >>> 0);
    return this;
  }

  text(value: string): this {
    for (let index = 0; index < value.length; index++) this.#word(value.charCodeAt(index));
    return this.number(value.length);
  }

  bits(): bigint {
    return (BigInt(finalMix(this.#high ^ this.#low)) << 32n) | BigInt(finalMix(this.#low));
  }

  /** 53 bits, as many as a number holds exactly. */
  safeInteger(): number {
    return (finalMix(this.#high ^ this.#low) >>> 11) * 0x1_0000_0000 + finalMix(this.#low);
  }

  /** 13 characters of Crockford's base 32. Without big integers and parts of texts, since every record has a name. */
  base32(): string {
    const low = finalMix(this.#low);
    const high = finalMix(this.#high ^ this.#low);
    return String.fromCharCode(
      digit(high >>> 28),
      digit(high >>> 23),
      digit(high >>> 18),
      digit(high >>> 13),
      digit(high >>> 8),
      digit(high >>> 3),
      digit((high << 2) | (low >>> 30)),
      digit(low >>> 25),
      digit(low >>> 20),
      digit(low >>> 15),
      digit(low >>> 10),
      digit(low >>> 5),
      digit(low),
    );
  }

  /** Goes on from where another one stands. */
  protected follow(other: ContentHash): this {
    this.#high = other.#high;
    this.#low = other.#low;
    return this;
  }

  #word(word: number): void {
    this.#high = mixed(this.#high, Math.imul(word, 0xcc9e2d51));
    this.#low = mixed(this.#low, Math.imul(word ^ this.#high, 0x1b873593));
  }
}

/** The letter of the five lowest bits. */
function digit(bits: number): number {
  return alphabet[bits & 31]!;
}

function mixed(lane: number, word: number): number {
  const value = lane ^ word;
  return (Math.imul((value << 13) | (value >>> 19), 5) + 0xe6546b64) | 0;
}

function finalMix(value: number): number {
  let hash = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
