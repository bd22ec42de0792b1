import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { parser } from '@prometheus-io/lezer-promql'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { listening, runCli, type RunningCli } from '../cli/run-cli.ts'

const docs = path.resolve(import.meta.dirname, '../../../../docs')

interface Panel {
  readonly id: number
  readonly title: string
  readonly type: string
  readonly description?: string
  readonly gridPos: { readonly h: number; readonly w: number; readonly x: number; readonly y: number }
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[]
}

interface Dashboard {
  readonly panels: readonly Panel[]
  readonly templating: { readonly list: readonly { readonly name: string; readonly definition?: string }[] }
}

const dashboard = JSON.parse(await readFile(path.join(docs, 'grafana-dashboard.json'), 'utf8')) as Dashboard
const graphs = dashboard.panels.filter(({ type }) => type !== 'row')
const expressions = graphs.flatMap(({ title, targets = [] }) =>
  targets.map(({ expr }): [string, string] => [title, expr]),
)

/** What a command prints that serves, as Prometheus would read it: the names of samples and their labels. */
const samples = new Map<string, Set<string>>()
/** What can come of a check. */
const outcomes: string[] = []
let cli: RunningCli

beforeAll(async () => {
  cli = runCli(['serve', '--simulate', '--port', '0', '--admin-port', '0'])
  const { admin } = await listening(cli)
  const text = await (await fetch(`${admin}/metrics`)).text()
  for (const [, name = '', labels = ''] of text.matchAll(/^([a-z]\w*)(?:\{(.*)\})? /gm)) {
    const known = samples.get(name) ?? new Set()
    for (const [, label = ''] of labels.matchAll(/(\w+)="/g)) known.add(label)
    samples.set(name, known)
    outcomes.push(...(/outcome="([^"]+)"/.exec(labels)?.slice(1) ?? []))
  }
})

afterAll(async () => {
  await cli[Symbol.asyncDispose]()
})

interface Query {
  readonly isValid: boolean
  readonly metrics: readonly string[]
  readonly labels: readonly string[]
}

/** What a query of PromQL asks for. */
function parse(expression: string): Query {
  const query = expression.replaceAll('$__rate_interval', '5m')
  let isValid = true
  const metrics: string[] = []
  const labels: string[] = []
  parser.parse(query).iterate({
    enter({ type, name, from, to, node }) {
      if (type.isError) isValid = false
      if (name === 'Identifier' && node.parent?.name === 'VectorSelector') metrics.push(query.slice(from, to))
      if (name === 'LabelName') labels.push(query.slice(from, to))
    },
  })
  return { isValid, metrics, labels }
}

describe('the dashboard', () => {
  test.each(expressions)('asks in %s for what there is: %s', (_, expression) => {
    const { isValid, metrics, labels } = parse(expression)
    expect(isValid).toBe(true)
    expect(metrics).not.toEqual([])
    for (const metric of metrics) expect([...samples.keys()]).toContain(metric)
    const ofTarget = ['job', 'instance']
    const known = new Set([...ofTarget, ...metrics.flatMap((metric) => [...(samples.get(metric) ?? [])])])
    for (const label of labels) expect([...known]).toContain(label)
  })

  test('has a place for every metric of the gateway', () => {
    const shown = new Set(expressions.flatMap(([, expression]) => parse(expression).metrics))
    const own = [...samples.keys()].filter((name) => name.startsWith('teams_operations_'))
    expect(own.length).toBeGreaterThan(20)
    expect(own.filter((name) => !shown.has(name))).toEqual([])
  })

  test('names labels in its legends that its queries give', () => {
    for (const { targets = [] } of graphs) {
      for (const { expr, legendFormat } of targets) {
        const known = ['instance', ...parse(expr).labels]
        for (const [, label = ''] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) expect(known).toContain(label)
      }
    }
  })

  test('explains every panel, and puts none on another', () => {
    for (const { description } of graphs) expect(description).toMatch(/\.$/)
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length)
    const cells = dashboard.panels.flatMap(({ gridPos: { h, w, x, y } }) =>
      Array.from({ length: h * w }, (_, cell) => `${x + (cell % w)} ${y + Math.floor(cell / w)}`),
    )
    expect(new Set(cells).size).toBe(cells.length)
    for (const { gridPos } of dashboard.panels) expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24)
  })

  test('finds its instances by a metric that there is', () => {
    for (const { definition } of dashboard.templating.list) {
      if (definition === undefined) continue
      const [, selector = ''] = /^label_values\((.+), \w+\)$/.exec(definition) ?? []
      expect(parse(selector)).toMatchObject({ isValid: true, metrics: ['teams_operations_followed'] })
    }
  })
})

test('the document for operators tells of every metric and every outcome of a check, and of no other', async () => {
  const text = await readFile(path.join(docs, 'operating.md'), 'utf8')
  const told = new Set([...text.matchAll(/`(teams_operations_\w+)/g)].map(([, name = '']) => name))
  const own = [...samples.keys()].filter((name) => name.startsWith('teams_operations_'))
  expect(told).toEqual(new Set(own))
  const [, table = ''] = /### What comes of a check\n(.+?)\n#/s.exec(text) ?? []
  const explained = [...table.matchAll(/^\| `([\w-]+)` /gm)].map(([, outcome]) => outcome)
  expect(new Set(explained)).toEqual(new Set(outcomes))
})
