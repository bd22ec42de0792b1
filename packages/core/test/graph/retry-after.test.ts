import { describe, expect, it } from 'vitest'
import { MAX_RETRY_AFTER_MS, parseRetryAfter } from '../../src/graph/retry-after.ts'

const NOW = Date.UTC(2026, 0, 1, 12)

describe('parseRetryAfter', () => {
  it.each([
    ['10', 10_000],
    ['2.128', 2_128],
    ['0.5', 500],
    ['1.0001', 1_001],
    ['  7\t', 7_000],
    ['007', 7_000],
    ['3600', MAX_RETRY_AFTER_MS],
    ['3601', MAX_RETRY_AFTER_MS],
    ['999999999', MAX_RETRY_AFTER_MS],
    ['9'.repeat(400), MAX_RETRY_AFTER_MS],
    ['Thu, 01 Jan 2026 12:00:05 GMT', 5_000],
    ['Thursday, 01-Jan-26 12:00:05 GMT', 5_000],
    ['Thu Jan  1 12:00:05 2026', 5_000],
    ['thu, 01 jan 2026 12:00:05 gmt', 5_000],
    ['Fri, 01 Jan 2027 12:00:05 GMT', MAX_RETRY_AFTER_MS],
  ])('takes %j for %d ms', (value, delayMs) => {
    expect(parseRetryAfter(value, NOW)).toBe(delayMs)
  })

  it.each([
    undefined,
    null,
    '',
    '   ',
    '0',
    '0.0',
    '-1',
    '-0',
    '+5',
    '1e3',
    '0x10',
    '5s',
    '1,5',
    '10, 20',
    'NaN',
    'Infinity',
    'soon',
    '2026-01-01T12:00:05Z',
    'Thu, 01 Jan 2026 12:00:00 GMT',
    'Thu, 01 Jan 2026 11:59:59 GMT',
    'Thu Jan  1 11:00:00 2026',
    'Thu, 01 Jan 2026 12:00:05',
    'Thu, 01 Jan 2026 12:00:05 CET',
    'Thu, 31 Feb 2026 12:00:05 GMT',
    'Thu, 01 Foo 2026 12:00:05 GMT',
    'Thu, 01 Jan 2026 25:00:05 GMT',
    'Thu, 01 Jan 2026 12:60:05 GMT',
  ])('takes %j for no delay at all', (value) => {
    expect(parseRetryAfter(value, NOW)).toBeUndefined()
  })

  it('takes a year of two digits for the nearest one that is at most 50 years ahead', () => {
    expect(parseRetryAfter('Friday, 01-Jan-76 12:00:05 GMT', NOW)).toBe(MAX_RETRY_AFTER_MS)
    expect(parseRetryAfter('Saturday, 01-Jan-77 12:00:05 GMT', NOW)).toBeUndefined()
  })
})
