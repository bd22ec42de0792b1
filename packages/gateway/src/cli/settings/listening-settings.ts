import { host, one, port, type SettingsOf } from './setting.ts'

export interface ListeningSettings {
  readonly port: number
  readonly host: string
}

/** Where clients reach the gateway. */
export const listeningSettings: SettingsOf<ListeningSettings> = {
  port: {
    flag: 'port',
    variable: 'PORT',
    placeholder: 'number',
    help: 'Port to listen on; 0 takes any free one.',
    shownDefault: '4000',
    default: 4000,
    parse: one(port),
    expected: 'a port from 0 to 65535',
  },
  host: {
    flag: 'host',
    variable: 'HOST',
    placeholder: 'name',
    help: 'Address to listen on; without --auth, of this machine alone.',
    shownDefault: '127.0.0.1',
    default: '127.0.0.1',
    parse: one(host),
    expected: 'a name or an address of this machine',
  },
}
