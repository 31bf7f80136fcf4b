// Places of capture by name: as the user named them, else by the file and its interface.

import { basename } from "node:path";
import { interfaceOfPlace } from "@conntrail/engine";
import type { SourceHistory } from "./sources.js";

export type NamePlace = (place: string) => string;

const sha256Digits = 64;

/** Of several names of one source the same, whichever was first. */
export function placeNames(sources: readonly SourceHistory[]): NamePlace {
  const names = new Map(sources.map(({ sha256, names }) => [sha256, basename(names.toSorted()[0]!)]));
  return (place) => {
    const named = interfaceOfPlace(place);
    if (named !== null) return named;
    const sha256 = place.slice(0, sha256Digits);
    return (names.get(sha256) ?? sha256) + place.slice(sha256Digits);
  };
}
