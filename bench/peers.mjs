// Other sensors that read the same capture, where they are installed (Debian: nfdump, softflowd, argus-server, tshark).

import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";

const peers = [
  { name: "nfpcapd", package: "nfdump", args: (capture, out) => ["-r", capture, "-w", out] },
  {
    name: "softflowd",
    package: "softflowd",
    args: (capture, out) => ["-m", "400000", "-r", capture, "-p", join(out, "pid"), "-c", "none"],
  },
  { name: "argus", package: "argus-server", args: (capture, out) => ["-r", capture, "-w", join(out, "argus.out")] },
  { name: "tshark", package: "tshark", args: (capture) => ["-r", capture, "-q", "-z", "conv,tcp"], once: true },
];

/** Those installed, with the arguments that let them read the capture and write into a directory of their own. */
export function installedPeers(capture, directory) {
  return peers
    .filter(({ name }) => isInstalled(name))
    .map(({ name, args, once = false }) => {
      const out = join(directory, name);
      mkdirSync(out, { recursive: true });
      return { name, args: args(capture, out), once };
    });
}

/** Their names and Debian packages. */
export function missingPeers() {
  return peers.filter(({ name }) => !isInstalled(name)).map((peer) => `${peer.name} (${peer.package})`);
}

function isInstalled(name) {
  return spawnSync("sh", ["-c", `command -v ${name}`]).status === 0;
}
