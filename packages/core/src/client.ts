import type { Observable } from 'rxjs'
import type { Clock } from './clock.ts'
import type { TokenCredential } from './graph/credential.ts'
import type { GraphCloud } from './graph/graph-origin.ts'
import type { StartRequest } from './graph/start-request.ts'
import type { Transport } from './graph/transport.ts'
import type { OperationEvent } from './operation/operation-event.ts'
import type { OperationOwner, OperationRef } from './operation/operation-ref.ts'
import type { OperationState } from './operation/operation-state.ts'
import type { RefInput } from './operation/resolve-ref.ts'
import type { TeamsAsyncOperation } from './operation/teams-async-operation.ts'
import type { ClientStats } from './polling/client-stats.ts'

export interface WatchOptions {
  /** Emit after every check, those that found nothing new or failed included. @default false */
  readonly everyCheck?: boolean | undefined
  /** Give up with `DeadlineExceededError` this long after subscribing. @default no deadline */
  readonly deadlineMs?: number | undefined
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined
}

export interface OperationsClient extends AsyncDisposable {
  /** Sends a start request exactly once … */
  submit(request: StartRequest, options?: CallOptions): Promise<OperationRef>
  ref(input: RefInput): OperationRef
  watch(input: RefInput, options?: WatchOptions): Observable<OperationState>
  events(input: RefInput): Observable<OperationEvent>
  get(input: RefInput, options?: CallOptions): Promise<OperationState>
  list(owner: OperationOwner, options?: CallOptions): AsyncIterable<TeamsAsyncOperation>
  followed(): Observable<readonly OperationState[]>
  stats(): ClientStats
}

export interface OperationsClientOptions {
  /** Where tokens come from. Not needed with a `transport` that authenticates by itself. */
  readonly credential?: TokenCredential | undefined
  readonly transport?: Transport | undefined
  readonly cloud?: GraphCloud | undefined
  /** Another origin than the cloud's, such as the simulator's. */
  readonly graphOrigin?: string | undefined
  /** From the end of one response to the start of the next request. @default 31_000 */
  readonly pollIntervalMs?: number | undefined
  readonly quotaShare?: number | undefined
  readonly requestTimeoutMs?: number | undefined
  readonly clock?: Clock | undefined
  readonly random?: (() => number) | undefined
}
