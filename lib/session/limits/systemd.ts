/**
 * A scope of the user's systemd for each session.
 * @module
 */

import type { Confinement, SessionLimits } from "../limits.ts";

/** Why the user's systemd cannot be asked; `undefined` where it can. */
export async function whySystemdFails(): Promise<string | undefined> {
  const runtime = Deno.env.get("XDG_RUNTIME_DIR");
  if (!runtime) return "XDG_RUNTIME_DIR is not set, so there is no systemd of this user";
  try {
    await Deno.stat(`${runtime}/systemd/private`);
  } catch {
    return `no systemd of this user runs (${runtime}/systemd/private is not there)`;
  }
  const failure = await busctl(["status"]);
  return failure && `systemd of this user does not answer: ${failure}`;
}

/** Holds a session in a scope of its own. */
export class SystemdConfinement implements Confinement {
  readonly name = "systemd";
  readonly holds: readonly (keyof SessionLimits)[] = ["memoryBytes", "cpuPercent", "processes"];
  readonly #unit: string;
  readonly #limits: SessionLimits;
  #group: string | undefined;

  constructor(id: string, limits: SessionLimits) {
    this.#unit = `term2ai-${id}.scope`;
    this.#limits = limits;
  }

  async take(pid: number): Promise<void> {
    const failure = await busctl([
      "call",
      "org.freedesktop.systemd1",
      "/org/freedesktop/systemd1",
      "org.freedesktop.systemd1.Manager",
      "StartTransientUnit",
      "ssa(sv)a(sa(sv))",
      this.#unit,
      "fail",
      ...this.#properties(pid),
      "0",
    ]);
    if (failure) throw new Error(`systemd does not make a scope: ${failure}`);
    this.#group = await ownGroup(pid);
  }

  killed(): number {
    try {
      const events = Deno.readTextFileSync(`/sys/fs/cgroup${this.#group}/memory.events`);
      return Number(/^oom_kill (\d+)/m.exec(events)?.[1] ?? 0);
    } catch {
      return 0;
    }
  }

  async release(): Promise<void> {
    const manager = ["org.freedesktop.systemd1", "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager"];
    await busctl(["call", ...manager, "StopUnit", "ss", this.#unit, "fail"]); // it is gone already when it is empty
  }

  /** An array of name and typed value, as `busctl` wants it: its length first. */
  #properties(pid: number): string[] {
    const { memoryBytes, processes, cpuPercent } = this.#limits;
    const all: string[][] = [["PIDs", "au", "1", String(pid)]];
    if (memoryBytes !== undefined) {
      all.push(["MemoryMax", "t", String(memoryBytes)], ["MemorySwapMax", "t", "0"]);
    }
    if (processes !== undefined) all.push(["TasksMax", "t", String(processes)]);
    if (cpuPercent !== undefined) all.push(["CPUQuotaPerSecUSec", "t", String(Math.round(cpuPercent * 10_000))]);
    return [String(all.length), ...all.flat()];
  }
}

/** Asks the bus of this user; what went wrong, if anything did. */
async function busctl(args: readonly string[]): Promise<string | undefined> {
  try {
    const command = new Deno.Command("busctl", { args: ["--user", "--quiet", ...args], stdin: "null", stdout: "null" });
    const { success, stderr } = await command.output();
    return success ? undefined : new TextDecoder().decode(stderr).trim() || "busctl has failed";
  } catch {
    return "busctl is not installed";
  }
}

async function ownGroup(pid: number): Promise<string> {
  const text = await Deno.readTextFile(`/proc/${pid}/cgroup`).catch(() => "");
  return /^0::(.*)$/m.exec(text)?.[1] ?? "";
}
