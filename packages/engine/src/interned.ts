// Numbers for values that are equal when their keys are, so that columns can name them.

export class Interned<T> {
  readonly #numbers = new Map<string, number>();
  readonly #values: T[] = [];

  numberOf(key: string, make: () => T): number {
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.#numbers.set(key, this.#values.length);
    return this.#values.push(make()) - 1;
  }

  value(number: number): T {
    return this.#values[number]!;
  }

  get values(): readonly T[] {
    return this.#values;
  }
}
