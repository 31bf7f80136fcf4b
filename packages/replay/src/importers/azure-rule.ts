// One security rule in Azure's JSON, flattened or with `properties`. Spellings vary in real exports (DOMAIN 1.1). A
// rule that can't be read is kept as unreadable: leaving it out would be a silent no-match.

import {
  formatPrefix,
  parsePortRange,
  parsePrefix,
  type Rule,
  type RuleAccess,
  type RuleDirection,
  type RuleProtocol,
  type RuleSide,
} from "@conntrail/engine";
import {
  asNumber,
  asText,
  field,
  hidesSomething,
  idOf,
  type JsonObject,
  objectsOf,
  propertiesOf,
  quotable,
  textsOf,
} from "./json-field.js";

const protocols: readonly string[] = ["tcp", "udp", "icmp", "esp", "ah", "*"];
const anyWords: ReadonlySet<string> = new Set(["*", "any", "all"]);
const tagName = /^[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z0-9_]+)*$/;

export function isServiceTag(address: string): boolean {
  return tagName.test(address);
}

class UnreadableField extends Error {}

/** Null where there is not even a name. */
export function readAzureRule(raw: JsonObject, fallbackName: string | null = null): Rule | null {
  const name = (asText(field(raw, "name")) ?? fallbackName)?.split("/").at(-1) ?? null;
  if (name === null) return null;
  const properties = propertiesOf(raw);
  try {
    return {
      name,
      description: asText(field(properties, "description")),
      direction: readDirection(properties),
      access: readAccess(properties),
      priority: readPriority(properties),
      protocol: readProtocol(properties),
      source: readSide(properties, "source"),
      destination: readSide(properties, "destination"),
    };
  } catch (error) {
    if (!(error instanceof UnreadableField)) throw error;
    return { name, unreadable: error.message, ...readableParts(properties) };
  }
}

function readableParts(properties: JsonObject) {
  const attempt = <T>(read: () => T): T | null => {
    try {
      return read();
    } catch {
      return null;
    }
  };
  return {
    direction: attempt(() => readDirection(properties)),
    access: attempt(() => readAccess(properties)),
    priority: attempt(() => readPriority(properties)),
  };
}

function readDirection(properties: JsonObject): RuleDirection {
  return readWord<RuleDirection>(properties, "direction", ["inbound", "outbound"]);
}

function readAccess(properties: JsonObject): RuleAccess {
  return readWord<RuleAccess>(properties, "access", ["allow", "deny"]);
}

function readWord<T extends string>(properties: JsonObject, name: string, words: readonly T[]): T {
  const text = asText(field(properties, name))?.toLowerCase();
  const word = words.find((candidate) => candidate === text);
  if (word === undefined) throw new UnreadableField(`${name} \`${text ?? ""}\` is none of ${words.join(", ")}`);
  return word;
}

function readPriority(properties: JsonObject): number {
  const priority = asNumber(field(properties, "priority"));
  if (priority !== null && Number.isInteger(priority) && priority >= 0 && priority <= 65_535) return priority;
  throw new UnreadableField(`priority \`${quotable(field(properties, "priority"))}\` is no whole number up to 65535`);
}

function readProtocol(properties: JsonObject): RuleProtocol {
  const text = asText(field(properties, "protocol"))?.toLowerCase() ?? "";
  if (anyWords.has(text)) return "*";
  if (!protocols.includes(text)) throw new UnreadableField(`protocol \`${text}\` is none of ${protocols.join(", ")}`);
  return text as RuleProtocol;
}

function readSide(properties: JsonObject, side: "source" | "destination"): RuleSide {
  const several = (name: string) => readTexts(properties, `${side}${name}`);
  const groups = objectsOf(field(properties, `${side}ApplicationSecurityGroups`)).map(idOf);
  const applicationSecurityGroups = groups.filter((id) => id !== null);
  const addresses = [...several("AddressPrefix"), ...several("AddressPrefixes")].map(readAddress);
  const ports = [...several("PortRange"), ...several("PortRanges")].map(readPorts);
  if (addresses.length + applicationSecurityGroups.length === 0) throw new UnreadableField(`no ${side} address`);
  return {
    addresses: unique(addresses),
    applicationSecurityGroups: unique(applicationSecurityGroups),
    ports: ports.length === 0 ? ["*"] : unique(ports),
  };
}

function readTexts(properties: JsonObject, name: string): string[] {
  const value = field(properties, name);
  if (hidesSomething(value)) throw new UnreadableField(`\`${name}\` holds something that is no text`);
  return textsOf(value);
}

function unique(list: readonly string[]): string[] {
  return [...new Set(list)].sort();
}

function readAddress(text: string): string {
  if (anyWords.has(text.toLowerCase())) return "*";
  const prefix = parsePrefix(text);
  if (prefix !== null) return formatPrefix(prefix);
  if (!isServiceTag(text)) throw new UnreadableField(`\`${text}\` is no address, prefix or service tag`);
  return text;
}

function readPorts(text: string): string {
  const range = parsePortRange(text.trim());
  if (range === null) throw new UnreadableField(`\`${text}\` is no port or port range: ports are 0 to 65535`);
  if (range.first === 0 && range.last === 65_535) return "*";
  return range.first === range.last ? String(range.first) : `${range.first}-${range.last}`;
}
