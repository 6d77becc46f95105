/**
 * What errors look like: a table of the shapes that compilers, languages, test runners and systems print.
 *
 * This module is browser compatible.
 * @module
 */

/**
 * A kind of error.
 *
 * @example
 * ```ts
 * const blameless: ErrorKind[] = ["network", "disk", "memory"];
 * ```
 */
export type ErrorKind =
  | "compiler"
  | "exception"
  | "crash"
  | "test"
  | "permission"
  | "not-found"
  | "network"
  | "memory"
  | "disk"
  | "other";

/**
 * A shape: a line that is an error, or that begins one.
 *
 * @example
 * ```ts
 * const perl: ErrorShape = { kind: "exception", pattern: /^(?<message>.*) at (?<file>\S+) line (?<line>\d+)\.$/, certain: true };
 * ```
 */
export interface ErrorShape {
  /** What kind of error it is. */
  readonly kind: ErrorKind;
  /** The groups `message`, `file`, `line` and `column` tell what they say. */
  readonly pattern: RegExp;
  /** Nothing else looks like this; otherwise it counts only in the output of a command that failed. */
  readonly certain: boolean;
  /** Following lines belong to it and tell where: see `StackReader`. Without any of them it is none, unless it is certain. */
  readonly opens?: "python" | "frames" | "go" | "rust" | "arrow";
  /** It follows from another error, which tells more when it is there. */
  readonly follows?: boolean;
}

const compiler = (pattern: RegExp, more: Partial<ErrorShape> = {}): ErrorShape => ({
  kind: "compiler",
  pattern,
  certain: true,
  ...more,
});
const exception = (pattern: RegExp, more: Partial<ErrorShape> = {}): ErrorShape => ({
  kind: "exception",
  pattern,
  certain: true,
  ...more,
});
const test = (pattern: RegExp, more: Partial<ErrorShape> = {}): ErrorShape => ({
  kind: "test",
  pattern,
  certain: true,
  ...more,
});
const failed = (kind: ErrorKind, pattern: RegExp, more: Partial<ErrorShape> = {}): ErrorShape => ({
  kind,
  pattern,
  certain: false,
  ...more,
});

/**
 * All shapes, the more telling first: the first that fits a line is taken.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 *
 * const shape = ERROR_SHAPES.find(({ pattern }) => pattern.test("main.c:3:5: error: expected ';'"));
 * equal(shape?.kind, "compiler");
 * ```
 */
