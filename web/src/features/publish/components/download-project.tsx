import { Download } from 'lucide-react'

import { Button } from '@/ui/button.tsx'
import { messageOf } from '@/ui/states.tsx'
import { useToast } from '@/ui/toast.tsx'

import { useDownloadProject } from '../api/download-project.ts'

/** The live project as a zip of datafiles. */
export function DownloadProject({ place }: { place: string }) {
  const load = useDownloadProject(place.replaceAll('@', '-'))
  const toast = useToast()
  const start = (): void =>
    load.mutate(undefined, {
      onSuccess: (count) => toast(`${count} datafiles downloaded.`),
      onError: (err) => toast(messageOf(err), 'bad'),
    })
  return (
    <Button onClick={start} busy={load.isPending}>
      <Download size={14} aria-hidden />
      Download project
    </Button>
  )
}
