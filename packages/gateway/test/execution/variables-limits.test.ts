import { describe, expect, test } from 'vitest'
import { defaultLimits } from '../../src/access/limits.ts'
import { checkVariables } from '../../src/execution/variables-limits.ts'
import { locationOf } from '../scripted-operations.ts'

const limits = { maxVariablesBytes: 1_000, maxVariablesDepth: 3 }

function nested(levels: number): Record<string, unknown> {
  const text = '['.repeat(levels) + ']'.repeat(levels)
  return { nested: JSON.parse(text) as unknown }
}

describe('variables', () => {
  test('that are left out, or fit, are good', () => {
    for (const variables of [undefined, null, {}, { a: 1, b: null, c: 'x'.repeat(900) }, nested(3)]) {
      expect(() => checkVariables(variables, limits)).not.toThrow()
    }
  })

  test('are counted in bytes, as JSON', () => {
    const fitting = { a: 'ä'.repeat(496) }
    expect(() => checkVariables(fitting, limits)).not.toThrow()
    expect(() => checkVariables({ a: 'ä'.repeat(497) }, limits)).toThrow(
      'Expected at most 1000 bytes of variables, got 1002.',
    )
  })

  test('that are too deep are refused, however deep', () => {
    for (const levels of [4, 5, 50_000]) {
      expect(() => checkVariables(nested(levels), limits)).toThrow(
        'Expected at most 3 levels of lists and objects in the variables',
      )
    }
  })

  test('hold as many refs as a subscription may have', () => {
    const chatId = `19:${'0'.repeat(36)}_${'0'.repeat(36)}@unq.gbl.spaces`
    for (const ref of [{ location: locationOf(1) }, { chat: { chatId, operationId: '0'.repeat(36) } }]) {
      const refs = Array.from({ length: defaultLimits.maxRefs }, () => ref)
      expect(() => checkVariables({ refs }, defaultLimits)).not.toThrow()
    }
  })
})
