import { access, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { runCommand } from '../check/run-command.ts'

const { signal } = new AbortController()

describe('running a command', () => {
  test('gives both outputs, and whether it succeeded', async () => {
    const program = 'console.log("out"); console.error("err")'
    expect(await runCommand('node', ['-e', program], { signal })).toEqual({ ok: true, output: 'out\nerr\n' })
    expect(await runCommand('node', ['-e', 'process.exit(3)'], { signal })).toEqual({ ok: false, output: '' })
  })

  test('runs on the Node of the workspace', async () => {
    expect((await runCommand('node', ['--version'], { signal })).output).toMatch(/^v24\./)
  })

  test('says so where there is no such command', async () => {
    const { ok, output } = await runCommand('no-such-command', [], { signal })
    expect(ok).toBe(false)
    expect(output).toContain('no-such-command could not be started')
  })

  test('starts nothing once it is stopped', async () => {
    const program = 'console.log("started")'
    expect(await runCommand('node', ['-e', program], { signal: AbortSignal.abort() })).toEqual({
      ok: false,
      output: '',
    })
  })

  test('stops what the command has started as well', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'run-command-'))
    try {
      const marker = path.join(folder, 'running')
      const child = `require('node:fs').writeFileSync(${JSON.stringify(marker)}, ''); setInterval(() => {}, 1000)`
      // Waits for another command, as `npx` does. Both hold the output open until they end.
      const program = `require('node:child_process').spawn('node', ['-e', ${JSON.stringify(child)}], { stdio: 'inherit' })`
      const stopping = new AbortController()
      const running = runCommand('node', ['-e', program], { signal: stopping.signal })
      await vi.waitFor(() => access(marker), { timeout: 20_000 })
      stopping.abort()
      expect((await running).ok).toBe(false)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
})
