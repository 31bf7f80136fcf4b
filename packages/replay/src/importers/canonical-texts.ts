// Canonical JSON of what thousands of records say alike, made once and then found again.

import { canonicalJson } from "@conntrail/store";

/** Far more than the sensors and rules of most files; forgotten together, so that memory stays bounded. */
const maxTexts = 10_000;

export class CanonicalTexts {
  readonly #texts = new Map<string, string>();

  /** `key` is different for different values. */
  textOf(key: string, value: () => object): string {
    const known = this.#texts.get(key);
    if (known !== undefined) return known;
    const text = canonicalJson(value());
    if (this.#texts.size === maxTexts) this.#texts.clear();
    this.#texts.set(key, text);
    return text;
  }
}
