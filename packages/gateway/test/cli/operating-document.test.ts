import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { defaultLimits, type Rate } from '../../src/access/limits.ts'
import { configSetting } from '../../src/cli/read-settings.ts'
import { settings } from '../../src/cli/settings.ts'

describe('the document for operators', async () => {
  const text = await readFile(path.resolve(import.meta.dirname, '../../../../docs/operating.md'), 'utf8')
  const rows = [...text.matchAll(/^\| `([^`]+)` +\|(?: `([^`]+)` +\|)? ([^|]*?) +\| /gm)]

  test('has every setting with its variable and its default', () => {
    const told = rows.filter(([, name]) => name?.startsWith('--')).map(([, ...cells]) => cells)
    const all = [...Object.values(settings), configSetting]
    expect(told).toEqual(all.map(({ flag, variable, shownDefault }) => [`--${flag}`, variable, shownDefault]))
  })

  test('has every limit with its default', () => {
    const told = rows.flatMap(([, name = '', , value = '']) => (name in defaultLimits ? [[name, value]] : []))
    const shown = (limit: number | Rate): string =>
      typeof limit === 'number' ? String(limit) : `${limit.burst}/${limit.perSecond}`
    expect(told).toEqual(Object.entries(defaultLimits).map(([name, limit]) => [name, shown(limit)]))
  })
})
