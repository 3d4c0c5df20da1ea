import { AlignLeft, EllipsisVertical, Play } from 'lucide-react'

import { IfMay } from '@/lib/rights/if-may.tsx'
import { Badge } from '@/ui/badge.tsx'
import { Button } from '@/ui/button.tsx'
import { IconButton } from '@/ui/icon-button.tsx'
import { Menu, type MenuItem } from '@/ui/menu.tsx'

import type { Move } from '../edit-pipe.ts'
import type { PipeNodeText } from '../pipe-text.ts'
import { NODE_KINDS } from '../node-kinds.ts'

export interface NodeActions {
  describe: () => void
  move: (move: Move) => void
  remove: () => void
  endpoint: () => void
  copy: () => void
  materialize: () => void
  plain: () => void
  explain: () => void
}

export function NodeHeader(props: {
  node: PipeNodeText
  position: { first: boolean; last: boolean; only: boolean }
  actions: NodeActions
  isRunning: boolean
  onRun: () => void
  onFormat: () => void
}) {
  const { node, position, actions, isRunning, onRun, onFormat } = props
  const { name, description, type } = node
  const kind = NODE_KINDS[type]
  return (
    <header className="flex flex-wrap items-center gap-2 border-b border-line px-3 py-2">
      <div className="min-w-0 flex-1">
        <h2 className="flex flex-wrap items-center gap-2 font-mono text-sm font-semibold">
          <span className="truncate">{name}</span>
          {type === 'standard' ? null : <Badge tone={kind.tone}>{kind.label}</Badge>}
          <TargetOf node={node} />
        </h2>
        {description === '' ? null : (
          <p className="mt-0.5 text-sm whitespace-pre-wrap text-muted">{description}</p>
        )}
      </div>
      <IfMay act="run nodes">
        <Button onClick={onRun} busy={isRunning} aria-label={`Run ${name}`}>
          <Play size={14} aria-hidden />
          Run
        </Button>
      </IfMay>
      <IfMay act="change the workspace">
        <IconButton label={`Format ${name}`} onClick={onFormat}>
          <AlignLeft size={16} />
        </IconButton>
        <Menu
          trigger={
            <IconButton label={`More for ${name}`}>
              <EllipsisVertical size={16} />
            </IconButton>
          }
          items={itemsOf(type, position, actions)}
        />
      </IfMay>
    </header>
  )
}

function TargetOf({ node: { type, settings } }: { node: PipeNodeText }) {
  const target = type === 'copy' ? settings['TARGET_DATASOURCE'] : settings['DATASOURCE']
  if (target === undefined) return null
  const schedule = settings['COPY_SCHEDULE']
  return (
    <span className="text-xs font-normal text-muted">
      into {target}
      {schedule === undefined ? '' : `, ${schedule}`}
    </span>
  )
}

function itemsOf(
  type: PipeNodeText['type'],
  { first, last, only }: { first: boolean; last: boolean; only: boolean },
  actions: NodeActions,
): MenuItem[] {
  return [
    { label: 'Name and description…', onSelect: actions.describe },
    { label: 'Explain', onSelect: actions.explain },
    ...(type === 'endpoint' ? [] : [{ label: 'Make it the endpoint', onSelect: actions.endpoint }]),
    { label: type === 'copy' ? 'Change the copy…' : 'Copy its rows…', onSelect: actions.copy },
    {
      label: type === 'materialized' ? 'Change the materialization…' : 'Materialize it…',
      onSelect: actions.materialize,
    },
    ...(type === 'standard' ? [] : [{ label: 'Make it a plain node', onSelect: actions.plain }]),
    { label: 'Move up', onSelect: () => actions.move('up'), disabled: first },
    { label: 'Move down', onSelect: () => actions.move('down'), disabled: last },
    { label: 'Delete node', onSelect: actions.remove, danger: true, disabled: only },
  ]
}
