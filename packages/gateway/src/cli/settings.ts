import { accessSettings, type AccessSettings } from './settings/access-settings.ts'
import { authenticationSettings, type AuthenticationSettings } from './settings/authentication-settings.ts'
import { graphSettings, type GraphSettings } from './settings/graph-settings.ts'
import { limitSettings, type LimitSettings } from './settings/limit-settings.ts'
import { listeningSettings, type ListeningSettings } from './settings/listening-settings.ts'
import { operatorSettings, type OperatorSettings } from './settings/operator-settings.ts'
import type { Setting, SettingsOf } from './settings/setting.ts'

/** All that the gateway can be told. */
export interface Settings
  extends
    ListeningSettings,
    AccessSettings,
    AuthenticationSettings,
    LimitSettings,
    GraphSettings,
    OperatorSettings {}

export interface SettingGroup {
  readonly title: string
  readonly settings: Readonly<Record<string, Setting<unknown>>>
}

/** Every setting, as `--help` shows them. */
export const settingGroups: readonly SettingGroup[] = [
  { title: 'Listening', settings: { ...listeningSettings } },
  { title: 'Clients', settings: { ...accessSettings, ...authenticationSettings } },
  { title: 'What clients may ask for', settings: { ...limitSettings } },
  { title: 'Microsoft Graph', settings: { ...graphSettings } },
  { title: 'Running it', settings: { ...operatorSettings } },
]

/** Every setting once: where it comes from, how it is read, and what `--help` says. */
export const settings: SettingsOf<Settings> = {
  ...listeningSettings,
  ...accessSettings,
  ...authenticationSettings,
  ...limitSettings,
  ...graphSettings,
  ...operatorSettings,
}
