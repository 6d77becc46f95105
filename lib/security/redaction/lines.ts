/**
 * Rules for secrets that stand below the line that tells of them.
 *
 * This module is browser compatible.
 * @module
 */

import { type Below, expected, KEY_END, KEY_HEADERS, passed } from "./below.ts";
import { charSet, type Rule } from "./rule.ts";

const NONE = charSet("\\n");

interface LinesRule {
  readonly name: string;
  readonly words: readonly string[];
  readonly lead: RegExp;
  readonly opens: NonNullable<Rule["opens"]>;
  readonly hides: readonly string[];
  readonly keeps: readonly string[];
}

const ALL: readonly LinesRule[] = [
  {
    name: "private-key-block",
    words: [
      "-----BEGIN ",
      "---- BEGIN SSH2",
      "private-lines: ",
      "LS0tLS1CRUdJTi",
      "-----END ",
      "---- END SSH2",
      "private-mac: ",
    ],
    lead:
      /-----(?:BEGIN|END) (?:[A-Z0-9]{2,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----|---- (?:BEGIN|END) SSH2 (?:ENCRYPTED )?PRIVATE KEY ----|Private-MAC: |Private-Lines: \d{1,4}\s*$|(?<![\w+/])LS0tLS1CRUdJTi(?:BPUEVOU1NIIFBSSVZBVEUgS0VZ|BSU0EgUFJJVkFURSBLRV|BFQyBQUklWQVRFIEtFW|BQUklWQVRFIEtFW|BFTkNSWVBURUQgUFJJVkFURSBLRV|BQR1AgUFJJVkFURSBLRV|BEU0EgUFJJVkFURSBLRV)/y,
    opens: (text, at) =>
      /(?:-- END [^-]{1,60}|--END [^-]{1,60}-|MAC: )-*$/.test(text.slice(Math.max(0, at - 80), at))
        ? KEY_END
        : KEY_HEADERS,
    hides: [
      "-----BEGIN OPENSSH PRIVATE KEY-----\r\n<b70>\r\n<b70>\r\n<b12>\r\n-----END OPENSSH PRIVATE KEY-----",
      "-----BEGIN PGP PRIVATE KEY BLOCK-----\r\n\r\n<b64>\r\n<b64>\r\n=<b4>\r\n-----END PGP PRIVATE KEY BLOCK-----",
      "-----BEGIN RSA PRIVATE KEY-----\r\nProc-Type: 4,ENCRYPTED\r\nDEK-Info: AES-256-CBC,<h32>\r\n\r\n<b64>\r\n<b64>\r\n" +
      "-----END RSA PRIVATE KEY-----",
      '---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\r\nComment: "mine"\r\n<b70>\r\n<b70>\r\n---- END SSH2 ENCRYPTED PRIVATE KEY ----',
      "Private-Lines: 2\r\n<b64>\r\n<b44>\r\nPrivate-MAC: <h40>",
      "LS0tLS1CRUdJTiBPUEVOU1NIIFBSSVZBVEUgS0VZ<b36>\r\n<b76>\r\n<b20>",
      "$ tail key\r\n<b64>\r\n<b64>\r\n<b44>\r\n-----END PRIVATE KEY-----",
    ],
    keeps: [
      "-----BEGIN CERTIFICATE-----\r\n<b64>\r\n-----END CERTIFICATE-----",
      "---- BEGIN SSH2 PUBLIC KEY ----\r\n<b70>\r\n---- END SSH2 PUBLIC KEY ----",
      "Public-Lines: 2\r\n<b64>\r\n<b44>",
      "$ x\r\n<b64>\r\n-----END CERTIFICATE-----",
      "-----BEGIN RSA PRIVATE KEY-----\r\n$ ls\r\n\r\n<b64>",
    ],
  },
];

export const LINES_RULES: readonly Rule[] = ALL.map((rule) => ({ ...rule, chars: NONE, least: Infinity }));
