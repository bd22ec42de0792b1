import type { Clock } from '@teams-operations/core/testing'
import { compose } from './behaviors/compose.ts'
import type { Behavior, Exchange, GraphVersion, SimulatedRequest, Target } from './exchange.ts'
import type { BegunEntry, RecordingJournal } from './journal.ts'
import { keyOf, operationKey } from './model/resource-id.ts'
import type { TenantModel } from './model/tenant-model.ts'
import type { Random } from './random.ts'
import { isJsonObject, jsonOf, type Reply } from './reply.ts'
import { answerBatch } from './routes/answer-batch.ts'
import { parseBatch, type BatchItem, type ParsedBatch } from './routes/batch.ts'
import { channelRoutes } from './routes/channels.ts'
import { chatRoutes } from './routes/chats.ts'
import { badRequest, errorReply, GraphError, notFound, tooManyRequests } from './routes/graph-error.ts'
import { operationRoutes } from './routes/operations.ts'
import { itemHeaders, responseHeaders } from './routes/response-headers.ts'
import { createRouter, type RouteMatch, type Router } from './routes/router.ts'
import { teamRoutes } from './routes/teams.ts'
import type { TokenGate } from './tokens.ts'

export interface GraphServiceParts {
  readonly clock: Clock
  readonly random: Random
  readonly tenant: TenantModel
  readonly journal: RecordingJournal
  readonly tokens: TokenGate
  /** Changed while it runs: whoever is in it now stands between requests and answers. */
  readonly behaviors: readonly Behavior[]
  /** Those that are this service's own; anything else is foreign. */
  readonly origins: ReadonlySet<string>
  /** The `Retry-After` of requests over the limits; `undefined` where limits are not enforced. */
  readonly retryAfter: string | undefined
  readonly pageSize: number
}

/** An answer, and what to call when a delivery that does not end by itself is over. */
export interface Answered {
  readonly reply: Reply
  readonly abandon: () => void
}

interface ItemExchange extends BegunEntry {
  readonly exchange: Exchange
  readonly resolved: Resolved
}

type Resolved = { readonly target: Target; readonly match: RouteMatch | GraphError | undefined }

/**
 * Answers requests. Each goes the same way: the journal writes it down and judges it, the behaviors have
 * their say, and then it takes a token, room within the limits, and a route.
 */
export class GraphService {
  readonly #parts: GraphServiceParts
  readonly #router: Router

  constructor(parts: GraphServiceParts) {
    this.#parts = parts
    this.#router = createRouter([...teamRoutes, ...channelRoutes, ...chatRoutes, ...operationRoutes])
  }

  /** @param signal aborted when the client leaves; the answer then rejects with its reason */
  async answer(request: SimulatedRequest, signal: AbortSignal): Promise<Answered> {
    const { journal } = this.#parts
    const resolved = this.#resolve(request)
    const exchange = this.#exchange(request, resolved.target, signal, undefined)
    const batch =
      resolved.target.kind === 'batch'
        ? parseBatch(request.body, baseOf(request, resolved.target))
        : undefined
    const begun = journal.begin(exchange, { batchSize: batch?.size })
    const items = new Map<BatchItem, ItemExchange>()
    for (const item of batch?.items ?? []) items.set(item, this.#beginItem(item, exchange, begun))

    const end = (outcome: 'answered' | 'broken' | 'abandoned', reply?: Reply): void => {
      const answeredIds = outcome === 'answered' && reply ? idsIn(reply) : new Set()
      journal.end(begun.entry, outcome)
      for (const { entry } of items.values()) {
        if (answeredIds.has(entry.item?.id)) journal.end(entry, 'answered')
        else journal.end(entry, outcome === 'answered' ? 'missing' : outcome)
      }
    }
    try {
      const inner = await abortable(
        this.#run(exchange, begun, () => this.#route(exchange, resolved, batch, items)),
        signal,
      )
      const reply = { ...inner, headers: responseHeaders(exchange, inner) }
      journal.answer(begun.entry, reply)
      if (reply.delivery === 'dropped' || reply.delivery === 'cut') end('broken')
      else if (reply.delivery !== 'silent' && reply.delivery !== 'stalled') end('answered', reply)
      return { reply, abandon: () => end('abandoned') }
    } catch (error) {
      end('abandoned')
      throw error
    }
  }

  /** Behaviors, token, limits, route. What is refused on the way is answered in Graph's shape. */
  #run(exchange: Exchange, { isOverLimit }: BegunEntry, route: () => Promise<Reply> | Reply): Promise<Reply> {
    const { behaviors, tokens, retryAfter } = this.#parts
    // Somebody else's answer: neither faults nor tokens of this service have a say in it.
    if (exchange.target.kind === 'foreign') {
      return Promise.resolve(errorReply(exchange, notFound('There is nothing here.')))
    }
    const inner = async (): Promise<Reply> => {
      // The items of a batch travel on the token of their envelope.
      const refused = exchange.item ? undefined : tokens.refuse(exchange)
      if (refused) return refused
      if (isOverLimit && retryAfter !== undefined)
        return tooManyRequests(exchange, { 'retry-after': retryAfter })
      try {
        return await route()
      } catch (error) {
        if (error instanceof GraphError) return errorReply(exchange, error)
        throw error
      }
    }
    return Promise.resolve(compose(...behaviors)(exchange, inner))
  }

