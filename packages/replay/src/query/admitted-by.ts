// The rules that admitted a flow record, as its row in the views names them.

import type { FlowTable, GateRow } from "@conntrail/store";

export type AdmittingRule = { readonly group: string; readonly rule: string; readonly version: number };

export function admittedBy(row: FlowTable): AdmittingRule[] {
  const gates = JSON.parse(row.gates) as readonly GateRow[];
  return gates.flatMap(({ group, rule, version }) =>
    group === null || rule === null || version === null ? [] : [{ group, rule, version }],
  );
}
