import { Pause, Play } from 'lucide-react'
import { useState } from 'react'

import { formatCount } from '@/lib/format.ts'
import { Badge } from '@/ui/badge.tsx'
import { Button } from '@/ui/button.tsx'
import { TextField } from '@/ui/field.tsx'
import { Empty, ErrorBox } from '@/ui/states.tsx'

import { found, type TailState } from '../tail-rows.ts'
import { type Tail, useTail } from '../use-tail.ts'
import { LiveRows } from './live-rows.tsx'

export interface LiveTailProps {
  name: string
  find: string
  onFind: (find: string) => void
}

/** Events as they arrive, accepted and refused. Paused, it goes on counting and shows what stood there. */
export function LiveTail({ name, find, onFind }: LiveTailProps) {
  const tail = useTail(name)
  const [held, setHeld] = useState<TailState | null>(null)
  const shown = held ?? tail.state
  const rows = found(shown.rows, find)
  const newer = tail.state.accepted + tail.state.refused - shown.accepted - shown.refused
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-3">
        <Button
          look={held === null ? 'plain' : 'primary'}
          onClick={() => setHeld(held === null ? tail.state : null)}
        >
          {held === null ? <Pause size={14} aria-hidden /> : <Play size={14} aria-hidden />}
          {held === null ? 'Pause' : `Go on${newer === 0 ? '' : `, ${formatCount(newer)} newer`}`}
        </Button>
        <Button
          onClick={() => {
            tail.clear()
            setHeld(null)
          }}
        >
          Clear
        </Button>
        <div className="w-60">
          <TextField
            label="Find in events"
            hideLabel
            type="search"
            placeholder="Find in events"
            value={find}
            onChange={({ target }) => onFind(target.value)}
          />
        </div>
        <Counts tail={tail} />
      </div>
      <Trouble tail={tail} />
      {rows.length === 0 ? (
        <Empty title={shown.rows.length === 0 ? 'Waiting for events' : 'No event holds that text'}>
          {shown.rows.length === 0
            ? 'Whatever arrives from now on stands here a moment later.'
            : `${formatCount(shown.rows.length)} others are here.`}
        </Empty>
      ) : (
        <LiveRows label={`Events of ${name}`} rows={rows} />
      )}
    </div>
  )
}

function Counts({ tail: { state, status } }: { tail: Tail }) {
  return (
    <p className="ml-auto flex flex-wrap items-center gap-2 text-xs">
      <Badge tone={status === 'open' ? 'good' : 'plain'}>
        {status === 'open' ? 'live' : status === 'ended' ? 'ended' : 'connecting'}
      </Badge>
      <span className="text-muted">{formatCount(state.accepted)} accepted</span>
      <span className={state.refused === 0 ? 'text-muted' : 'text-warn'}>
        {formatCount(state.refused)} refused
      </span>
      {state.dropped === 0 ? null : (
        <span className="text-muted">{formatCount(state.dropped)} too many to show</span>
      )}
    </p>
  )
}

function Trouble({ tail: { status, reason, error, again } }: { tail: Tail }) {
  if (error !== null)
    return status === 'ended' ? (
      <ErrorBox error={error} onRetry={again} />
    ) : (
      <p role="status" className="text-sm text-warn">
        The connection was lost; trying again.
      </p>
    )
  if (reason === null) return null
  return (
    <div role="status" className="flex items-center gap-3 text-sm">
      {reason}
      <Button onClick={again}>Watch again</Button>
    </div>
  )
}
