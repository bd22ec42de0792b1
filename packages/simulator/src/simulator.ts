import type { Clock, VirtualClock } from '@teams-operations/core/testing'
import type { Behavior } from './exchange.ts'
import { readRequest, type Fetch, type FetchRequest } from './fetch-request.ts'
import { connectionBroken, toResponse } from './fetch-response.ts'
import { GraphService } from './graph-service.ts'
import { RecordingJournal, type Journal, type JournalOptions } from './journal.ts'
import { documentedLimits, scaledLimits } from './limits.ts'
import type { OperationScript } from './model/operation-script.ts'
import { TenantModel } from './model/tenant-model.ts'
import type { Tenant } from './model/tenant.ts'
import { createRandom, type Random } from './random.ts'
import { clockOf, type SimulatedTime } from './simulated-time.ts'
import { TokenGate, type TokenOptions } from './tokens.ts'

export interface SimulatorOptions {
  /** How time passes. @default 'virtual' */
  readonly time?: SimulatedTime | undefined
  /** A clock of your own, instead of `time`. */
  readonly clock?: Clock | undefined
  /** What everything random is drawn from. @default 1 */
  readonly seed?: number | string | undefined
  /** Where it seems to be. @default 'https://graph.simulator.example' */
  readonly origin?: string | undefined
  /** Which bearer tokens are good. @default any */
  readonly tokens?: TokenOptions | undefined
  /** The limits. `false` enforces none of them; the journal judges by them all the same. */
  readonly throttling?: false | ThrottlingOptions | undefined
  /** What stands between requests and answers, the first outermost. */
  readonly behaviors?: readonly Behavior[] | undefined
  /** What operations do that no other script is meant for. */
  readonly script?: OperationScript | undefined
  readonly journal?: JournalOptions | undefined
  /** How many items a page of a list has without `$top`. @default 20 */
  readonly pageSize?: number | undefined
}

export interface ThrottlingOptions {
  /** How many times the documented limits. @default 1 */
  readonly scale?: number | undefined
  /** The `Retry-After` of what is over them. @default '10', as in Graph's documentation */
  readonly retryAfter?: string | undefined
}

/** A Microsoft Graph for one machine. */
export interface Simulator<C extends Clock = Clock> extends AsyncDisposable {
  /** Takes what `fetch` takes, without a socket. Anything but {@link origin} is somebody else's. */
  readonly fetch: Fetch
  readonly clock: C
  readonly journal: Journal
  readonly tenant: Tenant
  readonly origin: string
  /** Adds a behavior inside those that are there. @returns takes it out again */
  readonly use: (behavior: Behavior) => () => void
  /** Lets every further request with this token be refused, with a claims challenge if there are claims. */
  readonly revokeToken: (token: string, claims?: string) => void
  /** Answers at another origin as well, such as that of a port. @returns ends it */
  readonly addOrigin: (origin: string) => () => void
  /** Aborted when it is closed. */
  readonly closed: AbortSignal
  /** Breaks every connection and leaves no timer. */
  readonly close: () => Promise<void>
}

const MAX_REDIRECTS = 20

/**
 * Creates a {@link Simulator}, on a virtual clock unless told otherwise.
 *
 * @throws {RangeError} for options that make no sense
 */
