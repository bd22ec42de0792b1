import { each, one, onOrOff, type SettingsOf } from './setting.ts'

export interface AccessSettings {
  readonly allowStart: boolean
  readonly allowedOrigins: readonly string[]
  readonly allowedHosts: readonly string[]
}

/** Who may use the gateway, and for what. */
export const accessSettings: SettingsOf<AccessSettings> = {
  allowStart: {
    flag: 'allow-start',
    variable: 'ALLOW_START',
    help: 'Let clients start operations as well: the mutations.',
    shownDefault: 'off',
    default: false,
    parse: one(onOrOff),
    expected: 'true or false',
  },
  allowedOrigins: {
    flag: 'allowed-origin',
    variable: 'ALLOWED_ORIGINS',
    placeholder: 'origin',
    isList: true,
    help: 'Site whose pages may use it, such as https://app.example.com.',
    shownDefault: 'its own',
    default: [],
    parse: each((text) => (URL.parse(text)?.origin === text ? text : undefined)),
    expected: 'an origin of the web, such as https://app.example.com',
  },
  allowedHosts: {
    flag: 'allowed-host',
    variable: 'ALLOWED_HOSTS',
    placeholder: 'name',
    isList: true,
    help: 'Name under which clients reach it, through a proxy.',
    shownDefault: "this machine's",
    default: [],
    parse: each(hostName),
    expected: 'the whole name of a host, without a port or a *',
  },
}

/** A `*` would stand for itself only. */
function hostName(text: string): string | undefined {
  const isName = !text.includes('*') && URL.parse(`http://${text}`)?.hostname === text.toLowerCase()
  return isName ? text : undefined
}
