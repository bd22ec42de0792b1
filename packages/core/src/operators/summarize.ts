import {
  catchError,
  connect,
  defaultIfEmpty,
  defer,
  filter,
  from,
  map,
  merge,
  mergeMap,
  of,
  scan,
  type Observable,
  type ObservableInput,
  type OperatorFunction,
} from 'rxjs'
import type { OperationState } from '../operation/operation-state.ts'
import { isTerminal, knownStatuses, type KnownStatus } from '../operation/teams-async-operation.ts'
import { counted, type Tally } from './tally.ts'

/**
 * Where many operations stand. Every one of `total` is counted once: as `waiting` until its first state,
 * then by its status, or as `failedToFollow`.
 */
export interface OperationsSummary {
  readonly total: number
  readonly waiting: number
  /** The known statuses are always there; one that is newer than this package appears when it occurs. */
  readonly byStatus: Readonly<Record<KnownStatus, number>> & Tally
  /** How many have succeeded or failed. */
  readonly settled: number
  /** How many streams ended with an error: the outcome of those operations is unknown. */
  readonly failedToFollow: number
  /** The newest of those errors. */
  readonly lastError: unknown
}

export interface SummarizeOptions {
  /** How many streams to subscribe to at a time; the others wait. @default all */
  readonly concurrency?: number | undefined
}

const nothing: OperationsSummary = {
  total: 0,
  waiting: 0,
  byStatus: Object.fromEntries(knownStatuses.map((status) => [status, 0])) as OperationsSummary['byStatus'],
  settled: 0,
  failedToFollow: 0,
  lastError: undefined,
}

/**
 * Many streams of states into live counts: a new summary with every operation that is added or changes its
 * status. The error of one stream is counted and does not end the others. Completes when all have.
 *
 * @example
 * ```ts
 * from(refs)
 *   .pipe(
 *     map((ref) => operations.watch(ref)),
 *     summarize({ concurrency: 5 }),
 *   )
 *   .subscribe(({ settled, total }) => console.log(`${settled} of ${total}`))
 * ```
 *
 * @throws TypeError when `concurrency` is less than 1
 */
export function summarize({ concurrency = Infinity }: SummarizeOptions = {}): OperatorFunction<
  ObservableInput<OperationState>,
  OperationsSummary
> {
  if (!(concurrency >= 1)) {
    throw new TypeError(`Expected \`concurrency\` to be a number from 1, got ${concurrency}`)
  }
  return (streams) =>
    streams.pipe(
      // Counts a stream when it arrives, not when it gets its turn.
      connect((arriving) =>
        merge(arriving.pipe(map(() => added)), arriving.pipe(mergeMap(changes, concurrency))),
      ),
      scan((summary, change) => change(summary), nothing),
      defaultIfEmpty(nothing),
    )
}

type Change = (summary: OperationsSummary) => OperationsSummary

const added: Change = (summary) => ({ ...summary, total: summary.total + 1, waiting: summary.waiting + 1 })

/** What one stream changes in the summary. */
function changes(stream: ObservableInput<OperationState>): Observable<Change> {
  return defer(() => {
    let last: string | undefined
    return from(stream).pipe(
      filter(({ operation }) => operation.status !== last),
      map(({ operation: { status } }): Change => {
        const before = last
        last = status
        return (summary) => enter(leave(summary, before), status)
      }),
      catchError((error: unknown) => of((summary: OperationsSummary) => fail(leave(summary, last), error))),
    )
  })
}

function leave(summary: OperationsSummary, status: string | undefined): OperationsSummary {
  if (status === undefined) return { ...summary, waiting: summary.waiting - 1 }
  return count(summary, status, -1)
}

function enter(summary: OperationsSummary, status: string): OperationsSummary {
  return count(summary, status, 1)
}

function fail(summary: OperationsSummary, error: unknown): OperationsSummary {
  return { ...summary, failedToFollow: summary.failedToFollow + 1, lastError: error }
}

function count(summary: OperationsSummary, status: string, difference: 1 | -1): OperationsSummary {
  return {
    ...summary,
    byStatus: counted(summary.byStatus, status, difference),
    settled: summary.settled + (isTerminal(status) ? difference : 0),
  }
}
