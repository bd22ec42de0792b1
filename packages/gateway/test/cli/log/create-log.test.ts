import { describe, expect, test } from 'vitest'
import { createLog, type Log } from '../../../src/cli/log/create-log.ts'
import { createSecrets, type Secrets } from '../../../src/cli/log/secrets.ts'
import type { LogLevel } from '../../../src/cli/settings/operator-settings.ts'

const jwt = `eyJhbGciOiJSUzI1NiJ9.${'p'.repeat(60)}.${'s'.repeat(86)}`

interface Written {
  readonly log: Log
  readonly lines: string[]
}

function written({
  level = 'info',
  readable = false,
  secrets = createSecrets(),
}: { level?: LogLevel; readable?: boolean; secrets?: Secrets } = {}): Written {
  const lines: string[] = []
  return { lines, log: createLog({ level, readable, secrets, write: (line) => lines.push(line) }) }
}

/** Every way in which something could get into a line. */
function logEverywhere(log: Log, text: string): void {
  const cause = new Error(`because of ${text}`)
  const error = Object.assign(new Error(`failed with ${text}`, { cause }), {
    name: `${text}Error`,
    code: text,
    request: { headers: { authorization: text } },
  })
  error.stack = `Error: failed\n    at ${text}`
  for (const write of [log.error, log.warn, log.info, log.debug]) {
    write.call(log, { error, text, [text]: 1, nested: { list: [text] } }, `Said ${text}`)
    write.call(log, `Only ${text}`)
    write.call(log, { error: text })
  }
}

describe('the log', () => {
  test('is lines of JSON with a time, a level, a message and what is known', () => {
    const { log, lines } = written()
    log.info({ origin: 'https://app.example.com', count: 1, nothing: undefined }, 'Something\nhappened')
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(/^\{[^\n]*\}\n$/)
    expect(JSON.parse(lines[0] ?? '')).toEqual({
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string,
      level: 'info',
      message: 'Something\nhappened',
      origin: 'https://app.example.com',
      count: 1,
    })
  })

  test.each<[LogLevel, number]>([
    ['error', 1],
    ['warn', 2],
    ['info', 3],
    ['debug', 4],
  ])('of the level %s leaves out what matters less', (level, expected) => {
    const { log, lines } = written({ level })
    for (const each of ['error', 'warn', 'info', 'debug'] as const) log[each]('x')
    expect(lines).toHaveLength(expected)
  })

  test('has of an error its name, message, code, stack and causes, and nothing that was pinned to it', () => {
    const { log, lines } = written()
    const cause = new TypeError('deep down')
    const error = Object.assign(new Error('on top', { cause }), { code: 'E1', config: { body: 'payload' } })
    log.error({ error }, 'Failed')
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      error: {
        name: 'Error',
        message: 'on top',
        code: 'E1',
        stack: expect.stringContaining('create-log.test.ts') as string,
        cause: { name: 'TypeError', message: 'deep down' },
      },
    })
    expect(lines[0]).not.toContain('payload')
  })

  test('has of a request that failed why it did, and no stack where there is none', async () => {
    const { log, lines } = written()
    const error: unknown = await fetch('http://127.0.0.1:1').catch((reason: unknown) => reason)
    log.error({ error }, 'Failed')
    const line = JSON.parse(lines[0] ?? '') as { error: { stack?: string; cause: object } }
    expect(line).toMatchObject({ error: { message: 'fetch failed', cause: { message: expect.any(String) } } })
    expect(line.error.stack ?? 'at').toMatch(/^at/)
    const bare = Object.assign(new TypeError('fetch failed'), { stack: 'TypeError: fetch failed' })
    log.error({ error: bare }, 'Failed')
    expect(JSON.parse(lines[1] ?? '')).toMatchObject({
      error: { name: 'TypeError', message: 'fetch failed' },
    })
    expect(lines[1]).not.toContain('"stack"')
    log.error(
      { error: new AggregateError([new Error('refused by ::1'), new Error('refused by 127.0.0.1')]) },
      'Failed',
    )
    expect(lines[2]).toContain('refused by ::1; refused by 127.0.0.1')
  })

  test('keeps the lines short, whatever an error says', () => {
    const { log, lines } = written()
    let error = new Error('x'.repeat(100_000))
    for (let i = 0; i < 100; i++) error = new Error('y'.repeat(100_000), { cause: error })
    log.error({ error }, 'Failed')
    expect(lines[0]?.length).toBeLessThan(50_000)
  })

  test.each([true, false])('never holds a token, readable for people: %s', (readable) => {
    const secrets = createSecrets(['opaque secret of "somebody"'])
    secrets.add('one-that-came-later')
    const { log, lines } = written({ level: 'debug', readable, secrets })
    const forbidden = [jwt, 'opaque secret of "somebody"', 'one-that-came-later', 'sent-as-bearer-0123']
    for (const text of forbidden) logEverywhere(log, `Bearer ${text} and ${text}`)
    logEverywhere(log, jwt.slice(0, 40))
    expect(lines.length).toBeGreaterThan(40)
    for (const text of [...forbidden.slice(0, 3), 'of \\"somebody', 'Bearer sent', 'eyJ', 'pppp', 'ssss']) {
      expect(lines.join('')).not.toContain(text)
    }
  })

  test('reads well where people are', () => {
    const { log, lines } = written({ readable: true })
    log.warn({ reason: 'origin', origin: 'https://a b', count: 2 }, 'Turned away')
    log.error(
      {
        error: new Error('on top', {
          cause: Object.assign(new Error('deep down'), { code: 'ECONNREFUSED' }),
        }),
      },
      'Failed',
    )
    expect(lines[0]).toMatch(
      /^\d\d:\d\d:\d\d warn {2}Turned away reason=origin origin="https:\/\/a b" count=2\n$/,
    )
    expect(lines[1]).toMatch(
      /error Failed\n {2}Error: on top\n {4}at .*because of\n {2}Error: deep down \(ECONNREFUSED\)\n/s,
    )
  })
})

describe('secrets', () => {
  test('are hidden wherever they are', () => {
    const secrets = createSecrets(['a.secret*with(signs', undefined])
    expect(secrets.hide('a.secret*with(signs, twice: a.secret*with(signs')).toBe('[hidden], twice: [hidden]')
    expect(secrets.hide(`Authorization: bearer ${jwt}`)).toBe('Authorization: bearer [hidden]')
    expect(secrets.hide(`?access_token=${jwt}&x=1`)).toBe('?access_token=[hidden]&x=1')
  })

  test('leave what is none alone', () => {
    const secrets = createSecrets(['', 'short'])
    const text =
      'short of everything: the bearer of a token is not told, and 00000000-0000-4000-8000-000000000001'
    expect(secrets.hide(text)).toBe(text)
  })

  test('are forgotten after a thousand others, so that they do not fill the memory', () => {
    const secrets = createSecrets()
    for (let i = 0; i < 2_000; i++) secrets.add(`secret number ${i}`)
    expect(secrets.hide('secret number 1')).toBe('secret number 1')
    expect(secrets.hide('secret number 1999')).toBe('[hidden]')
  })
})