// deno-fmt-ignore
export const ERROR_SHAPES: readonly ErrorShape[] = [
  // Compilers and linters.
  compiler(/^(?<file>[^\s:][^:]*?\.\w+):(?<line>\d+):(?:(?<column>\d+):)? (?:fatal |internal compiler )?[Ee]rror: (?<message>.*)$/),
  compiler(/^(?<file>[^\s(][^(]*?)\((?<line>\d+)(?:,(?<column>\d+))?\) ?: (?:fatal )?error (?<message>\w+: .*)$/),
  compiler(/^(?<file>\S+?):(?<line>\d+):(?<column>\d+) - error (?<message>TS\d+: .*)$/),
  compiler(/^(?<file>\S+\.go):(?<line>\d+):(?<column>\d+): (?<message>.+)$/),
  compiler(/^(?<message>TS\d+ \[ERROR\]: .*)$/, { opens: "frames" }),
  compiler(/^error(?:\[E\d+\])?: (?<message>.+)$/, { opens: "arrow", certain: false }),
  compiler(/^ {2,}(?<line>\d+):(?<column>\d+) +(?:error|Error) +(?<message>\S.*)$/),
  compiler(/^(?<file>\S+\.pyi?):(?<line>\d+):(?<column>\d+): (?<message>[EF]\d{1,4} .*)$/),
  compiler(/^CMake Error(?: at (?<file>[^:\s]+):(?<line>\d+))? ?(?<message>.*)$/),
  compiler(/^(?:\S*\/)?ld(?:\.\w+)?: (?:(?<file>[^:\s]+?)(?::\([^)]*\)|:(?<line>\d+))?: )?(?:in function .*: )?(?<message>(?:undefined reference|multiple definition|cannot find).*)$/),
  compiler(/^(?<file>[^:\s]+):(?:\([^)]*\)|(?<line>\d+)): (?<message>undefined reference to .*)$/),
  compiler(/^(?<file>[^:\s]+): line (?<line>\d+): (?<message>syntax error.*|unexpected EOF.*)$/),
  compiler(/^(?<file>[^:\s]+): (?<line>\d+): (?<message>Syntax error.*)$/),
  compiler(/^(?<file>[^:\s]+):(?<line>\d+): (?<message>parse error.*|\*\*\* missing separator.*|\*\*\* .*Stop\.)$/),
  compiler(/^(?<message>collect2: error: .*|clang.*: error: linker command failed.*|cc1: all warnings .*)$/, { follows: true }),
  failed("compiler", /^g?make(?:\[\d+\])?: \*\*\* (?<message>.*)$/, { follows: true }),
  failed("compiler", /^ninja: (?<message>(?:build stopped|error): .*)$/, { follows: true }),

  // Tests.
  test(/^FAILED (?<file>[^\s:]+)::(?<message>.*)$/),
  test(/^ERROR (?<file>[^\s:]+\.py)(?:::(?<message>.*)| - (?:.*))?$/),
  test(/^(?:FAIL|ERROR): (?<message>\w+ \([\w.]+\).*)$/),
  test(/^ *--- FAIL: (?<message>\S+).*$/),
  test(/^test (?<message>\S+(?: - should panic)?) \.\.\. FAILED$/),
  test(/^(?<message>.*\S) \.\.\. FAILED(?: \(\d.*\))?$/),
  test(/^ *not ok \d+ ?(?:- )?(?<message>(?!.*# (?:TODO|SKIP)).*)$/i),
  test(/^ {2}● (?<message>.* › .*)$/),
  test(/^rspec (?<file>[^\s:]+):(?<line>\d+) # (?<message>.*)$/),
  test(/^\[ERROR\] {1,3}(?<message>\w+\.\w+:\d+ .*)$/),
  test(/^\s*\d+ - (?<message>\S+) \((?:Failed|Timeout|SEGFAULT|Not Run)\).*$/),
  test(/^ *(?:✖|✗|×) (?<message>(?!failing tests:).*\S)$/),
  failed("test", /^(?:FAIL|FAILED)(?:[:\s]+(?<message>.*))?$/, { follows: true }),

  // Stack traces.
  exception(/^(?:\s*\+ )?Exception Group Traceback \(most recent call last\):$/, { opens: "python" }),
  exception(/^Traceback \(most recent call last\):$/, { opens: "python" }),
  exception(/^ {2}File "(?<file>[^"]+)", line (?<line>\d+)$/, { opens: "python", certain: false }),
  exception(/^(?:error: )?(?:Uncaught|Unhandled exception[.:]?) ?(?:\(in promise\) )?(?<message>.+)$/, { opens: "frames", certain: true }),
  exception(/^Exception in thread "[^"]*" (?<message>.*)$/, { opens: "frames" }),
  exception(/^(?<message>(?:[\w$]+\.)*[A-Z]\w*(?:Error|Exception)\b(?: \[\w+\])?(?::.*)?)$/, { opens: "frames", certain: false }),
  exception(/^panic: (?<message>.*)$/, { opens: "go" }),
  exception(/^fatal error: (?<message>all goroutines are asleep.*|concurrent map .*|runtime: .*|stack overflow)$/, { opens: "go" }),
  exception(/^thread '[^']*'(?: \(\d+\))? panicked at (?:'(?<message>.*)', )?(?<file>[^\s:]+):(?<line>\d+):(?<column>\d+):?$/, { opens: "rust" }),
  exception(/^(?<file>[^\s:]+\.rb):(?<line>\d+):in [`'].*?': (?<message>.*\((?:\w|::)+\))$/),
  exception(/^(?:PHP )?(?:Fatal|Parse) error: {1,2}(?<message>.*?) in (?<file>\S+?)(?: on line |:)(?<line>\d+)$/),
  exception(/^(?:lua\S*|luajit): (?<file>[^\s:]+):(?<line>\d+): (?<message>.*)$/),
  exception(/^\*\* \((?<message>\w+(?:\.\w+)*)\) .*$/),
  exception(/^Error in (?<message>\S.* :.*)$/),
  exception(/^(?<message>[^:].*?) at (?<file>(?:\S*\/)?[^\s/]+\.(?:pl|pm|t|cgi)|-e) line (?<line>\d+)(?:\.|, .*)$/),

  // Crashes.
  { kind: "crash", pattern: /^(?<message>terminate called .*)$/, certain: true },
  { kind: "crash", pattern: /^(?:.*?: )?(?:(?<file>[^\s:]+\.\w+):(?<line>\d+): .*: )?(?<message>Assertion [`'].*' failed\.?)$/, certain: true },
  { kind: "crash", pattern: /^(?:==\d+==\s?)?(?<message>ERROR: (?:Address|Leak|Thread|Memory)Sanitizer: .*)$/, certain: true },
  { kind: "crash", pattern: /^(?:.*?: )?(?:(?:line )?\d+: +\d+ )?(?<message>(?:Segmentation fault|Bus error|Illegal instruction|Aborted|Floating point exception|Trace\/breakpoint trap)(?: +\(core dumped\))?.*)$/, certain: false },

  // Systems. What a kernel says is the same in every program.
  failed("memory", /(?<message>(?:JavaScript heap )?[Oo]ut of memory.*|Cannot allocate memory.*|OutOfMemoryError.*|std::bad_alloc.*|\bENOMEM\b.*|memory exhausted.*|Allocation failed.*)$/),
  failed("memory", /^(?:.*?: )?(?:(?:line )?\d+: +\d+ )?(?<message>Killed(?: .*)?)$/),
  failed("disk", /(?<message>No space left on device.*|\bENOSPC\b.*|Disk quota exceeded.*|[Dd]isk (?:is )?full.*|not enough (?:free )?(?:disk )?space.*|You don't have enough free space.*)$/),
  failed("permission", /(?<message>.*(?:[Pp]ermission denied|Operation not permitted|\bEACCES\b|\bEPERM\b|[Aa]ccess (?:is )?denied|are you root\?|must be (?:run as )?root|Authentication failure|a password is required|Read-only file system).*)$/),
  failed("network", /(?<message>(?:.*: )?.*(?:Connection (?:refused|reset|timed out|closed by)|\bECONN(?:REFUSED|RESET)\b|\bETIMEDOUT\b|\bENOTFOUND\b|\bEHOSTUNREACH\b|\bEAI_AGAIN\b|[Cc]ould not resolve|[Nn]ame or service not known|[Tt]emporary failure in name resolution|Network is unreachable|No route to host|[Nn]o such host|connection refused|i\/o timeout|Failed to connect to|Couldn't connect to|unable to access 'https?:|SSL certificate problem|certificate verify failed|TLS handshake).*)$/),
  failed("not-found", /^(?:.*?: )?(?:line \d+: |\d+: )?(?<message>(?:.*: )?command not found(?:: .*)?|(?:\S+: )?Unknown command: .*|Command '.*' not found.*|unknown command .*)$/),
  failed("not-found", /^[\w./-]*sh: (?:\d+: )?(?<message>\S+: not found)$/),
  failed("not-found", /(?<message>.*(?:[Nn]o such file or directory|\bENOENT\b|cannot stat|[Cc]annot find (?:module|package)|[Nn]o such (?:command|container|image|remote)|[Uu]nable to locate package|No module named|[Nn]o rule to make target|pathspec .* did not match|repository .* not found|\b404 Not Found\b|[Nn]o matching distribution|does not exist).*)$/),

  // What says that it is an error, and no more.
  failed("other", /^npm (?:ERR!|error) (?<message>(?!A complete log|code |errno |path |syscall |Lifecycle script|workspace |location |command |signal ).+)$/),
  failed("other", /^(?<message>E: .*)$/),
  failed("other", /^(?:[\w.+\/-]+(?:\[\d+\])?: )?(?:fatal|FATAL|error|ERROR|Error)(?: ?\[\w+\])?: (?<message>.+)$/),
  failed("other", /^(?<message>[\w.+\/-]+: (?:cannot|can't|could not|unable to|failed to|invalid|unrecognized|unknown|illegal|missing|ambiguous|bad|extra operand|option requires|too many|too few).*)$/),
  failed("other", /^(?:\S+: )?(?<message>(?:[Uu]sage|USAGE): .*)$/, { follows: true }),
];

/**
 * Words of which a line that fits any shape has one: a chunk of output without them is not looked into.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(ERROR_WORDS.test("Compiling demo v0.1.0\nFinished in 2 s\n"), false);
 * ```
 */
export const ERROR_WORDS =
  /[Ee]rror|ERR|[Ff]ail|FAIL|atal|FATAL|xception|raceback|, line \d|panic|denied|permitted|EPERM|EACCES|ot found|o such|ENO|efused|ECONN|EHOST|EAI_|ETIMED|esolve|imeout|imed out|nreachable|illed|emory|bad_alloc|space|uota|ull\b|annot|an't|ould not|nable to|onnect|ndefined|nresolved|ot ok|abort|Abort|fault|Illegal|Assert|terminate|Sanitizer|nvalid|nrecogni|nknown|missing|ambiguous|xtra operand|equires|too many|too few|sage:|\*\*\*|No (?:module|matching|rule|route)|does not exist|did not match|root|certificate|E: |\.go:|\.p[lm] line|✖|✗|×|● |rspec |TLS |ead-only|ninja|syntax/;
