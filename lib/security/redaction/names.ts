/**
 * Names that mean secret, for all rules that go by names, and the words that stand for a secret where none is.
 *
 * This module is browser compatible.
 * @module
 */

/** Names of passwords, as the source of a regular expression that minds no case. Anything may be a password. */
export const PASSWORD_NAME: string = "(?:password|passwd|passphrase|(?<![a-z])pwd|[_-]p(?:ass|wd?))";
/** `pass` alone is also what a test does. */
export const BARE_PASS: string = "(?<![A-Za-z])pass(?==|[\"'])";
/** Names of keys and tokens, of the same kind. They have to look made up: programs have as many names of theirs as values. */
export const SECRET_NAME: string =
  "(?:secret(?:[_-]?key)?(?:_base)?|token|(?:(?:api|access)[_-]?|(?:private|app|auth|signing|encryption)[_-])key|credentials?)";
/** Of both kinds. */
export const NAME: string = `(?:${PASSWORD_NAME}|${SECRET_NAME})`;

/** One of these begins every place where {@linkcode PASSWORD_NAME} stands. */
export const PASSWORD_WORDS: readonly string[] = [
  "password",
  "passwd",
  "passphrase",
  "pwd",
  ..."_ -".split(" ").flatMap((before) => ["pass", "pw"].map((name) => before + name)),
];
/** The same of {@linkcode BARE_PASS}. */
export const BARE_PASS_WORDS: readonly string[] = ["pass=", 'pass"', "pass'"];
/** The same of {@linkcode SECRET_NAME}. */
export const SECRET_WORDS: readonly string[] = [
  "secret",
  "token",
  "credential",
  ...["api", "access", "private", "app", "auth", "signing", "encryption"].flatMap((
    kind,
  ) => [`${kind}_key`, `${kind}-key`]),
  "apikey",
  "accesskey",
];

/** No mask: redacting twice finds nothing anew. */
export const NO_MASK: string = String.raw`(?!\*+$|[^]*\*\*\*)`;
/** What help texts, types and forms write where a secret would stand; minds no case. */
export const PLACEHOLDER: string =
  "(?:(?:your|my|the|a|new|old|some|basic|bearer|user|test|db|admin|access|api|auth|secret)?[_ -]?" +
  "(?:password|passwd|pass|passphrase|pwd?|secret|tokens?|string|str|bytes|text|varchar|key|value|word|phrase|credentials?|username|" +
  "user[_-]?id|hidden|none|null|nil|true|false|undefined|required|optional|default|example|placeholder|redacted|masked|unknown))[\\])}>.]*$";
