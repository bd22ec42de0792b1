/// <reference lib="esnext.disposable" preserve="true" />
import { defer, ignoreElements, merge, tap, throwError, type Observable } from 'rxjs'
import { resolveOptions, type OperationsClientOptions } from './client-options.ts'
import type { Clock } from './clock.ts'
import { fetchTransport } from './graph/fetch-transport.ts'
import { createGraphConnection, type GraphConnection } from './graph/graph-connection.ts'
import type { StartRequest } from './graph/start-request.ts'
import type { TargetReading } from './graph/target-reading.ts'
import { ThrottledError } from './graph/throttled-error.ts'
import type { OperationEvent } from './operation/operation-event.ts'
import type { OperationOwner, OperationRef } from './operation/operation-ref.ts'
import type { OperationState, PollingProblem } from './operation/operation-state.ts'
import { ownerOfLink } from './operation/owner-of-link.ts'
import { resolveOwner } from './operation/resolve-owner.ts'
import { resolveRef, type RefInput } from './operation/resolve-ref.ts'
import { isTerminal, type TeamsAsyncOperation } from './operation/teams-async-operation.ts'
import { withDeadline } from './operators/with-deadline.ts'
import { CheckFailedError } from './polling/check-failed-error.ts'
import { failureOf } from './polling/check-failure.ts'
import { ClientDisposedError } from './polling/client-disposed-error.ts'
import type { ClientStats } from './polling/client-stats.ts'
import { MemoryStore } from './polling/memory-store.ts'
import { Poller } from './polling/poller.ts'
import { OperationHub } from './streams/operation-hub.ts'

export interface WatchOptions {
  /** Emit after every check, those included that found nothing new or failed. @default false */
  readonly everyCheck?: boolean | undefined
  /** Give up with `DeadlineExceededError` this long after subscribing. @default no deadline */
  readonly deadlineMs?: number | undefined
}

export interface CallOptions {
  /** Gives up waiting. What was sent already may still take effect. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Follows the long-running operations of Microsoft Teams: however many want to know of one, it is checked
 * once, and never twice within 30 seconds.
 */
export interface OperationsClient extends AsyncDisposable {
  /**
   * Starts an operation, and returns where it lives. Sends the request exactly once: also when it was
   * throttled or the connection broke, for the write may have happened.
   *
   * @throws ThrottledError, ConnectionError, AuthenticationError, AccessDeniedError, GraphRequestError
   * @throws MissingLocationError when it was accepted, but not said where
   * @throws NoOperationError when it was done at once
   */
  submit(request: StartRequest, options?: CallOptions): Promise<OperationRef>
  /**
   * The reference of an operation, from its `Location` in any spelling, the response that carries it, its
   * ids, or a reference from earlier.
   *
   * @throws InvalidLocationError when it is not an operation of this Graph
   */
  ref(input: RefInput): OperationRef
  /**
   * The states of an operation: at once the known one, then every change, then completion when it has
   * succeeded or failed. A failed operation is a state like any other; the stream errors only when the
   * operation cannot be followed: `OperationLostError`, `AccessDeniedError`, `AuthenticationError`,
   * `GraphRequestError`, `InvalidLocationError`, `DeadlineExceededError`.
   */
  watch(input: RefInput, options?: WatchOptions): Observable<OperationState>
  /** All that happens while it is followed, failed checks included. Ends as {@link watch} does. */
  events(input: RefInput): Observable<OperationEvent>
  /**
   * The newest state: the known one if it comes from the last 30 seconds, otherwise that of one check,
   * which waits for its time like any other.
   *
   * @throws CheckFailedError when that check gave no state, or when Graph asked for a pause that is longer
   * than half a minute; and what {@link watch} errors with
   */
  get(input: RefInput, options?: CallOptions): Promise<OperationState>
  /**
   * The operations of a team, or (beta) of a chat, in the order of Graph; pages are read as they are needed.
   *
   * @throws ThrottledError, ConnectionError, AuthenticationError, AccessDeniedError, GraphRequestError
   */
  list(owner: OperationOwner, options?: CallOptions): AsyncIterable<TeamsAsyncOperation>
  /** The known states of all operations that are followed now: at once, and whenever one of them changes. */
  followed(): Observable<readonly OperationState[]>
  /** Whether what an operation created or changed can be read: for `whenUsable()`. */
  readonly readTarget: (targetResourceLocation: string, options?: CallOptions) => Promise<TargetReading>
  stats(): ClientStats
  /** Stops all requests and timers; every stream completes. */
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Creates a client. It does nothing until it is asked to.
 *
 * @throws TypeError, RangeError when an option is not as expected
 * @example
 * ```ts
 * const operations = createOperationsClient({ credential: new DefaultAzureCredential() })
 * operations.watch(location).subscribe(({ operation }) => console.log(operation.status))
 * ```
 */
export function createOperationsClient(options: OperationsClientOptions): OperationsClient {
  return new Client(options)
}

class Client implements OperationsClient {
  readonly #origin: string
  readonly #clock: Clock
  readonly #graph: GraphConnection
  readonly #poller: Poller
  readonly #hub: OperationHub
  readonly #disposal = new AbortController()

