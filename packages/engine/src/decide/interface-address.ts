// Reads the addresses of an interface: each inside its subnet, free, and none of those that the platform keeps.

import type { InterfaceAddress } from "../event.js";
import { azureLimits } from "../policy/azure-limits.js";
import { sameId } from "../resource-id.js";
import {
  type Address,
  compareAddresses,
  contains,
  formatAddress,
  type Prefix,
  parseAddress,
  parsePrefix,
} from "../wire/address.js";
import { AddressSet } from "../wire/address-set.js";
import type { ControlState } from "./decided.js";
import type { KnownInterface, KnownSubnet } from "./inventory.js";
import { isRefusal, type Refusal } from "./refusal.js";

type Place = {
  readonly subnet: KnownSubnet;
  readonly inventory: ControlState["inventory"];
  /** Its addresses are its own. */
  readonly except: KnownInterface | null;
};

export function readInterfaceAddresses(texts: readonly string[], place: Place): readonly InterfaceAddress[] | Refusal {
  const read = texts.map((text) => readAddress(text, place));
  const refusal = read.find(isRefusal);
  if (refusal !== undefined) return refusal;
  return (read as readonly Address[]).map((address) => ({
    address: formatAddress(address),
    subnet: place.subnet.id,
    publicAddress: null,
    applicationSecurityGroups: [],
  }));
}

function readAddress(text: string, place: Place): Address | Refusal {
  const address = parseAddress(text);
  if (address === null) return { refused: "bad-field", field: "interface address", text };
  return subnetRefusal(address, place.subnet) ?? takenRefusal(address, place) ?? address;
}

function subnetRefusal(address: Address, { id, addressPrefixes }: KnownSubnet): Refusal | null {
  const prefixes = addressPrefixes?.flatMap((text) => parsePrefix(text) ?? []) ?? [];
  if (prefixes.length === 0) return null;
  const text = formatAddress(address);
  const own = prefixes.find((prefix) => contains(prefix, address));
  if (own === undefined) {
    return { refused: "address-outside-subnet", address: text, subnet: id, prefixes: addressPrefixes ?? [] };
  }
  return isReserved(address, own) ? { refused: "address-reserved", address: text, subnet: id } : null;
}

/** The first four addresses of a subnet and the last are the platform's [A17]. */
function isReserved(address: Address, prefix: Prefix): boolean {
  const range = AddressSet.ofPrefixes([prefix]).ranges[0]!;
  const offset = address[3] - range.first[3];
  const isFirst = compareAddresses(address, [range.first[0], range.first[1], range.first[2], address[3]]) === 0;
  return (isFirst && offset < azureLimits.reservedFirstAddresses) || compareAddresses(address, range.last) === 0;
}

/** Networks may overlap; in one subnet an address is one interface's. */
function takenRefusal(address: Address, { subnet, inventory, except }: Place): Refusal | null {
  const text = formatAddress(address);
  const holds = (known: KnownInterface) =>
    known.addresses.some((own) => own.address === text && own.subnet !== null && sameId(own.subnet, subnet.id));
  const by = inventory.interfaces.find((known) => known.id !== except?.id && holds(known));
  return by === undefined ? null : { refused: "address-taken", address: text, by: by.id };
}
