import type { Behavior, Exchange } from '../exchange.ts'
import { parsePath } from '../model/resource-path.ts'
import { spellLocation, type LocationSpelling } from '../routes/accepted.ts'

export interface AcceptedAsOptions {
  /** How the location is spelt. @default as the start method spells it */
  readonly spelling?: LocationSpelling | undefined
  /** Which header it is in; `none` leaves it out. @default 'location' */
  readonly header?: 'location' | 'content-location' | 'none' | undefined
  /** The `Content-Type` of the empty body. @default as the start method has it */
  readonly contentType?: string | undefined
}

/** Changes how a 202 says where its operation lives. */
export function acceptedAs({ spelling, header = 'location', contentType }: AcceptedAsOptions): Behavior {
  return async (exchange, next) => {
    const reply = await next()
    const { location, ...others } = reply.headers
    if (reply.status !== 202 || location === undefined) return reply
    const { 'content-location': contentLocation, ...headers } = others
    const spelt = spelling === undefined ? location : respell(location, spelling, exchange)
    return {
      ...reply,
      headers: {
        ...headers,
        ...(header === 'location' && contentLocation !== undefined
          ? { 'content-location': contentLocation }
          : {}),
        ...(header === 'none' ? {} : { [header]: spelt }),
        ...(contentType === undefined ? {} : { 'content-type': contentType }),
      },
    }
  }
}

function respell(location: string, spelling: LocationSpelling, { request, target }: Exchange): string {
  const [owners, ownerId, , id] = (parsePath(location) ?? []).map(({ text }) => text)
  if (ownerId === undefined || id === undefined) return location
  const parts = { ownerKind: owners === 'chats' ? 'chat' : 'team', ownerId, id } as const
  return spellLocation(spelling, parts, `${request.url.origin}/${target.version}`)
}
