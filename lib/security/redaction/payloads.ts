/**
 * Secrets in what a program sends to the terminal without its being shown: titles, links, folders, clipboards, command lines.
 *
 * Some of it is encoded, and so no search of the bytes finds anything in it. It is decoded, looked at, and encoded again. Base64
 * that holds no text is a picture.
 *
 * Sources: xterm's ctlseqs (OSC 0, 1, 2, 52), iTerm2 (1337, 9), VS Code's shell integration (633), kitty (OSC 5522, APC G).
 *
 * This module is browser compatible.
 * @module
 */

/** Text in which secrets are hidden; the same text where there are none. */
export type TextHider = (text: string) => string;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * The string with its secrets hidden; `undefined` where there are none.
 *
 * @param opener What opened it, as a byte behind ESC.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 *
 * const hide = (text: string) => text.replaceAll("hunter2", "*******");
 * const bytes = new TextEncoder().encode("633;E;login\\x20hunter2;");
 * equal(new TextDecoder().decode(payloadWithout("]", bytes, hide)), "633;E;login *******;");
 * ```
 */
export function payloadWithout(opener: string, bytes: Uint8Array, hide: TextHider): Uint8Array | undefined {
  const text = decoder.decode(bytes);
  const hidden = opener === "]" ? commandWithout(text, hide) : isPicture(opener, text) ? text : hide(text);
  return hidden === text ? undefined : encoder.encode(hidden);
}

/** Whether the rest of a string that is too long to be looked at may be passed on: only pictures are that long. */
export function mayPass(opener: string, bytes: Uint8Array): boolean {
  const text = decoder.decode(bytes.subarray(0, 64));
  return opener === "]" ? /^1337;(?:File|MultipartFile|FilePart)=/.test(text) : isPicture(opener, text);
}

/** Sixels, and kitty's. */
function isPicture(opener: string, text: string): boolean {
  return (opener === "P" && /^[\d;]*q/.test(text)) || (opener === "_" && text.startsWith("G"));
}

function commandWithout(text: string, hide: TextHider): string {
  const [, code = "", rest = ""] = /^(\d{1,5});(.*)$/s.exec(text) ?? [];
  switch (code) {
    case "7":
      return `7;${percentWithout(rest, hide)}`;
    case "8":
      return text.replace(/^(8;[^;]*;)(.*)$/s, (_, head, url) => head + percentWithout(url, hide));
    case "52":
      return text.replace(/^(52;[^;]*;)(.*)$/s, (_, head, data) => head + base64Without(data, hide));
    case "633":
      return escapedWithout(text, hide);
    case "1337":
      return itermWithout(text, hide);
    default:
      return hide(text);
  }
}

function percentWithout(text: string, hide: TextHider): string {
  const decoded = text.includes("%") ? strictly(() => decodeURIComponent(text)) : undefined;
  if (decoded === undefined) return hide(text);
  const hidden = hide(decoded);
  return hide(hidden === decoded ? text : encodeURI(hidden));
}

/** VS Code's: `\\` and `\x3b`. */
function escapedWithout(text: string, hide: TextHider): string {
  const decoded = text.replace(
    /\\(?:x([0-9a-fA-F]{2})|\\)/g,
    (_, hex) => hex ? String.fromCharCode(parseInt(hex, 16)) : "\\",
  );
  const hidden = hide(decoded);
  if (hidden === decoded) return hide(text);
  const head = /^633;[A-Z];/.exec(hidden)?.[0] ?? "";
  const [, last = ""] = /^633;E;.*?(;[0-9a-fA-F-]*)?$/s.exec(text) ?? [];
  const end = last !== "" && hidden.endsWith(last) ? hidden.length - last.length : hidden.length;
  const escaped = hidden.slice(head.length, end).replace(
    /[\\;\0-\x1f]/g,
    (char) => char === "\\" ? "\\\\" : `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
  return head + escaped + hidden.slice(end);
}

function itermWithout(text: string, hide: TextHider): string {
  const plain = hide(text);
  const [, head, data] = /^(1337;SetUserVar=[^=]*=)(.*)$/s.exec(plain) ?? /^(1337;Copy=[^:]*:)(.*)$/s.exec(plain) ?? [];
  if (head !== undefined) return head + base64Without(data!, hide);
  return plain.replace(/(?<=[=;]name=)([A-Za-z0-9+/]*={0,2})/i, (name) => base64Without(name, hide));
}

/** Base64 of text; that of a picture stays. */
function base64Without(data: string, hide: TextHider): string {
  const clean = data.replace(/[^A-Za-z0-9+/_=-]/g, "").replace(/-/g, "+").replace(/_/g, "/").replace(/=+$/, "");
  const whole = clean.length % 4 === 1 ? clean.slice(0, -1) : clean;
  const bytes = strictly(() => Uint8Array.fromBase64(whole));
  const decoded = bytes && decoder.decode(bytes);
  if (decoded === undefined) return hide(data);
  const hidden = hide(decoded);
  return hidden === decoded ? hide(data) : encoder.encode(hidden).toBase64();
}

function strictly<Value>(make: () => Value): Value | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}

/** The text of bytes, where they are text. */
export function textIn(bytes: Uint8Array): string | undefined {
  return strictly(() => strict.decode(bytes));
}
