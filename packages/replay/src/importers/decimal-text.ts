// Numbers in texts, read digit by digit: logs have several in each line.

const decimal = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/;

/** Rounded to microseconds as `%.6f` does, so that JSON and ASCII logs agree. NaN where it is no number. */
export function microsOfSeconds(text: string): number {
  const point = text.length - 7;
  if (point > 0 && text.charCodeAt(point) === 0x2e) {
    const [whole, fraction] = [digitsIn(text, 0, point), digitsIn(text, point + 1, text.length)];
    if (whole >= 0 && fraction >= 0) return whole * 1_000_000 + fraction;
  }
  return decimal.test(text) ? Math.round(Number(text) * 1_000_000) : Number.NaN;
}

/** -1 where there is anything but digits. */
function digitsIn(text: string, from: number, to: number): number {
  let value = 0;
  for (let index = from; index < to; index++) {
    const digit = text.charCodeAt(index) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return to > from ? value : -1;
}

/** A whole number without a sign; -1 where it is none, or too large to be held. */
export function countOf(text: string): number {
  const value = digitsIn(text, 0, text.length);
  return value <= Number.MAX_SAFE_INTEGER ? value : -1;
}
