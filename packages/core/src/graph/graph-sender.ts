import type { Clock } from '../clock.ts'
import { InvalidLocationError } from '../operation/invalid-location-error.ts'
import type { MissingAnswer } from './answer.ts'
import type { TokenSource } from './token-source.ts'
import type { GraphRequest, GraphResponse, Transport } from './transport.ts'
import { within } from './within.ts'

/** What came back, or that nothing did. */
type Reply = ReceivedReply | MissingAnswer

export interface ReceivedReply {
  readonly kind: 'received'
  readonly response: GraphResponse
  /** What the request called itself; Graph keeps it beside its own `request-id`. */
  readonly clientRequestId: string
  /** Graph did not accept the token that this request carried. */
  rejectToken(claims: string | undefined): void
}

export interface GraphSender {
  readonly origin: string
  readonly clock: Clock
  /** Sends once. Never rejects, unless the URL is of another origin. */
  send(request: GraphRequest, signal: AbortSignal): Promise<Reply>
}

export interface GraphSenderOptions {
  readonly origin: string
  readonly transport: Transport
  /** Not with a transport that authenticates by itself. */
  readonly tokens: TokenSource | undefined
  readonly clock: Clock
  readonly timeoutMs: number
}

/**
 * The one way out. Whatever else goes wrong, two things hold here: no request, and so no token, leaves for
 * another origin than the configured one, and every request ends within its time.
 */
export function createGraphSender({
  origin,
  transport,
  tokens,
  clock,
  timeoutMs,
}: GraphSenderOptions): GraphSender {
  return {
    origin,
    clock,
    async send(request, signal) {
      assertOrigin(request.url, origin)
      let token: string | undefined
      try {
        token = await tokens?.get(signal)
      } catch (error) {
        return { kind: 'missing', reason: 'no-token', error }
      }

      const clientRequestId = crypto.randomUUID()
      const headers = {
        Accept: 'application/json',
        'client-request-id': clientRequestId,
        ...request.headers,
        ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      }
      let timedOut = false
      const onTimeout = (): Error => {
        timedOut = true
        return new Error(`Expected an answer within ${timeoutMs} ms, got none`)
      }
      try {
        const response = await within({ clock, timeoutMs, signal, onTimeout }, async (requestSignal) =>
          transport.send({ ...request, headers }, requestSignal),
        )
        const rejectToken = (claims: string | undefined): void => {
          if (token !== undefined) tokens?.reject(token, claims)
        }
        return { kind: 'received', response, clientRequestId, rejectToken }
      } catch (error) {
        return { kind: 'missing', reason: timedOut ? 'no-answer' : 'no-connection', error }
      }
    },
  }
}

function assertOrigin(url: string, origin: string): void {
  const { origin: actual, username, password } = new URL(url)
  if (actual === origin && username === '' && password === '') return
  throw new InvalidLocationError(`Expected a request to ${origin}, got one to ${actual}; nothing was sent`)
}