export function createSimulator<C extends Clock>(
  options: SimulatorOptions & { readonly clock: C },
): Simulator<C>
export function createSimulator(
  options?: SimulatorOptions & { readonly time?: 'virtual' | undefined; readonly clock?: undefined },
): Simulator<VirtualClock>
export function createSimulator(options: SimulatorOptions): Simulator
export function createSimulator(options: SimulatorOptions = {}): Simulator {
  const { seed = 1, origin = 'https://graph.simulator.example', throttling = {}, pageSize = 20 } = options
  if (!Number.isInteger(pageSize) || pageSize < 1) {
    throw new RangeError(`Expected \`pageSize\` to be a whole number from 1 on, got ${pageSize}`)
  }
  const clock = options.clock ?? clockOf(options.time ?? 'virtual')
  const random: Random = createRandom(seed)
  const limits = scaledLimits(documentedLimits, throttling === false ? 1 : (throttling.scale ?? 1))
  const journal = new RecordingJournal(clock, limits, options.journal)
  const tenant = new TenantModel(clock, random.fork('tenant'), options.script ?? {})
  const tokens = new TokenGate(clock, options.tokens)
  const behaviors: Behavior[] = [...(options.behaviors ?? [])]
  const origins = new Set([new URL(origin).origin])
  const service = new GraphService({
    clock,
    random: random.fork('service'),
    tenant,
    journal,
    tokens,
    behaviors,
    origins,
    retryAfter: throttling === false ? undefined : (throttling.retryAfter ?? '10'),
    pageSize,
  })
  const connections = new Set<AbortController>()
  const closing = new AbortController()

  async function send(request: FetchRequest, redirects: number): Promise<Response> {
    if (closing.signal.aborted) throw connectionBroken('ECONNREFUSED')
    request.signal?.throwIfAborted()
    const connection = new AbortController()
    const onAbort = (): void => connection.abort(request.signal?.reason)
    request.signal?.addEventListener('abort', onAbort, { once: true })
    connections.add(connection)
    const end = (): void => {
      connections.delete(connection)
      request.signal?.removeEventListener('abort', onAbort)
    }
    let staysOpen = false
    try {
      const { reply, abandon } = await service.answer(request, connection.signal)
      const { delivery } = reply
      if (delivery === 'dropped') throw connectionBroken('ECONNRESET')
      if (delivery === 'silent') return await silence(connection.signal, abandon)
      const location = reply.headers['location']
      if (location !== undefined && redirectStatuses.has(reply.status) && request.redirect !== 'manual') {
        if (request.redirect === 'error' || redirects === MAX_REDIRECTS)
          throw new TypeError('fetch failed: redirected')
        return await send(redirected(request, reply.status, new URL(location, request.url)), redirects + 1)
      }
      staysOpen = delivery === 'stalled'
      return toResponse(reply, request.url.href, connection.signal, () => {
        abandon()
        end()
      })
    } finally {
      if (!staysOpen) end()
    }
  }

  async function close(): Promise<void> {
    closing.abort()
    for (const connection of connections) connection.abort(connectionBroken('ECONNRESET'))
    connections.clear()
  }

  return {
    fetch: async (input, init) => send(await readRequest(input, init), 0),
    clock,
    journal,
    tenant,
    origin: new URL(origin).origin,
    use(behavior) {
      behaviors.push(behavior)
      return () => {
        const index = behaviors.indexOf(behavior)
        if (index !== -1) behaviors.splice(index, 1)
      }
    },
    revokeToken: (token, claims) => tokens.revoke(token, claims),
    addOrigin(other) {
      const added = new URL(other).origin
      origins.add(added)
      return () => origins.delete(added)
    },
    closed: closing.signal,
    close,
    [Symbol.asyncDispose]: close,
  }
}

const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/** The next request of a `fetch` that follows redirects. Another origin does not get the token. */
function redirected(request: FetchRequest, status: number, url: URL): FetchRequest {
  const becomesGet = status === 303 || (status < 303 && request.method === 'POST')
  const { authorization, ...headers } = request.headers
  const isSameOrigin = url.origin === request.url.origin
  return {
    ...request,
    url,
    headers: isSameOrigin && authorization !== undefined ? { ...headers, authorization } : headers,
    ...(becomesGet ? { method: 'GET', body: '' } : {}),
  }
}

/** Nothing comes until the client leaves. */
function silence(signal: AbortSignal, onEnd: () => void): Promise<never> {
  return new Promise((_, reject) => {
    const leave = (): void => {
      onEnd()
      reject(signal.reason as Error)
    }
    if (signal.aborted) leave()
    else signal.addEventListener('abort', leave, { once: true })
  })
}
