import { describe, expect, test } from 'vitest'
import { defaultLimits, resolveLimits, type LimitOptions } from '../../src/access/limits.ts'

describe('limits', () => {
  test('that are left out have their default', () => {
    expect(resolveLimits({})).toEqual(defaultLimits)
    expect(resolveLimits({ maxDepth: 3, maxAliases: undefined })).toEqual({ ...defaultLimits, maxDepth: 3 })
  })

  test('can be switched off', () => {
    const limits = { maxDepth: Infinity, messageRate: { burst: Infinity, perSecond: Infinity } }
    expect(resolveLimits(limits)).toMatchObject(limits)
  })

  test.each<[object, string]>([
    [{ maxDepth: 0 }, 'Expected `limits.maxDepth` to be a whole number above 0, or Infinity, got 0.'],
    [{ maxRefs: 1.5 }, 'Expected `limits.maxRefs` to be a whole number above 0, or Infinity, got 1.5.'],
    [{ maxRefs: '5' }, 'Expected `limits.maxRefs` to be a whole number above 0, or Infinity, got "5".'],
    [{ maxAliases: NaN }, 'Expected `limits.maxAliases` to be a whole number above 0, or Infinity, got NaN.'],
    [
      { maxBodyBytes: Infinity },
      'Expected `limits.maxBodyBytes` to be a whole number above 0, got Infinity.',
    ],
    [
      { messageRate: 5 },
      'Expected `limits.messageRate` to be { burst, perSecond }, both numbers above 0, `burst` at least 1, got 5.',
    ],
    [
      { messageRate: { burst: 0.5, perSecond: 1 } },
      'Expected `limits.messageRate` to be { burst, perSecond }, both numbers above 0, `burst` at least 1, got {"burst":0.5,"perSecond":1}.',
    ],
    [{ messageRate: { burst: 5 } }, 'got {"burst":5}.'],
    [{ maxDeepness: 5 }, 'as a limit, got `maxDeepness`.'],
  ])('%j is refused', (limits, message) => {
    expect(() => resolveLimits(limits as LimitOptions)).toThrow(TypeError)
    expect(() => resolveLimits(limits as LimitOptions)).toThrow(message)
  })
})
