import { lastValueFrom, of, Subject, toArray } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { MAX_TIMER_DELAY_MS } from '../../src/clock.ts'
import type { TargetReading } from '../../src/graph/target-reading.ts'
import type { TeamsAsyncOperation } from '../../src/operation/teams-async-operation.ts'
import { TargetNotUsableError } from '../../src/operators/target-not-usable-error.ts'
import { whenUsable, type ReadTarget } from '../../src/operators/when-usable.ts'
import { createVirtualClock } from '../../src/testing/virtual-clock.ts'
import { operationOf, refOf } from '../states.ts'

const operation = operationOf(refOf(1), 'succeeded')
const other = operationOf(refOf(2), 'succeeded')
const MINUTE_MS = 60_000

const usable: TargetReading = { usable: true }
const missing: TargetReading = { usable: false }

/** Follows what comes of an operation whose target answers with `readings` in turn, the last one for ever. */
function follow(
  readings: readonly (TargetReading | Error)[],
  { retryDelaysMs, from = operation }: { retryDelaysMs?: readonly number[]; from?: TeamsAsyncOperation } = {},
) {
  const clock = createVirtualClock()
  const reads: { readonly location: string; readonly at: number; readonly signal: AbortSignal }[] = []
  const values: TeamsAsyncOperation[] = []
  const errors: unknown[] = []
  let isComplete = false
  const read: ReadTarget = async (location, { signal }) => {
    const reading = readings[Math.min(reads.length, readings.length - 1)] ?? missing
    reads.push({ location, at: clock.monotonic(), signal })
    if (reading instanceof Error) throw reading
    return reading
  }
  const subscription = of(from)
    .pipe(whenUsable({ read, clock, retryDelaysMs }))
    .subscribe({
      next: (value) => values.push(value),
      error: (error) => errors.push(error),
      complete: () => {
        isComplete = true
      },
    })
  const readAt = (): number[] => reads.map(({ at }) => at)
  return { clock, reads, readAt, values, errors, subscription, isComplete: () => isComplete }
}

describe('an operation that has succeeded', () => {
  it('is given at once when its target can be read', async () => {
    const { clock, reads, values, isComplete } = follow([usable])
    await clock.advance(0)
    expect(values).toEqual([operation])
    expect(isComplete()).toBe(true)
    expect(reads).toMatchObject([{ location: operation.targetResourceLocation }])
    expect(clock.pendingTimers).toBe(0)
  })

  it('waits for its target as Graph advises: three times 10 seconds, then 15 minutes', async () => {
    const { clock, readAt, values } = follow([missing, missing, missing, missing, usable])
    await clock.advance(30_000 + 15 * MINUTE_MS - 1)
    expect(readAt()).toEqual([0, 10_000, 20_000, 30_000])
    expect(values).toEqual([])
    await clock.advance(1)
    expect(readAt()).toEqual([0, 10_000, 20_000, 30_000, 930_000])
    expect(values).toEqual([operation])
  })

  it('gives up after the last delay', async () => {
    const { clock, readAt, errors } = follow([missing])
    await clock.advance(60 * MINUTE_MS)
    expect(readAt()).toHaveLength(5)
    expect(errors).toEqual([expect.any(TargetNotUsableError)])
    expect(errors[0]).toMatchObject({ code: 'TARGET_NOT_USABLE', operation, reads: 5 })
    expect(errors[0]).toHaveProperty(
      'message',
      `Expected ${operation.targetResourceLocation} to be usable after archiveTeam succeeded, ` +
        'but 5 reads did not find it. Look at it later: it may still be provisioned.',
    )
    expect(clock.pendingTimers).toBe(0)
  })

  it('is read once when there are no delays', async () => {
    const { clock, errors } = follow([missing], { retryDelaysMs: [] })
    await clock.advance(0)
    expect(errors[0]).toHaveProperty('message', expect.stringContaining('but 1 read did not find it'))
  })

  it.each([
    ['longer than the delay', 4_000, 4_000],
    ['shorter than the delay', 500, 1_000],
    ['longer than a timer', MAX_TIMER_DELAY_MS + 10, MAX_TIMER_DELAY_MS + 10],
    ['not a number', Number.NaN, 1_000],
  ])('waits no less than asked for: %s', async (_, retryAfterMs, expectedMs) => {
    const { clock, readAt } = follow([{ usable: false, retryAfterMs }, usable], { retryDelaysMs: [1_000] })
    await clock.advance(expectedMs - 1)
    expect(readAt()).toEqual([0])
    await clock.advance(1)
    expect(readAt()).toEqual([0, expectedMs])
  })

  it('fails with the error of the read, and does not read again', async () => {
    const error = new Error('no access')
    const { clock, errors, reads } = follow([missing, error])
    await clock.advance(60 * MINUTE_MS)
    expect(errors).toEqual([error])
    expect(reads).toHaveLength(2)
  })

  it('fails with the error of a read that throws at once', async () => {
    const error = new Error('not implemented')
    const read = (): never => {
      throw error
    }
    await expect(lastValueFrom(of(operation).pipe(whenUsable({ read })))).rejects.toBe(error)
  })
})

