// How far snapshots are apart: close enough for any instant to be near one, closer towards the end, where late evidence
// mostly comes in, and far enough for saving to cost little beside folding.

/** In packets. The nearer of two is this far away at most. */
const widest = 131_072;
const closest = 16_384;

/** So many packets are folded in the time that it takes to save a record. */
const packetsPerRecord = 4;

export type Distance = {
  /** Packets since the last snapshot. */
  readonly apart: number;
  /** Packets that follow. */
  readonly left: number;
  /** Records to be saved. */
  readonly live: number;
};

export function isFarEnough({ apart, left, live }: Distance): boolean {
  return apart >= Math.max(spacing(left), live * packetsPerRecord);
}

function spacing(left: number): number {
  return Math.min(widest, Math.max(closest, left / 2));
}

type Marked = { readonly packets: number };

/** Those that stand too close now that there are later ones. Ascending; the last one always stays. */
export function thinned<M extends Marked>(marks: readonly M[]): M[] {
  const end = marks.at(-1)?.packets ?? 0;
  const superfluous: M[] = [];
  let next = end;
  for (const mark of marks.slice(0, -1).reverse()) {
    if (next - mark.packets < Math.min(spacing(end - mark.packets), closest)) superfluous.push(mark);
    else next = mark.packets;
  }
  return superfluous;
}
