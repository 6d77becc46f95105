/**
 * Secrets that are told by the name they are assigned to: in shells, configurations, JSON and programs.
 *
 * What stands in quotes goes up to the quote that ends it, whatever is in it. Of a password little is asked, and a word with a digit
 * is one; keys and tokens have to look made up, since programs have as many names of theirs as values.
 *
 * This module is browser compatible.
 * @module
 */

import { type CharSet, charSet, type Rule } from "./rule.ts";

/** The rest of a value in a command line, a configuration or JSON. */
export const VALUE: CharSet = charSet("^\\s\"'`,;&|<>(){}\\[\\]\\\\");
/** With what only sometimes ends it. */
const AND_VALUE = charSet("^\\s\"'`,;|<>(){}\\[\\]\\\\");
/** With what may also stand in a password, or else says that this is a piece of a program. */
const IN_PASSWORD = charSet("^\\s\"'`,;|<>){}\\]\\\\");
/** The next command, or the next field of a form. */
const NEXT = /&(?:&|$|[\w.-]{1,64}=)/;

/** Between a name and its value: `=`, `: `, `":"`, ` => `. */
export const IS: string = "[\"'\\\\]{0,2}[ \\t]{0,8}(?:=>|:=|[:=](?![=>]))[ \\t]{0,8}[\"'\\\\]{0,2}";

/**
 * Looks made up: no mask, no variable, no placeholder, and letters and others mixed, as no name in a program mixes them.
 * `e.token`, `Secret123.value`, `null`, `<token>` are none.
 */
