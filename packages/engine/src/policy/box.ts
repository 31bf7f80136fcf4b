// Boxes in a space of several dimensions: in each dimension a number of parts. Boxes that differ in one dimension only
// are one box.

/** For each dimension the numbers of its parts, ascending. */
export type Box = readonly (readonly number[])[];

/** The same space in as few boxes as joining, dimension after dimension, comes to. */
export function joinBoxes(boxes: readonly Box[]): Box[] {
  const dimensions = boxes[0]?.length ?? 0;
  let joined = [...boxes];
  for (let rest = joined.length + 1; joined.length < rest; ) {
    rest = joined.length;
    for (let dimension = dimensions - 1; dimension >= 0; dimension--) joined = joinAlong(joined, dimension);
  }
  return joined;
}

function joinAlong(boxes: readonly Box[], dimension: number): Box[] {
  const byOthers = new Map<string, { readonly box: Box; readonly parts: Set<number> }>();
  for (const box of boxes) {
    const key = JSON.stringify(box.with(dimension, []));
    const known = byOthers.get(key) ?? { box, parts: new Set<number>() };
    for (const part of box[dimension]!) known.parts.add(part);
    byOthers.set(key, known);
  }
  return [...byOthers.values()].map(({ box, parts }) =>
    box.with(
      dimension,
      [...parts].sort((a, b) => a - b),
    ),
  );
}
