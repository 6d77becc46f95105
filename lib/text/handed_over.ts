/**
 * Names of files that are open already.
 *
 * This module is browser compatible.
 * @module
 */

/** Whether a path names an open file of the process, such as `/dev/stdin`, or what a shell makes of `<(…)`. */
export function isHandedOver(path: string): boolean {
  return /^\/(?:dev\/(?:fd\/|std)|proc\/)/.test(path);
}
