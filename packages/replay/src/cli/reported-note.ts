// Says that an answer is of packets alone, where sensors reported flows too.

import { reportedFlowCount } from "@conntrail/store";
import type { Case } from "../case.js";
import { reportedNote } from "../render/reported.js";
import type { Terminal } from "./terminal.js";

export function tellReported({ views }: Case, terminal: Terminal): void {
  const count = reportedFlowCount(views);
  if (count > 0) terminal.tell(`note: ${reportedNote(count)}`);
}
