// The lines of a datafile that say how its endpoint answers: the datafile is the truth, so they are what is shown.

export interface SettingLine {
  /** From 1. */
  line: number
  text: string
  /** What it does, in words. */
  means: string
}

const RULES: readonly { pattern: RegExp; means: (match: RegExpExecArray) => string }[] = [
  {
    pattern: /^\s*CACHE\s+(\d+)/i,
    means: ([, seconds]) => `An answer is kept for ${seconds ?? ''} s.`,
  },
  {
    pattern: /cache_ttl\(\s*['"]([^'"]+)['"]/,
    means: ([, ttl]) => `An answer is kept for ${ttl ?? ''}, where the template comes by here.`,
  },
  {
    pattern: /^\s*TOKEN\s+(?:"([^"]+)"|(\S+))\s+READ/i,
    means: ([, quoted, plain]) => `The token "${quoted ?? plain ?? ''}" may call it.`,
  },
  {
    pattern: /\b(max_threads|activate_feature|backend_hint)\(\s*([^)]*)\)/,
    means: ([, name, value]) => `Sets ${name ?? ''} to ${value ?? ''}.`,
  },
  {
    pattern: /^\s*DEPLOYMENT_METHOD\s+(\S+)/i,
    means: ([, method]) => `Deployed by ${method ?? ''}.`,
  },
]

export function settingLines(datafile: string): readonly SettingLine[] {
  return datafile.split('\n').flatMap((text, at) => {
    for (const { pattern, means } of RULES) {
      const match = pattern.exec(text)
      if (match !== null) return [{ line: at + 1, text: text.trim(), means: means(match) }]
    }
    return []
  })
}
