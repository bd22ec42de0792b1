import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import path from 'node:path'
import { describe, expect, it } from 'vitest'

const main = path.resolve(import.meta.dirname, '../../src/cli/main.ts')

interface Finished {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly output: string
  readonly errors: string
}

interface Running {
  readonly child: ChildProcessWithoutNullStreams
  readonly finished: Promise<Finished>
  output(): string
}

function run(...args: string[]): Running {
  const child = spawn(process.execPath, [main, ...args])
  let output = ''
  let errors = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  const finished = new Promise<Finished>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, output, errors }))
  })
  return { child, finished, output: () => output }
}

describe('teams-operations-simulator', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    'serves what it prints until %s, and then ends by itself',
    async (signal) => {
      const { child, finished, output } = run('--port', '0', '--speed', '60', '--busy')
      await expect.poll(output, { timeout: 20_000 }).toContain('Ctrl-C')
      const [, method = '', archive = ''] = /curl -i -X (POST) (\S+) /.exec(output()) ?? []
      const accepted = await fetch(archive, { method, headers: { authorization: 'Bearer any' } })
      expect([accepted.status, accepted.headers.get('location')]).toEqual([
        202,
        expect.stringContaining('/operations('),
      ])
      const running = [...output().matchAll(/curl -H '.+' "(\S+)"/g)].map(([, url = '']) => url)
      expect(running).toHaveLength(4)
      for (const url of running) {
        const answer = await fetch(url, {
          headers: { authorization: 'Bearer any', prefer: 'include-unknown-enum-members' },
        })
        expect(await answer.json()).toMatchObject({ status: expect.stringMatching(/notStarted|inProgress/) })
      }
      child.kill(signal)
      expect(await finished).toMatchObject({ code: 0, signal: null, errors: '' })
    },
  )

  it('prints its help and its version', async () => {
    expect(await run('--help').finished).toMatchObject({
      code: 0,
      output: expect.stringContaining('--fault'),
    })
    expect(await run('--version').finished).toMatchObject({
      code: 0,
      output: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    })
  })

  it('says what is wrong with what was typed, and where the port is taken', async () => {
    expect(await run('--speed', 'fast').finished).toMatchObject({
      code: 2,
      output: '',
      errors: 'Expected --speed to be a positive number, got "fast"\nTry --help.\n',
    })
    const first = run('--port', '0')
    await expect.poll(first.output, { timeout: 20_000 }).toContain('Ctrl-C')
    const port = /127\.0\.0\.1:(\d+)/.exec(first.output())?.[1] ?? ''
    expect(await run('--port', port).finished).toMatchObject({
      code: 1,
      errors: expect.stringContaining('EADDRINUSE'),
    })
    first.child.kill('SIGTERM')
    await first.finished
  })
})
