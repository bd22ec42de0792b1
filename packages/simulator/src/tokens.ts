import type { Clock } from '@teams-operations/core/testing'
import type { Exchange } from './exchange.ts'
import type { Reply } from './reply.ts'
import { errorReply, GraphError } from './routes/graph-error.ts'

export interface TokenOptions {
  /** Which tokens are good: any that is not empty, those of a set, or what a function says. @default 'any' */
  readonly accept?: 'any' | readonly string[] | ReadonlySet<string> | ((token: string) => boolean) | undefined
  /** How long a token is good, from when it is first seen. @default for ever */
  readonly lifetimeMs?: number | undefined
}

/** Decides whether a request has a good token. */
export class TokenGate {
  readonly #clock: Clock
  readonly #isAccepted: (token: string) => boolean
  readonly #lifetimeMs: number
  readonly #firstSeenAt = new Map<string, number>()
  readonly #revoked = new Map<string, string | undefined>()

  constructor(clock: Clock, { accept = 'any', lifetimeMs = Infinity }: TokenOptions = {}) {
    this.#clock = clock
    this.#lifetimeMs = lifetimeMs
    if (typeof accept === 'function') {
      this.#isAccepted = accept
    } else {
      const known = accept === 'any' ? undefined : new Set(accept)
      this.#isAccepted = (token) => known?.has(token) ?? true
    }
  }

  /** @param claims what the 401 challenges for, as JSON; without it the token is simply no longer good */
  revoke(token: string, claims: string | undefined): void {
    this.#revoked.set(token, claims)
  }

  /** @returns the 401, or `undefined` for a good token */
  refuse(exchange: Exchange): Reply | undefined {
    const token = /^bearer\s+(\S+)$/i.exec(exchange.request.headers['authorization'] ?? '')?.[1]
    if (token === undefined) return unauthorized(exchange, 'Access token is empty.')
    if (!this.#isAccepted(token)) return unauthorized(exchange, 'Access token validation failure.')
    if (this.#revoked.has(token)) {
      const claims = this.#revoked.get(token)
      return unauthorized(
        exchange,
        'Continuous access evaluation resulted in challenge: the token was revoked.',
        claims,
      )
    }
    if (this.#lifetimeMs === Infinity) return undefined
    const now = this.#clock.monotonic()
    const firstSeenAt = this.#firstSeenAt.get(token) ?? now
    this.#firstSeenAt.set(token, firstSeenAt)
    if (now < firstSeenAt + this.#lifetimeMs) return undefined
    return unauthorized(exchange, 'Lifetime validation failed, the token is expired.')
  }
}

const challenge =
  'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", ' +
  'client_id="00000003-0000-0000-c000-000000000000"'

function unauthorized(exchange: Exchange, message: string, claims?: string): Reply {
  const insufficient = claims === undefined ? '' : `, error="insufficient_claims", claims="${btoa(claims)}"`
  return errorReply(exchange, new GraphError(401, 'InvalidAuthenticationToken', message), {
    'www-authenticate': challenge + insufficient,
  })
}
