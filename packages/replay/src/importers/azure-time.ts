// Times as exports of Azure have them: ISO 8601; of Windows PowerShell milliseconds as `/Date(1773828300123)/`; month, day
// and year as .NET writes them where nobody asked for another form.

import { type Micros, parseInstant, toMicros } from "@conntrail/engine";
import { asText } from "./json-field.js";

const milliseconds = /^\/Date\((-?\d{1,15})(?:[+-]\d{4})?\)\/$/;
const monthFirst = /^(\d{1,2})\/(\d{1,2})\/(\d{4}) (\d{1,2}):(\d\d):(\d\d)(\.\d+)?(?: ([AP])M)? ?([+-]\d\d:\d\d)?$/i;

/** Without a zone it is UTC. Null: no time. */
export function azureInstant(value: unknown): Micros | null {
  const text = asText(value) ?? "";
  const counted = milliseconds.exec(text)?.[1];
  if (counted !== undefined) return toMicros(Number(counted) * 1000);
  return parseInstant(isMonthFirst(text) ? inOrder(text) : text)?.time ?? null;
}

/** Whether it is a time that might be read with the day first, too. */
export function isMonthFirst(value: unknown): boolean {
  return monthFirst.test(asText(value) ?? "");
}

function inOrder(text: string): string {
  const [, month = "", day = "", year = "", hour = "", minute, second, fraction = "", half, zone = "Z"] =
    monthFirst.exec(text)!;
  const hours = half === undefined ? hour : String((Number(hour) % 12) + (half.toUpperCase() === "P" ? 12 : 0));
  const two = (part: string) => part.padStart(2, "0");
  return `${year}-${two(month)}-${two(day)}T${two(hours)}:${minute}:${second}${fraction}${zone}`;
}
