import { Check, Copy } from 'lucide-react'
import { useState } from 'react'

import { IconButton } from './icon-button.tsx'

/** Text to take along, with a button that copies it. */
export function CodeBlock({ code, label }: { code: string; label: string }) {
  return (
    <div className="relative rounded-md border border-line bg-canvas">
      <div className="absolute top-1 right-1">
        <CopyButton text={code} label={`Copy ${label}`} />
      </div>
      <pre
        aria-label={label}
        tabIndex={0}
        className="overflow-auto p-3 pr-12 font-mono text-xs leading-5"
      >
        {code}
      </pre>
    </div>
  )
}

export function CopyButton({ text, label }: { text: string; label: string }) {
  const [copied, setCopied] = useState(false)
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text)
    setCopied(true)
    setTimeout(() => setCopied(false), 1500)
  }
  return (
    <IconButton label={copied ? 'Copied' : label} onClick={() => void copy()}>
      {copied ? <Check size={15} /> : <Copy size={15} />}
    </IconButton>
  )
}
