// What found no room for a flow record, in words and as plain data.

import { formatInstant, interfaceOfPlace, type Micros } from "@conntrail/engine";
import type { TableFullTable } from "@conntrail/store";
import { plural } from "./amount.js";

/** A line each. */
export function tableFullNote({ interface_name, place, first, last, packets, flows }: TableFullTable): string {
  const where = interface_name ?? interfaceOfPlace(place) ?? `the capture ${place}`;
  const span = `from ${formatInstant(first as Micros)} to ${formatInstant(last as Micros)}`;
  const counts = `${plural(packets, "packet")} that would have opened one, ${plural(flows, "new connection")} among them`;
  return `${where} had as many live flow records as are kept: ${span} ${counts}, were judged by the rules alone`;
}

export function tableFullData({ interface_name, first, last, ...rest }: TableFullTable) {
  return {
    ...rest,
    interfaceName: interface_name,
    first: formatInstant(first as Micros),
    last: formatInstant(last as Micros),
  };
}
