import type { Micros } from "@conntrail/engine";
import { lossesIn } from "../query/losses-in.js";
import { lossesNote } from "../render/losses.js";
import type { Asked } from "./question.js";

/** Tells, beside an answer, that traffic of its span was lost. */
export async function tellLosses(
  { kase, knownAt, terminal }: Asked,
  span: { readonly from: Micros | null; readonly to: Micros | null },
): Promise<void> {
  const note = lossesNote(await lossesIn(kase, { ...span, knownAt }));
  if (note !== null) terminal.tell(note);
}
