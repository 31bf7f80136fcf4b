// Which frames of a source the log holds already, for an importer that asks frame by frame.

import type { FrameRange } from "@conntrail/store";

type IsStored = (place: string, frame: number) => boolean;

/**
 * Places are asked for as importers name them, without the source's name in front. Of each the frames must be asked for in
 * their order; `ranges` are in that order too.
 */
export function storedIn(ranges: readonly FrameRange[], source: string): IsStored {
  const places = new Map<string, { readonly ranges: FrameRange[]; at: number }>();
  for (const range of ranges) {
    const place = range.place.startsWith(source) ? range.place.slice(source.length) : range.place;
    const known = places.get(place);
    if (known === undefined) places.set(place, { ranges: [range], at: 0 });
    else known.ranges.push(range);
  }
  return (place, frame) => {
    const known = places.get(place);
    if (known === undefined) return false;
    while (known.at < known.ranges.length && known.ranges[known.at]!.last_frame < frame) known.at++;
    const range = known.ranges[known.at];
    return range !== undefined && range.first_frame <= frame;
  };
}
