import { Fragment } from 'react'

import { Dialog } from '@/ui/dialog.tsx'
import { CheckField } from '@/ui/field.tsx'

import { AREAS } from './areas.ts'
import { chooseSingleKeys, useSingleKeys } from './single-keys.ts'

type Shortcut = readonly [keys: string, does: string]

const EVERYWHERE: readonly Shortcut[] = [
  ['Ctrl K', 'Go to anything by its name, or do something'],
  ['?', 'Show these keys'],
  ['/', 'Search on the page'],
]

const EDITORS: readonly Shortcut[] = [
  ['Ctrl Enter', 'Run: a node, a query, an endpoint’s parameters, a tile’s SQL'],
  ['Ctrl S', 'Save: a draft, a query, a dashboard'],
  ['Ctrl Space', 'Complete a name'],
  ['Ctrl Z', 'Undo'],
  ['Escape, then Tab', 'Leave an editor; Tab alone indents'],
  ['Escape', 'Leave full screen, close a dialog'],
]

/** All keys there are. */
export function ShortcutsDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const single = useSingleKeys()
  const areas = AREAS.map(({ key, label }): Shortcut => [`g ${key}`, label])
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title="Keyboard"
      size="wide"
      description="On a Mac, Cmd instead of Ctrl."
    >
      <div className="grid gap-6 sm:grid-cols-2">
        <div className="flex flex-col gap-6">
          <Keys title="Everywhere" keys={EVERYWHERE} />
          <Keys title="Where you write" keys={EDITORS} />
        </div>
        <Keys title="Go to" keys={areas} />
      </div>
      <div className="mt-4 border-t border-line pt-3">
        <CheckField
          label="Keys without Ctrl work (?, / and those that begin with g)"
          checked={single}
          onChange={({ target }) => chooseSingleKeys(target.checked)}
        />
      </div>
    </Dialog>
  )
}

function Keys({ title, keys }: { title: string; keys: readonly Shortcut[] }) {
  return (
    <section>
      <h3 className="mb-2 text-sm font-semibold">{title}</h3>
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] items-baseline gap-x-4 gap-y-1.5 text-sm">
        {keys.map(([key, does]) => (
          <Fragment key={key}>
            <dt>
              <kbd className="rounded border border-line bg-raised px-1.5 py-0.5 font-mono text-xs">
                {key}
              </kbd>
            </dt>
            <dd className="text-muted">{does}</dd>
          </Fragment>
        ))}
      </dl>
    </section>
  )
}
