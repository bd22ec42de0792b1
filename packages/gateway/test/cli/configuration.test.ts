import { describe, expect, test } from 'vitest'
import { ConfigurationError } from '../../src/cli/configuration-error.ts'
import { readConfiguration, type Environment } from '../../src/cli/configuration.ts'
import { helpText } from '../../src/cli/help-text.ts'
import { settings } from '../../src/cli/settings.ts'

function mistakesOf(args: readonly string[], environment: Environment = {}): readonly string[] {
  try {
    readConfiguration(args, environment)
  } catch (error) {
    if (error instanceof ConfigurationError) return error.mistakes
    throw error
  }
  return []
}

describe('the configuration', () => {
  test('has defaults for everything', () => {
    expect(readConfiguration([], {})).toEqual({
      port: 4000,
      host: '127.0.0.1',
      cloud: 'global',
      graphOrigin: undefined,
      pollIntervalMs: undefined,
      quotaShare: undefined,
      simulate: false,
      graphToken: undefined,
    })
  })

  test('takes every setting from a flag', () => {
    const args = '--port 0 --host=::1 --cloud usgov --poll-interval-ms 60000 --quota-share .25'
    expect(readConfiguration(args.split(' '), {})).toMatchObject({
      port: 0,
      host: '::1',
      cloud: 'usgov',
      pollIntervalMs: 60_000,
      quotaShare: 0.25,
    })
  })

  test('takes every setting from a variable', () => {
    expect(
      readConfiguration([], {
        PORT: '8080',
        HOST: '[::1]',
        GRAPH_ORIGIN: 'http://127.0.0.1:4100',
        GRAPH_TOKEN: 'token',
        POLL_INTERVAL_MS: '500',
        QUOTA_SHARE: '1',
      }),
    ).toMatchObject({
      port: 8080,
      host: '::1',
      graphOrigin: 'http://127.0.0.1:4100',
      graphToken: 'token',
      pollIntervalMs: 500,
      quotaShare: 1,
    })
  })

  test('prefers a flag to a variable, and takes an empty variable for none', () => {
    const environment = { PORT: '1', SIMULATE: 'yes', HOST: '', GRAPH_TOKEN: '' }
    expect(readConfiguration(['--port', '2', '--no-simulate'], environment)).toMatchObject({
      port: 2,
      simulate: false,
      host: '127.0.0.1',
      graphToken: undefined,
    })
  })

  test.each([
    ['1', true],
    ['TRUE', true],
    ['on', true],
    ['0', false],
    ['no', false],
  ])('reads the switch %s', (text, simulate) => {
    expect(readConfiguration([], { SIMULATE: text }).simulate).toBe(simulate)
  })

  test.each([
    [['--port', '65536'], '--port: expected a port from 0 to 65535, got "65536".'],
    [['--port', '0x50'], '--port: expected a port from 0 to 65535, got "0x50".'],
    [['--port', '80.5'], '--port: expected a port from 0 to 65535, got "80.5".'],
    [['--port'], '--port: expected a port from 0 to 65535, got nothing.'],
    [['--cloud', 'mars'], '--cloud: expected one of global, usgov, usgov-dod, china, got "mars".'],
    [['--quota-share', 'half'], '--quota-share: expected a number, got "half".'],
    [['--simulate=maybe'], '--simulate: expected true or false, got "maybe".'],
    [['--verbose'], '--verbose: there is no such flag.'],
    [['here'], 'Expected a flag, got "here".'],
  ])('refuses %s and says what was expected', (args, mistake) => {
    expect(mistakesOf(args)).toEqual([mistake])
  })

  test('leaves the rules of polling to the core, and names where the mistake is', () => {
    expect(mistakesOf(['--poll-interval-ms', '29999'])).toEqual([
      expect.stringMatching(
        /^--poll-interval-ms: Expected pollIntervalMs to be at least 30000 for https:\/\/graph\.microsoft\.com, got 29999\./,
      ),
    ])
    expect(mistakesOf(['--poll-interval-ms', '29999', '--graph-origin', 'http://127.0.0.1:4100'])).toEqual([])
    expect(mistakesOf(['--poll-interval-ms', '100', '--graph-origin', 'https://graph.microsoft.us'])).toEqual(
      [expect.stringContaining('https://graph.microsoft.us')],
    )
    expect(mistakesOf([], { QUOTA_SHARE: '2' })).toEqual([
      expect.stringMatching(/^QUOTA_SHARE: Expected quotaShare to be more than 0 and at most 1, got 2/),
    ])
    expect(mistakesOf(['--graph-origin', 'http://graph.example'])).toEqual([
      expect.stringMatching(/^--graph-origin: .*unencrypted/),
    ])
  })

  test('reports all mistakes at once', () => {
    const args = ['--port', 'x', '--quota-share', '7', '--poll-interval-ms', '1', '--nope']
    expect(mistakesOf(args, { GRAPH_TOKEN: 'two words', SIMULATE: '?' })).toHaveLength(6)
  })

  test('never quotes a token', () => {
    expect(mistakesOf([], { GRAPH_TOKEN: 'secret token' }).join()).not.toContain('secret')
  })

  test('takes either a simulated Graph or another, not both', () => {
    expect(mistakesOf(['--simulate', '--cloud', 'china'])).toEqual([expect.stringContaining('--cloud')])
    expect(mistakesOf(['--simulate'], { GRAPH_ORIGIN: 'http://127.0.0.1:4100' })).toEqual([
      expect.stringContaining('GRAPH_ORIGIN'),
    ])
    expect(mistakesOf(['--simulate', '--poll-interval-ms', '100'])).toEqual([])
  })
})

test('the help names every flag, variable and default, and fits a terminal', () => {
  const help = helpText()
  for (const { flag, variable, shownDefault } of Object.values(settings)) {
    expect(help).toContain(`--${flag}`)
    expect(help).toContain(`${variable}, default ${shownDefault}`)
  }
  for (const line of help.split('\n')) expect(line.length).toBeLessThanOrEqual(100)
})
