import { CloseCode } from 'graphql-ws'
import { WebSocket } from 'ws'
import type { CloseReason } from '../observability/gateway-stats.ts'
import { INTERNAL_ERROR, SERVICE_RESTART, TOO_SLOW, TRY_AGAIN_LATER } from './close-code.ts'

/** A socket that knows which code it was closed with: its client may never answer with the same. */
export class GatewaySocket extends WebSocket {
  #closedWith: number | undefined

  override close(code?: number, data?: string | Buffer): void {
    this.#closedWith ??= code
    super.close(code, data)
  }

  /** Why it has closed, and with which code. @param received the code of the event `close` */
  endOf(received: number): { readonly reason: CloseReason; readonly code: number } {
    const code = this.#closedWith ?? received
    return { reason: reasons.get(code) ?? 'left', code }
  }
}

/** Of RFC 6455: the connection broke without a word. */
const ABNORMAL = 1006

/** Clients close with any other. */
const reasons: ReadonlyMap<number, CloseReason> = new Map<number, CloseReason>([
  [ABNORMAL, 'lost'],
  [SERVICE_RESTART, 'drained'],
  [TRY_AGAIN_LATER, 'overload'],
  [CloseCode.Forbidden, 'expired'],
  [CloseCode.Unauthorized, 'unauthenticated'],
  [TOO_SLOW, 'slow'],
  [INTERNAL_ERROR, 'failed'],
  // No message, or a message that does not belong there: of RFC 6455, and of graphql-ws.
  ...[
    1002,
    1003,
    1007,
    1008,
    1009,
    CloseCode.BadRequest,
    CloseCode.ConnectionInitialisationTimeout,
    CloseCode.SubscriberAlreadyExists,
    CloseCode.TooManyInitialisationRequests,
  ].map((code): [number, CloseReason] => [code, 'misused']),
])
