/**
 * Chooses what holds a session to its limits.
 *
 * The best that works here is taken: a scope of systemd, else a control group of our own where one was delegated to us, else
 * limits of single processes (`prlimit`, `nice`, `oom_score_adj`), which are no limits of a session. `term2ai doctor` tells
 * which it is.
 * @module
 */

import type { Confinement, Means, SessionLimits } from "../limits.ts";
import { CgroupConfinement, findDelegatedGroup } from "./cgroup.ts";
import { ProcessConfinement } from "./prlimit.ts";
import { SystemdConfinement, whySystemdFails } from "./systemd.ts";

/** All means, best first. */
export async function availableMeans(): Promise<Means[]> {
  const systemd = await whySystemdFails();
  const group = findDelegatedGroup();
  return [
    { name: "systemd", works: systemd === undefined, detail: systemd ?? "scopes of the user's own systemd" },
    {
      name: "cgroup",
      works: typeof group !== "string",
      detail: typeof group === "string" ? group : `control group ${group.path}`,
    },
    ProcessConfinement.means,
  ];
}

/** The best that works here, for a session with an id. */
export async function confine(id: string, limits: SessionLimits): Promise<Confinement> {
  if (await whySystemdFails() === undefined) return new SystemdConfinement(id, limits);
  const group = findDelegatedGroup();
  if (typeof group !== "string") return new CgroupConfinement(group, id, limits);
  return new ProcessConfinement(limits);
}
