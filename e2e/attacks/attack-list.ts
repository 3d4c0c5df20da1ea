// The attacks that are run, by their number in the list that this product is tested against.

/** One attack. */
export interface Attack {
  readonly number: number
  readonly name: string
  /** What of it cannot apply over HTTP or to this product, and what is tried instead. */
  readonly instead?: string
}

/** In the order they are told. */
export const ATTACKS: readonly Attack[] = [
  { number: 1, name: 'text parameters are literals, whatever they hold' },
  { number: 2, name: 'identifiers of callers are columns or nothing' },
  { number: 3, name: 'templates run no code' },
  { number: 4, name: 'stored values are trusted no more than sent ones' },
  { number: 5, name: 'one SELECT, no FORMAT, OUTFILE or SETTINGS inside' },
  { number: 6, name: 'no table functions that read outside' },
  { number: 7, name: 'no way around by nesting' },
  { number: 8, name: 'no names of other workspaces or of the system' },
  { number: 9, name: 'no functions of the host' },
  {
    number: 10,
    name: 'no requests to inside addresses',
    instead:
      'the port of the engine is a socket, which is not there over HTTP; what would reach it is tried',
  },
  {
    number: 11,
    name: 'no address written otherwise gets through',
    instead:
      'rebinding needs a name server of ours: tried in packages/outbound; here every way of writing an address',
  },
  { number: 12, name: 'no expression reaches a program or a file' },
  { number: 13, name: 'JWTs are signed by the key, in the way of the key' },
  { number: 14, name: 'headers of a JWT choose no key' },
  { number: 15, name: 'claims of time are there and of their type' },
  { number: 16, name: 'fixed parameters are fixed' },
  { number: 17, name: 'filters and fixed parameters are not widened' },
  { number: 18, name: 'filters hold under shadowing names' },
  { number: 19, name: 'errors, counts and answers tell nothing of the rest' },
  { number: 20, name: 'kept answers are for who asked' },
  { number: 21, name: 'nothing is found by the id of another workspace' },
  { number: 22, name: 'tokens stand in no answer' },
  { number: 23, name: 'scopes are exact' },
  { number: 24, name: 'a project gives no rights and reads no files' },
  { number: 25, name: 'revoked is revoked at once' },
  {
    number: 26,
    name: 'nothing for a browser to run or to send',
    instead:
      'here types, policy, CORS and cookies; hostile events in the console itself are tried in a browser (e2e/console); formulas in CSV are text as they were sent',
  },
  {
    number: 27,
    name: 'text in events asks nothing',
    instead:
      'there is no agent and no MCP: their paths are not there, and hostile text changes nothing',
  },
  { number: 28, name: 'bombs in bodies' },
  { number: 30, name: 'headers without end' },
  { number: 31, name: 'hostile JSON' },
  { number: 34, name: 'times beyond their type' },
  { number: 35, name: 'bombs in SQL end at a limit' },
  { number: 36, name: 'texts that parsers could choke on' },
  { number: 37, name: 'members of every object are names like others' },
  { number: 38, name: 'two parsers, one meaning' },
  { number: 40, name: 'metrics hold no names of users' },
  {
    number: 45,
    name: 'secrets come out nowhere',
    instead: 'what lies on disk is looked at by the same suite in npm test, on a server of its own',
  },
  { number: 46, name: 'pages of other origins read the data plane only' },
  { number: 47, name: 'no second statement reaches the engine' },
]