describe('unsubscribing', () => {
  it('aborts the read', async () => {
    const signals: AbortSignal[] = []
    const read: ReadTarget = (_, { signal }) => {
      signals.push(signal)
      return new Promise(() => {})
    }
    const subscription = of(operation).pipe(whenUsable({ read })).subscribe()
    expect(signals[0]?.aborted).toBe(false)
    subscription.unsubscribe()
    expect(signals[0]?.aborted).toBe(true)
  })

  it('stops the waiting', async () => {
    const { clock, readAt, subscription } = follow([missing])
    await clock.advance(5_000)
    expect(clock.pendingTimers).toBe(1)
    subscription.unsubscribe()
    expect(clock.pendingTimers).toBe(0)
    await clock.advance(60 * MINUTE_MS)
    expect(readAt()).toEqual([0])
  })

  it('is not disturbed by a read that rejects afterwards', async () => {
    const read: ReadTarget = (_, { signal }) =>
      new Promise((__, reject) => {
        signal.addEventListener('abort', () => reject(new Error('aborted')))
      })
    const errors: unknown[] = []
    const subscription = of(operation)
      .pipe(whenUsable({ read }))
      .subscribe({ error: (error) => errors.push(error) })
    subscription.unsubscribe()
    await createVirtualClock().advance(0)
    expect(errors).toEqual([])
  })
})

describe('an operation that has nothing to wait for', () => {
  it('is an error when it has no target', async () => {
    const { clock, errors, reads } = follow([usable], {
      from: { ...operation, targetResourceLocation: null },
    })
    await clock.advance(0)
    expect(errors).toEqual([expect.any(TargetNotUsableError)])
    expect(errors[0]).toHaveProperty(
      'message',
      expect.stringContaining('to have a targetResourceLocation, got none'),
    )
    expect(reads).toEqual([])
  })

  it.each(['inProgress', 'failed'])('is an error when it is %s', async (status) => {
    const { clock, errors, reads } = follow([usable], { from: { ...operation, status } })
    await clock.advance(0)
    expect(errors[0]).toHaveProperty('message', expect.stringContaining(`to have succeeded, got ${status}`))
    expect(reads).toEqual([])
  })
})

describe('several operations in one stream', () => {
  it('are waited for side by side', async () => {
    const clock = createVirtualClock()
    const read: ReadTarget = async (location) => ({
      usable: location === other.targetResourceLocation || clock.monotonic() > 0,
    })
    const values = lastValueFrom(of(operation, other).pipe(whenUsable({ read, clock }), toArray()))
    await clock.advance(10_000)
    expect(await values).toEqual([other, operation])
  })

  it('are all let go with the subscriber', () => {
    const source = new Subject<TeamsAsyncOperation>()
    const signals: AbortSignal[] = []
    const read: ReadTarget = (_, { signal }) => {
      signals.push(signal)
      return new Promise(() => {})
    }
    const subscription = source.pipe(whenUsable({ read })).subscribe()
    source.next(operation)
    source.next(other)
    subscription.unsubscribe()
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true])
    expect(source.observed).toBe(false)
  })
})
