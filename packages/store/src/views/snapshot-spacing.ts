// How far snapshots are apart: close enough for any instant to be near one, closer towards the end, where late evidence
// mostly comes in, and far enough for saving to cost little beside folding.

export type SnapshotSpacing = {
  /** In packets: how far apart two may be, and have to be at least. */
  readonly widest: number;
  readonly closest: number;
  /** Two are as many packets apart as this for each record that is saved. */
  readonly packetsPerRecord: number;
  /** With more records than this, none is taken: it would need as much memory as all of them, several times over. */
  readonly mostRecords: number;
};

/** 131,072 packets are folded in some 100 ms, and 8 in the time in which ten records are saved. */
export const usualSpacing: SnapshotSpacing = {
  widest: 131_072,
  closest: 16_384,
  packetsPerRecord: 4,
  mostRecords: 2 ** 18,
};

export type Distance = {
  /** Packets since the last snapshot. */
  readonly apart: number;
  /** Packets that follow. */
  readonly left: number;
  /** Records to be saved. */
  readonly live: number;
};

export function isFarEnough({ apart, left, live }: Distance, spacing: SnapshotSpacing): boolean {
  if (live > spacing.mostRecords) return false;
  return apart >= Math.max(distanceAt(left, spacing), live * spacing.packetsPerRecord);
}

function distanceAt(left: number, { widest, closest }: SnapshotSpacing): number {
  return Math.min(widest, Math.max(closest, left / 2));
}

type Marked = { readonly packets: number };

/** Those that stand too close now that there are later ones. Ascending; the last one always stays. */
export function thinned<M extends Marked>(marks: readonly M[], { closest }: SnapshotSpacing): M[] {
  const superfluous: M[] = [];
  let next = marks.at(-1)?.packets ?? 0;
  for (const mark of marks.slice(0, -1).reverse()) {
    if (next - mark.packets < closest) superfluous.push(mark);
    else next = mark.packets;
  }
  return superfluous;
}
