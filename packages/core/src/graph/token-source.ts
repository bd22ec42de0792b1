import type { Clock } from '../clock.ts'
import type { AccessToken, TokenCredential } from './credential.ts'
import { isSendableToken } from './fixed-token.ts'
import { orAborted, within } from './within.ts'

/** Before its expiry a token is replaced by this much, because clocks differ and requests take time. */
const REFRESH_BEFORE_EXPIRY_MS = 300_000
/** While the old token is still good, a credential that gives no new one is left alone for this long. */
const FAILED_REFRESH_PAUSE_MS = 30_000

export interface TokenSource {
  /** A token for the Graph of this origin. Rejects when there is none to be had. */
  get(signal: AbortSignal): Promise<string>
  /**
   * Graph refused this token: exactly this one is not used again, and the next one is asked for with the
   * claims of the challenge. Harmless when another one has taken its place meanwhile.
   */
  reject(token: string, claims?: string): void
}

export interface TokenSourceOptions {
  readonly credential: TokenCredential
  readonly origin: string
  readonly clock: Clock
  readonly timeoutMs: number
}

interface HeldToken {
  readonly token: string
  readonly expiresAt: number
  /** From when on a new one is asked for; at once for a token that came expired. */
  readonly refreshAt: number
}

interface Flight {
  readonly result: Promise<HeldToken>
  readonly controller: AbortController
  waiters: number
}

/**
 * Asks the credential for tokens, once for everybody who needs one at the same time. Holds a token until it
 * is due for renewal, so that a poll outlives it.
 */
export function createTokenSource({ credential, origin, clock, timeoutMs }: TokenSourceOptions): TokenSource {
  const scope = `${origin}/.default`
  let held: HeldToken | undefined
  let flight: Flight | undefined
  let challenge: string | undefined

  async function ask(claims: string | undefined, signal: AbortSignal): Promise<HeldToken> {
    const onTimeout = (): Error => new Error(`The credential did not answer within ${timeoutMs} ms`)
    const answer = await within({ clock, timeoutMs, signal, onTimeout }, async (abortSignal) =>
      credential.getToken(scope, {
        abortSignal,
        enableCae: true,
        ...(claims === undefined ? {} : { claims }),
      }),
    )
    return hold(answer, clock.now())
  }

  function takeOff(): Flight {
    const controller = new AbortController()
    const claims = challenge
    const result = ask(claims, controller.signal)
    const started: Flight = { result, controller, waiters: 0 }
    // One that a challenge has overtaken changes nothing here: its token lacks the claims.
    result.then(
      (token) => {
        if (flight !== started) return
        flight = undefined
        held = token
        if (challenge === claims) challenge = undefined
      },
      () => {
        if (flight !== started) return
        flight = undefined
        if (held)
          held = { ...held, refreshAt: Math.min(clock.now() + FAILED_REFRESH_PAUSE_MS, held.expiresAt) }
      },
    )
    return started
  }

  async function join(signal: AbortSignal): Promise<HeldToken> {
    const joined = (flight ??= takeOff())
    joined.waiters += 1
    try {
      return await orAborted(joined.result, signal)
    } finally {
      joined.waiters -= 1
      if (joined.waiters === 0 && signal.aborted) {
        // Nobody waits for it any more: it must not keep a timer, or a process, alive.
        if (flight === joined) flight = undefined
        joined.controller.abort(signal.reason)
      }
    }
  }

  return {
    async get(signal) {
      signal.throwIfAborted()
      if (held && clock.now() < held.refreshAt) return held.token
      try {
        return (await join(signal)).token
      } catch (error) {
        // Still good, and better than none while the identity provider is down.
        if (!signal.aborted && held && clock.now() < held.expiresAt) return held.token
        throw error
      }
    },
    reject(token, claims) {
      if (held?.token !== token) return
      held = undefined
      if (claims === undefined) return
      challenge = claims
      flight = undefined
    },
  }
}

function hold(answer: AccessToken | null, now: number): HeldToken {
  if (!answer) throw new Error('The credential gave no token: getToken() resolved to null')
  const { token, expiresOnTimestamp, refreshAfterTimestamp } = answer
  if (typeof token !== 'string' || !isSendableToken(token)) {
    throw new Error(
      'The credential gave a token that cannot be sent: expected printable ASCII without spaces',
    )
  }
  const expiresAt = expiresOnTimestamp > now ? expiresOnTimestamp : now
  // A token that lives for minutes is renewed at half of its life, not at every request.
  const dueAt = Math.max(expiresAt - REFRESH_BEFORE_EXPIRY_MS, now + (expiresAt - now) / 2)
  return { token, expiresAt, refreshAt: Math.min(refreshAfterTimestamp ?? Infinity, dueAt) }
}
