/**
 * Finds a program the way a shell does, so that "not found" and "not executable" can be told apart before anything starts.
 * @module
 */

import { PtyError } from "../errors.ts";

/**
 * The path of a program.
 *
 * @param name With a slash a path, relative to `cwd`; without one a name to look for on `path`.
 * @throws {PtyError} `ENOENT` when there is none, `EACCES` when there is one that cannot be run.
 */
export function findProgram(name: string, cwd: string, path: string): string {
  if (name === "") throw new PtyError("Cannot run a command without a name", "ENOENT");
  if (name.includes("/")) return checked(name, name.startsWith("/") ? name : `${cwd}/${name}`);
  let refused: PtyError | undefined;
  for (const folder of path.split(":")) {
    try {
      return checked(name, `${folder || cwd}/${name}`);
    } catch (error) {
      if (!(error instanceof PtyError)) throw error;
      if (error.errno === "EACCES") refused ??= error;
    }
  }
  throw refused ?? new PtyError(`Cannot run ${name}: command not found`, "ENOENT");
}

/**
 * Makes sure that a command can be started in a folder.
 *
 * @throws {PtyError} If it does not exist, or is none.
 */
export function checkFolder(name: string, cwd: string): void {
  let info: Deno.FileInfo;
  try {
    info = Deno.statSync(cwd);
  } catch (error) {
    const [why, errno] = error instanceof Deno.errors.NotFound
      ? ["does not exist", "ENOENT"]
      : ["cannot be entered", "EACCES"];
    throw new PtyError(`Cannot run ${name} in ${cwd}: that folder ${why}`, errno!);
  }
  if (!info.isDirectory) throw new PtyError(`Cannot run ${name} in ${cwd}: that is no folder`, "ENOTDIR");
}

function checked(name: string, path: string): string {
  let info: Deno.FileInfo;
  try {
    info = Deno.statSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.PermissionDenied) {
      throw new PtyError(`Cannot run ${name}: permission denied`, "EACCES");
    }
    throw new PtyError(`Cannot run ${name}: ${path} does not exist`, "ENOENT");
  }
  if (info.isDirectory) throw new PtyError(`Cannot run ${name}: ${path} is a directory`, "EACCES");
  if (info.mode !== null && (info.mode & 0o111) === 0) {
    throw new PtyError(`Cannot run ${name}: ${path} is not executable`, "EACCES");
  }
  return path;
}