  #route(
    exchange: Exchange,
    { match, target }: Resolved,
    batch: ParsedBatch | undefined,
    items: ReadonlyMap<BatchItem, ItemExchange>,
  ): Promise<Reply> | Reply {
    if (batch) {
      if (batch.error) throw batch.error
      return answerBatch(batch.items, async (item) => this.#answerItem(item, items), this.#parts.random)
    }
    if (match === undefined) throw notFound('There is nothing here.')
    if (match instanceof GraphError) throw match
    const { tenant, pageSize } = this.#parts
    return match.route.handle({
      exchange,
      tenant,
      pageSize,
      version: target.version ?? 'v1.0',
      params: match.params,
    })
  }

  #beginItem(item: BatchItem, envelope: Exchange, { entry }: BegunEntry): ItemExchange {
    const resolved = this.#resolve(item.request)
    const exchange = this.#exchange(item.request, resolved.target, envelope.signal, { id: item.id, envelope })
    return { exchange, resolved, ...this.#parts.journal.begin(exchange, { envelope: entry }) }
  }

  async #answerItem(item: BatchItem, items: ReadonlyMap<BatchItem, ItemExchange>): Promise<Reply> {
    const begun = items.get(item)
    if (!begun) throw badRequest(`Request Id : ${item.id} is not in the batch.`)
    const { exchange, resolved } = begun
    const inner = await this.#run(exchange, begun, () => this.#route(exchange, resolved, undefined, items))
    const reply = { ...inner, headers: itemHeaders(inner) }
    this.#parts.journal.answer(begun.entry, reply)
    return reply
  }

  #exchange(
    request: SimulatedRequest,
    target: Target,
    signal: AbortSignal,
    item: Exchange['item'],
  ): Exchange {
    const { tenant, clock, random } = this.#parts
    const operation = target.operation === undefined ? undefined : tenant.operation(target.operation)
    return { request, target, operation, requestId: random.guid(), item, clock, random, signal }
  }

  #resolve({ method, url }: SimulatedRequest): Resolved {
    if (!this.#parts.origins.has(url.origin))
      return { target: targetOf('foreign', 'foreign', undefined), match: undefined }
    const [, name = '', path = ''] = /^\/([^/]*)(\/.*)?$/.exec(url.pathname) ?? []
    const version = name === 'v1.0' || name === 'beta' ? name : undefined
    if (version === undefined) {
      return {
        target: targetOf('unknown', 'unknown', undefined),
        match: badRequest(`Invalid version: ${name}`),
      }
    }
    if (method === 'POST' && /^\/\$batch\/?$/i.test(path)) {
      return { target: targetOf('batch', '$batch', version), match: undefined }
    }
    const match = this.#router(method, version, path)
    if (match instanceof GraphError) return { target: targetOf('unknown', 'unknown', version), match }
    const { route, params } = match
    return {
      target: { ...targetOf(route.kind, route.name, version), ...subjectOf(params), limit: route.limit },
      match,
    }
  }
}

function targetOf(kind: Target['kind'], route: string, version: GraphVersion | undefined): Target {
  return {
    kind,
    route,
    version,
    operation: undefined,
    teamId: undefined,
    channelId: undefined,
    chatId: undefined,
    limit: undefined,
  }
}

function subjectOf(
  params: RouteMatch['params'],
): Pick<Target, 'operation' | 'teamId' | 'channelId' | 'chatId'> {
  const { teamId, channelId, chatId, operationId } = params
  const ownerId = teamId ?? chatId
  return {
    operation:
      operationId === undefined || ownerId === undefined
        ? undefined
        : operationKey(teamId === undefined ? 'chat' : 'team', ownerId, operationId),
    teamId: teamId === undefined ? undefined : keyOf(teamId),
    channelId,
    chatId,
  }
}

function baseOf({ url }: SimulatedRequest, { version }: Target): string {
  return `${url.origin}/${version ?? 'v1.0'}`
}

/** The identifiers that the answer to a batch speaks of. */
function idsIn(reply: Reply): ReadonlySet<unknown> {
  const responses = jsonOf(reply.body)?.['responses']
  if (!Array.isArray(responses)) return new Set()
  return new Set(responses.map((item: unknown) => (isJsonObject(item) ? item['id'] : undefined)))
}

/** Rejects with the signal's reason as soon as it is aborted, whatever becomes of the promise. */
function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error)
    signal.addEventListener('abort', onAbort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
