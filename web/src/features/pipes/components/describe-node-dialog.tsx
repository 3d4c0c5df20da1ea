import { useState } from 'react'

import { Button } from '@/ui/button.tsx'
import { Dialog } from '@/ui/dialog.tsx'
import { TextAreaField, TextField } from '@/ui/field.tsx'

import { isName } from '../edit-pipe.ts'
import type { PipeNodeText } from '../pipe-text.ts'

/** Name and description of a node; nodes that read it follow the new name. */
export function DescribeNodeDialog({
  node,
  taken,
  onClose,
  onDone,
}: {
  node: PipeNodeText
  /** Names of the other nodes. */
  taken: readonly string[]
  onClose: () => void
  onDone: (name: string, description: string) => void
}) {
  const [name, setName] = useState(node.name)
  const [description, setDescription] = useState(node.description)
  const problem = problemOf(name, taken)
  return (
    <Dialog
      open
      title={`Node ${node.name}`}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            look="primary"
            disabled={problem !== undefined}
            onClick={() => onDone(name, description.trim())}
          >
            Done
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <TextField
          label="Name"
          value={name}
          error={problem}
          spellCheck={false}
          onChange={({ target }) => setName(target.value)}
        />
        <TextAreaField
          label="Description"
          value={description}
          onChange={({ target }) => setDescription(target.value)}
        />
      </div>
    </Dialog>
  )
}

function problemOf(name: string, taken: readonly string[]): string | undefined {
  if (!isName(name)) return 'Letters, digits and underscores, not beginning with a digit.'
  return taken.includes(name) ? 'Another node has this name.' : undefined
}
