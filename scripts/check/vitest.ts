import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { runCommand } from './run-command.ts'
import type { StepResult } from './step.ts'

export interface TestCounts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

/** What the JSON reporter of Vitest writes, as far as it matters here. */
export interface VitestReport {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
  readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly unknown[] }[]
}

/** Runs one of the projects of `vitest.config.ts` and counts its tests. */
export async function runVitest(project: string, signal: AbortSignal): Promise<StepResult> {
  const folder = await mkdtemp(path.join(tmpdir(), 'vitest-'))
  const file = path.join(folder, 'report.json')
  try {
    const { ok, output } = await runCommand(
      'vitest',
      [
        ...['run', '--project', project, '--passWithNoTests'],
        ...['--reporter=dot', '--reporter=json', `--outputFile.json=${file}`],
      ],
      { signal },
    )
    const tests = countTests(await readReport(file), ok)
    return { ok, output, tests, note: `${tests.passed} tests` }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Without a report, where it failed before its first test, or nothing was there to be tested. */
async function readReport(file: string): Promise<VitestReport | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as VitestReport
  } catch {
    return undefined
  }
}

/** A run that failed has at least one failure: a file that does not load, an error that no test caught. */
export function countTests(report: VitestReport | undefined, ok: boolean): TestCounts {
  if (!report) return { passed: 0, failed: ok ? 0 : 1, skipped: 0 }
  const unloaded = report.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  )
  const failed = report.numFailedTests + unloaded.length
  return {
    passed: report.numPassedTests,
    failed: ok ? failed : Math.max(failed, 1),
    skipped: report.numPendingTests + report.numTodoTests,
  }
}
