// Safeguards taken out of a copy of the built product, each with the attacks that must find that out.
import type { Patch } from '../crash/frozen-bundle.ts'

export interface Mutation {
  readonly name: string
  readonly patches: readonly Patch[]
  /** Numbers of the list, of which at least one must fail. */
  readonly foundBy: readonly number[]
}

/** Puts a statement before the body of a function of the program. */
function early(signature: RegExp, statement: string): Patch {
  return {
    program: 'sandpiper',
    find: new RegExp(`(${signature.source}) \\{`),
    replace: `$1 { ${statement}`,
  }
}

export const MUTATIONS: readonly Mutation[] = [
  {
    name: 'the gate judges nothing',
    patches: [early(/async check\(compiled, signal\)/, 'return;')],
    foundBy: [9],
  },
  {
    name: 'filters of tokens are dropped',
    patches: [
      {
        program: 'sandpiper',
        find: /if \(right\.filter === null\) (return \{ form: "table", [^;]*\};)/,
        replace: '$1',
      },
    ],
    foundBy: [18],
  },
  {
    name: 'columns keep the dictionary of all rows',
    patches: [early(/function ownDictionaries\d*\(columns\d*\)/, 'return "";')],
    foundBy: [19],
  },
  {
    name: 'fixed parameters are not applied',
    patches: [early(/function fixedParamsFor\([^)]*\)/, 'return {};')],
    foundBy: [16],
  },
  {
    name: 'kept answers are found without identity',
    patches: [early(/function cacheKey\d*\(parts\)/, 'return parts.pipeId;')],
    foundBy: [20],
  },
  {
    name: 'signatures of JWTs are not checked',
    patches: [
      {
        program: 'sandpiper',
        find: /const payload = key === null \? null : await payloadOf\(value, head, key\);/,
        replace:
          'const payload = JSON.parse(Buffer.from(value.split(".")[1], "base64url").toString());',
      },
    ],
    foundBy: [13],
  },
  {
    name: 'failures show what secrets were bound to',
    patches: [
      {
        program: 'sandpiper',
        find: /(function hideSecretValues\d*\((\w+), \{[^}]*\}\)) \{/,
        replace: '$1 { return $2;',
      },
    ],
    foundBy: [45],
  },
]
