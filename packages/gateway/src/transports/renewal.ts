import { holdsAuthorization } from '../access/bearer-token.ts'
import type { Identity } from '../access/identity.ts'

export type PingPayload = Readonly<Record<string, unknown>> | undefined

/**
 * In-band renewal: a `ping` whose payload holds a token, as that of `connection_init` does, makes the
 * connection last as long as that token. The `pong` says until when it does, and never returns the token.
 *
 * @returns the payload of the `pong`
 */
export async function renewByPing(
  payload: PingPayload,
  identity: Identity | undefined,
): Promise<PingPayload> {
  if (!payload || !holdsAuthorization(payload)) return payload
  await identity?.renew({ connectionParams: payload })
  return identity && expiryOf(identity)
}

/** Until when it is known whose a connection is; `undefined` for ever. */
export function expiryOf({ principal }: Identity): { readonly expiresDateTime: string } | undefined {
  const { expiresAt } = principal
  return expiresAt === undefined ? undefined : { expiresDateTime: new Date(expiresAt).toISOString() }
}
