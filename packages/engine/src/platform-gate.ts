// What the cloud itself does with a packet, before and apart from all groups: its own services pass, mail may not leave,
// private endpoints may be bound by no rule (DOMAIN 1.5, 2.5).

import type { Admittance } from "./admit.js";
import type { PlacedInterface } from "./network/placed-interface.js";
import { neverFiltered } from "./policy/aws-platform.js";
import { bindsPrivateEndpoints } from "./policy/azure-carriage.js";
import { type PlatformService, platformServiceOf, tagOfService } from "./policy/azure-platform.js";
import { awsOutboundMail, azureOutboundMail, type MailPacket, type OutboundMail } from "./policy/outbound-mail.js";
import type { SettingState } from "./policy/setting-history.js";
import type { Assumption, GateOutcome, PlatformReason } from "./verdict.js";
import { parsePrefix } from "./wire/address.js";

/**
 * `settled`: no group is asked. `service`: Azure's own; only rules that name this tag bind it. `mail`: one more gate,
 * before the groups.
 */
export type PlatformAnswer =
  | { readonly is: "settled"; readonly outcome: GateOutcome }
  | {
      readonly is: "service";
      readonly service: PlatformService;
      readonly tag: string;
      readonly assumed?: readonly Assumption[];
    }
  | { readonly is: "mail"; readonly outcome: GateOutcome }
  | { readonly is: "nothing" };

export function askPlatform(asked: Admittance): PlatformAnswer {
  return asked.place.platform === "aws" ? askAws(asked) : askAzure(asked);
}

function askAws({ place, direction, tuple }: Admittance): PlatformAnswer {
  const primaryPrefix = place.network?.prefixes[0] ?? null;
  const subnetPrefixes = (place.subnet?.prefixes ?? []).map(parsePrefix).filter((prefix) => prefix !== null);
  const service = neverFiltered(tuple, { primaryPrefix, subnetPrefixes });
  if (service !== null) return settled(service);
  return mailAnswer(awsOutboundMail({ direction, tuple, allowed: null }, primaryPrefix));
}

function askAzure({ place, direction, tuple }: Admittance): PlatformAnswer {
  if (isUnboundEndpoint(place)) return settled("private-endpoint");
  const service = platformServiceOf({ direction, tuple, defaultRouted: isDefaultRouted(place) });
  if (service !== null) return serviceAnswer(service, place);
  const packet: MailPacket = { direction, tuple, allowed: allowed(place.settings.allowPort25Out) };
  return mailAnswer(azureOutboundMail(packet, place.space));
}

/** A route table that nobody has shown may take licences elsewhere [A1]. */
function serviceAnswer(service: PlatformService, { routes }: PlacedInterface): PlatformAnswer {
  const tag = tagOfService[service];
  if (tag === null) return settled(service);
  if (service !== "licence" || routes !== null) return { is: "service", service, tag };
  return { is: "service", service, tag, assumed: [{ of: "default-route", because: null }] };
}

function allowed(state: SettingState): boolean | null {
  return state.is === "known" && typeof state.value === "boolean" ? state.value : null;
}

function isDefaultRouted({ routes }: PlacedInterface): boolean {
  return routes?.some(({ destination }) => destination === "0.0.0.0/0") ?? false;
}

/** Azure's private endpoints are interfaces of no machine; where the subnet's policies are off, no group binds them. */
function isUnboundEndpoint({ interfaceType, subnet }: PlacedInterface): boolean {
  return interfaceType === "private-endpoint" && !bindsPrivateEndpoints(subnet?.privateEndpointPolicies ?? null);
}

function settled(platform: PlatformReason): PlatformAnswer {
  return { is: "settled", outcome: { gate: "platform", decision: "allow", group: null, decidedBy: null, platform } };
}

/** Mail that the platform lets out goes on to the groups, and needs no word unless that is only assumed. */
function mailAnswer(mail: OutboundMail): PlatformAnswer {
  if (mail === null) return { is: "nothing" };
  const { decision, provenance } = mail;
  const base = { gate: "platform", decision, group: null, decidedBy: null, platform: "outbound-mail" } as const;
  const outcome = provenance === "recorded" ? base : { ...base, assumed: [mailAssumption] };
  return { is: "mail", outcome };
}

const mailAssumption = { of: "outbound-mail", because: null } as const;
