// Why a command was refused, and what to do; what else is to be said of one that was taken.

import {
  type ControlState,
  formatInstant,
  nameOfId,
  type Refusal,
  type Remark,
  type ResourceKind,
  type RuleText,
  unreachable,
} from "@conntrail/engine";
import { formatCount, plural } from "./amount.js";

const importOf: { readonly [kind in ResourceKind]: string } = {
  group: "import its `az network nsg show`, or make it with `conntrail group add`",
  interface: "import its `az network nic show`, or make it with `conntrail interface add`",
  subnet: "import its `az network vnet show`, or make it with `conntrail network add`",
  network: "import its `az network vnet show`, or make it with `conntrail network add`",
  "application security group": "make it with `conntrail asg add`",
  machine: "import its interface (`az network nic show`), or make it with `conntrail interface add --machine`",
  "just-in-time policy": "import it, or make it with `conntrail jit policy set`",
};

const optionOf: { readonly [field in keyof RuleText]-?: string } = {
  priority: "--priority",
  direction: "--direction",
  access: "--access",
  protocol: "--protocol",
  from: "--from",
  fromPorts: "--from-port",
  to: "--to",
  toPorts: "--to-port",
  description: "--description",
};

export function describeRefusal(refusal: Refusal, { at, events }: ControlState): string {
  switch (refusal.refused) {
    case "unknown-resource": {
      const { kind, name, known } = refusal;
      return `there is no ${kind} \`${name}\` at ${formatInstant(at)}: ${knownOnes(known)}${importOf[kind]}`;
    }
    case "ambiguous-name":
      return `${plural(refusal.ids.length, refusal.kind)} have the name \`${refusal.name}\`: give the id of one: ${refusal.ids.join(", ")}`;
    case "exists":
      return `there is ${article(refusal.kind)} \`${nameOfId(refusal.id)}\` already, and it looks different: choose another name`;
    case "bad-name":
      return `\`${refusal.name}\` is no name: at most 80 letters, digits, \`_\`, \`.\` and \`-\`, the first and the last of them no \`.\` or \`-\``;
    case "bad-field":
      return badField(refusal.field, refusal.text);
    case "fields-missing": {
      const why = refusal.because === null ? "a new rule needs them" : `what it says is not known (${refusal.because})`;
      return `rule \`${refusal.rule}\` lacks ${refusal.fields.map((field) => optionOf[field]).join(", ")}: ${why}`;
    }
    case "unknown-rule":
      return `group \`${refusal.group}\` has no rule \`${refusal.rule}\` at ${formatInstant(at)}: see \`conntrail rules --group ${refusal.group}\``;
    case "default-rule":
      return `\`${refusal.rule}\` is a default rule and can't be changed or deleted: override it with a rule of a lower priority number`;
    case "priority-taken":
      return `priority ${refusal.priority} ${refusal.direction} is taken by rule \`${refusal.by}\`: choose another`;
    case "out-of-range": {
      const { field, value, range } = refusal;
      return `${field} ${value} is outside ${range.lowest} to ${range.highest}`;
    }
    case "too-many":
      return `${formatCount(refusal.count)} ${refusal.what}: at most ${formatCount(refusal.limit)} are allowed`;
    case "several-tags":
      return `a side of a rule holds one service tag at most, not ${refusal.tags.join(", ")}: make a rule for each`;
    case "mixed-side":
      return `${refusal.entries.join(", ")} can't stand on one side: give addresses, or one service tag, or application security groups`;
    case "deny-in-security-group":
      return `\`${refusal.group}\` is an AWS security group, and those only allow: delete the rule that allows`;
    case "wrong-kind":
      return `\`${refusal.group}\` is a ${refusal.kind.replaceAll("-", " ")}: this command does not serve those`;
    case "address-outside-subnet":
      return `${refusal.address} is outside subnet \`${nameOfId(refusal.subnet)}\` (${refusal.prefixes.join(", ")})`;
    case "address-reserved":
      return `${refusal.address} is one of the addresses that the platform keeps in subnet \`${nameOfId(refusal.subnet)}\`: the first four and the last`;
    case "address-taken":
      return `${refusal.address} is the address of \`${nameOfId(refusal.by)}\`: choose another`;
    case "unknown-address":
      return `\`${refusal.interface}\` has no address ${refusal.address}: it has ${refusal.known.join(", ")}`;
    case "prefix-outside-network":
      return `${refusal.prefix} of \`${refusal.subnet}\` lies outside the network's prefixes`;
    case "prefix-overlaps":
      return `${refusal.prefix} overlaps ${refusal.other}`;
    case "edited-at-this-instant": {
      const position = events.find(({ id }) => id === refusal.event)?.position;
      return `another event of this very instant says otherwise (log position ${position}), and nobody could tell which holds: give another --at`;
    }
    default:
      return unreachable(refusal);
  }
}

function knownOnes(known: readonly string[]): string {
  if (known.length === 0) return "";
  const more = known.length > 5 ? ` and ${known.length - 5} more` : "";
  return `there is ${known.slice(0, 5).join(", ")}${more}; `;
}

function article(kind: ResourceKind): string {
  return /^[aeiou]/.test(kind) ? `an ${kind}` : `a ${kind}`;
}

const examplesOf: { readonly [field: string]: string } = {
  priority: "a whole number from 100 to 4096",
  direction: "inbound or outbound",
  access: "allow or deny",
  protocol: "tcp, udp, icmp, esp, ah or *; for an AWS group also a number",
  address: "10.1.0.4, 10.1.0.0/16, 2001:db8::/32, a service tag, asg:NAME or *",
  "interface address": "10.1.0.4 or 2001:db8::4",
  prefix: "10.1.0.0/16 or 2001:db8::/32",
  port: "22, 1000-2000 or *",
};

function badField(field: string, text: string): string {
  const example = examplesOf[field];
  return `\`${text}\` is no ${field}${example === undefined ? "" : `: use ${example}`}`;
}

export function describeRemark(remark: Remark): string {
  switch (remark.remark) {
    case "already-so":
      return "nothing to append: it is so already";
    case "replaced":
      return `this replaces ${remark.groups.map(nameOfId).join(", ")} at the ${remark.gate} gate of ${nameOfId(remark.target)}`;
    case "later-evidence":
      return `the case holds ${plural(remark.count, "later event")} about this, the first at ${formatInstant(remark.first)}: from then on they hold, and the history between is built anew`;
    default:
      return unreachable(remark);
  }
}
