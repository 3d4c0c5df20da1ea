const SETTINGS_TABS = [
  'workspace',
  'secrets',
  'branches',
  'limits',
  'connections',
  'metrics',
] as const

export type SettingsTab = (typeof SETTINGS_TABS)[number]

export function readSettingsSearch({ tab }: Record<string, unknown>): { tab?: SettingsTab } {
  const known = SETTINGS_TABS.find((each) => each === tab)
  return known === undefined ? {} : { tab: known }
}
