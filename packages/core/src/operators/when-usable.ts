import { concatMap, mergeMap, Observable, of, throwError, type MonoTypeOperatorFunction } from 'rxjs'
import { systemClock, type Clock } from '../clock.ts'
import type { TargetReading } from '../graph/target-reading.ts'
import type { TeamsAsyncOperation } from '../operation/teams-async-operation.ts'
import { elapse } from './elapse.ts'
import { TargetNotUsableError } from './target-not-usable-error.ts'

/** Reads a `targetResourceLocation`, which is opaque. Rejects when asking again would not help. */
export type ReadTarget = (
  targetResourceLocation: string,
  options: { readonly signal: AbortSignal },
) => Promise<TargetReading>

export interface WhenUsableOptions {
  readonly read: ReadTarget
  /** @default the clock of the machine */
  readonly clock?: Clock | undefined
  /**
   * How long to wait after each read that found nothing usable; a longer `retryAfterMs` wins. One read more
   * than there are delays, then {@link TargetNotUsableError}.
   *
   * @default three times 10 seconds, then 15 minutes: what Graph advises for teams of fresh groups
   * @see https://learn.microsoft.com/graph/api/team-put-teams
   */
  readonly retryDelaysMs?: readonly number[] | undefined
}

const SECOND_MS = 1_000
const MINUTE_MS = 60_000
const advisedDelaysMs = [10 * SECOND_MS, 10 * SECOND_MS, 10 * SECOND_MS, 15 * MINUTE_MS]

/**
 * The succeeded operation once its target can be read: Graph reports success before what it created is
 * everywhere. Errors of `read` pass through; unsubscribing aborts it.
 *
 * @example
 * ```ts
 * operations
 *   .watch(ref)
 *   .pipe(resultOf(), whenUsable({ read: operations.readTarget }))
 *   .subscribe((team) => console.log(`${team.targetResourceId} can be used`))
 * ```
 */
export function whenUsable({
  read,
  clock = systemClock,
  retryDelaysMs = advisedDelaysMs,
}: WhenUsableOptions): MonoTypeOperatorFunction<TeamsAsyncOperation> {
  const usable = (
    operation: TeamsAsyncOperation,
    location: string,
    reads = 0,
  ): Observable<TeamsAsyncOperation> =>
    reading(read, location).pipe(
      concatMap((target) => {
        if (target.usable) return of(operation)
        const delayMs = retryDelaysMs[reads]
        if (delayMs === undefined) return throwError(() => neverUsable(operation, location, reads + 1))
        const { retryAfterMs = 0 } = target
        const pauseMs = retryAfterMs > delayMs ? retryAfterMs : delayMs
        return elapse(clock, pauseMs).pipe(concatMap(() => usable(operation, location, reads + 1)))
      }),
    )

  return (operations) =>
    operations.pipe(
      mergeMap((operation) => {
        if (operation.status !== 'succeeded') return throwError(() => notSucceeded(operation))
        const { targetResourceLocation } = operation
        if (!targetResourceLocation) return throwError(() => withoutTarget(operation))
        return usable(operation, targetResourceLocation)
      }),
    )
}

function reading(read: ReadTarget, location: string): Observable<TargetReading> {
  return new Observable((subscriber) => {
    const controller = new AbortController()
    read(location, { signal: controller.signal }).then(
      (target) => {
        subscriber.next(target)
        subscriber.complete()
      },
      (error: unknown) => subscriber.error(error),
    )
    return () => controller.abort()
  })
}

function neverUsable(operation: TeamsAsyncOperation, location: string, reads: number): TargetNotUsableError {
  return new TargetNotUsableError(
    `Expected ${location} to be usable after ${operation.operationType} succeeded, ` +
      `but ${reads} ${reads === 1 ? 'read' : 'reads'} did not find it. Look at it later: it may still be provisioned.`,
    operation,
    reads,
  )
}

function withoutTarget(operation: TeamsAsyncOperation): TargetNotUsableError {
  return new TargetNotUsableError(
    `Expected ${operation.operationType} ${operation.id} to have a targetResourceLocation, got none. ` +
      `Look for the target by its id (${operation.targetResourceId ?? 'also missing'}).`,
    operation,
    0,
  )
}

function notSucceeded(operation: TeamsAsyncOperation): TargetNotUsableError {
  return new TargetNotUsableError(
    `Expected ${operation.operationType} ${operation.id} to have succeeded, got ${operation.status}. ` +
      'Put resultOf() before whenUsable().',
    operation,
    0,
  )
}
