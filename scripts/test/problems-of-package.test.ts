import { expect, test } from 'vitest'
import { problemsOf } from '../check/consumer.ts'

const complete = [
  ...['README.md', 'LICENSE', 'package.json', 'src/index.ts', 'src/testing/clock.ts'],
  ...['index', 'testing/clock'].flatMap((module) =>
    ['js', 'js.map', 'd.ts', 'd.ts.map'].map((extension) => `dist/${module}.${extension}`),
  ),
]

function problemsWith(change: {
  add?: string
  leaveOut?: string
  manifest?: string
  readme?: string
}): string[] {
  const files = new Set(complete)
  if (change.add) files.add(change.add)
  if (change.leaveOut) files.delete(change.leaveOut)
  return problemsOf(files, change.manifest ?? '{}', change.readme ?? '')
}

test('a package with sources, what is built from them, README and LICENSE is complete', () => {
  expect(problemsWith({})).toEqual([])
})

test.each(['README.md', 'LICENSE', 'dist/index.js', 'dist/testing/clock.d.ts'])(
  '%s is missed',
  (leaveOut) => {
    expect(problemsWith({ leaveOut })).toEqual([`there is no ${leaveOut}`])
  },
)

test.each(['src/clock.test.ts', 'test/fixture.json', 'tsconfig.tsbuildinfo'])('%s is refused', (add) => {
  expect(problemsWith({ add }).join()).toContain('is of no use to users')
})

test('a file that the README links to is missed, but not one of the repository or the web', () => {
  const links = [
    'schema.graphql',
    'LICENSE',
    '#options',
    '../core',
    '../../docs/x.md#y',
    'https://example.com/z',
  ]
  const readme = links.map((link) => `[there](${link})`).join(' ')
  expect(problemsWith({ readme })).toEqual(['README.md promises schema.graphql, which is not in it'])
  expect(problemsWith({ readme, add: 'schema.graphql' })).toEqual([])
})

test('what is left of an earlier build is refused', () => {
  expect(problemsWith({ add: 'dist/gone.js' })).toEqual(['dist/gone.js is built from nothing in src/'])
})

test.each(['workspace:^', 'catalog:prod'])('a dependency on "%s" is refused', (version) => {
  expect(problemsWith({ manifest: JSON.stringify({ dependencies: { rxjs: version } }) })).toHaveLength(1)
})
