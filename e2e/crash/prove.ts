// Proves that the campaign can fail: each safeguard is taken out of a copy of the built product, and the campaign must find out. What is
// not found out would not be found out either if somebody broke it by mistake.
import { rmSync } from 'node:fs'
import { runCampaign } from './campaign.ts'
import type { Violation } from './checker.ts'
import { freezeBundle, type Patch } from './frozen-bundle.ts'
import type { Mode } from './options.ts'

export interface Mutation {
  readonly name: string
  readonly patches: readonly Patch[]
  /** What finds it out, within at most so many cycles. */
  readonly mode: Mode
  readonly cycles: number
  /** Default: those of any campaign. */
  readonly perRound?: number
}

export const MUTATIONS: readonly Mutation[] = [
  {
    name: 'the log is not fsynced',
    mode: 'power',
    cycles: 20,
    patches: (['sandpiper', 'writer'] as const).map((program) => ({
      program,
      find: /sync: \(\) => handle\.datasync\(\),\s*truncate:/,
      replace: 'sync: () => Promise.resolve(), truncate:',
    })),
  },
  {
    name: 'the engine does not fsync parts',
    mode: 'power',
    cycles: 40,
    patches: [
      {
        program: 'sandpiper',
        find: /fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1/,
        replace:
          'fsync_after_insert = 0, fsync_part_directory = 0, min_rows_to_fsync_after_merge = 0',
      },
    ],
  },
  {
    name: 'checksums of frames are not compared',
    mode: 'flips',
    cycles: 8,
    perRound: 1,
    patches: (['sandpiper', 'writer'] as const).flatMap((program) => [
      { program, find: /return crc === \w+\.bodyCrc/, replace: 'return true' },
      { program, find: /checksum\([^;]*?\) !== \w+\.bodyCrc/, replace: 'false' },
    ]),
  },
  {
    name: 'a batch in doubt is loaded again without a look',
    mode: 'kill',
    cycles: 100,
    patches: [
      {
        program: 'writer',
        find: /function isAbsent\(([^)]*)\) \{/,
        replace: 'function isAbsent($1) { return true;',
      },
      {
        program: 'writer',
        find: /function lackingPartitions\((\w+)([^)]*)\) \{/,
        replace: 'function lackingPartitions($1$2) { return [...$1];',
      },
    ],
  },
  {
    name: 'positions above the checkpoint are not read from the log',
    mode: 'kafka',
    cycles: 25,
    patches: [
      {
        program: 'sandpiper',
        find: /if \(head\.position !== (?:void 0|undefined)\)/,
        replace: 'if (false)',
      },
    ],
  },
]

export interface ProofOptions {
  readonly seed: number
  readonly root: string | null
  readonly tell: (line: string) => void
}

/** Runs every mutation until it is found out, and the product as it is for as long. @returns exit code. */
export async function prove({ seed, root, tell }: ProofOptions): Promise<number> {
  let failed = 0
  for (const mutation of MUTATIONS) {
    const found = await findOut(mutation, { seed, root, tell })
    if (found === null) failed += 1
    tell(
      `${found === null ? 'NOT FOUND OUT' : 'found out'}: ${mutation.name}${found === null ? '' : `: ${found.kind} in ${found.where}: ${found.first}`}`,
    )
    const healthy = await findOut({ ...mutation, patches: [] }, { seed, root, tell })
    if (healthy !== null) failed += 1
    tell(
      `without it: ${healthy === null ? 'nothing lost, nothing doubled' : `VIOLATED: ${healthy.kind} in ${healthy.where}: ${healthy.first}`}`,
    )
  }
  return failed === 0 ? 0 : 1
}

/** The first violation that the campaign finds in the mutated product; null when it finds none. */
async function findOut(
  mutation: Mutation,
  { seed, root, tell }: ProofOptions,
): Promise<Violation | null> {
  const bundle = freezeBundle(mutation.patches, root ?? undefined)
  try {
    const { failures } = await runCampaign({
      ...{ mode: mutation.mode, seed, cycles: mutation.cycles, round: null, program: bundle.main },
      stopAtFirst: true,
      ...(mutation.perRound !== undefined && { perRound: mutation.perRound }),
      onProgress: ({ round, rounds, result }) => {
        if (result !== null) tell(`  ${mutation.mode} ${round}/${rounds}`)
      },
    })
    // Evidence against a product that nobody runs.
    for (const { folder } of mutation.patches.length > 0 ? failures : [])
      rmSync(folder, { recursive: true, force: true })
    return failures[0]?.violations[0] ?? null
  } finally {
    bundle.remove()
  }
}
