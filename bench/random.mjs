// Seeded random numbers: mulberry32, 32 bits of state, the same numbers everywhere.

export function randomNumbers(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 4294967296;
  };
}

export function below(random, bound) {
  return Math.floor(random() * bound);
}

export function pick(random, items) {
  return items[below(random, items.length)];
}
