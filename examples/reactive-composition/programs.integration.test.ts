import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const run = promisify(execFile)

/** Runs a program to its end, as a reader would, and gives the lines that it prints. */
async function linesOf(program: string): Promise<string[]> {
  const { stdout, stderr } = await run(process.execPath, [`${import.meta.dirname}/${program}`], {
    timeout: 25_000,
  })
  expect(stderr).toBe('')
  return stdout.trimEnd().split('\n')
}

test('01 watches one operation from its start to its end', async () => {
  const lines = await linesOf('01-watch-one-operation.ts')
  expect(lines[0]).toMatch(/^ *\d+ s  accepted: \/teams\('[0-9a-f-]{36}'\)\/operations\('[0-9a-f-]{36}'\)$/)
  expect(lines[1]).toMatch(/^ *\d+ s  archiveTeam is inProgress, next check at \d+ s$/)
  expect(lines.at(-2)).toMatch(/^ *\d+ s  archiveTeam is succeeded, no further check$/)
  expect(lines.at(-1)).toMatch(/^done after [34] checks; rules broken: 0$/)
})

test('02 archives twenty teams, five at a time, of which one fails', async () => {
  const lines = await linesOf('02-archive-twenty-teams.ts')
  expect(lines.slice(0, -1).map((line) => / (\d+) of 20/.exec(line)?.[1])).toEqual(
    Array.from({ length: 21 }, (_, settled) => `${settled}`),
  )
  expect(lines.at(-2)).toBe(`${'█'.repeat(20)} 20 of 20: 19 archived, 1 failed`)
  expect(lines.at(-1)).toMatch(/^\d+ checks in \d+ requests; rules broken: 0$/)
})
