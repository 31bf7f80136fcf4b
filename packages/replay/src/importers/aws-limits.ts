// What AWS takes by default in security groups and network ACLs (DOMAIN 2.5, 2.6 [W8][W5]). Quotas can be raised on
// request, so beyond them is worth a note; numbers out of range are refused for everybody.

import { isUnreadable, type Rule, type RuleContent, type RuleDirection } from "@conntrail/engine";
import { awsDirections } from "./aws-rule.js";

const directions: readonly RuleDirection[] = ["inbound", "outbound"];
const families = ["IPv4", "IPv6"] as const;
type Family = (typeof families)[number];

/** Rules of a direction and address family; a reference to a group or a prefix list counts for both. */
export function beyondQuota(rules: readonly Rule[], quota: number): string[] {
  const readable = rules.flatMap((rule) => (isUnreadable(rule) ? [] : [rule]));
  return directions.flatMap((direction) =>
    families.flatMap((family) => {
      const count = readable.filter((rule) => rule.direction === direction && countsFor(rule, family)).length;
      const said = `${count} ${awsDirections[direction]} rules for ${family}, and AWS takes ${quota} unless asked for more`;
      return count > quota ? [said] : [];
    }),
  );
}

function countsFor({ source, destination, direction }: RuleContent, family: Family): boolean {
  const [place] = (direction === "inbound" ? source : destination).addresses;
  if (place === undefined || place.startsWith("pl-")) return true;
  return place.includes(":") === (family === "IPv6");
}

export const securityGroupQuota = 60;
export const networkAclQuota = 20;

/** The last rules, shown as `*`: 32767 for IPv4, 32768 for IPv6 ([W5]). */
export const lastAclRules: ReadonlySet<number> = new Set([32_767, 32_768]);

export function brokenAclNumber(number: number): string | null {
  if (lastAclRules.has(number) || (Number.isInteger(number) && number >= 1 && number <= 32_766)) return null;
  return `its number \`${number}\` is not 1 to 32766, which AWS refuses`;
}

/** Idle timeouts of an interface, in seconds ([W6]). */
const timeouts = [
  { name: "tcpEstablishedSeconds", from: 60, to: 432_000 },
  { name: "udpStreamSeconds", from: 60, to: 180 },
  { name: "udpSeconds", from: 30, to: 60 },
] as const;

export function brokenTimeouts(set: { readonly [name in (typeof timeouts)[number]["name"]]: number | null }): string[] {
  return timeouts.flatMap(({ name, from, to }) => {
    const seconds = set[name];
    if (seconds === null || (seconds >= from && seconds <= to)) return [];
    return [`its idle timeout \`${name}\` is ${seconds}; AWS takes ${from} to ${to}`];
  });
}
