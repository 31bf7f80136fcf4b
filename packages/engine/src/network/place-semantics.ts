// What becomes of flow records at an interface: its platform's semantics with the values that its settings give. What
// nobody set, and what is not settled, is as the platform does by default.

import { aws, azure, nitro6TcpEstablishedMicros } from "../flow/profiles.js";
import { type Semantics, withoutTcpState, withTcpEstablished, withTcpIdle, withUdp } from "../flow/semantics.js";
import type { SettingState } from "../policy/setting-history.js";
import { type DurationMicros, microsPerMinute, microsPerSecond } from "../time.js";
import type { PlaceSettings, Platform } from "./placed-interface.js";

export function placeSemantics(platform: Platform, settings: PlaceSettings): Semantics {
  return platform === "aws" ? awsSemantics(settings) : azureSemantics(settings);
}

/** `FlowTimeoutInMinutes` is 4 to 30; unset, 4 [A8]. */
function azureSemantics({ flowTimeoutMinutes, disableTcpStateTracking }: PlaceSettings): Semantics {
  const timeout = numberOf(flowTimeoutMinutes);
  const timed = timeout === null ? azure : withTcpIdle(azure, timeout * microsPerMinute);
  const untracked = disableTcpStateTracking.is === "known" && disableTcpStateTracking.value === true;
  return untracked ? withoutTcpState(timed) : timed;
}

/** `ConnectionTrackingSpecification` [W6]. */
function awsSemantics(settings: PlaceSettings): Semantics {
  const byDefault = settings.nitroV6 === true ? nitro6TcpEstablishedMicros : null;
  const established = microsOf(settings.tcpEstablishedSeconds) ?? byDefault;
  const timed = established === null ? aws : withTcpEstablished(aws, established);
  const { firstMicros, streamMicros } = timed.udp;
  return withUdp(timed, {
    firstMicros: microsOf(settings.udpSeconds) ?? firstMicros,
    streamMicros: microsOf(settings.udpStreamSeconds) ?? streamMicros,
  });
}

function microsOf(state: SettingState): DurationMicros | null {
  const seconds = numberOf(state);
  return seconds === null ? null : seconds * microsPerSecond;
}

function numberOf(state: SettingState): number | null {
  return state.is === "known" && typeof state.value === "number" ? state.value : null;
}