  constructor(options: OperationsClientOptions) {
    const { transport = fetchTransport(), credential, store, onCheckFailed, onPause } = options
    const resolved = resolveOptions(options)
    const { origin, clock, requestTimeoutMs } = resolved
    this.#origin = origin
    this.#clock = clock
    this.#graph = createGraphConnection({ origin, transport, credential, clock, requestTimeoutMs })
    this.#poller = new Poller({
      ...resolved,
      reader: this.#graph,
      store: store ?? new MemoryStore(() => clock.monotonic()),
      report: (reports) => {
        this.#hub.report(reports)
        if (onCheckFailed) reports.map(failureOf).forEach((failure) => failure && onCheckFailed(failure))
      },
      onPause,
    })
    this.#hub = new OperationHub(this.#poller)
  }

  async submit(request: StartRequest, { signal }: CallOptions = {}): Promise<OperationRef> {
    const start = async (callSignal: AbortSignal): Promise<OperationRef> => {
      const { location } = await this.#graph.start(request, callSignal)
      const ref = this.ref(location)
      // The operation has started. A store that fails now costs it the later first check, and nothing more.
      await this.#poller.remember(ref).catch(() => {})
      return ref
    }
    return this.#call('start', signal, start, ownerOfLink(request.path))
  }

  ref(input: RefInput): OperationRef {
    return resolveRef(input, this.#origin)
  }

  watch(input: RefInput, { everyCheck = false, deadlineMs }: WatchOptions = {}): Observable<OperationState> {
    return this.#withRef(input, (ref) =>
      deadlineMs === undefined
        ? this.#hub.watch(ref, { everyCheck })
        : this.#watchUntil(ref, everyCheck, deadlineMs),
    )
  }

  events(input: RefInput): Observable<OperationEvent> {
    return this.#withRef(input, (ref) => this.#hub.events(ref))
  }

