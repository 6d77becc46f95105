/**
 * Secrets that are told by the name they are assigned to: in shells, configurations, JSON and programs.
 *
 * What stands in quotes goes up to the quote that ends it, whatever is in it. Of a password little is asked, and a word with a digit
 * is one; keys and tokens have to look made up, since programs have as many names of theirs as values.
 *
 * This module is browser compatible.
 * @module
 */

import {
  BARE_PASS,
  BARE_PASS_WORDS,
  NAME,
  NO_MASK,
  PASSWORD_NAME,
  PASSWORD_WORDS,
  PLACEHOLDER,
  SECRET_NAME,
  SECRET_WORDS,
} from "./names.ts";
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
export const IS: string = "[\"'\\\\]{0,2}[ \\t]{0,8}(?:=>|:=|[:=](?![=>]))[ \\t]{0,8}(?:N(?='))?[\"'\\\\]{0,3}";

/**
 * Looks made up: no mask, no variable, no placeholder, and letters and others mixed, as no name in a program mixes them.
 * `e.token`, `Secret123.value`, `null`, `<token>` are none.
 */
export const MADE_UP: RegExp =
  /^(?!\*|[^]*\*\*\*|[$%{<]|.{0,3}\.\.\.|[xX]+$|[a-zA-Z_]+(?:\.[a-zA-Z_]\w*)+$|[a-z]+[-_.]?v?\d{0,4}$|\d{1,7}$|v?\d+(?:\.\d+){1,4}$|[\d-]{8,10}T?[\d:.]*Z?$|[.~]{0,2}\/|https?:)(?=[^0-9]*[0-9]|[^!@#%^*+?]*[!@#%^*+?])(?=[^a-zA-Z]*[a-zA-Z])[^]{0,4096}$/;
/** Not that, but neither a placeholder. */
export const GIVEN: RegExp = new RegExp(
  `^${NO_MASK}(?![$%{<]|.{0,3}\\.\\.\\.$|[xX]+$|${PLACEHOLDER})[^]{1,4096}$`,
  "i",
);

/** Letters of both cases as no words of a program mix them: they have short humps, and several. */
export const MIXED_LETTERS: string = "(?=(?:[A-Za-z]{0,64}?(?:[A-Z][a-z][A-Z]|[a-z][A-Z]{2})){2})[A-Za-z]{16,256}$";
/** A word that is a password where a name says so: none that is written for one. */
const WORD = new RegExp(`^(?!${PLACEHOLDER}|[a-z]*(?:pass|prompt|field|input|label)[a-z]*$)[a-z]{5,40}$`);

/** Between a name and a quote, and the quote. */
const OPENED = "[\"'\\\\]{0,2}[ \\t]{0,8}(?:=>|:=|[:=](?![=>]))[ \\t]{0,8}\\\\?N?(?:\"\"|'')?[\"']";
/** What goes on behind a comma, a bracket or the like, if no other field begins there. */
const TAIL = /(?:[,;)@|&]+(?![\w.-]{1,64}["'\\]{0,2}[ \t]?[=:]|["'`\\]|$)[^\s"'`<>{}\\,;)@|&]+){1,32}/y;

/** What nobody has for a password: masks, variables, placeholders, paths, names of types and of methods of hashing. */
const NO_PASSWORD = String.raw`\*|[$%{<]|.{0,3}\.\.\.|[xX]+$|[.~]{0,2}\/|https?:|[a-zA-Z_]+(?:\.[a-zA-Z_]\w*)+$|` +
  String.raw`v?\d+(?:\.\d+){1,4}$|[\d-]{8,10}T?[\d:.]*Z$|\d{4}-\d\d-\d\d|[^(\[]*[(\[]|` +
  String
    .raw`(?:arg|param|str|string|field|value|val|var|opt|input|u?int|float|bytes|char|varchar|text|step|line)_?\d{1,4}$|` +
  String.raw`(?:sha|md|argon|bcrypt|scrypt|pbkdf|base|utf|aes|rsa|hmac|oauth)-?\d\w{0,6}$`;
/** What a password looks like where only its name tells of it. */
export const PASSWORD: RegExp = new RegExp(
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
    words: [...PASSWORD_WORDS, ...BARE_PASS_WORDS, "--pass"],
    lead: new RegExp(
      `(?:(?:--)?${PASSWORD_NAME}|${BARE_PASS})(?:${OPENED}|(?<=--[\\w-]{0,20})[ \\t]{1,4}\\\\?["'])`,
      "iy",
    ),
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
      "user_pass: 'a*b9)c d'",
      'password = """Tr0ub4dor&3"""',
      "WITH PASSWORD = N'<A12>'",
      '{"pass":"<A12>"}',
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
    name: "quoted-word",
    behind: "sign",
    words: [...PASSWORD_WORDS, ...BARE_PASS_WORDS],
    lead: new RegExp(`(?:${PASSWORD_NAME}|${BARE_PASS})${OPENED}`, "iy"),
    chars: charSet("^"),
    isQuoted: true,
    least: 5,
    most: 64,
    looksAt: 128,
    form: WORD,
    hides: ['{"password":"letmein"}', "DB_PASSWORD: 'admin'", "password = 'hunter'"],
    keeps: [
      'type="password" name="password"',
      'password: "string"',
      'password: "Password"',
      "password = 'user_password'",
      'password: "newpassword"',
    ],
  },
  {
    name: "assigned-word",
    behind: "sign",
    words: [...PASSWORD_WORDS, ...BARE_PASS_WORDS],
    lead: new RegExp(`(?:password|passwd|passphrase|_pass|${BARE_PASS})=(?=[a-z]{5,40}(?:$|[\\s&;]))`, "iy"),
    chars: charSet("a-z"),
    least: 5,
    most: 40,
    form: WORD,
    hides: ["password=letmein", "user=a&password=tiger&id=1"],
    keeps: ["password=password", "--password=string", "password=secret", "passwd=getpass", "password=foo(x)"],
  },
  {
    name: "quoted-secret",
    behind: "sign",
    words: SECRET_WORDS,
    lead: new RegExp(SECRET_NAME + OPENED, "iy"),
    chars: charSet("^"),
    isQuoted: true,
    least: 7,
    most: 4096,
    form: new RegExp(
      `^${NO_MASK}(?![^]*[\\s<>]|[+),;.:&|>/$%{])(?:(?![^]*[(){}[\\]])(?=[^,;&|]*[,;&|])|(?=[^0-9]*[0-9])(?=[^a-z]*[a-z])(?=[^,;&|()*!@#$%^]*[,;&|()*!@#$%^])[^]{24}|` +
        `${MIXED_LETTERS})`,
    ),
    isValue: true,
    hides: [
      'secret="pa,ss,w0rd"',
      "token: 'a1;b2&c3'",
      "SECRET_KEY = 'dj-<a20>*o&ow(5g)=s7*p'",
      'client_secret="PmeMjvqPVStNKiaEdFrRg"',
    ],
    keeps: ['token: ", " + x', 'secret="f(a,b)1"', 'tokens.secret="a b,c1"', 'token="getAccessTokenFromHere"'],
  },
  {
    name: "assigned-password",
    behind: "sign",
    words: [...PASSWORD_WORDS, ...BARE_PASS_WORDS],
    lead: new RegExp(`(?:password|passwd|passphrase|_pass|${BARE_PASS})${IS}`, "iy"),
    chars: IN_PASSWORD,
    until: NEXT,
    tail: TAIL,
    least: 5,
    most: 4096,
    looksAt: 128,
    form: PASSWORD,
    isValue: true,
    hides: [
      "password=word9",
      "password: hunter2",
      "password=Tr0ub4dor&3x",
      "user=a&password=Tr0ub4dor&id=1",
      "passwd=a*b9x",
      "password=12345678",
      "password=Cq7xK2mN,pQ9r",
      "ansible_become_pass: <A9>%1",
      "user=bob pass=<A9>%7 ip=10.0.0.1",
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
      "PASS: tests/foo1.sh",
      "pass=12 fail=3",
    ],
  },
  {
    name: "punctuated-password",
    behind: "sign",
    words: PASSWORD_WORDS,
    lead: new RegExp(`(?:password|passwd|passphrase|_pass)${IS}`, "iy"),
    chars: charSet("\\w!@#$%^&*+?~,;)=-"),
    until: /[,;)]+$|[,;&](?:[\w.-]{1,64}=)/,
    least: 10,
    most: 256,
    form: new RegExp(`^${NO_MASK}(?=[^a-z]*[a-z])(?=[^A-Z]*[A-Z])(?=[^0-9]*[0-9])[^,;)]{2,32}[,;)][^]{4}`),
    isValue: true,
    hides: ["password=Hq7x)K2mNpQ9r", "password: Fq7x;K2mNpQ9r"],
    keeps: ["password=e1,t2);", "password: ab1,name=Xy"],
  },
  {
    name: "password-of-words",
    behind: "sign",
    words: ["password: ", "passphrase: "],
    lead: /(?<![\w-])pass(?:word|phrase): {1,2}/y,
    chars: charSet("^\"'`<>(){}\\[\\]:=,;|\\\\"),
    least: 12,
    most: 128,
    form: new RegExp(
      `^${NO_MASK}(?!(?:[^]*[^\\w'-])?(?:${PROSE}|user|failed|attempts?)(?![\\w-]))(?=(?:\\S* )*(?=[^\\s\\d]*\\d)(?=[^\\sA-Za-z]*[A-Za-z])\\S{6})` +
        "\\S+(?: \\S+){2,9} *$",
      "i",
    ),
    isValue: true,
    hides: ["password: correct horse battery <A8>"],
    keeps: ["password: must be at least 8 characters", "password: wrong for user ada2"],
  },
  {
    name: "environment-password",
    words: ["password=", "passwd=", "passphrase=", "_pass=", "_pw=", "_pwd="],
    lead: /(?<=\b[A-Z0-9_]{0,64})(?:PASSWORD|PASSWD|PASSPHRASE|_PASS|_PW|_PWD)=["']?/y,
    chars: IN_PASSWORD,
    until: NEXT,
    tail: TAIL,
    least: 3,
    looksAt: 128,
    form: new RegExp(
      `^${NO_MASK}(?!\\*|[$%{[<]|[xX]+$|[~.]{0,2}\\/|(?:yes|no|off|ask|nil)$|${PLACEHOLDER}|[^(]*\\()[^]{3,4096}$`,
      "i",
    ),
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
      "key_base=",
      "passphrase=",
      "credentials=",
      "_pass=",
      "_pw=",
      "_pwd=",
      "_pat=",
      "key=",
    ],
    lead:
      /(?:(?<=\b[A-Z0-9_]{0,64})(?:PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|PASSPHRASE|CREDENTIALS|_PASS|_PW|_PWD|_PAT)|(?<=\b[A-Z0-9_]{0,64}(?:APP|SECRET|ACCESS|PRIVATE|ENCRYPTION|SIGNING|MASTER|AUTH|SERVICE|DEPLOY|SESSION|ACCOUNT|HMAC|JWT|COOKIE|LICENSE))_?KEY|(?<=SECRET_)KEY_BASE)=["']?(?:base64:)?/y,
    chars: charSet("^\\s\"'`;|<>()\\\\"),
    until: NEXT,
    least: 6,
    looksAt: 128,
    form: new RegExp(
      `^${NO_MASK}(?!\\*|[$%{[<]|[xX]+$|[~.]{0,2}\\/|(?:nil)$|${PLACEHOLDER})[^]{6,4096}$`,
      "i",
    ),
    isValue: true,
    hides: [
      "export DB_PASSWORD=correcthorse",
      "API_KEY='<A24>'",
      "MY_SIGNING_KEY=<h32>",
      "GITHUB_TOKEN=<A20>",
      "SECRET_KEY_BASE=<h64>",
      "APP_KEY=base64:<b43>=",
      "APP_TOKEN=ab*<A12>",
    ],
    keeps: ["PASSWORD=$OTHER", "TOKEN=$(cat token)", "SSH_KEY=/home/ada/.ssh/id", "TOKEN=", "SORT_KEY=1"],
  },
  {
    name: "assigned-secret",
    behind: "sign",
    words: [...PASSWORD_WORDS, ...SECRET_WORDS],
    lead: new RegExp(`(?:${NAME}(?<![_-]p(?:ass|w)))${IS}`, "iy"),
    chars: AND_VALUE,
    until: NEXT,
    least: 7,
    most: 4096,
    looksAt: 128,
    form: new RegExp(`${MADE_UP.source}|^${MIXED_LETTERS}`),
    isValue: true,
    hides: [
      "password: hunter2x",
      '{"client_secret":"<A32>"}',
      "api_key = '<A20>9z'",
      "db.password=tr0ub4dor&3",
      'token => "<h40>"',
      "secret_key_base: <h64>",
      "token=PmeMjvqPVStNKiaEdFrRgSnR",
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
      "token=getAccessTokenFromHere",
    ],
  },
  {
    name: "named-value",
    behind: "quote",
    words: [...PASSWORD_WORDS, ...SECRET_WORDS],
    lead: new RegExp(
      `${NAME}\\\\?["'][ \\t]{0,4},?[ \\t]{0,4}\\\\?["']?value["'\\\\]{0,2}[ \\t]{0,4}[:=][ \\t]{0,4}\\\\?["'](?<=\\b(?:name|key)["'\\\\]{0,2}[ \\t]{0,4}[:=][ \\t]{0,4}\\\\?["'][\\w/.:-]{1,128}[^\\w\\n][^\\n]{1,40})`,
      "iy",
    ),
    chars: charSet("^"),
    isQuoted: true,
    least: 1,
    most: 4096,
    form: new RegExp(`^${NO_MASK}(?![$%{<]|${PLACEHOLDER})[^]`, "i"),
    isValue: true,
    hides: [
      '<add key="DbPassword" value="<A12>" />',
      '{"name":"DB_PASSWORD","value":"<A12>"}',
      '{"Key": "api_key", "Value": "<A12>"}',
    ],
    keeps: [
      '<add key="Timeout" value="12" />',
      '<input name="password" value="">',
      '{"name":"DB_PASSWORD","value":"${PW}"}',
    ],
  },
  {
    name: "defined-constant",
    words: ["define("],
    lead: new RegExp(
      `define\\([ \\t]{0,4}["'][\\w.-]{0,64}?(?:${NAME}|_key|_salt)["'][ \\t]{0,4},[ \\t]{0,4}["']`,
      "iy",
    ),
    chars: charSet("^"),
    isQuoted: true,
    least: 3,
    most: 512,
    form: new RegExp(`^${NO_MASK}(?![$%{<]|${PLACEHOLDER}|put your)[^]`, "i"),
    isValue: true,
    hides: ["define('DB_PASSWORD', '<A12>');", 'define("AUTH_KEY", "a b <A12>");'],
    keeps: ["define('DB_HOST', 'localhost1');", "define('DB_PASSWORD', 'password');", "define('DB_PASSWORD', '');"],
  },
];
