/**
 * Passwords on command lines.
 *
 * This module is browser compatible.
 * @module
 */

import { NAME, NO_MASK, PLACEHOLDER } from "./names.ts";
import { type CharSet, charSet, type Rule } from "./rule.ts";

/** Other arguments of the same command. */
const ARGS = "(?:[^\\n;|&]{0,200}? )?";
/** An argument without quotes. */
export const ARGUMENT: CharSet = charSet("^\\s\"'`;|<>");
/** Not what stands for a password in a manual, in a template or in a mask. */
export const ARGUMENT_FORM: RegExp = new RegExp(
  `^${NO_MASK}(?!\\*|[$%{<[(]|-{1,2}$|.{0,3}\\.\\.\\.$|[xX]+$|[A-Z_]+[\\])]*$|${PLACEHOLDER})[^]{1,4096}$`,
);
/** The same of what stands in quotes. */
export const QUOTED_FORM: RegExp = new RegExp(
  `^${NO_MASK}(?!\\*|[$%{<]|.{0,3}\\.\\.\\.$|[xX]+$|\\s|${PLACEHOLDER})[^]*\\S$`,
  "i",
);
const SENSITIVE = "(?:pass(?:word|wd|phrase)?|secret|token|api_?key|credentials?|_pwd?|_pat|" +
  "(?:secret|access|private|encryption|signing|master|auth|service|deploy|session|account)_?key)";

interface Command {
  readonly name: string;
  readonly words: readonly string[];
  /** What stands before the password and the quote before it. */
  readonly lead: string;
  readonly flags?: string;
  readonly form?: RegExp;
  readonly hides: readonly string[];
  readonly keeps: readonly string[];
}

