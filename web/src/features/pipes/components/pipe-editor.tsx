import { Redo2, Undo2 } from 'lucide-react'
import { type ReactNode, useCallback, useMemo } from 'react'

import { useDraft } from '@/lib/drafts/use-draft.ts'
import { useLiveFile } from '@/lib/project/get-live-file.ts'
import { useMay } from '@/lib/rights/use-may.ts'
import { useControlKey } from '@/lib/use-control-key.ts'
import { IconButton } from '@/ui/icon-button.tsx'
import { LeaveGuard } from '@/ui/leave-guard.tsx'
import { Page } from '@/ui/page.tsx'
import { QueryView } from '@/ui/query-view.tsx'
import { Loading } from '@/ui/states.tsx'
import { Tabs } from '@/ui/tabs.tsx'

import type { PipeSearch, PipeTab } from '../pipe-search.ts'
import { parsePipeText } from '../pipe-text.ts'
import { type TextHistory, useTextHistory } from '../use-text-history.ts'
import { DraftBadge, DraftProblems } from './draft-bar.tsx'
import { GonePipe } from './gone-pipe.tsx'
import { pipeTabs } from './pipe-tabs.tsx'
import { PipeMenu } from './pipe-menu.tsx'

export interface PipeEditorProps {
  name: string
  search: PipeSearch
  onSearch: (search: PipeSearch) => void
  /** Where to publish. */
  publish: ReactNode
}

/** One pipe: its draft, saved as it is typed, as a notebook, as a file and as a difference. */
export function PipeEditor(props: PipeEditorProps) {
  const { name, search, onSearch, publish } = props
  const live = useLiveFile(`${name}.pipe`)
  const draft = useDraft(`${name}.pipe`, live.data)
  const { saver } = draft
  const liveText = live.data ?? null
  const set = useCallback((text: string) => saver.edit(text, liveText), [saver, liveText])
  const history = useTextHistory(draft.text, set)
  const mayChange = useMay()('change the workspace')
  const save = (): void => void saver.flush()
  useControlKey('s', save)
  const pipe = useMemo(() => (draft.text === null ? null : parsePipeText(draft.text)), [draft.text])
  return (
    <Page
      title={name}
      about={<DraftBadge draft={draft} />}
      actions={
        <>
          {mayChange ? <HistoryButtons history={history} /> : null}
          {publish}
          <PipeMenu name={name} draft={draft} live={liveText} />
        </>
      }
    >
      <LeaveGuard
        isUnsaved={() => saver.isUnsaved()}
        save={() => saver.flush()}
        loses={`What you wrote in ${name} since its draft was last saved. The page says why it could not be.`}
      />
      <QueryView query={live}>
        {() => {
          if (!draft.isReady) return <Loading />
          if (draft.text === null)
            return (
              <GonePipe
                {...{ name, draft, live: liveText, search, onSearch }}
                onTake={history.change}
              />
            )
          return (
            <>
              <DraftProblems draft={draft} live={liveText} />
              <Tabs
                label={`About ${name}`}
                value={search.tab ?? (pipe === null ? 'file' : 'nodes')}
                onChange={(tab) => onSearch({ ...search, tab: tab as PipeTab })}
                tabs={pipeTabs({
                  ...{ name, pipe, text: draft.text, live: liveText, search, onSearch },
                  onText: history.change,
                  ...{ onSave: save, mayChange },
                })}
              />
            </>
          )
        }}
      </QueryView>
    </Page>
  )
}

function HistoryButtons({ history: { undo, redo } }: { history: TextHistory }) {
  return (
    <>
      <IconButton label="Undo" disabled={undo === null} onClick={() => undo?.()}>
        <Undo2 size={16} />
      </IconButton>
      <IconButton label="Redo" disabled={redo === null} onClick={() => redo?.()}>
        <Redo2 size={16} />
      </IconButton>
    </>
  )
}