export const MADE_UP: RegExp =
  /^(?!\*|[$%{<]|.{0,3}\.\.\.|[xX]+$|[a-zA-Z_]+(?:\.[a-zA-Z_]\w*)+$|[a-z]+[-_.]?v?\d{0,4}$|\d{1,7}$|v?\d+(?:\.\d+){1,4}$|[\d-]{8,10}T?[\d:.]*Z?$|[.~]{0,2}\/|https?:)(?=[^0-9]*[0-9]|[^!@#%^*+?]*[!@#%^*+?])(?=[^a-zA-Z]*[a-zA-Z])[^*]{0,4096}$/;
/** Not that, but neither a placeholder. */
export const GIVEN: RegExp =
  /^(?!\*|[$%{<]|.{0,3}\.\.\.$|[xX]+$|(?:null|nil|none|true|false|undefined|required|optional)$)[^*]{1,4096}$/i;

/** What nobody has for a password: masks, variables, placeholders, paths, names of types and of methods of hashing. */
const NO_PASSWORD = String.raw`\*|[$%{<]|.{0,3}\.\.\.|[xX]+$|[.~]{0,2}\/|https?:|[a-zA-Z_]+(?:\.[a-zA-Z_]\w*)+$|` +
  String.raw`v?\d+(?:\.\d+){1,4}$|[\d-]{8,10}T?[\d:.]*Z$|\d{4}-\d\d-\d\d|[^(\[]*[(\[]|` +
  String
    .raw`(?:arg|param|str|string|field|value|val|var|opt|input|u?int|float|bytes|char|varchar|text|step|line)_?\d{1,4}$|` +
  String.raw`(?:sha|md|argon|bcrypt|scrypt|pbkdf|base|utf|aes|rsa|hmac|oauth)-?\d\w{0,6}$`;
const PASSWORD = new RegExp(
  `^(?!${NO_PASSWORD})(?![^]*\\*\\*\\*)(?=[^0-9]*[0-9]|[^!@#%^*+?&]*[!@#%^*+?&])(?:(?=[^a-zA-Z]*[a-zA-Z])|(?=\\d{6}))[^]{5,4096}$`,
);
/** Words of what programs say about passwords. */
const PROSE =
  "the|you|your|is|are|was|be|must|should|may|can|enter|type|please|invalid|required|for|at|least|wrong|incorrect|forgot|confirm|" +
  "new|old|current|reset|change|passwords?|passphrase|secrets?|tokens?|not|does|to|of|and|or|in|with|without|too|no|has|have|" +
  "match|field|example|unexpected|from|this|will|by|on";
const QUOTED_PASSWORD = new RegExp(
  `^(?!\\*|[$%{<]|.{0,3}\\.\\.\\.$|[xX]+$|[\\s+),;.:&|}\\]>/]|https?:|[a-zA-Z_]\\w*(?:\\.[a-zA-Z_]\\w*)+$)(?![^]*\\*\\*\\*)` +
    `(?:(?=\\S+\\s)(?!(?:[^]*[^\\w'-])?(?:${PROSE})(?![\\w-]))|(?=\\S*$)(?=[^a-zA-Z]*[a-zA-Z])(?=[^0-9]*[0-9]|[a-zA-Z_.:-]*[^\\w\\s.:-])[^]{5})[^]*$`,
  "i",
);

export const ASSIGNMENT_RULES: readonly Rule[] = [
  {
    name: "quoted-password",
    words: [
      "password",
      "passwd",
      "passphrase",
      "pwd",
      "_pass",
      "_pw",
      "--password",
      "--passwd",
      "--passphrase",
      ...["password=", "passwd=", "passphrase=", "_pass=", "_pw=", "_pwd="], // before the rules that these lead to
    ],
    lead:
      /(?:(?:--)?(?:password|passwd|passphrase)|(?<![a-z])pwd|_pass|_pwd?)(?:["'\\]{0,2}[ \t]{0,8}(?:=>|:=|[:=](?![=>]))[ \t]{0,8}|(?<=--[\w-]{0,20})[ \t]{1,4})\\?["']/iy,
    chars: charSet("^"),
    isQuoted: true,
    least: 3,
    most: 256,
    form: QUOTED_PASSWORD,
    isValue: true,
    hides: [
      'password="correct horse battery"',
      "export PASSWORD='a b c'",
      '"password": "correct horse"',
      'password="Tr0ub4dor&3x(y);z"',
      "mysql_pwd='x y'",
      'x --password "a b c"',
      'password="say \\" quote9"',
      '{\\"password\\":\\"correct horse\\"}',
    ],
    keeps: [
      '"password": "The password is too short"',
      'label: "Password: ", name: "x"',
      'read -p "Password: " pw; echo "it"',
      '"password=" + encodeURIComponent(p) + "&x"',
      'password="$PASSWORD now"',
      'password: "<your password>"',
      'password = get("a b")',
      'password: "required"',
      'password="*** ***"',
    ],
  },
  {
    name: "quoted-secret",
    words: ["secret", "token", "api_key", "apikey", "api-key", "access_key", "private_key", "secret_key", "credential"],
    lead: new RegExp(
      "(?:secret|token|api[_-]?key|access_key|private_key|secret_key|credentials?)[\"'\\\\]{0,2}[ \\t]{0,8}" +
        "(?:=>|:=|[:=](?![=>]))[ \\t]{0,8}\\\\?[\"']",
      "iy",
    ),
    chars: charSet("^"),
    isQuoted: true,
    least: 7,
    most: 4096,
    form: /^(?![^]*[\s<>(){}[\]]|[+),;.:&|>/])(?=[^,;&|]*[,;&|])/,
    isValue: true,
    hides: ['secret="pa,ss,w0rd"', "token: 'a1;b2&c3'"],
    keeps: ['token: ", " + x', 'secret="f(a,b)1"', 'tokens.secret="a b,c1"'],
  },
  {
    name: "assigned-password",
    words: ["password", "passwd", "passphrase"],
    lead: new RegExp(`(?:password|passwd|passphrase)${IS}`, "iy"),
    chars: IN_PASSWORD,
    until: NEXT,
    least: 5,
    most: 4096,
    form: PASSWORD,
    isValue: true,
    hides: [
      "password=word9",
      "password: hunter2",
      "password=Tr0ub4dor&3x",
      "user=a&password=Tr0ub4dor&id=1",
      "passwd=a*b9x",
      "password=12345678",
    ],
    keeps: [
      "password=arg0",
      "password: string1,",
      "password = sha256(x)",
      "password=user.name2",
      "password: int64",
      "password=args1[0]",
      "password: ********",
      "password hash: argon2id",
      "password=e1",
    ],
  },
  {
    name: "environment-password",
    words: ["password=", "passwd=", "passphrase=", "_pass=", "_pw=", "_pwd="],
    lead: /(?<=\b[A-Z0-9_]{0,64})(?:PASSWORD|PASSWD|PASSPHRASE|_PASS|_PW|_PWD)=["']?/y,
    chars: IN_PASSWORD,
    until: NEXT,
    least: 3,
    form:
      /^(?!\*|[$%{[<]|[xX]+$|[~.]{0,2}\/|(?:null|nil|none|true|false|yes|no|off|ask|undefined|required|optional)$|[^(]*\()(?![^]*\*\*\*)[^]{3,4096}$/i,
    isValue: true,
    hides: ["PASSWORD=word9", "DB_PASS=abc", "export PASSWORD=Tr0ub4dor&3x", "MYSQL_PWD='xyz'"],
    keeps: ["PASSWORD=$OTHER", "PASSWORD=$(cat file)", "ASK_PASSWORD=yes", "PASSWORD=", "DB_PASSWORD=***"],
  },
  {
    name: "environment-secret",
    words: [
      "password=",
      "passwd=",
      "secret=",
      "token=",
      "api_key=",
      "apikey=",
      "_key=",
      "passphrase=",
      "credentials=",
      "_pass=",
      "_pw=",
      "_pwd=",
      "_pat=",
      "key=",
    ],
    lead:
      /(?:(?<=\b[A-Z0-9_]{0,64})(?:PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|PASSPHRASE|CREDENTIALS|_PASS|_PW|_PWD|_PAT)|(?<=\b[A-Z0-9_]{0,64}(?:SECRET|ACCESS|PRIVATE|ENCRYPTION|SIGNING|MASTER|AUTH|SERVICE|DEPLOY|SESSION|ACCOUNT|HMAC|JWT|COOKIE|LICENSE))_?KEY)=["']?/y,
    chars: charSet("^\\s\"'`;|<>()\\\\"),
    until: NEXT,
    least: 6,
    form: /^(?!\*|[$%{[<]|[xX]+$|[~.]{0,2}\/|(?:null|nil|none|true|false|undefined|required|optional)$)[^*]{6,4096}$/i,
    isValue: true,
    hides: ["export DB_PASSWORD=correcthorse", "API_KEY='<A24>'", "MY_SIGNING_KEY=<h32>", "GITHUB_TOKEN=<A20>"],
    keeps: ["PASSWORD=$OTHER", "TOKEN=$(cat token)", "SSH_KEY=/home/ada/.ssh/id", "TOKEN=", "SORT_KEY=1"],
  },
  {
    name: "assigned-secret",
    words: [
      "password",
      "passwd",
      "passphrase",
      "secret",
      "token",
      "api_key",
      "apikey",
      "api-key",
      "access_key",
      "accesskey",
      "access-key",
      "private_key",
      "secret_key",
      "auth_key",
      "client_secret",
      "credential",
      "pwd",
    ],
    lead: new RegExp(
      `(?:password|passwd|passphrase|secret|token|api[_-]?key|access[_-]?key|private_key|secret_key|auth_key|client_secret|credentials?|(?<![a-z])pwd)${IS}`,
      "iy",
    ),
    chars: AND_VALUE,
    until: NEXT,
    least: 7,
    most: 4096,
    form: MADE_UP,
    isValue: true,
    hides: [
      "password: hunter2x",
      '{"client_secret":"<A32>"}',
      "api_key = '<A20>9z'",
      "db.password=tr0ub4dor&3",
      'token => "<h40>"',
    ],
    keeps: [
      "password: required",
      "token:e.token,value:t",
      "password: ${DB_PASSWORD}",
      'type:"password",name:"user1"',
      "secret: <value>",
      "token = parser.next_token",
      "tokens: 12345",
      "pwd=/home/ada/src1",
      "password: ********",
    ],
  },
];