const COMMANDS: readonly Command[] = [
  {
    name: "container-registry-password",
    words: ["docker ", "podman ", "buildah ", "nerdctl ", "skopeo ", "helm "],
    lead: `(?<![\\w-])(?:docker|podman|buildah|nerdctl|skopeo|helm registry) login ${ARGS}-p[ =]?`,
    hides: ["docker login -u bob -p <A12> registry.example.org", "podman login -p<A9> -u bob"],
    keeps: ["docker login -u bob -p $PW", "docker run -p 8080:80 web", "docker login -u bob --password-stdin"],
  },
  {
    name: "sudo-password",
    words: ["sudo ", "chpasswd", "echo ", "printf "],
    lead: "(?<![\\w-])(?:sudo (?:-\\S{1,20} ){0,3}-[A-Za-z]{0,6}S[A-Za-z]{0,6} [^\\n|;]{0,200}?<<< ?|" +
      "(?:echo|printf) (?:-[neE]{1,3} )?(?:[\"']?%s(?:\\\\n)?[\"']? )?" +
      "(?=[^\\n|]{1,200}\\|\\s{0,4}(?:(?:\\S{1,40}/)?sudo (?:-\\S{1,20} ){0,3}-[A-Za-z]{0,6}S|" +
      "[^\\n|]{0,120} --(?:(?:password-|pass-)?stdin|with-token|passphrase-fd[ =]0)(?![\\w-]))))",
    hides: [
      "sudo -S id <<< <A12>",
      "echo <A12> | sudo -S id",
      "echo '<A6>' | sudo -k -S ls",
      "echo <A12> | docker login -u bob --password-stdin",
      "echo <A12> | passwd --stdin bob",
    ],
    keeps: ["echo hello | sudo tee /etc/motd", "echo $PW | sudo -S id", "sudo -S id", "echo S | sudo sh"],
  },
  {
    name: "chpasswd-password",
    words: ["chpasswd", "echo ", "printf "],
    lead: "(?<![\\w-])(?:chpasswd (?:-\\S{1,20} ){0,2}<<< ?[\"']?|(?:echo|printf) (?:-[neE]{1,3} )?" +
      "(?:[\"']?%s(?:\\\\n)?[\"']? )?[\"']?(?=[^\\n|]{1,200}\\|[^\\n|]{0,80}\\bchpasswd))[\\w.-]{1,64}:",
    hides: ["chpasswd <<< bob:<A12>", 'echo "bob:<A9>" | sudo chpasswd', "echo bob:<A9> | chpasswd"],
    keeps: ["echo bob:x1 | sudo tee a", 'echo "bob:$PW" | sudo chpasswd'],
  },
  {
    name: "htpasswd-password",
    words: ["htpasswd "],
    lead: "(?<![\\w-])htpasswd (?:-\\S{1,8} ){0,4}(?:(?=-[A-Za-z]{0,6}b)(?=-[A-Za-z]{0,6}n)-[A-Za-z]{2,6} |" +
      "-[A-Za-z]{0,6}b[A-Za-z]{0,6} (?:-[A-Za-z] (?:\\d{1,3} )?){0,3}[^\\s-]\\S{0,200} )[^\\s-]\\S{0,64} ",
    hides: ["htpasswd -b /etc/nginx/users bob <A12>", "htpasswd -cbB users bob <A9>", "htpasswd -nb bob <A10>"],
    keeps: ["htpasswd -c users bob", "htpasswd -b users bob $PW"],
  },
  {
    name: "openssl-password",
    words: ["openssl "],
    lead:
      `(?<![\\w-])openssl (?:${ARGS}-(?:(?:pass|passin|passout) ["']?pass:|[kK] )|passwd (?:-(?:[156]|apr1|salt \\S{1,16}) ){1,3})`,
    hides: [
      "useradd -p $(openssl passwd -1 <A12>) bob",
      "openssl enc -aes-256-cbc -pass pass:<A12> -in a",
      "openssl rsa -in k -passin pass:<A8>",
      "openssl enc -k <A9>",
    ],
    keeps: ["openssl rsa -passin env:PW", "openssl rsa -passin pass:$PW", "openssl req -key a.pem -keyout b"],
  },
  {
    name: "archive-password",
    words: ["zip ", "unzip ", "unrar ", "7z ", "7za ", "7zz ", "7zr ", "rar "],
    lead: `(?<![\\w.-])(?:(?:un)?zip ${ARGS}-P ?|(?:7z[arz]?|(?:un)?rar) [a-z] ${ARGS}-h?p(?=\\S))`,
    hides: ["zip -r -P <A12> a.zip dir", "7z a -p<A10> a.7z dir", "unzip -P <A9> a.zip", "rar a -hp<A9> a.rar b"],
    keeps: ["zip -r a.zip dir", "7z a -p a.7z dir", "zip -P $PW a.zip b"],
  },
  {
    name: "ldap-password",
    words: ["ldapsearch ", "ldapadd ", "ldapmodify ", "ldapdelete ", "ldapwhoami ", "ldappasswd ", "ldapmodrdn "],
    lead: `(?<![\\w-])ldap(?:search|add|modify|delete|whoami|passwd|modrdn) ${ARGS}-w ?`,
    hides: ["ldapsearch -x -D cn=admin,dc=example -w <A12> -b dc=example"],
    keeps: ["ldapsearch -x -W -D cn=admin", "ldapsearch -x -w $PW"],
  },
  {
    name: "redis-password",
    words: ["redis-cli "],
    lead: `(?<![\\w-])redis-cli ${ARGS}(?:-a |--pass )`,
    hides: ["redis-cli -h db -a <A12> ping"],
    keeps: ["redis-cli -h db ping", "redis-cli -a $PW"],
  },
  {
    name: "mongo-password",
    words: ["mongosh ", "mongo ", "mongodump ", "mongorestore ", "mongoexport ", "mongoimport "],
    lead: `(?<![\\w-])mongo(?:sh|dump|restore|export|import)? ${ARGS}-p ?`,
    hides: ["mongosh -u ada -p <A12> shop", "mongodump -u ada -p<A9>"],
    keeps: ["mongosh -u ada --port 27017", "mongo -u ada -p $PW"],
  },
  {
    name: "samba-password",
    words: ["smbclient ", "rpcclient ", "smbget ", "net rpc ", "net ads "],
    lead: `(?<![\\w-])(?:smbclient|rpcclient|smbget|net (?:rpc|ads)) ${ARGS}(?:-U ?|--user[= ])["']?[^\\s%"']{1,64}%`,
    hides: ["smbclient //host/share -U bob%<A12>", "smbclient -U 'WORK\\bob%<A9>' //host/share"],
    keeps: ["smbclient //host/share -U bob", "smbclient -U bob%$PW //host/share"],
  },
  {
    name: "rdp-password",
    words: ["freerdp ", "freerdp3 ", "rdesktop "],
    lead: `(?:freerdp3?|rdesktop) ${ARGS}(?:/p:|-p )`,
    hides: ["xfreerdp /u:bob /p:<A12> /v:host", "rdesktop -u bob -p <A9> host"],
    keeps: ["xfreerdp /u:bob /v:host", "xfreerdp /p:$PW /v:host"],
  },
  {
    name: "azure-login-password",
    words: ["az login "],
    lead: `(?<![\\w-])az login ${ARGS}-p[ =]`,
    hides: ["az login --service-principal -u app -p <A12> --tenant t"],
    keeps: ["az login -u bob", "az login -u bob -p $PW"],
  },
  {
    name: "net-user-password",
    words: ["net user "],
    lead: "(?<![\\w-])net user \\S{1,64} (?!/)",
    flags: "i",
    form: /^(?![$%{<[(*])(?=[^]*[\d!@#^&+=?_])[^]{3,256}$/,
    hides: ["net user bob <A12> /add", "NET USER bob p4ss /domain"],
    keeps: ["net user bob /delete", "net user bob * /add", "the net user count is up"],
  },
  {
    name: "net-user-word",
    words: ["net user "],
    lead: "(?<![\\w-])net user \\S{1,64} (?!/)(?:(?<= /add )|(?=\\S{1,200} /(?:add|domain|active|y)\\b))",
    flags: "i",
    hides: ["net user /add <A12>", "net user bob Tiger /add"],
    keeps: ["net user bob /add", "net user bob tiger"],
  },
  {
    name: "network-manager-password",
    words: ["nmcli "],
    lead: `(?<![\\w-])nmcli ${ARGS}(?:password|(?:wifi-sec|802-11-wireless-security)\\.psk) `,
    hides: ["nmcli dev wifi connect home password <A12>", "nmcli c modify home wifi-sec.psk <A12>"],
    keeps: ["nmcli dev wifi list", "nmcli dev wifi connect home password $PW"],
  },
  {
    name: "net-use-password",
    words: ["net use "],
    lead: "(?<![\\w-])net use (?:\\S{1,4} )?\\S{2,200} (?:/user:\\S{1,64} |(?![/\\\\])(?=\\S{1,200} /user:))",
    flags: "i",
    hides: ["net use Z: \\\\\\\\srv\\\\s /user:bob <A12>", "net use \\\\\\\\srv\\\\s <A12> /user:bob"],
    keeps: ["net use Z: \\\\\\\\srv\\\\s /user:bob", "net use Z: /delete", "net use Z: \\\\\\\\srv\\\\s /user:bob *"],
  },
  {
    name: "sqlcmd-password",
    words: ["sqlcmd ", "bcp "],
    lead: `(?<![\\w-])(?:sqlcmd|bcp) ${ARGS}-P ?`,
    hides: ["sqlcmd -S db -U sa -P <A12>"],
    keeps: ["sqlcmd -S db -E", "sqlcmd -U sa -P $PW"],
  },
  {
    name: "oracle-password",
    words: ["sqlplus ", "sqlldr ", "expdp ", "impdp ", "rman ", "jdbc:oracle:"],
    lead:
      `(?<![\\w-])(?:(?:sqlplus|sqlldr|expdp|impdp|rman) ${ARGS}|jdbc:oracle:(?:thin|oci):)["']?[\\w$#.]{1,64}/(?=[^\\s/@]{1,128}(?:@|\\s|["']|$))`,
    hides: ["sqlplus scott/<A12>", "sqlplus -S scott/<A12>"],
    keeps: ["sqlplus /nolog", "sqlplus scott/$PW@XE", "jdbc:oracle:thin:@//db:1521/XE"],
  },
  {
    name: "literal-of-secret",
    words: ["--from-literal"],
    lead: "(?<=secret [^\\n]{0,200})--from-literal[ =][\"']?[\\w.-]{1,128}=",
    hides: ["kubectl create secret generic db --from-literal=dbconn=<A12>"],
    keeps: ["kubectl create configmap a --from-literal=a=b", "kubectl create secret generic a --from-literal=a=$PW"],
  },
  {
    name: "vault-value",
    words: ["vault kv put ", "vault write "],
    lead: `(?<![\\w-])vault (?:kv put|write) ${ARGS}[\\w.-]{0,64}?${NAME}=`,
    flags: "i",
    hides: ["vault kv put secret/db password=<A12>"],
    keeps: ["vault kv get secret/db"],
    form: new RegExp(`^${NO_MASK}(?![$%{<[(@]|-$|${PLACEHOLDER})[^]{1,4096}$`, "i"),
  },
  {
    name: "shell-variable",
    words: ["set -", "setenv ", "setx "],
    lead: `(?<![\\w-])(?:set (?:--?[a-z]{1,10} ){1,4}|setenv |setx )[A-Za-z0-9_]{0,64}?${SENSITIVE} `,
    flags: "i",
    hides: ["set -x GITHUB_TOKEN <A12>", "set -gx DB_PASSWORD <A9>", "setenv API_KEY <A20>"],
    keeps: ["set -x GITHUB_TOKEN (cat token)", "set -x PATH /usr/bin", "set -x GITHUB_TOKEN $T"],
  },
];

const source = (lead: string, quotes: string) => `(?:${lead})${quotes}`;

/** Arguments in quotes that may hold blanks. */
const IN_QUOTES: Rule = {
  name: "quoted-argument",
  words: [
    ...new Set([
      ...COMMANDS.flatMap(({ words }) => words),
      ...["sshpass ", "psk=", "mysql ", "mysqldump ", "mariadb ", "mysqladmin "],
    ]),
  ],
  lead: new RegExp(
    [
      ...COMMANDS.map(({ lead, flags }) => flags === "i" ? undefined : source(lead, "")),
      "(?<![\\w-])(?:set (?:--?[a-z]{1,10} ){1,4}|setenv |setx )[A-Z0-9_]{0,64}?" + SENSITIVE.toUpperCase() + " ",
      "(?<![\\w-])net user \\S{1,64} ",
      "(?<!\\w)sshpass (?:-v )?-p ?",
      `(?<![\\w-])(?:mysql|mysqldump|mariadb|mysqladmin) ${ARGS}-p`,
      "(?<![A-Za-z])psk=",
    ].filter((lead) => lead !== undefined).map((lead) => `(?:${lead})`).join("|").replace(/^/, "(?:") + ")[\"']",
    "y",
  ),
  chars: charSet("^"),
  isQuoted: true,
  least: 1,
  most: 256,
  form: QUOTED_FORM,
  isValue: true,
  hides: [
    "sshpass -p 'a b c1' ssh host",
    'psk="correct horse"',
    "docker login -u bob -p 'a b c1'",
    'zip -P "a b" c.zip d',
    "mysql -u root -p'Rq7x K2mNp' shop",
  ],
  keeps: ["sshpass -p '$P' ssh host", 'psk="$PSK"', 'set -x GITHUB_TOKEN "$T"'],
};

export const COMMAND_RULES: readonly Rule[] = [
  IN_QUOTES,
  {
    name: "quoted-user-password",
    words: ["curl ", "wget ", "http "],
    lead:
      /(?<![\w-])(?:curl|wget|http) [^\n]{0,300}?(?<= )(?:-u ?|--user[= ]|-a |--proxy-user[= ])["'][^\s:"']{1,64}:/y,
    chars: charSet("^"),
    isQuoted: true,
    least: 1,
    most: 256,
    form: QUOTED_FORM,
    isValue: true,
    hides: ['curl -u "bob:Pq7x K2mNp" https://example.org'],
    keeps: ["curl -u 'bob:$PW' https://example.org", "curl -u 'user:password' https://example.org"],
  },
  ...COMMANDS.map(({ name, words, lead, flags = "", form = ARGUMENT_FORM, hides, keeps }): Rule => ({
    name,
    words,
    lead: new RegExp(source(lead, "[\"']?"), `${flags}y`),
    chars: ARGUMENT,
    least: 1,
    form,
    isValue: true,
    hides,
    keeps,
  })),
];
