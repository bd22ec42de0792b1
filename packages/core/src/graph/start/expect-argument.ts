import { shortened } from '../../operation/shortened.ts'

const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
/** `19:{hex}@thread.tacv2`, in older teams `19:{hex}@thread.skype`. */
const channelId = /^19:[\w-]{1,200}@thread\.[a-z0-9]{1,20}$/i

/** @throws TypeError when it is no GUID */
export function expectTeamId(teamId: string): string {
  return expectText('teamId', teamId, 'the GUID of a team', (id) => guid.test(id))
}

/** @throws TypeError when it is no id of a channel */
export function expectChannelId(id: string): string {
  return expectText('channelId', id, 'the id of a channel, such as 19:…@thread.tacv2', (text) =>
    channelId.test(text),
  )
}

/** @throws TypeError when it is not what was expected; whatever the types say, it may come from elsewhere */
export function expectText(
  name: string,
  value: unknown,
  expected = 'a non-empty string',
  holds: (text: string) => boolean = (text) => text.trim() !== '',
): string {
  if (typeof value === 'string' && holds(value)) return value
  throw new TypeError(`Expected \`${name}\` to be ${expected}, got ${shortened(value)}`)
}
