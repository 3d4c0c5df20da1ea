import { Download } from 'lucide-react'

import { Button } from '@/ui/button.tsx'
import { Menu } from '@/ui/menu.tsx'
import { messageOf } from '@/ui/states.tsx'
import { useToast } from '@/ui/toast.tsx'

import { EXPORTS, useExport } from '../api/run-sql.ts'

/** All rows of the query as a file. */
export function ExportMenu({ name, sql }: { name: string; sql: string }) {
  const send = useExport(name.replace(/[^\w-]+/g, '_'))
  const toast = useToast()
  return (
    <Menu
      trigger={
        <Button busy={send.isPending}>
          <Download size={14} aria-hidden />
          Export
        </Button>
      }
      items={EXPORTS.map((to) => ({
        label: to.label,
        onSelect: () =>
          send.mutate({ sql, to }, { onError: (err) => toast(messageOf(err), 'bad') }),
      }))}
    />
  )
}