  async get(input: RefInput, { signal }: CallOptions = {}): Promise<OperationState> {
    const ref = this.ref(input)
    const callSignal = this.#signal(signal)
    callSignal.throwIfAborted()
    const { state, fresh, pauseMs } = await this.#poller.recall(ref.location)
    callSignal.throwIfAborted()
    if (state && (fresh || isTerminal(state.operation.status))) return state
    if (pauseMs > MAX_GET_PAUSE_MS) throw new CheckFailedError(this.#paused(pauseMs), { lastState: state })
    return new Promise((resolve, reject) => {
      const onAbort = (): void => settle(() => reject(callSignal.reason))
      const subscription = this.#hub.events(ref).subscribe({
        next: (event) => {
          if (event.type === 'checked' || event.type === 'settled') settle(() => resolve(event.state))
          if (event.type === 'throttled' || event.type === 'check-failed') {
            settle(() => reject(new CheckFailedError(event.problem, { lastState: state })))
          }
        },
        error: (error) => settle(() => reject(error)),
        complete: () => settle(() => reject(new ClientDisposedError())),
      })
      function settle(act: () => void): void {
        callSignal.removeEventListener('abort', onAbort)
        act()
        // Not there yet when the first event comes while subscribing.
        queueMicrotask(() => subscription.unsubscribe())
      }
      callSignal.addEventListener('abort', onAbort, { once: true })
    })
  }

  async *list(input: OperationOwner, { signal }: CallOptions = {}): AsyncIterable<TeamsAsyncOperation> {
    const owner = resolveOwner(input)
    const callSignal = this.#signal(signal)
    const beforeRequest = (): Promise<void> => this.#poller.admit('read', callSignal, owner)
    try {
      yield* this.#graph.list(owner, { signal: callSignal, beforeRequest })
    } catch (error) {
      this.#heed(error)
      throw error
    }
  }

  followed(): Observable<readonly OperationState[]> {
    return this.#hub.followed()
  }

  // A property, so that `whenUsable({ read: operations.readTarget })` works.
  readonly readTarget = (
    targetResourceLocation: string,
    { signal }: CallOptions = {},
  ): Promise<TargetReading> => {
    const read = async (callSignal: AbortSignal): Promise<TargetReading> => {
      const reading = await this.#graph.readTarget(targetResourceLocation, callSignal)
      if (!reading.usable && reading.throttled) this.#poller.throttled(reading.retryAfterMs)
      return reading
    }
    return this.#call('read', signal, read, ownerOfLink(targetResourceLocation))
  }

  stats(): ClientStats {
    return { followed: this.#hub.size, ...this.#poller.stats() }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposal.abort(new ClientDisposedError())
    this.#poller.dispose()
    this.#hub.dispose()
  }

  #paused(pauseMs: number): PollingProblem {
    const message = `Graph asked for fewer requests: no check is made for another ${Math.ceil(pauseMs / 1_000)} s. Ask again later.`
    return { code: 'throttled', message, sinceAt: this.#clock.now(), requestId: undefined }
  }

  /** What cannot be followed errors the stream, as all else that goes wrong with it does. */
  #withRef<T>(input: RefInput, follow: (ref: OperationRef) => Observable<T>): Observable<T> {
    try {
      return follow(this.ref(input))
    } catch (error) {
      return throwError(() => error)
    }
  }

  #watchUntil(ref: OperationRef, everyCheck: boolean, deadlineMs: number): Observable<OperationState> {
    return defer(() => {
      const answered: Record<string, number> = {}
      let lastState: OperationState | undefined
      // Changes alone would not tell what the checks since the last one have given.
      const checks = this.#hub.watch(ref, { everyCheck: true }).pipe(tap((state) => (lastState = state)))
      const events = this.#hub.events(ref).pipe(tap((event) => count(answered, event)))
      const counting = merge(checks, events).pipe(ignoreElements())
      return merge(counting, this.#hub.watch(ref, { everyCheck })).pipe(
        withDeadline({
          deadlineMs,
          clock: this.#clock,
          answered: () => answered,
          lastState: () => lastState,
        }),
      )
    })
  }

  /** One request outside polling: within the budget, and with its throttling known to all. */
  async #call<T>(
    kind: 'read' | 'start',
    signal: AbortSignal | undefined,
    send: (signal: AbortSignal) => Promise<T>,
    owner?: OperationOwner,
  ): Promise<T> {
    const callSignal = this.#signal(signal)
    await this.#poller.admit(kind, callSignal, owner)
    try {
      return await send(callSignal)
    } catch (error) {
      this.#heed(error)
      throw error
    }
  }

  #heed(error: unknown): void {
    if (error instanceof ThrottledError) this.#poller.throttled(error.retryAfterMs)
  }

  #signal(signal: AbortSignal | undefined): AbortSignal {
    return signal ? AbortSignal.any([signal, this.#disposal.signal]) : this.#disposal.signal
  }
}

/** A pause for which `get` does not wait: longer than between two checks. */
const MAX_GET_PAUSE_MS = 31_000

/** Counts what a check gave: the status of the operation, or the problem there was. */
function count(answered: Record<string, number>, event: OperationEvent): void {
  if (event.type === 'state' || event.type === 'settled') return
  const answer = event.type === 'checked' ? event.state.operation.status : event.problem.code
  answered[answer] = (answered[answer] ?? 0) + 1
}
