/**
 * Rules for secrets that stand below the line that tells of them.
 *
 * This module is browser compatible.
 * @module
 */

import { PASSWORD } from "./assignments.ts";
import { beginsIn, type Below, expected, KEY_END, KEY_HEADERS, passed } from "./below.ts";
import { NAME, PASSWORD_WORDS, PLACEHOLDER, SECRET_WORDS } from "./names.ts";
import { charSet, type Rule } from "./rule.ts";

const NONE = charSet("\\n");

const NAMED_VALUE = new RegExp(
  `^[\\s-]*["']?value["']?\\s*[:=]\\s*["']?(?![$%{<[]|[\\w.]+[([]|${PLACEHOLDER})([^\\s"'][^"'\\n]*?)["']?,?\\s*$`,
  "i",
);
const NETRC_PASSWORD = new RegExp(`^\\s*password\\s+(?!${PLACEHOLDER}|\\$)(\\S+)\\s*$`);
const FIELD = /^[\s-]*(?!["']?value)["']?[\w-]+["']?\s*[:=]/;
/** One word that no program says of itself. */
const ONE_WORD = /^\s*["']?(?![/~<>-]|https?:|\S*[.:!?]["']?\s*$|error)(\S{8,1024}?)["']?\s*$/i;

/** The lines of a block that YAML indents. */
function indented(rule: string, depth: number): Below {
  const below: Below = {
    rule,
    take(text) {
      const indent = text.search(/\S/), end = text.trimEnd().length;
      if (indent <= depth) return undefined;
      return text.includes("***") ? passed(below) : { start: indent, end, isValue: true, below };
    },
  };
  return below;
}

const BAR = /[|\u2502]/g;

/** The cells of a column of a table. */
function column(rule: string, header: string, at: number): Below | undefined {
  const bars = [...header.matchAll(BAR)].length, index = [...header.slice(0, at).matchAll(BAR)].length;
  if (bars === 0) return undefined;
  const below: Below = {
    rule,
    begins: (text) =>
      [...text.matchAll(BAR)].length === index ? beginsIn(/(?:^|[|\u2502])\s*([^\s|\u2502]+)$/, text) : undefined,
    take(text) {
      if (/^[\s+|\u2500-\u257f-]+$/.test(text)) return passed(below);
      const edges = [-1, ...Array.from(text.matchAll(BAR), (bar) => bar.index), text.length];
      if (edges.length !== bars + 2) return undefined;
      const from = edges[index]! + 1, cell = text.slice(from, edges[index + 1]), value = cell.trim();
      if (!PASSWORD.test(value) || /\s/.test(value)) return passed(below);
      const start = from + cell.indexOf(value);
      return { start, end: start + value.length, isValue: true, below };
    },
  };
  return below;
}

/** What a Secret of Kubernetes holds: Base64, behind any names. */
function secretData(rule: string): Below {
  const entries = (depth: number): Below => {
    const below: Below = {
      rule,
      begins: (text) => beginsIn(/^\s*["']?[\w.-]+["']?:\s+["']?([\w+/=]+)$/, text),
      take(text) {
        if (text.search(/\S/) <= depth) return undefined;
        const value =
          /^\s*["']?[\w.-]+["']?:\s+["']?((?=[^A-Z]*[A-Z])(?:[\w+/]{4}){2,}(?:[\w+/]{2}==|[\w+/]{3}=)?)["']?,?\s*$/
            .exec(text)?.[1];
        if (value === undefined) return passed(below);
        const start = text.lastIndexOf(value);
        return { start, end: start + value.length, isValue: true, below };
      },
    };
    return below;
  };
  const until = (most: number): Below => ({
    rule,
    take(text) {
      if (/^\s*["']?data["']?:\s*\{?\s*$/.test(text)) return passed(entries(text.search(/\S/)));
      if (most === 0 || !/^\s*(?:["'}\]-]|[\w./-]+:)/.test(text) || /kind["']?:\s*["']?(?!Secret)/.test(text)) {
        return undefined;
      }
      return passed(until(most - 1));
    },
  });
  return until(40);
}

interface LinesRule {
  readonly name: string;
  readonly words: readonly string[];
  readonly lead: RegExp;
  readonly behind?: Rule["behind"];
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
  {
    name: "named-value-below",
    behind: "end",
    words: [...PASSWORD_WORDS, ...SECRET_WORDS],
    lead: new RegExp(
      `${NAME}(?:["']?,?[ \\t]{0,80}$(?<=\\b(?:name|key)["']?[ \\t]{0,4}[:=][ \\t]{0,4}["']?[\\w/.:-]{1,128}["']?,?[ \\t]{0,80})|["']?[ \\t]{0,4}[:=][ \\t]{0,4}\\{[ \\t]{0,80}$)`,
      "iy",
    ),
    opens: () => expected("named-value-below", NAMED_VALUE, { between: FIELD }),
    hides: [
      "- name: DB_PASSWORD\r\n  value: <A12>",
      '"Name": "/prod/db/password",\r\n"Type": "SecureString",\r\n"Value": "<A12>",',
      '"db_password": {\r\n"sensitive": true,\r\n"value": "<A12>"',
    ],
    keeps: [
      "- name: DB_HOST\r\n  value: localhost1",
      "- name: DB_PASSWORD\r\n  valueFrom:\r\n    value: x1234",
      "- name: DB_PASSWORD\r\n  value: $(PW)",
    ],
  },
  {
    name: "netrc-lines",
    words: ["machine ", "login "],
    lead:
      /(?:machine[ \t]{1,4}\S{1,255}(?:[ \t]{1,4}login[ \t]{1,4}\S{1,64})?|(?<=^[ \t]{0,16})login[ \t]{1,4}\S{1,64})[ \t]{0,80}$/y,
    opens: () => expected("netrc-lines", NETRC_PASSWORD, { between: /^\s*(?:login|account|port)\s+\S+\s*$/ }),
    hides: ["machine a.example.org\r\n  login ada\r\n  password <A12>"],
    keeps: ["machine a.example.org\r\n  login ada\r\n  $ password x1", "on this machine\r\npassword is wrong"],
  },
  {
    name: "block-of-yaml",
    behind: "end",
    words: [...PASSWORD_WORDS, ...SECRET_WORDS],
    lead: new RegExp(`${NAME}["']?:[ \\t]{0,4}[|>][+-]?\\d?[ \\t]{0,80}$`, "iy"),
    opens: (text) => indented("block-of-yaml", Math.max(0, text.search(/[^\s-]/))),
    hides: ["db:\r\n  password: >-\r\n    <A12> and more"],
    keeps: ["db:\r\n  password: |\r\n  name: <A12>", "db:\r\n  hostname: >-\r\n    <A12>"],
  },
  {
    name: "secret-output",
    words: [
      ...[
        "pass show ",
        "gopass show ",
        "op read ",
        "op item get ",
        "bw get ",
        "wg gen",
        "terraform output ",
        "tofu output ",
        "pulumi ",
      ],
      ...[
        "--query secretstring",
        "base64 -d",
        "base64 --decode",
        "vault kv get ",
        "vault read ",
        "secret-tool lookup ",
      ],
      ...["security find-", "pwgen", "kubectl create token ", "chamber read ", "gcloud secrets "],
    ],
    lead: new RegExp(
      "(?:(?<=[$#%>\u276f\u279c] {1,2}(?:sudo )?)(?:pass show \\S|gopass show \\S|op (?:read|item get) \\S|bw get (?:password|totp|notes) |wg gen(?:key|psk)|" +
        `(?:terraform|tofu) output (?:-\\S{1,8} ){0,3}[\\w.-]{0,64}?${NAME}|pulumi (?:config get|stack output) [^\\n]{0,80}?${NAME}|` +
        "vault (?:kv get|read) [^\\n]{0,80}?-field|secret-tool lookup |security find-(?:generic|internet)-password [^\\n]{0,120}?-w|" +
        "pwgen(?: -\\w{1,8})* \\d{1,3} 1\\b|kubectl create token |chamber read |gcloud secrets versions access )|" +
        "--query SecretString [^\\n]{0,40}?--output text|(?<=secret[^\\n]{1,300}\\| {0,4})base64 (?:-d|-D|--decode))[^\\n|>]{0,200}$",
      "iy",
    ),
    opens: () => expected("secret-output", ONE_WORD),
    hides: [
      "$ pass show web/bank\r\n<A12>%1",
      "$ terraform output -raw db_password\r\n<A14>",
      "$ wg genkey\r\n<b42>8=",
      "$ kubectl get secret db -o jsonpath='{.data.pw}' | base64 -d\r\n<A16>",
      "$ aws secretsmanager get-secret-value --query SecretString --output text\r\n<A14>",
    ],
    keeps: [
      "$ pass show web/bank\r\nError: web/bank is not in the password store.",
      "$ wg genkey | tee private.key > x\r\n<A12>",
      "run pass show web/bank\r\n<A12>",
    ],
  },
  {
    name: "told-below",
    words: ["following ", "initial ", "generated ", "temporary ", "your new ", "your api ", "new api ", "new access "],
    lead:
      /(?:following|initial|generated|temporary|your new|your api|new api|new access) (?:[^:\n]{0,60}?(?:password|passphrase|secret|token)|(?:api |access )?key)\b[^:\n]{0,60}:[ \t]{0,80}$/iy,
    opens: () =>
      expected("told-below", /^\s*((?=[^\d]*\d)(?=[^A-Za-z]*[A-Za-z])[\w+/=-]{12,256})\s*$/, {
        skipsEmpty: true,
        begun: /^\s*([\w+/=-]+)$/,
      }),
    hides: ["Please use the following password to proceed:\r\n\r\n<h32>\r\n", "Your new API key:\r\n  <A24>9z"],
    keeps: ["the following tests failed:\r\n\r\n<h32>", "Enter your password:\r\n<h32>"],
  },
  {
    name: "column-of-secrets",
    behind: "bar",
    words: ["password", "passwd", "passphrase", "secret", "token", "api_key"],
    lead:
      /(?:password|passwd|passphrase|secret|token|api_key)(?=[ \t]{0,64}(?:[|\u2502]|$))(?<=(?:^|[|\u2502])[ \t]{0,64}\w{1,48})/iy,
    opens: (text, at) => column("column-of-secrets", text, at),
    hides: [
      "x\r\n id | name | password\r\n----+------+---\r\n  1 | bob  | <A12>9\r\n  2 | ada  | <A12>z1",
      "| id | password     |\r\n+----+----+\r\n|  1 | <A12>9 |",
    ],
    keeps: [
      "| name | token |\r\n|---|---|\r\n| id | string |",
      "x\r\n id | name | password\r\n----+------+---\r\n(0 rows)",
      "password\r\n<A12>9",
    ],
  },
  {
    name: "kubernetes-secret-data",
    words: ["apiversion: v1", '"apiversion": "v1"', "kind: secret"],
    lead: /(?:apiVersion: v1|"apiVersion": "v1",|kind: Secret)[ \t]{0,80}$/y,
    opens: () => secretData("kubernetes-secret-data"),
    hides: [
      "apiVersion: v1\r\ndata:\r\n  dsn: <b24>\r\nkind: Secret",
      '{\r\n"apiVersion": "v1",\r\n"data": {\r\n  "dsn": "<b24>"',
    ],
    keeps: [
      "apiVersion: v1\r\ndata:\r\n  dsn: some-text\r\n",
      "apiVersion: v1\r\nkind: ConfigMap\r\ndata:\r\n  dsn: <b24>",
    ],
  },
  {
    name: "mail-dialogue",
    words: ["334 UGFzc3dvcmQ6"],
    lead: /334 UGFzc3dvcmQ6[ \t]{0,80}$/y,
    opens: () => expected("mail-dialogue", /^(?:[<>C]:? )?\s*([\w+/]{4,}={0,2})(?:\s*$|;)/),
    hides: ["334 UGFzc3dvcmQ6\r\n<b20>"],
    keeps: ["334 VXNlcm5hbWU6\r\nYWRhYWRh"],
  },
  {
    name: "ftp-dialogue",
    words: ["331 "],
    lead: /(?<![\w.])331 [^\n]{0,200}$/y,
    opens: () => expected("ftp-dialogue", /^(?:[-><]{1,4} )?PASS (\S+)\s*$/),
    hides: ["331 need password\r\nPASS <A12>"],
    keeps: ["230 ok\r\nPASS <A12>"],
  },
  {
    name: "chpasswd-lines",
    words: ["chpasswd:"],
    lead: /chpasswd:[ \t]{0,80}$/y,
    opens: () =>
      expected("chpasswd-lines", /^\s+(?!list|expire|users|type|name)[\w.-]{1,64}:(\S+)\s*$/, {
        between: /^\s+-?\s*(?:list|expire|users|type|name):/,
        again: true,
      }),
    hides: ["chpasswd:\r\n  list: |\r\n    root:<A12>\r\n    ada:<A9>"],
    keeps: ["chpasswd:\r\n  expire: false\r\nroot:<A12>"],
  },
  {
    name: "vault-table",
    words: ["key  "],
    lead: /Key {2,60}Value[ \t]{0,80}$/y,
    opens: () => {
      const value = new RegExp(`^[\\w.-]{0,64}?${NAME}\\s{2,60}(?!\\s|\\*|n/a)(\\S.{3,})\\s*$`, "i");
      return expected("vault-table", value, { between: /^\S{1,64}\s{2,60}\S/, most: 40, again: true });
    },
    hides: ["Key         Value\r\n---         -----\r\nname        x\r\npassword    <A12>"],
    keeps: ["Key         Value\r\n---         -----\r\nname        <A12>"],
  },
];

export const LINES_RULES: readonly Rule[] = ALL.map((rule) => ({ ...rule, chars: NONE, least: Infinity }));
