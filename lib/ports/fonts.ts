/**
 * What the machine has to draw text with.
 *
 * This module is browser compatible.
 * @module
 */

/**
 * A font that the machine has.
 *
 * @example
 * ```ts
 * const font: InstalledFont = { path: "/usr/share/fonts/x/XMono-Bold.ttf", family: "XMono", style: "Bold", isMono: true };
 * ```
 */
export interface InstalledFont {
  /** The file. */
  readonly path: string;
  /** Its family, or what the name of the file tells of it. */
  readonly family: string;
  /** Such as `Bold Oblique`. */
  readonly style: string;
  /** All letters are known to be of one width. */
  readonly isMono: boolean;
}

/**
 * What the machine has to draw text with.
 *
 * @example A machine without fonts
 * ```ts
 * const none: FontHost = { list: () => Promise.resolve([]), usual: () => Promise.resolve(""), read: () => new Uint8Array(0), find: () => undefined };
 * ```
 */
export interface FontHost {
  /** All fonts. */
  list(): Promise<readonly InstalledFont[]>;
  /** The family of fixed width that the user prefers; empty where nobody has said. */
  usual(): Promise<string>;
  /** The bytes of a file. */
  read(path: string): Uint8Array;
  /** A file that has a character, where the machine can tell. */
  find(code: number): string | undefined;
}
