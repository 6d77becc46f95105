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
 * const lua: ErrorShape = {
 *   kind: "exception", words: ["lua: "], pattern: /^lua: (?<file>[^:]+):(?<line>\d+): (?<message>.*)$/, certain: true,
 * };
 * ```
 */
export interface ErrorShape {
  /** What kind of error it is. */
  readonly kind: ErrorKind;
  /** A line of this shape has one of these in it, as they are written here. */
  readonly words: readonly string[];
  /** The groups `message`, `file`, `line` and `column` tell what they say. */
  readonly pattern: RegExp;
  /** Nothing else looks like this; otherwise it counts only in the output of a command that failed. */
  readonly certain: boolean;
  /** Following lines belong to it and tell where: see `StackReader`. Without any of them it is none, unless it is certain. */
  readonly opens?: "python" | "frames" | "go" | "rust" | "arrow" | "next" | "test";
  /** The place, the message, or the source with the place above it, stands above; a heading not far; the file that is being read. */
  readonly under?: "place" | "heading" | "input" | "message" | "source";
  /** It passes on what another program or a system said, whose kind counts. */
  readonly wraps?: boolean;
  /** It follows from another error, which tells more when it is there. */
  readonly follows?: boolean;
}

type More = Partial<ErrorShape>;
const shape = (kind: ErrorKind, certain: boolean) => (words: string, pattern: RegExp, more: More = {}): ErrorShape => ({
  kind,
  words: words.split("|"),
  pattern,
  certain,
  ...more,
});
const compiler = shape("compiler", true);
const test = shape("test", true);
const exception = shape("exception", true);
const crash = shape("crash", true);
/** What a system refuses is told in the same words by every program; whether that was an error, its exit code tells. */
const refused = (kind: ErrorKind, words: string, except = /^$/): ErrorShape => ({
  kind,
  words: words.split("|").flatMap((
    word,
  ) => [...new Set([word, word.replace(/ [a-z]/g, (first) => first.toUpperCase())])]),
  pattern: new RegExp(
    `^(?!\\s*(?:npm (?:ERR!|error) )?(?:code|errno|syscall|path):? |(?:PHP )?[Ww]arning: |(?:\\[\\w+\\])?\\s*\\d*\\s*[|│] {2}|.*(?:${except.source}))\\s*(?<message>.+)$`,
  ),
  certain: false,
});
const other = shape("other", false);

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
  compiler("rror:|ERROR:|rror : |rror[", /^\s*(?!psql:)(?:[\w+.-]+: ?)?(?<file>[^\s:][^:]*?\.\w+):(?<line>\d+)(?:[.:]\d+)?(?:-\d+(?:[.:]\d+)?)?: (?:fatal |internal compiler |parser )?(?:[Ee]rror|ERROR)(?:\[\w+\])? ?:(?: (?<message>.*))?$/),
  compiler("rror: |atal: ", /^(?<file>[^\s(:][^(]*?)\((?<line>\d+)(?:, ?(?<column>\d+))?\):? (?:[Ff]atal|(?:[Ff]atal )?[Ee]rror): (?<message>.*)$/),
  compiler("arser error ", /^(?<file>[^\s:]+):(?<line>\d+): parser error : (?<message>.*)$/),
  compiler(": line |:line ", /^(?<file>[^\s:]+): line (?<line>\d+), col(?:umn)? (?<column>\d+), Error - (?<message>.*)$/),
  compiler(": error |: fatal error ", /^(?<file>[^\s(][^(]*?)\((?<line>\d+)(?:,(?<column>\d+))?\) ?: (?:fatal )?error (?<message>\w+: .*)$/),
  compiler(" - error", /^\s*(?<file>\S+?):(?<line>\d+):(?<column>\d+) - error:? (?<message>\S.*)$/),
  compiler(" error LNK| error MSB| error NU| error NETSDK", /^[^:]+? ?: (?:fatal )?error (?<message>(?:LNK|MSB|NU|NETSDK)\d+: .*)$/),
  compiler("e: ", /^e: (?:file:\/\/)?(?<file>[^\s:]+\.kts?):(?: \()?(?<line>\d+)(?::|, )(?<column>\d+)\)?:? (?<message>.*)$/, { words: [".kt:", ".kts:"] }),
  compiler("[error] ", /^\[error\] (?:-- (?:\[\w+\] )?.*Error: )?(?<file>[^\s:]+\.\w+):(?<line>\d+):(?:(?<column>\d+):?)? ?(?<message>.*)$/),
  compiler("[ERROR] ", /^\[ERROR\] (?<file>[^\s:]+\.\w+):\[(?<line>\d+),(?<column>\d+)\] (?<message>.*)$/),
  compiler("[ERROR] ", /^\[ERROR\] (?<file>[^\s:]+\.\w+):(?<line>\d+)(?::(?<column>\d+))?: (?<message>.*)$/),
  compiler("[error] ", /^\[error\] (?<file>[^\s:]+\.\w+): (?<message>\w*Error: .*?)(?: \((?<line>\d+):(?<column>\d+)\))?$/),
  compiler("[ERROR] ", /^(?:✘|X) \[ERROR\] (?<message>.*)$/, { opens: "arrow" }),
  compiler("ERROR in ", /^ERROR in (?<file>[^\s:(]+)(?:[ :(](?<line>\d+)[:,](?<column>\d+)\)?(?:-\d+)?)?:? ?(?<message>.*)$/, { opens: "next" }),
  compiler(": ", /^(?<file>[^\s:]+\.[fF]\w*):(?<line>\d+):(?<column>\d+):$/, { words: [".f90:", ".F90:", ".f95:", ".f03:", ".f08:", ".for:"], opens: "next", certain: false }),
  compiler(", characters |, line ", /^File "(?<file>[^"]+)", lines? (?<line>\d+)(?:-\d+)?, characters \d+-\d+:$/, { opens: "next", certain: false }),
  compiler(" error • ", /^\s*error • (?<message>.*?)\.? • (?<file>[^\s:]+):(?<line>\d+):(?<column>\d+) • .*$/),
  compiler(".v:", /^(?<file>[^\s:]+\.v):(?<line>\d+): (?<message>syntax error|error: .*)$/, { words: ["syntax error", "error: "] }),
  compiler(".proto:|.thrift:|.erl:|.hrl:|.sv:|.tex:|.sol:|.elm:", /^(?:\.\/)?(?<file>[^\s:]+\.(?:proto|thrift|erl|hrl|sv|tex|sol|elm)):(?<line>\d+)(?::(?<column>\d+))?: (?!.*\b[Ww]arning)(?<message>.+)$/),
  compiler("! ", /^! (?<message>(?:Undefined control sequence|LaTeX Error: .*|Missing .* inserted|Emergency stop|Package .* Error: .*|Extra .*|Too many .*|Paragraph ended before .*|File ended while .*|Misplaced .*)\.?)$/, { words: ["! Undefined", "! LaTeX", "! Missing", "! Emergency", "! Package", "! Extra", "! Too many", "! Paragraph", "! File ended", "! Misplaced"], under: "input" }),
  compiler("-- TYPE MISMATCH|-- NAMING ERROR|-- SYNTAX PROBLEM|-- MODULE NOT FOUND|-- UNFINISHED|-- MISSING PATTERNS", /^-- (?<message>[A-Z][A-Z ]+?) -{3,} (?<file>\S+)$/),
  compiler("Error: ", /^│ Error: (?<message>.*)$/, { words: ["│ Error"], opens: "arrow", wraps: true }),
  compiler("rror: |rror in ", /^(?:error: )?(?:Sass|Less|Syntax|Reference|Type)?Error: (?:file:\/\/)?(?<file>(?:\.{0,2}\/)[^\s:]+\.\w+): (?<message>.*) \((?<line>\d+):(?<column>\d+)\)$/),
  compiler("SC1", /^(?<file>[^\s:]+):(?<line>\d+):(?<column>\d+): (?:error|warning|note): (?<message>.*\[SC\d+\])$/, { words: ["[SC1", "[SC2", "[SC3"], certain: false }),
  compiler(".go:", /^(?:vet: )?(?<file>\S+\.go):(?<line>\d+):(?<column>\d+): (?<message>.+)$/),
  compiler("[ERROR]: ", /^(?<message>TS\d+ \[ERROR\]: .*)$/, { opens: "frames" }),
  exception("error: ", /^error: (?:Uncaught )?(?:\(in promise\) )?(?<message>(?:[A-Z]\w*)?(?:Error|Exception)\b.*)$/, { opens: "frames", certain: false }),
  compiler("could not compile|aborting due to", /^error: (?<message>(?:could not compile|aborting due to) .*)$/, { certain: false, follows: true }),
  compiler("× |⨯ ", /^ *[×⨯] (?<message>\S.*)$/, { words: ["  × ", "⨯ "], opens: "arrow", certain: false }),
  compiler("arse error at ", /^(?<message>Parse error) at (?<file>[^\s:]+):(?<line>\d+)/),
  compiler("error: |error[", /^\s*error(?:\[[\w-]+\])?: (?<message>.+)$/, { opens: "arrow", certain: false }),
  compiler("_ERROR] |_IMPORT] |_EXPORT] ", /^\[[A-Z_]+\] (?<message>.+)$/, { opens: "arrow", certain: false }),
  compiler("P: ", /^L: +(?<line>\d+) \| P: +(?<column>\d+) \| (?<message>.+)$/, { words: [" | P: "] }),
  compiler("invalid-syntax: ", /^invalid-syntax: (?<message>.+)$/, { opens: "arrow", certain: false }),
  compiler("error |Error |✖ ", /^ {2,}(?<line>\d+):(?<column>\d+) +(?:error|Error|✖) +(?<message>\S.*)$/),
  compiler(": E|: F", /^(?<file>\S+\.pyi?):(?<line>\d+):(?<column>\d+): (?<message>[EF]\d{1,4}:? .*)$/, { words: [".py:", ".pyi:", "F401", "F811", "F821", "F841", "E999", "E902"] }),
  compiler(".py:", /^(?<file>\S+\.pyi?):(?<line>\d+):(?<column>\d+): (?<message>(?![CWR]\d{4}:)[A-Z]{1,4}\d{2,4}:? .*)$/, { certain: false }),
  compiler(".rb:", /^(?<file>\S+\.rb):(?<line>\d+):(?<column>\d+): (?<message>[CEF]: .*)$/, { certain: false }),
  compiler("syntax error|parse error", /^(?<file>[^\s:]+):(?<line>\d+):(?:(?<column>\d+):)? (?<message>(?:syntax|parse) error\b.*)$/),
  compiler("Type error: |Syntax error: |Module not found: ", /^(?:Type|Syntax|Module) ?(?:error|not found): (?<message>.*)$/, { under: "place", certain: false }),
  compiler("--> ", /^\s*--> (?<file>[^\s:]+):(?<line>\d+):(?<column>\d+)$/, { under: "message", certain: false }),
  compiler("CMake Error", /^CMake Error(?: at (?<file>[^:\s]+):(?<line>\d+))? ?(?<message>.*)$/),
  compiler("undefined reference|multiple definition|cannot find", /^(?:\S*\/)?ld(?:\.\w+)?: (?:(?<file>[^:\s]+?)(?::\([^)]*\)|:(?<line>\d+))?: )?(?:in function .*: )?(?<message>(?:undefined reference|multiple definition|cannot find).*)$/),
  compiler("undefined reference|multiple definition", /^(?<file>[^:\s]+):(?:\([^)]*\)|(?<line>\d+)): (?<message>(?:undefined reference to|multiple definition of) .*)$/),
  compiler("syntax error|unexpected EOF", /^(?<file>[^:\s]+): line (?<line>\d+): (?<message>syntax error.*|unexpected EOF.*)$/),
  compiler("Syntax error", /^(?<file>[^:\s]+): (?<line>\d+): (?<message>Syntax error.*)$/),
  compiler("parse error|missing separator|Stop.", /^(?<file>[^:\s]+):(?<line>\d+): (?<message>parse error.*|\*\*\* .*Stop\.)$/),
  compiler("went wrong", /^\* What went wrong:$/, { opens: "next", certain: false, follows: true }),
  compiler("ERROR: /", /^ERROR: (?<file>\/[^\s:]+):(?<line>\d+):(?<column>\d+): (?<message>.*)$/),
  compiler("ERROR: failed", /^ERROR: (?<message>failed to (?:solve|build).*)$/, { under: "place", wraps: true }),
  compiler("BUILD FAILED|Build failed|ompilation failed|ompile failed", /^(?:[✗✘×✖] )?(?<message>(?:BUILD|Build|Compilation|Compile) (?:FAILED|failed)\b.*)$/, { certain: false, follows: true }),
  compiler("error: ", /^(?<message>collect2: error: .*|clang.*: error: linker command failed.*|error: Recipe .*)$/, { follows: true }),
  { kind: "compiler", certain: false, words: ["make"], pattern: /^g?make(?:\[\d+\])?: \*\*\* (?<message>.*)$/, follows: true, wraps: true },
  { kind: "compiler", certain: false, words: ["ninja"], pattern: /^ninja: (?<message>(?:build stopped|error): .*)$/, follows: true },

  // Tests.
  test("____ ", /^_{3,} (?<message>(?:ERROR collecting (?<file>\S+)|\S.*\S)) _{3,}$/, { opens: "test", wraps: true, certain: false }),
  test(" => ", /^(?<message>\S.*) => (?<file>(?:file:|\.\/)[^\s:]+):(?<line>\d+):(?<column>\d+)$/, { words: [" => ./", " => file:"], certain: false }),
  test(": Failure|: FAILED", /^(?<file>[^\s:]+\.\w+):(?<line>\d+): (?:Failure|FAILED:?)$/, { opens: "next" }),
  test("Failure/Error: ", /^ *Failure\/Error: (?<message>.*)$/, { opens: "test" }),
  test("FAILED ", /^FAILED (?<file>[^\s:]+)::(?<message>.*)$/),
  test("ERROR ", /^ERROR (?<file>[^\s:]+\.py)(?:::(?<message>.*)| - (?:.*))?$/),
  test("FAIL: |ERROR: ", /^(?:FAIL|ERROR): (?<message>\w+ \([\w.]+\).*)$/),
  test("File \"", /^File "(?<file>[^"]+)", line (?<line>\d+), in \S+$/),
  test("--- FAIL", /^ *--- FAIL: (?<message>\S+).*$/, { opens: "test" }),
  test("... FAILED", /^(?<message>.*\S) \.\.\. FAILED(?: \(\d.*\))?$/),
  test("not ok ", /^ *not ok \d+ ?(?:- )?(?<message>(?!.*# (?:TODO|SKIP|todo|skip)).*)$/, { opens: "test" }),
  test(": assert |: AssertionError", /^(?<file>[^\s:]+\.py):(?<line>\d+): (?<message>(?:assert|AssertionError)\b.*)$/, { certain: false }),
  test("  Message:", /^ {2}Message:$/, { opens: "test", under: "message", certain: false }),
  test("● ", /^ {2}● (?<message>.* › .*)$/, { opens: "test" }),
  test("● ", /^ {2}● (?<message>\S.*)$/, { opens: "test", certain: false }),
  test("rspec ", /^rspec (?<file>[^\s:]+):(?<line>\d+) # (?<message>.*)$/, { follows: true }),
  test("[  FAILED  ]", /^\[ {2}FAILED {2}\] (?<message>[\w/]+\.[\w/]+)(?:, where .*)? \(\d+ ms\)$/),
  test(" FAILED", /^(?<message>\w[\w.$]* > .*) FAILED$/, { opens: "test" }),
  test(" FAIL ", /^ *FAIL {1,2}(?<file>[^\s:]+\.\w+)(?: \[ .* \])? > (?<message>.*)$/, { words: ["FAIL "], opens: "test" }),
  test(") ", /^ *\d+\) (?<message>test .*\([\w.]+\))$/, { words: [") test "], opens: "test" }),
  test(") ", /^\d+\) (?<message>[\w\\]+::\w+(?: with data set .*)?)$/, { words: ["::test"], opens: "test" }),
  test(") ", /^ *\d+\) \[[\w -]+\] › (?<file>[^\s:]+):(?<line>\d+):(?<column>\d+) › (?<message>.*?)[ ─]*$/, { words: ["] › "] }),
  test(") Failure:|) Error:", /^ *\d+\) (?:Failure|Error):$/, { opens: "test" }),
  test(" [E]", /^(?:\d+:\d+ )?\+\d+(?: ~\d+)? -\d+: (?<message>.*) \[E\]$/),
  test("Failed ", /^ {2}Failed (?<message>\w[\w.]*(?:\(.*\))?) \[[<\d.]+ ?m?s\]$/),
  test(": error: -[", /^(?<file>[^\s:]+):(?<line>\d+): error: -\[(?<message>.*)$/),
  test("(in test file ", /^# \(in test file (?<file>[^\s,]+), line (?<line>\d+)\)$/, { follows: true, certain: false }),
  test("[ERROR] ", /^\[ERROR\] {1,3}(?<message>\w+\.\w+:\d+ .*)$/),
  test("(Failed)|(Timeout)|(SEGFAULT)|(Not Run)", /^\s*\d+ - (?<message>\S+) \((?:Failed|Timeout|SEGFAULT|Not Run)\).*$/),
  test("✖ |✘ | × ", /^ *(?:✖|✘|×) +(?:\[fail\]: )?(?<message>\S.*?) [([]?[\d.]+ ?m?s[)\]]?$/),
  test("✖ ", /^ *✖ (?<message>.*?) (?:# )?(?<file>[^\s:]+\.\w+):(?<line>\d+)(?::\d+)?$/),
  test("✗ |✘ [fail]", /^ *(?:✗|✘ \[fail\]:) (?<message>(?!\d+ problems?|.*\b(?:[Bb]uild|[Cc]ompil)).*\S)$/, { opens: "test" }),
  compiler("^-", /^\s*\^-*\^? (?<message>SC\d{4} \(\w+\): .*)$/, { words: [" SC1", " SC2", " SC3"], under: "place" }),
  test("Failed test", /^ *# +Failed (?:\(.*\) )?test(?: '(?<message>.*)')?$/, { opens: "next" }),
  { kind: "test", certain: false, words: ["FAIL"], pattern: /^(?:FAIL|FAILED)(?:[:\s]+(?<message>.*))?$/, follows: true },

  // Stack traces.
  exception("Traceback ", /^(?:\s*\+ Exception Group )?Traceback \(most recent call last\):$/, { opens: "python" }),
  exception("  File \"", /^ {2}File "(?<file>[^"]+)", line (?<line>\d+)$/, { opens: "python", certain: false }),
  exception("Uncaught |Unhandled exception", /^(?:error: )?(?:Uncaught|Unhandled exception[.:]?) ?(?:\(in promise\) )?(?<message>[^\s:.].*|)$/, { opens: "frames" }),
  exception("Unhandled ", /^Unhandled (?<message>(?!exception\b)\S+(?: in .*)?)/, { certain: false }),
  exception("Exception: ", /^(?:Fatal error: )?[Ee]xception:? (?<message>[A-Z]\w*\S*.*)$/, { certain: false, words: ["Exception: ", "exception "] }),
  exception("In procedure ", /^(?:(?<file>[^\s:]+):(?<line>\d+):\d+: )?In procedure (?<message>.*)$/, { certain: false }),
  exception("Exception in thread", /^Exception in thread "[^"]*" (?<message>.*)$/, { opens: "frames" }),
  exception("Error|Exception", /^\s*(?:\[!\] |\[cause\] )?(?<message>(?:[\w$]+\.)*(?:[A-Z]\w*)?(?:Error|Exception)\b(?: \[\w+\])?(?::.*)?)$/, { opens: "frames", under: "source", certain: false }),
  exception("panic: ", /^panic: (?<message>.*)$/, { opens: "go" }),
  exception("fatal error: ", /^fatal error: (?<message>all goroutines are asleep.*|concurrent map .*|runtime: .*|stack overflow)$/, { opens: "go" }),
  exception("panicked at", /^thread '[^']*'(?: \(\d+\))? panicked at (?:'(?<message>.*)', )?(?<file>[^\s:]+):(?<line>\d+):(?<column>\d+):?$/, { opens: "rust" }),
  exception(".rb:|-e:1", /^(?<file>[^\s:]+\.rb|-e):(?<line>\d+):in [`'].*?': (?<message>.*\((?:\w|::)+\))$/, { opens: "frames" }),
  exception("(error object", /^lua[\d.]*: (?<message>\(error object .*)$/),
  { kind: "not-found", certain: true, words: ["ailed opening required"], pattern: /^(?:PHP )?Fatal error: {1,2}(?<message>.*Failed opening required .*?) in (?<file>\S+?)(?: on line |:)(?<line>\d+)$/ },
  exception("atal error: |arse error: ", /^(?:PHP )?(?:Fatal|Parse) error: {1,2}(?<message>.*?) in (?<file>\S+?)(?: on line |:)(?<line>\d+)$/),
  exception("lua: |lua5|luajit: ", /^(?:lua[\d.]*|luajit): (?<file>[^:]+):(?<line>\d+): (?<message>.*)$/),
  exception("xecution error ", /^Execution error(?: \((?<message>\w+)\))? at .*$/),
  exception("rror in |xception in ", /^(?<message>\w+(?:Error|Exception)) in .*[Ff]ile "?(?<file>[^\s",]+)"?, line (?<line>\d+):?$/),
  exception("yntax error ", /^Syntax error (?<message>\w.*?) at \((?<file>[^\s:]+):(?<line>\d+):(?<column>\d+)\)\.$/),
  exception("ERROR: ", /^ERROR: (?:LoadError: )?(?<message>\w+(?:Error|Exception)\b.*)$/, { certain: false, opens: "frames" }),
  exception("Fatal error: ", /^(?:(?<file>[^\s:]+\.swift):(?<line>\d+): )?Fatal error: (?<message>.*)$/, { wraps: true }),
  exception("exception error", /^\*\* exception (?:error|exit|throw): (?<message>.*)$/),
  exception("Exception: |Error: ", /^(?:\w+: )?(?<message>(?:[A-Za-z_][\w]*(?:\.|::))+[A-Z]\w*(?:Error|Exception)(?:: .*)?)$/, { certain: false }),
  exception("Error: |Exception: ", /^(?<message>[A-Z]\w+(?:Error|Exception): .+)$/, { certain: false, wraps: true }),
  exception("** (", /^\*\* \((?<message>\w+(?:\.\w+)*)\) (?:(?<file>[^\s:]+\.exs?):(?<line>\d+):)?.*$/, { opens: "frames" }),
  exception("Error in ", /^Error in (?<message>\S.* :.*)$/),
  exception(".pl line|.pm line|-e line|.t line", /^(?!Use of uninitialized|Useless use|Odd number of|.* (?:redefined|isn't numeric|masks earlier|used only once))(?<message>[^:].*?) at (?<file>(?:\S*\/)?[^\s/]+\.(?:pl|pm|t)|-e) line (?<line>\d+)(?:\.|, .*)$/),

  // Crashes.
  crash("terminate called", /^(?<message>terminate called .*)$/),
  crash("Assertion", /^(?:.*?: )?(?:(?<file>[^\s:]+\.\w+):(?<line>\d+): .*: )?(?<message>Assertion [`'].*' failed\.?)$/),
  crash("Sanitizer: ", /^(?:==\d+==\s?)?(?<message>ERROR: (?:Address|Leak|Thread|Memory)Sanitizer: .*)$/),
  crash(": runtime error: ", /^(?<file>[^\s:]+):(?<line>\d+):(?<column>\d+): runtime error: (?<message>.*)$/),
  crash("==", /^==\d+== (?<message>(?:Invalid (?:read|write|free).*|Conditional jump or move depends on uninitialised.*|Process terminating with default action of signal .*))$/, { words: ["== Invalid", "== Conditional", "== Process terminating"] }),
  crash("egmentation violation|SIGSEGV|SIGABRT|SIGBUS|SIGILL|SIGFPE", /^(?<message>(?:#\s+)?(?:SIG(?:SEGV|ABRT|BUS|ILL|FPE)\b.*|.*(?:signal|exit(?:ed)? with) .*SIG(?:SEGV|ABRT|BUS|ILL|FPE).*))$/, { certain: false }),
  crash("Segmentation fault|Bus error|Illegal instruction|Aborted|Floating point exception", /^(?:[^\s:]+: )?(?:(?:line )?\d+: +\d+ )?(?<message>(?:Segmentation fault|Bus error|Illegal instruction|Aborted(?= *\(|$| {5})|Floating point exception)(?: +\(core dumped\))?.*)$/, { certain: false }),

  // What a system refuses.
  refused("memory", "heap out of memory|Out of memory|out of memory|Cannot allocate memory|OutOfMemoryError|std::bad_alloc|ENOMEM|memory exhausted|OOMKilled|out-of-memory|oom-kill|virtual memory exhausted|llocation failed"),
  { kind: "memory", certain: false, words: ["Killed"], pattern: /^(?:[^\s:]+: )?(?:(?:line )?\d+: +\d+ )?(?<message>Killed(?: .*)?)$/ },
  refused("disk", "No space left on device|ENOSPC|Disk quota exceeded|disk is full|Disk is full|disk full|have enough free space|nsufficient disk space|nsufficient free space|not enough space|ot enough disk space|quota exceeded|file system is full"),
  refused("permission", "ermission denied|peration not permitted|EACCES|EPERM|ccess denied|AccessDenied|ccess is denied|are you root|must be root|run as root|Authentication failure|a password is required|Read-only file system|requested access to the resource is denied|Unauthorized|orbidden|uthentication failed|uthentication required|ot authorized|nauthorized|bad permissions|are too open|ncorrect password|not in the sudoers|nvalid credentials|nsufficient privilege|nsufficient permission|(NOACCESS)|EROFS|not permitted|HTTP 403|HTTP 401|rror: 403|rror 403|tatus code 403|tatus code 401|must have superuser|do not have permission|ot allowed to", /not be found or|explicitly forbidden/),
  refused("network", "onnection refused|onnection reset|onnection timed out|onnection closed by|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENOTFOUND|EHOSTUNREACH|EAI_AGAIN|ould not resolve host|ould not resolve proxy|ame or service not known|emporary failure in name resolution|etwork is unreachable|o route to host|ost unreachable|estination unreachable|o such host is known|: no such host|i/o timeout|Failed to connect to|Couldn't connect|nable to access 'http|SSL certificate problem|certificate verify failed|TLS handshake|unable to resolve host|failure resolving|annot connect to|an't connect to|no response|ould not connect|nable to connect|nable to reach|was refused|timed out|ost key verification failed|getaddrinfo|EAI_NONAME|ECONNABORTED|ENETUNREACH|ocket hang up|remote end hung up|SSL_ERROR|SSL_connect|handshake fail|SSLError|x509: |ertificate has expired|self-signed certificate|ervice Unavailable|ad Gateway|ateway Time|HTTP 50|rror: 50|UNREACHABLE|ead timed out|onnection aborted|NXDOMAIN|SERVFAIL|no servers could be reached|onnection to .* failed|ailed to download|unexpected disconnect|early EOF", /Retrying in|connect to bus:/),
  { kind: "not-found", certain: false, words: ["command not found"], pattern: /^(?:(?!(?:ba|z|da|k)?sh: )(?<file>[^\s:]+\.?\w*): line (?<line>\d+): |.*?: (?:line \d+: |\d+: )?)?(?<message>(?:.*: )?command not found(?:: .*)?)$/ },
  { kind: "not-found", certain: false, words: ["nknown command", "ot found"], pattern: /^(?:[\w./-]+: )?(?:line )?(?:\d+: )?(?<message>(?:fish: )?[Uu]nknown command:? .*|Command '.*' not found.*|(?:[^\s:]+: )?[^\s:]+: not found)$/ },
  refused("not-found", "o such file|ouldn't find|is not installed|ould not resolve \"./|ould not resolve './|ould not resolve \"@|ould not resolve '@|ould not open input file|ENOENT|cannot stat|annot find module|annot find package|o such container|o such image|o such remote|nable to locate package|No module named|o rule to make target|did not match any|404 Not Found|o matching distribution|does not exist|o such command|epository not found|No such package|o such service|o such module|No such object|not found in|(NotFound)|was not found|ould not find|annot find|an't find|annot resolve|: not found|o package match|an't locate|o match for argument|nable to find|no matching |No matching|cannot be found|could not be found|manifest unknown|does not match any|ot found: |ot found.|target not found|o available formula|No packages found|o versions? (?:of|matching)|HTTP 404|rror: 404|rror 404|tatus code 404|\" not found|' not found|’ not found|No such key|no such table|ModuleNotFound|ackagesNotFound|not find a version|ould not find a valid"),

  { kind: "not-found", certain: false, words: [" found"], pattern: /^(?:[Ee]rror: |[\w.+-]+: )?(?<message>No (?!.*\b(?:issues?|errors?|problems?|warnings?|vulnerabilities|differences?|changes?|conflicts?|failures?|leaks?|matches)\b)[\w ,'"./@-]{1,60} found\b.*)$/ },

  // What says that it is an error, and no more.
  other(": ERROR: |: FATAL: ", /^[\w-]+:(?<file>[^\s:]+\.\w+):(?<line>\d+): (?:ERROR|FATAL): +(?<message>.*)$/),
  other("arse error ", /^Parse error (?:near|at|on) line (?<line>\d+): (?<message>.*)$/),
  other("CONFLICT (", /^(?<message>CONFLICT \([^)]*\): (?:.* in (?<file>\S+)|.*))$/),
  other("[warn] ", /^\[warn\] (?<message>(?<file>\S+\.\w+))$/),
  other(": line ", /^(?!-?(?:ba|z|da|k|fi)?sh: )(?<file>[^\s:]+): line (?<line>\d+): (?<message>.+)$/),
  other("syntax error|unexpected |expected |ndefined |nknown |nvalid |nterminated |issing |not defined|: bad ", /^"?(?<file>[^\s:"]+)"?:(?<line>\d+):(?:(?<column>\d+):)? (?!warning|note|info|debug|\[?W)(?<message>.+)$/, { certain: false }),
  other(": line |at line ", /^(?<message>(?!\s).*\bline \d+,? col(?:umn)? \d+\b.*)$/),
  other("ould reformat", /^(?<message>[Ww]ould reformat:? (?<file>\S+))$/),
  other("➤ YN", /^➤ (?!YN(?:0000|0002|0007|0013|0019|006[0-2]|0076|0086))(?<message>YN\d{4}: │ .*)$/),
  other("npm ERR!|npm error", /^npm (?:ERR!|error) (?<message>(?!A complete log|code |errno |path |syscall |Lifecycle script|workspace |location |command |signal |\s).+)$/),
  other("E: U|E: C|E: P|E: F|E: T|E: S|E: I|E: R", /^(?<message>E: .*)$/),
  other("fatal: |FATAL: |error: |ERROR: |Error: |fatal error", /^(?:[\w.+\/-]+(?:\[\d+\])?: )?(?:\w+ )?(?:fatal|FATAL|error|ERROR|Error)(?: ?\[\w+\])?: (?<message>.+)$/),
  other(": cannot |: can't |: Can't |ouldn't |: could not |: unable to |: failed to |: invalid |: unrecognized |: unknown |: illegal |: missing |: ambiguous |: bad |: extra operand|option requires|: too many |: too few |: Cannot |: Could not |: Unable to |: Failed to |: Invalid ", /^(?<message>[\w.+\/-]+: (?:.*: |\(\d+\) )?(?:[Cc]annot|[Cc]an't|[Cc]ouldn't|[Cc]ould not|[Uu]nable to|[Ff]ailed to|[Ii]nvalid|unrecognized|unknown|illegal|missing|ambiguous|bad|extra operand|option requires|too many|too few).*)$/),
  other("✖ |❌ |✘ |✕ |  × ", /^ *(?:✖|❌|✘|✕|×) +(?<message>(?!failing tests:)(?!\d+ problems?).*\S)$/, { under: "heading" }),
  other("abort: ", /^abort: (?<message>.*)$/, { wraps: true }),
  other("ERR_", /^\s*(?<message>ERR_[A-Z][A-Z0-9_]+\s.*)$/),
  other("Error:|ERROR:|error:", /^\s*(?:Error|ERROR|error):$/, { opens: "next" }),
  other("ERROR|FATAL|CRITICAL|SEVERE|[emerg]|[alert]|[crit]|[error]|[fatal]", /^(?:.{0,80}?[\s[(])?(?:ERROR|FATAL|CRITICAL|SEVERE|(?<=\[)(?:emerg|alert|crit|error|fatal))[\])]?(?: ?[:~|-]| {2,}|\t|(?<=[\])]) )\s*(?![>\s]*\d* [|│]|To |Re-run |For more |See |\[Help)(?<message>[^\s|│].*)$/),
  other("ERROR |Error |FATAL |Fatal ", /^(?:ERROR|Error|FATAL|Fatal) (?!in\b)(?<message>[\w() .,'"-]{1,60}: .+)$/),
  other("n error occurred|n unexpected error|n unknown error", /^(?<message>.*\b[Aa]n (?:unexpected |unknown |internal )?error occurred\b.*)$/),
  other("ould not |annot |an't |nable to |ailed to ", /^(?<message>(?:[Cc]ould not|[Cc]annot|[Cc]an't|[Uu]nable to|[Ff]ailed to) .+)$/),
  other("There is no |There are no ", /^(?<message>There (?:is|are) no (?!error|problem|failure|change|difference|need).+)$/, { follows: true }),
  other("sage: |SAGE: ", /^(?:\S+: )?(?<message>(?:[Uu]sage|USAGE): .*)$/, { follows: true }),
];
