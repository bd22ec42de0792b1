import type { CancelTimer, Clock, TokenCredential, Transport } from '@teams-operations/core'
import { isAnswerOfGraph } from './answer-of-graph.ts'
import { Outcomes, type Condition } from './outcomes.ts'

/** What the gateway depends on: tokens for Graph, and Graph itself. */
export type Dependency = 'token' | 'graph'

export type ReportHealth = (dependency: Dependency, condition: Condition, reason?: unknown) => void

export interface GraphHealthOptions {
  /** Of Graph. */
  readonly origin: string
  readonly transport: Transport
  /** `undefined` where the gateway has none of its own, and acts on behalf of users. */
  readonly credential: TokenCredential | undefined
  readonly clock: Clock
  /** Told when one begins to work, or no longer does, and why not. @default nobody is told */
  readonly onChange?: ReportHealth | undefined
}

/**
 * Whether Graph can be reached and a token be had. Learnt from what the client does anyway, which is to be
 * given {@link transport} and {@link credential}. Only when it does nothing for a while is something asked
 * for that costs no quota: a token, which the credential has mostly kept, and the entrance of Graph, without
 * a token.
 */
export interface GraphHealth extends Disposable {
  readonly transport: Transport
  readonly credential: TokenCredential | undefined
  /** Of what it depends on, without tokens where it has no credential. */
  read(): Readonly<Partial<Record<Dependency, Condition>>>
}

/** How old the last answer may be where all is well. */
const IDLE_MS = 60_000
/** And where it is not. */
const RETRY_MS = 30_000
/** How long to wait for an answer. */
const TIMEOUT_MS = 10_000
/** A caller that gives up after less than this had another reason than that nothing came. */
const PATIENCE_MS = 5_000

export function watchGraph(options: GraphHealthOptions): GraphHealth {
  const { origin, transport, credential, clock, onChange = () => {} } = options
  const disposal = new AbortController()
  const outcomes: Readonly<Record<Dependency, Outcomes>> = {
    token: new Outcomes(clock, (condition, reason) => onChange('token', condition, reason)),
    graph: new Outcomes(clock, (condition, reason) => onChange('graph', condition, reason)),
  }
  const dependencies: readonly Dependency[] = credential ? ['token', 'graph'] : ['graph']
  const asking = new Set<Dependency>()
  let tokenExpiresAt = -Infinity
  let cancelTimer: CancelTimer = () => {}

  /** Waits for an answer, for which it is a failure not to come. */
  async function expectAnswer<Answer>(
    failed: (reason: unknown) => void,
    signal: AbortSignal | undefined,
    answer: () => Promise<Answer>,
  ): Promise<Answer> {
    const askedAt = clock.monotonic()
    try {
      return await answer()
    } catch (error) {
      if (!signal?.aborted || clock.monotonic() - askedAt >= PATIENCE_MS) failed(error)
      throw error
    }
  }

  /** A token from before may go on being good for a while. */
  function judgeToken(reason: unknown): void {
    if (tokenExpiresAt > clock.now()) outcomes.token.succeeded()
    else outcomes.token.failed(reason)
  }

  const watchedCredential: TokenCredential | undefined = credential && {
    async getToken(scopes, tokenOptions) {
      const token = await expectAnswer(judgeToken, tokenOptions?.abortSignal, () =>
        credential.getToken(scopes, tokenOptions),
      )
      tokenExpiresAt = token?.expiresOnTimestamp ?? -Infinity
      judgeToken(new Error(token ? 'The token has expired' : 'The credential gave no token'))
      return token
    },
  }

  const watchedTransport: Transport = {
    authenticates: transport.authenticates,
    async send(request, signal) {
      const failed = (reason: unknown): void => outcomes.graph.failed(reason)
      const response = await expectAnswer(failed, signal, () => transport.send(request, signal))
      // Whatever else it says, such as that there are too many requests, it can be reached.
      if (response.status >= 500) failed(new Error(`Graph answered ${response.status}`))
      else if (isAnswerOfGraph(response)) outcomes.graph.succeeded()
      else failed(new Error(`Something that is not Graph answered ${response.status}`))
      return response
    },
  }

  /** Asks for whatever has not been heard of for too long, and looks again when the next may be. */
  function look(): void {
    for (const dependency of dependencies) {
      const { learntAt, isFailing } = outcomes[dependency]
      if (learntAt + (isFailing ? RETRY_MS : IDLE_MS) <= clock.monotonic()) void ask(dependency)
    }
    cancelTimer = clock.timer(RETRY_MS, look)
  }

  /** Never twice at once: who does not answer may not heed a signal either. */
  async function ask(dependency: Dependency): Promise<void> {
    if (asking.has(dependency)) return outcomes[dependency].failed(new Error('There is no answer'))
    asking.add(dependency)
    const giveUp = new AbortController()
    const cancelTimeout = clock.timer(TIMEOUT_MS, () => giveUp.abort(new Error('No answer in time')))
    try {
      await questions[dependency](AbortSignal.any([giveUp.signal, disposal.signal]))
    } catch {
      // It has been noted.
    } finally {
      cancelTimeout()
      asking.delete(dependency)
    }
  }

  const questions: Readonly<Record<Dependency, (signal: AbortSignal) => Promise<unknown>>> = {
    // As the client asks, so that the credential has it in its cache.
    token: (abortSignal) =>
      Promise.resolve(watchedCredential?.getToken(`${origin}/.default`, { abortSignal, enableCae: true })),
    graph: (signal) =>
      watchedTransport.send(
        {
          method: 'GET',
          url: `${origin}/v1.0/`,
          headers: { Accept: 'application/json', 'client-request-id': crypto.randomUUID() },
        },
        signal,
      ),
  }

  look()
  return {
    transport: watchedTransport,
    credential: watchedCredential,
    read: () => Object.fromEntries(dependencies.map((each) => [each, outcomes[each].condition])),
    [Symbol.dispose]() {
      cancelTimer()
      disposal.abort()
    },
  }
}
